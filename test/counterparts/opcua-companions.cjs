// An OPC UA server by npm node-opcua with machines of companion models: node opcua-companions.cjs [NODESET2.xml …]
// The package's own NodeSets of DI, Machinery, MachineTool and PackML are loaded, then the files named; of these the
// injection moulding (IMM2MES) and the MTConnect model are known here. The machines are instances in the namespace
// urn:ieum:maker; the mill and the press are of types that the maker derived.
// Prints one line {"ready":true,"port":…,"namespace":…,"thumbprint":…}. Exits when standard input closes.
const fs = require('node:fs'), net = require('node:net'), os = require('node:os'), path = require('node:path'), crypto = require('node:crypto');
const ua = require('node-opcua');
const say = (o) => process.stdout.write(JSON.stringify(o) + '\n');
console.log = console.warn = (...words) => process.stderr.write(words.join(' ') + '\n');
const freePort = () => new Promise((done) => { const s = net.createServer().listen(0, '127.0.0.1', () => { const { port } = s.address(); s.close(() => done(port)); }); });

async function main() {
  const port = await freePort(), pki = fs.mkdtempSync(path.join(os.tmpdir(), 'ieum-ua-'));
  process.on('exit', () => fs.rmSync(pki, { recursive: true, force: true }));
  const certificates = new ua.OPCUACertificateManager({ rootFolder: pki, automaticallyAcceptUnknownCertificate: true, disableFileWatchers: true });
  await certificates.initialize();
  const known = ua.nodesets, files = process.argv.slice(2);
  const server = new ua.OPCUAServer({
    port, host: '127.0.0.1', hostname: '127.0.0.1', resourcePath: '/ieum', serverCertificateManager: certificates, userCertificateManager: certificates,
    nodeset_filename: [known.standard, known.di, known.ia, known.machinery, known.isa95JobControl, known.machineryJobs, known.machineTool, known.packML, ...files],
    serverInfo: { applicationUri: 'urn:ieum:companions:server', productUri: 'urn:ieum:companions', applicationName: { text: 'Companions' } },
    securityPolicies: [ua.SecurityPolicy.Basic256Sha256], securityModes: [ua.MessageSecurityMode.SignAndEncrypt],
  });
  await server.initialize();
  const namespace = fill(server.engine.addressSpace);
  await server.start();
  say({ ready: true, port, namespace: namespace.index, thumbprint: crypto.createHash('sha1').update(server.getCertificate()).digest('hex').toUpperCase() });
  process.stdin.on('data', () => {}).on('close', () => process.exit(0));
}

const model = (name) => 'http://opcfoundation.org/UA/' + name;

function fill(space) {
  const maker = space.registerNamespace('urn:ieum:maker');
  const type = (name, of) => space.findObjectType(of, space.getNamespaceIndex(model(name)));
  const loaded = (name) => space.getNamespaceIndex(model(name)) > 0;
  const machines = space.findNode(`ns=${space.getNamespaceIndex(model('Machinery/'))};i=1001`);
  const set = (node, dataType, value) => node.setValueFromSource({ dataType, value });

  const millType = maker.addObjectType({ browseName: 'VM500Type', subtypeOf: type('MachineTool/', 'MachineToolType') });
  const mill = millType.instantiate({ browseName: 'VM500', organizedBy: machines });
  const channel = type('MachineTool/', 'ChannelMonitoringType').instantiate({ browseName: 'Channel1', componentOf: mill.monitoring });
  set(channel.channelState, ua.DataType.Int32, 0);
  set(channel.feedOverride, ua.DataType.Double, 85);
  set(mill.production.activeProgram.getComponentByName('Name') ?? mill.production.activeProgram.getPropertyByName('Name'), ua.DataType.String, 'O1000');
  const analog = (of, browseName, value, engineeringUnits, low, high) =>
    maker.addAnalogDataItem({ componentOf: of, browseName, dataType: 'Double', engineeringUnits, engineeringUnitsRange: { low, high }, value: { dataType: 'Double', value } });
  analog(channel, 'SpindleSpeed', 4200, ua.standardUnits.revolution_per_minute ?? { ...ua.standardUnits.hertz, unitId: 5394509, displayName: { text: 'rpm' } }, 0, 12000);
  // Many a maker leaves the unit id empty and writes the unit alone.
  analog(channel, 'CoolantFlow', 12.5, { namespaceUri: 'urn:ieum:maker', unitId: -1, displayName: { text: 'L/min' }, description: { text: 'litre per minute' } }, 0, 40);

  const packerType = maker.addObjectType({ browseName: 'PackerType', subtypeOf: type('PackML/', 'PackMLBaseObjectType') });
  packerType.instantiate({ browseName: 'Packer', organizedBy: space.rootFolder.objects });

  if (loaded('PlasticsRubber/IMM2MES/')) type('PlasticsRubber/IMM2MES/', 'IMM_MES_InterfaceType').instantiate({ browseName: 'Press', organizedBy: space.rootFolder.objects });
  if (loaded('MTConnect/v2/')) {
    const device = type('MTConnect/v2/', 'MTDeviceType').instantiate({ browseName: 'Lathe', organizedBy: space.rootFolder.objects });
    maker.addVariable({ componentOf: device, browseName: { namespaceIndex: space.getNamespaceIndex(model('MTConnect/v2/')), name: 'Execution' }, dataType: 'String', value: { dataType: 'String', value: 'ACTIVE' } });
  }
  return maker;
}

main().catch((error) => { process.stderr.write(error.stack + '\n'); process.exit(1); });
