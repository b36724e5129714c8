// Reads lines "decode HEX" and "encode JSON", answers with JSON or hex: the codec of npm sparkplug-payload as a witness.
const { get } = require('sparkplug-payload');
const codec = get('spBv1.0');
const readline = require('node:readline');

// Long, Buffer, NaN and infinities do not exist in JSON; they travel as {"$long": "…"} and so on.
const pack = (key, value) => {
  if (value && typeof value === 'object' && 'low' in value && 'high' in value) return { $long: value.toString() };
  if (value && value.type === 'Buffer' && Array.isArray(value.data)) return { $bytes: Buffer.from(value.data).toString('hex') };
  if (value instanceof Uint8Array) return { $bytes: Buffer.from(value).toString('hex') };
  if (typeof value === 'number' && (!Number.isFinite(value) || Object.is(value, -0))) return { $number: Object.is(value, -0) ? '-0' : String(value) };
  return value;
};
const Long = (() => { try { return require('long'); } catch { return null; } })();
const unpack = (key, value) => {
  if (value && typeof value === 'object') {
    if ('$long' in value) return Long ? Long.fromString(value.$long, !value.$long.startsWith('-')) : Number(value.$long);
    if ('$bytes' in value) return Buffer.from(value.$bytes, 'hex');
    if ('$number' in value) return Number(value.$number);
  }
  return value;
};

readline.createInterface({ input: process.stdin }).on('line', (line) => {
  const space = line.indexOf(' ');
  const rest = line.slice(space + 1);
  try {
    if (line.startsWith('decode ')) console.log(JSON.stringify(codec.decodePayload(Buffer.from(rest, 'hex')), pack));
    else console.log(Buffer.from(codec.encodePayload(JSON.parse(rest, unpack))).toString('hex').toUpperCase());
  } catch (error) {
    console.log('error ' + error.message);
  }
});
