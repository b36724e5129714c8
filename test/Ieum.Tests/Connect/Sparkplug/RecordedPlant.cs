using System.Text;
using Ieum.Connect.Sparkplug.Monitor;
using Ieum.Connect.Sparkplug.Payload;

namespace Ieum.Tests.Connect.Sparkplug;

/// <summary>A short, sound recording of one edge node and its primary host; tests break one thing in it.</summary>
internal sealed class RecordedPlant
{
    public const long T = 1_772_440_000_000;
    private long _at = T;

    public RecordedPlant()
    {
        Add("host-connect", new(ObservedKind.Connect, "host", 0, "spBv1.0/STATE/h", State(false, T), 1, true) { IsClean = true });
        Add("host-subscribe", new(ObservedKind.Subscribe, "host", 0, "spBv1.0/STATE/h", null, 1));
        Add("state", new(ObservedKind.Publish, "host", 0, "spBv1.0/STATE/h", State(true, T), 1, true));
        Add("connect", new(ObservedKind.Connect, "edge", 0, "spBv1.0/g/NDEATH/n", Encode(new(Now, [BdSeq(0)], null)), 1) { IsClean = true });
        Add("subscribe-ncmd", new(ObservedKind.Subscribe, "edge", 0, "spBv1.0/g/NCMD/n", null, 1));
        Add("subscribe-dcmd", new(ObservedKind.Subscribe, "edge", 0, "spBv1.0/g/DCMD/n/+", null, 1));
        Births("");
        Send("ndata", "NDATA/n", new(Now, [Value(1, 2)], 2));
        Send("ddata", "DDATA/n/d", new(Now, [Value(2, 2), Value(2, 3)], 3));
        Command("ncmd", "NCMD/n", Value(1, 5) with { Timestamp = null });
        Command("dcmd", "DCMD/n/d", Value(2, 5) with { Timestamp = null });
        Command("rebirth", "NCMD/n", new() { Name = "Node Control/Rebirth", DataType = SparkplugDataType.Boolean, Value = SparkplugValue.Of(true) });
        Births("2");
        Add("stranger-connect", new(ObservedKind.Connect, "stranger", 0) { IsClean = true });
        Add("stranger-state", new(ObservedKind.Publish, "stranger", 0, "spBv1.0/STATE/h", State(false, 1), 1, true));
        Add("state-again", new(ObservedKind.Publish, "host", 0, "spBv1.0/STATE/h", State(true, T), 1, true));
        Send("ddeath", "DDEATH/n/d", new(Now, [], 2));
        Add("state-death", new(ObservedKind.Publish, "host", 0, "spBv1.0/STATE/h", State(false, T + 60_000), 1, true));
        Add("ndeath", new(ObservedKind.Publish, "edge", 0, "spBv1.0/g/NDEATH/n", Encode(new(Now, [BdSeq(0)], null)), 1));
        Add("disconnect", new(ObservedKind.Disconnect, "edge", 0));
        Add("host-disconnect", new(ObservedKind.Disconnect, "host", 0));
        Add("connect-5", new(ObservedKind.Connect, "edge5", 0, "spBv1.0/g/NDEATH/n5", Encode(new(Now, [BdSeq(0)], null)), 1) { IsClean = true, Version = 5 });
        Add("host-connect-5", new(ObservedKind.Connect, "host5", 0, "spBv1.0/STATE/h5", State(false, _at), 1, true) { IsClean = true, Version = 5 });
    }

    public List<(string Label, Observed Event)> Events { get; } = [];

    public IReadOnlyDictionary<string, (long Held, long Broken)> Judged => SparkplugJudge.Tallies(Events.Select(e => e.Event), "h");

    public void Edit(string label, Func<Observed, Observed> edit)
    {
        var at = Events.FindIndex(e => e.Label == label);
        Events[at] = (label, edit(Events[at].Event));
    }

    public void Payload(string label, Func<SparkplugPayload, SparkplugPayload> edit) => Edit(label, o =>
        o with { Payload = Encode(edit(PayloadDecoder.TryDecode(o.Bytes, out var p, out var why) ? p : throw new InvalidOperationException(why))) });

    public void Metric(string label, int index, Func<Metric, Metric> edit) => Payload(label, p => p with { Metrics = [.. p.Metrics.Select((m, i) => i == index ? edit(m) : m)] });

    public void Remove(string label) => Events.RemoveAll(e => e.Label == label);

    public void Before(string label, Observed o)
    {
        var at = Events.FindIndex(e => e.Label == label);
        Events.Insert(at, ("", o with { At = Events[at].Event.At }));
    }

    public void Later(long milliseconds) => Events.Add(("", new(ObservedKind.Subscribe, "watch", _at + milliseconds, "x")));

    public static byte[] State(bool online, long at) => Encoding.UTF8.GetBytes($"{{\"online\":{(online ? "true" : "false")},\"timestamp\":{at}}}");
    public static Metric BdSeq(long number) => new() { Name = "bdSeq", Timestamp = T, DataType = SparkplugDataType.Int64, Value = SparkplugValue.Of(number) };
    public static Metric Value(ulong alias, double value) => new() { Alias = alias, Timestamp = T + (ulong)value, Value = SparkplugValue.Of(value) };
    public static byte[] Encode(SparkplugPayload p) => PayloadEncoder.Encode(p);

    private ulong Now => (ulong)_at;

    private void Add(string label, Observed o) => Events.Add((label, o with { At = _at += 10 }));
    private void Send(string label, string topic, SparkplugPayload p) => Add(label, new(ObservedKind.Publish, "edge", 0, "spBv1.0/g/" + topic, Encode(p)));
    private void Command(string label, string topic, Metric m) => Add(label, new(ObservedKind.Publish, "host", 0, "spBv1.0/g/" + topic, Encode(new(Now, [m], null))));

    private void Births(string which)
    {
        var member = new Metric { Name = "speed", DataType = SparkplugDataType.Double, Value = SparkplugValue.Of(1.0) };
        Parameter[] parameters = [new("p", SparkplugDataType.Boolean, SparkplugValue.Of(true))];
        Send("nbirth" + which, "NBIRTH/n", new(Now,
        [
            BdSeq(0),
            new() { Name = "Node Control/Rebirth", Timestamp = T, DataType = SparkplugDataType.Boolean, Value = SparkplugValue.Of(false) },
            new() { Name = "load", Alias = 1, Timestamp = T, DataType = SparkplugDataType.Double, Value = SparkplugValue.Of(1.0) },
            new() { Name = "Motor", Alias = 9, Timestamp = T, DataType = SparkplugDataType.Template, Value = SparkplugValue.Of(new Template("1", [member], parameters, null, true)) },
        ], 0));
        Send("dbirth" + which, "DBIRTH/n/d", new(Now,
        [
            new()
            {
                Name = "load", Alias = 2, Timestamp = T, DataType = SparkplugDataType.Double, Value = SparkplugValue.Of(1.0),
                Properties = new([new("engUnit", new(SparkplugDataType.String, SparkplugValue.Of("kW"))), new("Quality", new(SparkplugDataType.Int32, SparkplugValue.Of(192)))]),
            },
            new() { Name = "table", Alias = 3, Timestamp = T, DataType = SparkplugDataType.DataSet, Value = SparkplugValue.Of(new DataSet(["a"], [SparkplugDataType.Int32], [[SparkplugValue.Of(1)]])) },
            new() { Name = "motor 1", Alias = 4, Timestamp = T, DataType = SparkplugDataType.Template, Value = SparkplugValue.Of(new Template("1", [member], parameters, "Motor", false)) },
        ], 1));
    }
}
