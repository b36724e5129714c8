// A MELSEC client by npm mcprotocol: node HOST PORT 3E|1E binary|ascii octal|hex. Standard input lines "read ITEM ITEM" are
// answered with "values {JSON}". Its own log goes to standard output too, so answers begin with "values".
const [host, port, frame, code, numbers] = process.argv.slice(2);
const Client = require('mcprotocol');
const client = new Client();
let known = [];
client.initiateConnection({ host, port: Number(port), frame, ascii: code === 'ascii', octalInputOutput: numbers === 'octal' }, (error) => {
  console.log(error ? `failed ${error}` : 'connected');
  client.setTranslationCB((name) => name);
});
require('node:readline').createInterface({ input: process.stdin }).on('line', (line) => {
  const [verb, ...items] = line.split(' ');
  if (verb !== 'read') return;
  if (known.length > 0) client.removeItems(known);
  client.addItems(known = items);
  client.readAllItems((bad, values) => console.log(`values ${JSON.stringify({ bad, values })}`));
}).on('close', () => process.exit(0));
