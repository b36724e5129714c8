using System.Collections.Immutable;
using System.IO.Compression;
using Ieum.Connect.PlainMqtt;
using Ieum.Connect.Sparkplug.Host;
using Ieum.Connect.Sparkplug.Payload;
using Ieum.Connect.Sparkplug.Session;
using Ieum.Model;

namespace Ieum.Bench.Fuzz;

internal static partial class FuzzTargets
{
    private static IEnumerable<FuzzTarget> Messages()
    {
        yield return new("sparkplug-payload", [.. SparkplugMessages(), Packed(s => new ZLibStream(s, CompressionLevel.Optimal)), Packed(s => new GZipStream(s, CompressionLevel.Optimal))], SparkplugPayloads);
        yield return SparkplugSession();
        yield return new("sparkplug-state", [HostState.Write(true, 1), HostState.Write(false, 1_800_000_000_000), "OFFLINE"u8.ToArray()], bytes => HostState.SaysOffline(bytes));
        yield return MqttPayloads();
    }

    private static List<byte[]> SparkplugMessages()
    {
        Metric One(string name, SparkplugDataType type, SparkplugValue value) => new() { Name = name, Alias = 1, Timestamp = 1_772_440_000_000, DataType = type, Value = value };
        var table = new DataSet(["a", "b"], [SparkplugDataType.Int32, SparkplugDataType.String], [[SparkplugValue.Of(1), SparkplugValue.Of("x")], [SparkplugValue.Of(-1), SparkplugValue.Of("온도")]]);
        var template = new Template("1", [One("inner", SparkplugDataType.Double, SparkplugValue.Of(1.5))], [new("p", SparkplugDataType.Boolean, SparkplugValue.Of(true))], "Motor", false);
        var properties = new PropertySet([new("engUnit", new(SparkplugDataType.String, SparkplugValue.Of("kW"))), new("Quality", new(SparkplugDataType.Int32, SparkplugValue.Of(192)))]);
        var birth = new SparkplugPayload(1_772_440_000_000, [
            new() { Name = "bdSeq", DataType = SparkplugDataType.Int64, Value = SparkplugValue.Of(0L) },
            One("load", SparkplugDataType.Double, SparkplugValue.Of(1.5)) with { Properties = properties },
            One("table", SparkplugDataType.DataSet, SparkplugValue.Of(table)) with { Alias = 2 },
            One("template", SparkplugDataType.Template, SparkplugValue.Of(template)) with { Alias = 3 },
            One("floats", SparkplugDataType.FloatArray, SparkplugValue.Of(SparkplugArrays.Pack<float>([1, 2, 3]))) with { Alias = 4 },
            One("file", SparkplugDataType.File, SparkplugValue.Of(new byte[] { 1, 2, 3 })) with { Alias = 5, MetaData = new() { FileName = "a.nc", Size = 3, Md5 = "00" } },
        ], 0);
        var data = new SparkplugPayload(1_772_440_000_100, [
            new() { Alias = 1, Timestamp = 1_772_440_000_090, DataType = SparkplugDataType.Double, Value = SparkplugValue.Of(2.5) },
            new() { Alias = 1, Timestamp = 1_772_440_000_095, IsHistorical = true, DataType = SparkplugDataType.Double, IsNull = true },
        ], 1);
        return [PayloadEncoder.Encode(birth), PayloadEncoder.Encode(data), PayloadEncoder.Encode(new(1, [birth.Metrics[0]], null))];
    }

    /// <summary>A message as the compressing edge nodes send its body.</summary>
    private static byte[] Packed(Func<Stream, Stream> packer)
    {
        using var bytes = new MemoryStream();
        using (var stream = packer(bytes)) stream.Write(SparkplugMessages()[1]);
        return bytes.ToArray();
    }

