// Publishes a day of a machine as a retrofit box and a serial gauge would: lamp colours as JSON, the current of a clamp as
// a bare number, a gauge as text with its unit. node mqtt-lamp-day.cjs URL CYCLES
const mqtt = require('mqtt');

const [url, cycles] = [process.argv[2], Number(process.argv[3])];
const client = mqtt.connect(url, { clientId: 'lamp-box', reconnectPeriod: 200, will: { topic: 'shop/mc7/status', payload: 'offline', qos: 1, retain: true } });
const publish = (topic, payload, retain = false) => new Promise((resolve, reject) =>
  client.publish(topic, payload, { qos: 1, retain }, e => (e ? reject(e) : resolve())));

process.stdin.on('end', () => process.exit(0));
process.stdin.resume();
client.on('error', e => console.error(e.message));
client.once('connect', async () => {
  await publish('shop/mc7/status', 'online', true);
  const start = Date.parse('2026-03-02T08:00:00Z');
  let at = start;
  let sent = 0;
  for (let i = 0; i < cycles; i++) {
    for (const [seconds, green, amps] of [[0, true, 7.5], [30, true, 8.25], [60, false, 2.125]]) {
      const ts = at + seconds * 1000;
      await publish('shop/mc7/lamp', JSON.stringify({ red: false, amber: !green, green, ts }), true);
      await publish('shop/mc7/clamp', JSON.stringify({ a: amps, ts }));
      sent += 4;
    }
    await publish('shop/line1/gauge', `+0${12 + i / 1000} mm\r\n`);
    sent++;
    at += 90000;
  }
  await publish('shop/mc7/clamp', 'not json');
  console.log(`sent ${sent}`);
});
