// An SHDR adapter that counts: node PORT LEDGER. Every value is the next whole number; it is written into the ledger
// ("NUMBER MILLISECONDS" a line) before it is sent, so that whoever kills this process knows what was there to be read.
// The count begins with the first client; a ledger that exists is continued. From then on values are made whether
// or not somebody is connected: a machine does not wait.
const [port, ledger] = process.argv.slice(2);
const fs = require('node:fs');
let next = 0;
if (fs.existsSync(ledger)) {
  const lines = fs.readFileSync(ledger, 'ascii').trimEnd().split('\n');
  next = Number(lines[lines.length - 1].split(' ')[0]) + 1 || 0;
}
const file = fs.openSync(ledger, 'a');
const clients = new Set();
require('node:net').createServer((client) => {
  clients.add(client);
  client.on('data', (bytes) => { if (bytes.includes('* PING')) client.write('* PONG 1000\n'); });
  client.on('error', () => {});
  client.on('close', () => clients.delete(client));
}).listen(Number(port), '127.0.0.1', () => console.log('listening'));
setInterval(() => {
  if (next === 0 && clients.size === 0) return;
  const now = Date.now();
  let lines = '', kept = '';
  for (let i = 0; i < 10; i++, next++) {
    kept += `${next} ${now}\n`;
    lines += `${new Date(now).toISOString()}|counter|${next}\n`;
  }
  fs.writeSync(file, kept);
  for (const client of clients) client.write(lines);
}, 20);
process.stdin.resume().on('close', () => process.exit(0)).on('end', () => process.exit(0));
