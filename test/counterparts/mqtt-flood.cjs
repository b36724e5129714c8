// A box that says COUNT numbers with QoS 1 as fast as it can: node mqtt-flood.cjs URL COUNT. Prints "acknowledged" when the broker has acknowledged all.
const [url, count] = process.argv.slice(2);
const client = require('mqtt').connect(url, { reconnectPeriod: 100 });
client.on('error', () => {});
client.once('connect', () => {
  const start = Date.now() - Number(count);
  let open = Number(count);
  for (let i = 0; i < Number(count); i++)
    client.publish('box/counter', JSON.stringify({ v: i, t: start + i }), { qos: 1 }, () => { if (--open === 0) console.log('acknowledged'); });
});
process.stdin.resume().on('end', () => process.exit(0));
