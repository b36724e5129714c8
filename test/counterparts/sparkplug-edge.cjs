// An edge node by npm sparkplug-client: node URL GROUP NODE DEVICE. Reads commands from standard input:
//   data VALUE [VALUE…]   one DDATA per value, metric "load" (with name and alias, as this library sends)
//   program TEXT          one DDATA with the text metric "program"
//   lose N                takes N sequence numbers without sending
//   mute                  stays connected and ignores rebirth requests
// A device command (DCMD) for "load" or "program", by alias or name, is applied and answered with a DDATA.
// Prints "connected", "births" after NBIRTH and DBIRTH, "ncmd" for a rebirth request, "dcmd NAME VALUE" for a device command.
const [url, group, node, device] = process.argv.slice(2);
const { newClient } = require('sparkplug-client');
const client = newClient({
  serverUrl: url, username: '', password: '', groupId: group, edgeNode: node,
  clientId: `${group}-${node}`, version: 'spBv1.0', keepalive: 5, publishDeath: false,
});
const since = Date.now();
let load = 1.5, program = 'O1000', mute = false;
let loadAt = since, programAt = since;

function births() {
  client.publishNodeBirth({
    timestamp: Date.now(),
    metrics: [{ name: 'Node Control/Rebirth', type: 'Boolean', value: false, timestamp: since }],
  });
  client.publishDeviceBirth(device, {
    timestamp: Date.now(),
    metrics: [
      { name: 'load', alias: 1, type: 'Double', value: load, timestamp: loadAt,
        properties: { engUnit: { type: 'String', value: 'kW' } } },
      { name: 'program', alias: 2, type: 'String', value: program, timestamp: programAt },
    ],
  });
  console.log('births');
}

client.on('connect', () => console.log('connected'));
client.on('birth', births);
client.on('ncmd', (payload) => {
  console.log('ncmd');
  if (!mute && payload.metrics.some((m) => m.name === 'Node Control/Rebirth' && m.value === true)) births();
});
client.on('dcmd', (to, payload) => {
  for (const m of payload.metrics) {
    const name = m.name || { 1: 'load', 2: 'program' }[Number(m.alias)];
    console.log(`dcmd ${name} ${m.value}`);
    if (name === 'load') [load, loadAt] = [m.value, Math.max(Date.now(), loadAt + 1)];
    else if (name === 'program') [program, programAt] = [m.value, Date.now()];
    else continue;
    const told = name === 'load' ? { name, alias: 1, type: 'Double', value: load, timestamp: loadAt } : { name, alias: 2, type: 'String', value: program, timestamp: programAt };
    client.publishDeviceData(to, { timestamp: told.timestamp, metrics: [told] });
  }
});
client.on('error', (error) => console.log('error ' + error.message));

require('node:readline').createInterface({ input: process.stdin }).on('line', (line) => {
  const [verb, ...words] = line.split(' ');
  if (verb === 'data') {
    for (const word of words) {
      [load, loadAt] = [Number(word), Math.max(Date.now(), loadAt + 1)];
      client.publishDeviceData(device, { timestamp: loadAt, metrics: [{ name: 'load', alias: 1, type: 'Double', value: load, timestamp: loadAt }] });
    }
  } else if (verb === 'program') {
    [program, programAt] = [words.join(' '), Date.now()];
    client.publishDeviceData(device, { timestamp: programAt, metrics: [{ name: 'program', alias: 2, type: 'String', value: program, timestamp: programAt }] });
  } else if (verb === 'lose') {
    for (let i = 0; i < Number(words[0]); i++) client.addSeqNumber({});
  } else if (verb === 'mute') mute = true;
  console.log('done ' + verb);
}).on('close', () => process.exit(0));
