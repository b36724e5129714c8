// An OPC UA client by others (node-opcua). Usage: node opcua-client.cjs '<JSON>' with
// {"endpoint","policy","mode","user","password","pki","steps":[{"do":"read",...}]}. One JSON line per step on standard output.
// Ends when its steps are done or standard input closes.
"use strict";
const {
  OPCUAClient, OPCUACertificateManager, MessageSecurityMode, SecurityPolicy, UserTokenType, AttributeIds, TimestampsToReturn, DataType, Variant,
  VariantArrayType, BrowseDirection, DataChangeFilter, DataChangeTrigger, DeadbandType, ClientSubscription, ClientMonitoredItem, makeBrowsePath,
  MonitoringMode, StatusCodes, coerceNodeId, coerceInt64,
} = require("node-opcua");

process.stdin.on("end", () => process.exit(0)).resume();
const plan = JSON.parse(process.argv[2]);

// Whole numbers of 64 bits are pairs there, which look like arrays.
const variantOf = (s) => s.type === "Int64"
  ? { dataType: DataType.Int64, arrayType: VariantArrayType.Scalar, value: coerceInt64(s.value) }
  : { dataType: DataType[s.type], value: s.value };

function say(answer) {
  process.stdout.write(JSON.stringify(answer, (k, v) => (typeof v === "bigint" ? v.toString() : v)) + "\n");
}

function plain(value) {
  if (value === null || value === undefined) return null;
  if (value instanceof Date) return value.toISOString();
  if (ArrayBuffer.isView(value) && !Buffer.isBuffer(value)) return Array.from(value);
  if (typeof value === "object" && typeof value.toJSON === "function") return value.toJSON();
  return value;
}

function data(v) {
  return {
    status: v.statusCode.name.split("#")[0], bits: v.statusCode.value, value: plain(v.value && v.value.value), type: v.value ? DataType[v.value.dataType] : null,
    source: v.sourceTimestamp ? v.sourceTimestamp.toISOString() : null, server: v.serverTimestamp ? v.serverTimestamp.toISOString() : null,
  };
}

