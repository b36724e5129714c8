// An OPC UA server by npm node-opcua: node opcua-server.cjs [--port=N] [--pki=DIR] [--strict] [--tags=1000] [--lifetime=MS]
//   [--anonymous=false] [--max-read=N] [--max-write=N] [--max-browse=N] [--max-items=N] [--max-call=N] [--max-history=N]
//   [--max-browse-points=N] [--max-message=BYTES] [--max-chunks=N] [--buffer=BYTES] [--legacy] [--policies=None,Basic256Sha256,…]
//   [--max-subscriptions=N] [--max-monitored=N] [--count=LEDGER] [--history=N]
// --count: the nodes counter (with a history of N values, 100000) and plain (without) count together from the first subscription
//   on, ten times a second; each number is written into the ledger ("NUMBER MILLISECONDS" a line) before it can be read. A
//   ledger that exists is continued.
// --strict: an unknown client certificate is refused and put into rejected/; otherwise every client is trusted.
// Users: operator/shift-1 and keeper/비밀번호. Namespace urn:ieum:counterpart (its index is in the ready line).
// Prints one line {"ready":true,"endpoint":…,"port":…,"namespace":…,"thumbprint":…}, then one line per command of standard input:
//   set NAME VALUE | bad NAME | remove NAME | drop (cuts every line) | end-sessions keep|delete | trust (all rejected clients) | sessions | shutdown-soon SECONDS
// Exits when standard input closes.
const fs = require('node:fs'), net = require('node:net'), os = require('node:os'), path = require('node:path'), crypto = require('node:crypto');
// Every socket that was accepted, so that "drop" can cut them as a switch does.
const accepted = new Set(), createServer = net.createServer;
net.createServer = (...a) => createServer(...a).on('connection', (s) => { accepted.add(s); s.on('close', () => accepted.delete(s)); });
const ua = require('node-opcua');
let running;

const options = Object.fromEntries(process.argv.slice(2).map((a) => { const [k, ...v] = a.replace(/^--/, '').split('='); return [k, v.length ? v.join('=') : 'true']; }));
const number = (name, otherwise) => (options[name] === undefined ? otherwise : Number(options[name]));
const say = (o) => process.stdout.write(JSON.stringify(o) + '\n');
console.log = console.warn = (...words) => process.stderr.write(words.join(' ') + '\n');

const freePort = () => new Promise((done) => { const s = net.createServer().listen(0, '127.0.0.1', () => { const { port } = s.address(); s.close(() => done(port)); }); });

