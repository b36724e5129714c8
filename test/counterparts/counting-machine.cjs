// A machine that counts what it says: node counting-machine.cjs modbus|slmp|mqtt PORT LEDGER. Every value that leaves it is the next whole
// number; it is written into the ledger ("NUMBER MILLISECONDS" a line) before it is sent, so that whoever kills this process knows what
// was said. A ledger that exists is continued. modbus and slmp (3E binary) listen on PORT and count their answers: each read of holding
// register 0 or of D0 gets a new number. mqtt is a box that publishes to a broker on PORT, with the time of each value and a will; it sends
// again what was not acknowledged when it is connected anew, and when its input ends it leaves only after the broker has everything.
const [kind, port, ledger] = process.argv.slice(2);
const fs = require('node:fs');
let next = 0;
if (fs.existsSync(ledger)) {
  const lines = fs.readFileSync(ledger, 'ascii').trimEnd().split('\n');
  next = Number(lines[lines.length - 1].split(' ')[0]) + 1 || 0;
}
const file = fs.openSync(ledger, 'a');
function said(now) {
  fs.writeSync(file, `${next} ${now}\n`);
  return next++;
}

// Each takes the bytes heard so far and gives [bytes used, answer], or nothing while a request is not whole.
const answers = {
  modbus(bytes) {
    if (bytes.length < 12) return undefined;
    const answer = Buffer.from([...bytes.subarray(0, 4), 0, 5, bytes[6], bytes[7], 2, 0, 0]);
    answer.writeUInt16BE(said(Date.now()), 9);
    return [12, answer];
  },
  slmp(bytes) {
    if (bytes.length < 9 || bytes.length < 9 + bytes.readUInt16LE(7)) return undefined;
    const used = 9 + bytes.readUInt16LE(7);
    const isRead = bytes.readUInt16LE(11) === 0x0401;
    const head = [0xD0, 0, ...bytes.subarray(2, 7)];
    // Command C059h: this station does nothing but reading.
    if (!isRead) return [used, Buffer.from([...head, 11, 0, 0x59, 0xC0, ...bytes.subarray(2, 7), ...bytes.subarray(11, 15)])];
    const answer = Buffer.from([...head, 4, 0, 0, 0, 0, 0]);
    answer.writeUInt16LE(said(Date.now()), 11);
    return [used, answer];
  },
};

let leave = () => process.exit(0);
if (kind === 'mqtt') {
  const client = require('mqtt').connect(`mqtt://127.0.0.1:${port}`, { reconnectPeriod: 100, will: { topic: 'box/status', payload: 'offline', qos: 1, retain: true } });
  let isOn = false;
  client.on('error', () => {});
  client.on('close', () => { isOn = false; });
  client.on('connect', () => client.publish('box/status', 'online', { qos: 1, retain: true }, (error) => {
    isOn = !error;
    console.log('listening');
  }));
  const saying = setInterval(() => {
    if (!isOn) return;
    const now = Date.now();
    client.publish('box/counter', JSON.stringify({ v: said(now), t: now }), { qos: 1 });
  }, 20);
  leave = () => {
    clearInterval(saying);
    client.publish('box/status', 'offline', { qos: 1, retain: true }, () => client.end(false, {}, () => process.exit(0)));
  };
} else {
  require('node:net').createServer((client) => {
    let heard = Buffer.alloc(0);
    client.setNoDelay(true);
    client.on('error', () => {});
    client.on('data', (bytes) => {
      heard = Buffer.concat([heard, bytes]);
      for (let taken; (taken = answers[kind](heard)) !== undefined; heard = heard.subarray(taken[0])) client.write(taken[1]);
    });
  }).listen(Number(port), '127.0.0.1', () => console.log('listening'));
}
process.stdin.resume().once('end', () => leave());
