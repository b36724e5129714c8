// An OPC UA server by npm node-opcua with types of nobody's machine: node opcua-odd.cjs. Objects/Odd holds nested structures with optional
// fields, a union, an enumeration with holes, matrices, arrays of texts in languages, times at both ends, numbers that no double holds, NaN with
// a payload, and values with bad and uncertain status. Prints {"ready":true,"endpoint":…,"namespace":…}; exits when standard input closes.
const fs = require('node:fs'), net = require('node:net'), os = require('node:os'), path = require('node:path');
const ua = require('node-opcua');
console.log = console.warn = (...words) => process.stderr.write(words.join(' ') + '\n');

const Uri = 'urn:ieum:odd';
const fields = (list) => list.map(([name, type, more = '']) => `<Field Name="${name}" DataType="${type}" ${more}/>`).join('');
const structure = (id, name, parent, list, union = '') => `
  <UADataType NodeId="ns=1;i=${id}" BrowseName="1:${name}"><DisplayName>${name}</DisplayName>
    <References><Reference ReferenceType="HasSubtype" IsForward="false">${parent}</Reference></References>
    <Definition Name="1:${name}" ${union}>${fields(list)}</Definition></UADataType>
  <UAObject NodeId="ns=1;i=${id + 1}" BrowseName="Default Binary" SymbolicName="DefaultBinary"><DisplayName>Default Binary</DisplayName>
    <References><Reference ReferenceType="HasEncoding" IsForward="false">ns=1;i=${id}</Reference><Reference ReferenceType="HasTypeDefinition">i=76</Reference></References></UAObject>`;
const nodeset = `<?xml version="1.0" encoding="utf-8"?>
<UANodeSet xmlns="http://opcfoundation.org/UA/2011/03/UANodeSet.xsd">
  <NamespaceUris><Uri>${Uri}</Uri></NamespaceUris>
  <Models><Model ModelUri="${Uri}" Version="1.0.0" PublicationDate="2026-01-01T00:00:00Z"/></Models>
  <Aliases><Alias Alias="HasSubtype">i=45</Alias><Alias Alias="HasEncoding">i=38</Alias><Alias Alias="HasTypeDefinition">i=40</Alias><Alias Alias="HasProperty">i=46</Alias></Aliases>
  <UADataType NodeId="ns=1;i=100" BrowseName="1:Mood"><DisplayName>Mood</DisplayName>
    <References><Reference ReferenceType="HasSubtype" IsForward="false">i=29</Reference></References>
    <Definition Name="1:Mood"><Field Name="Calm" Value="0"/><Field Name="Angry" Value="7"/><Field Name="잠" Value="-3"/></Definition></UADataType>
  ${structure(200, 'Corner', 'i=22', [['X', 'i=11'], ['Label', 'i=21'], ['Mood', 'ns=1;i=100']])}
  ${structure(210, 'Choice', 'i=12756', [['Number', 'i=11'], ['Word', 'i=12'], ['At', 'ns=1;i=200']], 'IsUnion="true"')}
  ${structure(220, 'Part', 'i=22', [['Id', 'i=14'], ['Note', 'i=12', 'IsOptional="true"'], ['Raw', 'i=15', 'IsOptional="true"'], ['First', 'ns=1;i=200'], ['Corners', 'ns=1;i=200', 'ValueRank="1"'], ['Pick', 'ns=1;i=210'], ['Sizes', 'i=10', 'ValueRank="1"']])}
</UANodeSet>`;