async function main() {
  const port = number('port', 0) || await freePort();
  const made = !options.pki;
  const pki = options.pki || fs.mkdtempSync(path.join(os.tmpdir(), 'ieum-ua-'));
  if (made) process.on('exit', () => fs.rmSync(pki, { recursive: true, force: true }));
  const certificates = new ua.OPCUACertificateManager({ rootFolder: pki, automaticallyAcceptUnknownCertificate: !options.strict, disableFileWatchers: true });
  const users = new ua.OPCUACertificateManager({ rootFolder: path.join(pki, 'users'), automaticallyAcceptUnknownCertificate: true, disableFileWatchers: true });
  await certificates.initialize();
  await users.initialize();
  const policies = options.policies ? options.policies.split(',')
    : ['None', 'Basic256Sha256', 'Aes128_Sha256_RsaOaep', 'Aes256_Sha256_RsaPss', ...(options.legacy ? ['Basic128Rsa15', 'Basic256'] : [])];
  const passwords = { operator: 'shift-1', keeper: '비밀번호' };
  const server = new ua.OPCUAServer({
    port, host: '127.0.0.1', hostname: '127.0.0.1', resourcePath: '/ieum', nodesets: [ua.nodesets.standard],
    serverInfo: { applicationUri: 'urn:ieum:counterpart:server', productUri: 'urn:ieum:counterpart', applicationName: { text: 'Counterpart' } },
    serverCertificateManager: certificates, userCertificateManager: users,
    securityPolicies: policies.map((p) => ua.SecurityPolicy[p]),
    securityModes: [ua.MessageSecurityMode.None, ua.MessageSecurityMode.Sign, ua.MessageSecurityMode.SignAndEncrypt],
    allowAnonymous: options.anonymous !== 'false',
    userManager: { isValidUser: (name, password) => passwords[name] === password },
    defaultSecureTokenLifetime: number('lifetime', 3_600_000),
    maxConnectionsPerEndpoint: 50,
    transportSettings: (options['max-message'] || options['max-chunks'] || options.buffer) ? {
      adjustTransportLimits: (hello) => ({
        maxMessageSize: number('max-message', hello.maxMessageSize), maxChunkCount: number('max-chunks', hello.maxChunkCount),
        receiveBufferSize: number('buffer', hello.receiveBufferSize), sendBufferSize: number('buffer', hello.sendBufferSize),
      }),
    } : undefined,
    serverCapabilities: new ua.ServerCapabilities({
      maxSessions: 50, maxBrowseContinuationPoints: number('max-browse-points', 10), maxHistoryContinuationPoints: 10,
      maxArrayLength: 100_000, maxStringLength: 1_000_000, maxByteStringLength: 4_000_000,
      maxSubscriptions: number('max-subscriptions', 100), maxMonitoredItems: number('max-monitored', 100_000),
      operationLimits: {
        maxNodesPerRead: number('max-read', 1000), maxNodesPerWrite: number('max-write', 500), maxNodesPerBrowse: number('max-browse', 500),
        maxMonitoredItemsPerCall: number('max-items', 500), maxNodesPerMethodCall: number('max-call', 100),
        maxNodesPerHistoryReadData: number('max-history', 50), maxNodesPerRegisterNodes: 500, maxNodesPerTranslateBrowsePathsToNodeIds: 500,
      },
    }),
  });
  await server.initialize();
  running = server;
  const nodes = fill(server.engine.addressSpace, number('tags', 1000));
  await server.start();

  const der = server.getCertificate();
  say({
    ready: true, port, endpoint: server.getEndpointUrl(), pki, namespace: nodes.namespace.index,
    thumbprint: crypto.createHash('sha1').update(der).digest('hex').toUpperCase(), certificate: der.toString('base64'),
  });

  require('node:readline').createInterface({ input: process.stdin }).on('line', async (line) => {
    const [verb, name, ...rest] = line.split(' ');
    const node = nodes.byName[name];
    if (verb === 'set') node.setValueFromSource({ dataType: node.kind, value: node.kind === ua.DataType.String ? rest.join(' ') : Number(rest[0]) });
    else if (verb === 'bad') node.setValueFromSource({ dataType: node.kind, value: node.kind === ua.DataType.String ? '' : 0 }, ua.StatusCodes.BadDeviceFailure);
    else if (verb === 'remove') server.engine.addressSpace.deleteNode(node);
    else if (verb === 'drop') for (const s of [...accepted]) s.destroy();
    else if (verb === 'trust') {
      const rejected = path.join(pki, 'rejected');
      for (const file of fs.readdirSync(rejected)) fs.renameSync(path.join(rejected, file), path.join(pki, 'trusted/certs', file));
      await certificates.reloadCertificates?.();
    } else if (verb === 'end-sessions') {
      // keep: the subscriptions live on and can be transferred; delete: they go with their session.
      for (const session of Object.values(server.engine._sessions)) server.engine.closeSession(session.authenticationToken, name === 'delete', 'Terminated');
    } else if (verb === 'shutdown-soon') server.shutdown(Number(name) * 1000);
    say({ done: verb, sessions: server.currentSessionCount, channels: server.currentChannelCount, subscriptions: server.currentSubscriptionCount });
  }).on('close', () => process.exit(0));
}

