// A primary host application by npm mqtt and sparkplug-payload: node URL HOST FILE. It subscribes to everything, then tells its STATE
// (retained, with a will of the same time), and writes every value of a metric that ends in "counter" into FILE, one line each:
// "NUMBER MILLISECONDS h|f" for history or fresh. Standard input: "off" tells the STATE offline, "on" online again. A broker that
// goes is dialled again every 200 ms.
const [url, host, file] = process.argv.slice(2);
const fs = require('node:fs');
const mqtt = require('mqtt');
// The library's own decodePayload needs a data type in every message, which data messages should not carry (payloads-metric-datatype-not-req);
// its protobuf reader takes them as they are.
const { Payload } = require('sparkplug-payload/lib/sparkplugPayloadProto').org.eclipse.tahu.protobuf;
const out = fs.openSync(file, 'a');
const names = new Map();
const topic = `spBv1.0/STATE/${host}`;
let client, on = true;

const state = (online, timestamp) => JSON.stringify({ online, timestamp });

function dial() {
  const now = Date.now();
  names.clear();
  const mine = client = mqtt.connect(url, { reconnectPeriod: 0, clientId: host, will: { topic, payload: state(false, now), qos: 1, retain: true } });
  mine.on('error', () => {});
  mine.on('close', () => { if (mine === client) { client = undefined; setTimeout(dial, 200); } });
  mine.on('connect', () => mine.subscribe('spBv1.0/#', { qos: 1 }, () => {
    if (on) mine.publish(topic, state(true, now), { qos: 1, retain: true });
    console.log('connected');
  }));
  mine.on('message', hear);
}

function hear(name, bytes) {
  const [, , kind, node, device] = name.split('/');
  if (!/^[ND](BIRTH|DATA)$/.test(kind)) return;
  const born = kind.endsWith('BIRTH');
  let lines = '';
  for (const m of Payload.decode(bytes).metrics) {
    const key = `${node} ${m.alias}`;
    if (born && m.name) names.set(key, m.name);
    const called = m.name || names.get(key) || '';
    if (called.endsWith('counter') && m.value && !m.isNull) lines += `${Number(m[m.value])} ${Number(m.timestamp)} ${m.isHistorical ? 'h' : 'f'}\n`;
  }
  if (lines) fs.writeSync(out, lines);
}

require('node:readline').createInterface({ input: process.stdin }).on('line', (line) => {
  on = line === 'on';
  // Not yet connected: told when it is, after subscribing, so that no birth is missed.
  if (client && client.connected) client.publish(topic, state(on, Date.now()), { qos: 1, retain: true });
}).on('close', () => process.exit(0));
dial();