async function main() {
  const port = await new Promise((done) => { const s = net.createServer().listen(0, '127.0.0.1', () => { const { port } = s.address(); s.close(() => done(port)); }); });
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'ieum-odd-'));
  process.on('exit', () => fs.rmSync(folder, { recursive: true, force: true }));
  const file = path.join(folder, 'odd.xml');
  fs.writeFileSync(file, nodeset);
  const certificates = new ua.OPCUACertificateManager({ rootFolder: path.join(folder, 'pki'), automaticallyAcceptUnknownCertificate: true, disableFileWatchers: true });
  await certificates.initialize();
  const server = new ua.OPCUAServer({
    port, host: '127.0.0.1', hostname: '127.0.0.1', nodeset_filename: [ua.nodesets.standard, file], serverCertificateManager: certificates, userCertificateManager: certificates,
    serverInfo: { applicationUri: 'urn:ieum:odd:server', productUri: Uri }, securityPolicies: [ua.SecurityPolicy.None], securityModes: [ua.MessageSecurityMode.None],
  });
  await server.initialize();
  const space = server.engine.addressSpace, namespace = space.getNamespace(Uri);
  const odd = namespace.addFolder(space.rootFolder.objects, { browseName: 'Odd', nodeId: 's=odd' });
  const add = (name, dataType, value, more = {}) => namespace.addVariable({ componentOf: odd, browseName: name, nodeId: 's=' + name, dataType, minimumSamplingInterval: 0, value, ...more });
  const typed = (name) => space.findDataType(name, namespace.index);
  const make = (name, value) => space.constructExtensionObject(typed(name), value);
  const { DataType: T, VariantArrayType: A, StatusCodes: S } = ua;

  const corner = (x, ko, mood) => ({ x, label: new ua.LocalizedText({ locale: 'ko', text: ko }), mood });
  const part = { id: '72962B91-FA75-4AE6-8D28-B404DC7DAF63', first: corner(-0.5, '왼쪽', 7), corners: [corner(1, '위', 0), corner(2, '아래', -3)], pick: { at: corner(9, '끝', 0) }, sizes: [0.25, 0.5] };
  add('part', typed('Part').nodeId, { dataType: T.ExtensionObject, value: make('Part', part) });
  add('partNoted', typed('Part').nodeId, { dataType: T.ExtensionObject, value: make('Part', { ...part, note: '메모', raw: Buffer.from('00ff', 'hex'), pick: { word: '말' }, corners: [] }) });
  add('parts', typed('Corner').nodeId, { dataType: T.ExtensionObject, arrayType: A.Array, value: [make('Corner', corner(1, '하나', 0)), make('Corner', corner(2, '둘', 7))] }, { valueRank: 1 });
  add('choice', typed('Choice').nodeId, { dataType: T.ExtensionObject, value: make('Choice', { number: 2.5 }) });
  add('mood', typed('Mood').nodeId, { dataType: T.Int32, value: 7 });
  add('cube', 'Int16', { dataType: T.Int16, arrayType: A.Matrix, dimensions: [2, 2, 2], value: Int16Array.from([1, -2, 3, -4, 5, -6, 7, -8]) }, { valueRank: 3, arrayDimensions: [2, 2, 2] });
  add('words', 'String', { dataType: T.String, arrayType: A.Matrix, dimensions: [2, 1], value: ['가', 'あ'] }, { valueRank: 2, arrayDimensions: [2, 1] });
  add('names', 'LocalizedText', { dataType: T.LocalizedText, arrayType: A.Array, value: [{ locale: 'ko', text: '선반' }, { locale: 'ja', text: '旋盤' }, { text: 'lathe' }].map((t) => new ua.LocalizedText(t)) }, { valueRank: 1 });
  add('empty', 'Double', { dataType: T.Double, arrayType: A.Array, value: new Float64Array(0) }, { valueRank: 1 });
  add('guid', 'Guid', { dataType: T.Guid, value: '72962B91-FA75-4AE6-8D28-B404DC7DAF63' });
  add('raws', 'ByteString', { dataType: T.ByteString, arrayType: A.Array, value: [Buffer.from('01', 'hex'), Buffer.alloc(0)] }, { valueRank: 1 });
  add('dawn', 'DateTime', { dataType: T.DateTime, value: new Date(Date.UTC(1601, 0, 1)) });
  add('dusk', 'DateTime', { dataType: T.DateTime, value: new Date(Date.UTC(9999, 11, 31, 23, 59, 59)) });
  add('code', 'StatusCode', { dataType: T.StatusCode, value: S.BadDeviceFailure });
  add('node', 'NodeId', { dataType: T.NodeId, value: ua.resolveNodeId('ns=1;s=너') });
  add('wide', 'Int64', { dataType: T.Int64, arrayType: A.Scalar, value: [0x00200000, 1] });            // 2^53 + 1
  add('least', 'Int64', { dataType: T.Int64, arrayType: A.Scalar, value: [0x80000000, 0] });           // -2^63
  add('most', 'UInt64', { dataType: T.UInt64, arrayType: A.Scalar, value: [0xFFFFFFFF, 0xFFFFFFFF] });
  add('tiny', 'Float', { dataType: T.Float, value: 1e-45 });
  add('nan', 'Double', { dataType: T.Double, value: NaN });
  add('endless', 'Double', { dataType: T.Double, value: -Infinity });
  add('anything', 'BaseDataType', { dataType: T.Variant, arrayType: A.Array, value: [new ua.Variant({ dataType: T.Double, value: 1.5 }), new ua.Variant({ dataType: T.String, value: 'zwei' })] }, { valueRank: 1 });
  const withStatus = (name, status) => add(name, 'Double').setValueFromSource({ dataType: T.Double, value: 4.5 }, status);
  withStatus('broken', S.BadSensorFailure);
  withStatus('doubtful', S.UncertainLastUsableValue);
  add('never', 'Double');

  await server.start();
  process.stdout.write(JSON.stringify({ ready: true, port, endpoint: server.getEndpointUrl(), namespace: namespace.index }) + '\n');
  process.stdin.resume().on('end', () => process.exit(0));
}
main().catch((error) => { process.stderr.write(error.stack + '\n'); process.exit(1); });