// Objects/Cell: what one machine offers. Node ids are strings ("ns=2;s=count"), so that tests can write them down.
function fill(space, tags) {
  const namespace = space.registerNamespace('urn:ieum:counterpart');
  const byName = {};
  const cell = namespace.addFolder(space.rootFolder.objects, { browseName: 'Cell', nodeId: 's=cell' });
  const add = (name, dataType, value, more = {}) => {
    const node = namespace.addVariable({
      componentOf: cell, browseName: name, nodeId: 's=' + name, dataType, minimumSamplingInterval: 0,
      accessLevel: 'CurrentRead', userAccessLevel: 'CurrentRead', value: { dataType, value }, ...more,
    });
    node.kind = ua.DataType[dataType];
    return (byName[name] = node);
  };
  const analog = (name, value, unit, low, high, more = {}) => {
    const node = namespace.addAnalogDataItem({
      componentOf: cell, browseName: name, nodeId: 's=' + name, dataType: 'Double', definition: name, valuePrecision: 0.1, minimumSamplingInterval: 0,
      engineeringUnitsRange: { low, high }, instrumentRange: { low, high }, engineeringUnits: ua.standardUnits[unit], value: { dataType: 'Double', value }, ...more,
    });
    node.kind = ua.DataType.Double;
    return (byName[name] = node);
  };
  const open = { accessLevel: 'CurrentRead | CurrentWrite', userAccessLevel: 'CurrentRead | CurrentWrite' };
  analog('temperature', 21.5, 'degree_celsius', -50, 150, { accessLevel: 'CurrentRead', userAccessLevel: 'CurrentRead' });
  analog('pressure', 6.1, 'bar', 0, 10, { accessLevel: 'CurrentRead', userAccessLevel: 'CurrentRead' });
  analog('setpoint', 100, 'degree_celsius', 0, 200, open);
  add('count', 'UInt32', 7);
  add('running', 'Boolean', true);
  add('program', 'String', 'O1000 가공 加工');
  add('state', 'Int32', 2);
  add('text', 'String', 'start', open);
  add('big', 'UInt64', null, { value: { dataType: 'UInt64', arrayType: ua.VariantArrayType.Scalar, value: [0xFFFFFFFF, 0xFFFFFFFE] } });
  add('bytes', 'ByteString', Buffer.from('0102ff', 'hex'));
  add('started', 'DateTime', new Date(Date.UTC(2026, 0, 2, 3, 4, 5)));
  add('profile', 'Double', null, { ...open, valueRank: 1, arrayDimensions: [0], value: { dataType: 'Double', arrayType: ua.VariantArrayType.Array, value: Float64Array.from([1.5, -2.5, 3.25]) } });
  add('grid', 'Int32', null, { valueRank: 2, arrayDimensions: [2, 3], value: { dataType: 'Int32', arrayType: ua.VariantArrayType.Matrix, dimensions: [2, 3], value: Int32Array.from([1, 2, 3, 4, 5, 6]) } });
  add('blob', 'ByteString', Buffer.alloc(200_000, 7), open);
  add('hidden', 'Double', 1, { accessLevel: 'CurrentRead', userAccessLevel: '' });

  // 500 values of 2025-01-01, one per second, then what "set past" says. Read-only: node-opcua makes a historizing node so.
  const past = add('past', 'Double', 0, { accessLevel: 'CurrentRead | HistoryRead', userAccessLevel: 'CurrentRead | HistoryRead' });
  space.installHistoricalDataNode(past, { maxOnlineValues: 10_000 });
  const from = Date.UTC(2025, 0, 1), store = past.varHistorian;
  while (store._timeline.length) store._timeline.shift();   // the value from before the first of the past
  store.lastDate = new Date(0);
  for (let i = 0; i < 500; i++) {
    const at = new Date(from + i * 1000);
    past._historyPush(new ua.DataValue({ value: { dataType: 'Double', value: i / 2 }, sourceTimestamp: at, serverTimestamp: at, statusCode: ua.StatusCodes.Good }));
  }

  if (options.count) count(space, add('counter', 'Double', -1, { accessLevel: 'CurrentRead | HistoryRead', userAccessLevel: 'CurrentRead | HistoryRead' }), add('plain', 'Double', -1));

  const method = namespace.addMethod(cell, {
    browseName: 'Add', nodeId: 's=add',
    inputArguments: [{ name: 'a', dataType: ua.DataType.Double, valueRank: -1 }, { name: 'b', dataType: ua.DataType.Double, valueRank: -1 }],
    outputArguments: [{ name: 'sum', dataType: ua.DataType.Double, valueRank: -1 }],
  });
  method.bindMethod((inputs, context, done) => done(null, {
    statusCode: ua.StatusCodes.Good, outputArguments: [{ dataType: ua.DataType.Double, value: inputs[0].value + inputs[1].value }],
  }));

  const folder = namespace.addFolder(cell, { browseName: 'Tags', nodeId: 's=tags' });
  for (let i = 0; i < tags; i++) {
    const name = 'tag' + String(i).padStart(5, '0');
    const node = namespace.addVariable({ organizedBy: folder, browseName: name, nodeId: 's=' + name, dataType: 'Double', minimumSamplingInterval: 0, ...open, value: { dataType: 'Double', value: i } });
    node.kind = ua.DataType.Double;
    byName[name] = node;
  }
  return { namespace, byName };
}

// Each number comes after the one before by a timer of its own, so that the server, which looks every 50 ms on the same thread, sees every one.
function count(space, counter, plain) {
  space.installHistoricalDataNode(counter, { maxOnlineValues: number('history', 100_000) });
  let next = 0;
  if (fs.existsSync(options.count)) next = Number(fs.readFileSync(options.count, 'ascii').trimEnd().split('\n').at(-1).split(' ')[0]) + 1 || 0;
  const ledger = fs.openSync(options.count, 'a');
  const turn = () => {
    if (next > 0 || running.currentSubscriptionCount > 0) {
      const now = new Date();
      fs.writeSync(ledger, `${next} ${now.getTime()}\n`);
      for (const node of [counter, plain]) node.setValueFromSource({ dataType: 'Double', value: next }, ua.StatusCodes.Good, now);
      next++;
    }
    setTimeout(turn, 100);
  };
  turn();
}

main().catch((error) => { process.stderr.write(error.stack + '\n'); process.exit(1); });
