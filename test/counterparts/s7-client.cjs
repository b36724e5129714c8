// A client by npm nodes7: node s7-client.cjs PORT RACK SLOT. Reads commands from standard input:
//   read ADDRESS [ADDRESS…]    prints {"bad":…,"values":{…}}
//   write ADDRESS VALUE        VALUE is JSON; prints {"bad":…}
// Prints "connected" first. Ends when standard input closes.
const [port, rack, slot] = process.argv.slice(2).map(Number);
const NodeS7 = require('nodes7');
const plc = new NodeS7({ silent: true });
plc.initiateConnection({ port, host: '127.0.0.1', rack, slot, timeout: 10000 }, (error) => {
  if (error) { console.log('error ' + error); process.exit(1); }
  console.log('connected');
  require('readline').createInterface({ input: process.stdin }).on('line', (line) => {
    const [word, ...rest] = line.split(' ');
    if (word === 'read') {
      plc.removeItems();
      plc.addItems(rest);
      plc.readAllItems((bad, values) => console.log(JSON.stringify({ bad: !!bad, values })));
    } else if (word === 'write') {
      plc.writeItems(rest[0], JSON.parse(rest[1]), (bad) => console.log(JSON.stringify({ bad: !!bad })));
    }
  }).on('close', () => process.exit(0));
});
