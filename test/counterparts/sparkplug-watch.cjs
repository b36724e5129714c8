// A plain MQTT client by npm mqtt: node URL TOPIC [will]. Prints "RETAINED|fresh TOPIC PAYLOAD" for every message; standard
// input lines "publish TOPIC TEXT" are published retained with QoS 1.
const [url, topic] = process.argv.slice(2);
const client = require('mqtt').connect(url, { reconnectPeriod: 200 });
client.on('connect', () => client.subscribe(topic, { qos: 1 }, () => console.log('subscribed')));
client.on('message', (name, payload, packet) => console.log(`${packet.retain ? 'retained' : 'fresh'} ${packet.qos} ${name} ${payload}`));
require('node:readline').createInterface({ input: process.stdin }).on('line', (line) => {
  const [verb, name, ...rest] = line.split(' ');
  if (verb === 'publish') client.publish(name, rest.join(' '), { qos: 1, retain: true }, () => console.log('published'));
}).on('close', () => process.exit(0));