const steps = {
  async endpoints({ client }) {
    const all = await client.getEndpoints();
    return { endpoints: all.map((e) => ({ policy: e.securityPolicyUri.split("#")[1], mode: MessageSecurityMode[e.securityMode], tokens: e.userIdentityTokens.map((t) => UserTokenType[t.tokenType]) })) };
  },
  async read({ session }, s) {
    const values = await session.read(s.nodes.map((nodeId) => ({ nodeId, attributeId: s.attribute ?? AttributeIds.Value, indexRange: s.range })));
    return { values: values.map(data) };
  },
  async browse({ session }, s) {
    session.requestedMaxReferencesPerNode = s.most ?? 0;
    let result = await session.browse({ nodeId: s.node, browseDirection: BrowseDirection.Forward, referenceTypeId: "HierarchicalReferences", includeSubtypes: true, nodeClassMask: 0, resultMask: 63 });
    const found = [...(result.references ?? [])];
    let pieces = 1;
    while (result.continuationPoint && result.continuationPoint.length > 0) {
      result = await session.browseNext(result.continuationPoint, false);
      found.push(...(result.references ?? []));
      pieces++;
    }
    return { status: result.statusCode.name, pieces, names: found.map((r) => r.browseName.name), ids: found.map((r) => r.nodeId.toString()) };
  },
  async translate({ session }, s) {
    const r = await session.translateBrowsePath(makeBrowsePath(s.start, s.path));
    return { status: r.statusCode.name, ids: (r.targets ?? []).map((t) => t.targetId.toString()) };
  },
  async namespaces({ session }) {
    return { namespaces: await session.readNamespaceArray() };
  },
  async write({ session }, s) {
    const status = await session.write({ nodeId: s.node, attributeId: AttributeIds.Value, value: { value: variantOf(s) } });
    return { status: status.name };
  },
  async call({ session }, s) {
    const r = await session.call({ objectId: s.object, methodId: s.method, inputArguments: s.inputs.map((i) => new Variant({ dataType: DataType[i.type], value: i.value })) });
    return { status: r.statusCode.name, outputs: (r.outputArguments ?? []).map((o) => plain(o.value)) };
  },
  async history({ session }, s) {
    const r = await session.readHistoryValue(s.node, new Date(s.from), new Date(s.to), { numValuesPerNode: s.most ?? 0, returnBounds: false });
    return { status: r.statusCode.name, values: ((r.historyData && r.historyData.dataValues) || []).map(data) };
  },
  // Watches until so many values came; tells all of them.
  async watch({ session }, s) {
    const subscription = ClientSubscription.create(session, { requestedPublishingInterval: s.interval ?? 50, requestedLifetimeCount: 1000, requestedMaxKeepAliveCount: 10, maxNotificationsPerPublish: 0, publishingEnabled: true, priority: 1 });
    await new Promise((done, failed) => { subscription.on("started", done); subscription.on("internal_error", failed); });
    const filter = s.deadband === undefined ? undefined : new DataChangeFilter({ trigger: DataChangeTrigger.StatusValue, deadbandType: DeadbandType[s.deadbandType ?? "Absolute"], deadbandValue: s.deadband });
    const got = [];
    await new Promise(async (done, failed) => {
      const item = ClientMonitoredItem.create(subscription, { nodeId: s.node, attributeId: AttributeIds.Value }, { samplingInterval: s.sampling ?? 0, queueSize: s.queue ?? 1000, discardOldest: true, filter }, TimestampsToReturn.Both);
      item.on("err", (e) => failed(new Error(String(e))));
      item.on("changed", (v) => { got.push(data(v)); if (got.length >= s.count) done(); });
      item.once("initialized", () => say({ watching: s.node }));
    });
    await subscription.terminate();
    return { values: got };
  },
  // A subscription whose first message is not acknowledged, taken over by another session and asked for again.
  async transfer({ session, again }, s) {
    const made = await session.createSubscription({ requestedPublishingInterval: 50, requestedLifetimeCount: 1000, requestedMaxKeepAliveCount: 10, maxNotificationsPerPublish: 0, publishingEnabled: true, priority: 1 });
    const items = await session.createMonitoredItems({ subscriptionId: made.subscriptionId, timestampsToReturn: TimestampsToReturn.Both, itemsToCreate: [{ itemToMonitor: { nodeId: coerceNodeId(s.node), attributeId: AttributeIds.Value }, monitoringMode: MonitoringMode.Reporting, requestedParameters: { clientHandle: 5, samplingInterval: 0, queueSize: 10, discardOldest: true } }] });
    const first = await session.publish({ subscriptionAcknowledgements: [] });
    const second = await again();
    const moved = await second.transferSubscriptions({ subscriptionIds: [made.subscriptionId, 4711], sendInitialValues: false });
    const sequence = first.notificationMessage.sequenceNumber;
    const repeated = await second.republish({ subscriptionId: made.subscriptionId, retransmitSequenceNumber: sequence });
    let missing = "Good";
    try {
      missing = (await second.republish({ subscriptionId: made.subscriptionId, retransmitSequenceNumber: 999 })).responseHeader.serviceResult.name;
    } catch (e) {
      missing = /Bad\w+/.exec(e.message)?.[0] ?? e.message;
    }
    await second.deleteSubscriptions({ subscriptionIds: [made.subscriptionId] });
    await second.close();
    return {
      item: items.results[0].statusCode.name, moved: moved.results.map((r) => r.statusCode.name), available: [...(moved.results[0].availableSequenceNumbers ?? [])],
      sequence, repeated: repeated.notificationMessage.sequenceNumber, missing,
    };
  },
};

async function main() {
  const pki = new OPCUACertificateManager({ rootFolder: plan.pki, automaticallyAcceptUnknownCertificate: true });
  await pki.initialize();
  const client = OPCUAClient.create({
    applicationName: "counterpart", clientCertificateManager: pki, endpointMustExist: false, connectionStrategy: { maxRetry: 0, initialDelay: 100 },
    securityMode: MessageSecurityMode[plan.mode ?? "None"], securityPolicy: SecurityPolicy[plan.policy ?? "None"], requestedSessionTimeout: 60000, transportTimeout: 20000,
  });
  await client.connect(plan.endpoint);
  const who = plan.user ? { type: UserTokenType.UserName, userName: plan.user, password: plan.password } : undefined;
  const session = await client.createSession(who);
  const context = { client, session, again: () => client.createSession(who) };
  for (const step of plan.steps) {
    try {
      say({ step: step.do, ...(await steps[step.do](context, step)) });
    } catch (e) {
      say({ step: step.do, error: e.message.split("\n")[0] });
    }
  }
  await session.close();
  await client.disconnect();
}

// What is still in the pipe to the test must arrive before the end.
const end = (code) => process.stdout.write("", () => process.exit(code));
main().then(() => end(0), (e) => { say({ error: e.message.split("\n")[0] }); end(1); });