    private static bool SparkplugPayloads(byte[] bytes)
    {
        var whole = PayloadDecoder.TryDecode(bytes, out var payload, out var reason);
        Must(whole == (reason is null), "A refusal needs a reason.");
        if (whole)
            foreach (var m in payload!.Metrics)
                if (m is { DataType: >= SparkplugDataType.Int8Array and <= SparkplugDataType.DateTimeArray and var type, Value.Kind: WireValue.Bytes })
                    SparkplugArrays.TryUnpack(type, (byte[])m.Value.Object!, out _, out _);
        PayloadInflater.TryInflate(bytes, 1 << 20, out _, out _);
        if (!PayloadView.TryRead(bytes, out var view, out _)) return whole;
        var walk = view.Metrics;
        var count = 0;
        for (; walk.TryNext(out var metric); count++)
            if (MetricView.TryRead(metric, out var one, out var why)) MetricValues.TryRead(one.DataType, one, 1024, out _, out _, out _);
            else Must(why is not null, "A refusal needs a reason.");
        Must(count == view.MetricCount, "As many metrics as were counted.");
        return whole;
    }

    private static FuzzTarget SparkplugSession()
    {
        var effects = new Deaf();
        var (session, kinds, turn) = (new EdgeNodeSession("g", "n", new(), effects), Enum.GetValues<MessageKind>(), 0);
        return new("sparkplug-session", SparkplugMessages(), bytes =>
        {
            var before = effects.Delivered;
            // A new node now and then, so that one session's memory is not the measure of all.
            if (++turn % 10_000 == 0) session = new("g", "n", new(), effects);
            var kind = kinds[turn % kinds.Length];
            var device = kind is MessageKind.DBirth or MessageKind.DData or MessageKind.DDeath ? "d" : null;
            session.Take(kind, device, bytes, Now.UtcTicks, TimeSpan.FromMilliseconds(turn));
            if (turn % 64 == 0) session.Tick(Now.UtcTicks, TimeSpan.FromMilliseconds(turn));
            return effects.Delivered > before;
        });
    }

    private sealed class Deaf : ISessionEffects
    {
        public long Delivered { get; private set; }
        public void Announce(MetricScope scope, MetricSlot slot, in MetricView birth) => slot.Signal = new(1);
        public void Deliver(MetricScope scope, in Sample sample, SampleOrigin origin) => Delivered++;
        public void Reject(MetricScope scope, string rule, long count, string message, long receiveTicks) => Must(count > 0 && message.Length > 0, "A refusal needs a reason.");
        public void Tell(MetricScope scope, string rule, string message) => Must(message.Length > 0, "What is told has words.");
        public void Gap(MetricScope scope, TimeRange range, GapCause cause, long? lost, string detail) => Must(detail.Length > 0, "A gap has a cause.");
        public void Link(MetricScope scope, LinkState state) { }
        public void Clock(MetricScope scope, long sentTicks, long receiveTicks) { }
        public void AskRebirth(string reason) => Must(reason.Length > 0, "A question has a reason.");
    }

    private static FuzzTarget MqttPayloads()
    {
        var connection = Connection("mqtt", "node");
        MqttPoint Point(string address, string type = "", string unit = "") => MqttPoint.Read(connection, new("p", address) { Type = type, Unit = unit, Words = ImmutableSortedDictionary<string, string>.Empty.Add("RUN", "ACTIVE") });
        MqttPoint[] points = [Point("t"), Point("t#v"), Point("t#[2].v"), Point("t", "number", "MMT"), Point("t", "bool"), Point("t", "text")];
        Must(MqttAddress.TryPath("t", out var time), "A path.");
        return new("mqtt-plain", [Utf8("12.5 mm"), Utf8("{\"v\":1.5,\"t\":\"2026-03-02T09:00:00Z\"}"), Utf8("[1,2,{\"v\":\"온도\"}]"), Utf8("true"), Utf8("\"RUN\""), Utf8("-1.5e308"), Utf8("{\"v\":NaN}")], bytes =>
        {
            var accepted = false;
            foreach (var point in points)
            {
                var reading = MqttPayload.Read(bytes, point, time, decimalComma: bytes.Length % 2 == 0);
                Must(reading.Rule is null || reading.Why.Length > 0, "A refusal needs a reason.");
                accepted |= reading.Rule is null && reading.Value.Kind != ValueKind.None;
            }
            return accepted;
        });
    }
}
