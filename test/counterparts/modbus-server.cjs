// A Modbus TCP server by npm jsmodbus: node REGISTERS. Prints "listening PORT". 200 coils, 200 discrete inputs, REGISTERS holding
// and input registers; what lies beyond is answered short. Standard input lines: "get holding|input|coil INDEX COUNT" prints the
// values, "set holding|input INDEX VALUE…" and "set coil|discrete INDEX 0|1…" change them; "cut" closes all connections.
const net = require('node:net');
const modbus = require('jsmodbus');

const registers = Number(process.argv[2] ?? 100);
const listener = new net.Server();
const sockets = new Set();
listener.on('connection', (s) => { sockets.add(s); s.on('close', () => sockets.delete(s)); s.on('error', () => {}); });
const tables = {
  holding: Buffer.alloc(2 * registers), input: Buffer.alloc(2 * registers), coil: Buffer.alloc(25), discrete: Buffer.alloc(25),
};
const server = new modbus.server.TCP(listener, { holding: tables.holding, input: tables.input, coils: tables.coil, discrete: tables.discrete });
server.on('error', () => {});
listener.listen(0, '127.0.0.1', () => console.log('listening ' + listener.address().port));

const isBits = (name) => name === 'coil' || name === 'discrete';
const read = (name, i) => isBits(name) ? (tables[name][i >> 3] >> (i & 7)) & 1 : tables[name].readUInt16BE(2 * i);
const write = (name, i, value) => {
  if (!isBits(name)) tables[name].writeUInt16BE(value, 2 * i);
  else if (value) tables[name][i >> 3] |= 1 << (i & 7);
  else tables[name][i >> 3] &= ~(1 << (i & 7));
};
require('node:readline').createInterface({ input: process.stdin }).on('line', (line) => {
  const [verb, name, at, ...values] = line.split(' ');
  const start = Number(at);
  if (verb === 'get') console.log(Array.from({ length: Number(values[0]) }, (_, i) => read(name, start + i)).join(' '));
  else if (verb === 'set') { values.forEach((v, i) => write(name, start + i, Number(v))); console.log('done'); }
  else if (verb === 'cut') { for (const s of sockets) s.destroy(); console.log('done'); }
}).on('close', () => process.exit(0));
