using Ieum.Connect.Sparkplug.Monitor;
using Ieum.Connect.Sparkplug.Payload;
using static Ieum.Tests.Connect.Sparkplug.RecordedPlant;

namespace Ieum.Tests.Connect.Sparkplug;

/// <summary>The judge of recordings: a sound one is ticked everywhere, and every single fault is caught by the check that is meant for it.</summary>
public sealed class SparkplugJudgeTests
{
    /// <summary>By check, what breaks it.</summary>
    private static readonly Dictionary<string, Action<RecordedPlant>> Faults = Make();

    public static TheoryData<string> Checks => [.. StatementTable.Checks.Keys.Order(StringComparer.Ordinal)];

    [Fact]
    public void A_sound_recording_breaks_nothing_and_ticks_every_check()
    {
        var judged = new RecordedPlant().Judged;
        Assert.Empty(judged.Where(t => t.Value.Broken > 0).Select(t => t.Key));
        Assert.Empty(judged.Where(t => t.Value.Held == 0).Select(t => t.Key));
    }

    [Theory]
    [MemberData(nameof(Checks))]
    public void Each_fault_is_caught(string check)
    {
        Assert.True(Faults.TryGetValue(check, out var fault), $"No fault is written for '{check}'.");
        var plant = new RecordedPlant();
        fault(plant);
        Assert.True(plant.Judged[check].Broken > 0, string.Join(", ", plant.Judged.Where(t => t.Value.Broken > 0).Select(t => t.Key)));
    }

    [Fact]
    public void A_broken_statement_names_the_event_and_is_told_as_broken()
    {
        var plant = new RecordedPlant();
        plant.Edit("nbirth", o => o with { Qos = 1 });
        var broken = SparkplugJudge.Judge(plant.Events.Select(e => e.Event), "h").Where(s => s.Broken > 0).ToList();
        Assert.Equal(["tck-id-message-flow-edge-node-birth-publish-nbirth-qos", "tck-id-payloads-nbirth-qos", "tck-id-topics-nbirth-mqtt"], broken.Select(s => s.Id));
        Assert.All(broken, s => Assert.Contains("nbirth-qos, event 7", s.Violations.Single(), StringComparison.Ordinal));
    }

    [Fact]
    public void A_recording_that_begins_in_the_middle_accuses_nobody()
    {
        foreach (var from in Enumerable.Range(0, new RecordedPlant().Events.Count))
        {
            // As a subscriber sees it: no clients, and not the beginning.
            var seen = new RecordedPlant().Events.Skip(from).Select(e => e.Event).Where(o => o.Kind == ObservedKind.Publish).Select(o => o with { Client = "" }).Where(o => o.Topic != "spBv1.0/STATE/h");
            Assert.Empty(SparkplugJudge.Judge(seen).Where(s => s.Broken > 0).Select(s => $"{from}: {s.Id}: {s.Violations[0]}"));
        }
    }

    private static Dictionary<string, Action<RecordedPlant>> Make()
    {
        var faults = new Dictionary<string, Action<RecordedPlant>>(StringComparer.Ordinal);
        foreach (var word in (string[])["nbirth", "dbirth", "ndata", "ddata", "ddeath", "ncmd", "dcmd"])
        {
            faults[$"{word}-qos"] = p => p.Edit(word, o => o with { Qos = 1 });
            faults[$"{word}-retain"] = p => p.Edit(word, o => o with { Retain = true });
            faults[$"{word}-timestamp"] = p => p.Payload(word, x => x with { Timestamp = null });
            faults[$"{word}-seq"] = p => p.Payload(word, x => x with { Seq = null });
            faults[$"{word}-no-seq"] = p => p.Payload(word, x => x with { Seq = 3 });
            faults[$"{word}-seq-next"] = p => p.Payload(word, x => x with { Seq = 77 });
            faults[$"{word}-metrics"] = word.EndsWith("birth", StringComparison.Ordinal)
                ? p => p.Metric(word, 2, m => m with { DataType = null }) : p => p.Payload(word, x => x with { Metrics = [] });
            faults[$"{word}-known"] = p => p.Metric(word, 0, m => m with { Alias = 99 });
            faults[$"{word}-value"] = p => p.Metric(word, 0, m => m with { Value = SparkplugValue.Of("fast") });
            faults[$"{word}-chronological"] = p => p.Payload(word, x => x with { Metrics = [x.Metrics[0] with { Timestamp = T + 9 }, x.Metrics[0] with { Timestamp = T + 8, Value = SparkplugValue.Of(7.0) }] });
            faults[$"{word}-changed"] = p => p.Metric(word, 0, m => m with { Value = SparkplugValue.Of(1.0) });
            faults[$"{word}-payload"] = p => p.Edit(word, o => o with { Payload = [0x12, 0x05, 0xAA] });
            faults[$"{word}-topic"] = p => p.Edit(word, o => o with { Topic = word[0] == 'n' ? o.Topic + "/extra" : o.Topic[..o.Topic.LastIndexOf('/')] });
        }
        faults["ndata-order"] = p => p.Remove("nbirth");
        faults["ddata-order"] = p => p.Remove("dbirth");
        faults["dbirth-order"] = p => p.Remove("nbirth");
        faults["topic"] = p => p.Edit("ndata", o => o with { Topic = "spBv1.0/g/NEWS/n" });
        faults["group-id"] = p => p.Edit("ndata", o => o with { Topic = "spBv1.0/g\uFFFD/NDATA/n" });
        faults["node-id"] = p => p.Edit("ndata", o => o with { Topic = "spBv1.0/g/NDATA/n+" });
        faults["device-id"] = p => p.Edit("ddata", o => o with { Topic = "spBv1.0/g/DDATA/n/d#" });
        faults["ids-case"] = p => p.Edit("ndata", o => o with { Topic = "spBv1.0/G/NDATA/n" });
        faults["names-case"] = p => p.Metric("dbirth", 1, m => m with { Name = "LOAD" });
        faults["node-unique"] = p =>
        {
            p.Before("ndata", new(ObservedKind.Connect, "twin", 0, "spBv1.0/g/NDEATH/n", Encode(new(T, [BdSeq(1)], null)), 1) { IsClean = true });
            p.Before("ndata", p.Events.First(e => e.Label == "nbirth").Event with { Client = "twin" });
        };
        faults["birth-first"] = p => p.Before("nbirth", p.Events.First(e => e.Label == "ndata").Event);
        faults["clean-311"] = p => p.Edit("connect", o => o with { IsClean = false });
        faults["clean-50"] = p => p.Edit("connect-5", o => o with { IsClean = false });
        faults["nbirth-seq-zero"] = p => p.Payload("nbirth", x => x with { Seq = 1 });
        faults["nbirth-bdseq"] = p => p.Payload("nbirth", x => x with { Metrics = [.. x.Metrics, BdSeq(0)] });
        faults["nbirth-rebirth"] = p => p.Metric("nbirth", 1, m => m with { Value = SparkplugValue.Of(true) });
        faults["rebirth-no-alias"] = p => p.Metric("nbirth", 1, m => m with { Alias = 77 });
        faults["birth-names"] = p => p.Metric("dbirth", 0, m => m with { Alias = null });
        faults["alias-unique"] = p => p.Metric("dbirth", 0, m => m with { Alias = 1 });
        faults["metric-timestamp"] = p => p.Metric("ddata", 0, m => m with { Timestamp = null });
        // Nine hours ahead: the local time of Korea and Japan where UTC belongs.
        faults["times-utc"] = p => p.Payload("ddata", x => x with { Timestamp = x.Timestamp + 9 * 3_600_000 });
        faults["datatype"] = p => p.Metric("dbirth", 0, m => m with { DataType = (SparkplugDataType)77 });
        faults["datatype-left-out"] = p => p.Metric("ddata", 0, m => m with { DataType = SparkplugDataType.Double });
        faults["alias-alone"] = p => p.Metric("ddata", 0, m => m with { Name = "load" });
        // A property set of one key without its value.
        faults["properties"] = p => p.Edit("ddata", o => o with { Payload = [0x12, 0x05, 0x4A, 0x03, 0x0A, 0x01, 0x61] });
        faults["property-type"] = p => p.Metric("dbirth", 0, m => m with { Properties = new([new("engUnit", new(null, SparkplugValue.Of("kW")))]) });
        faults["quality"] = p => p.Metric("dbirth", 0, m => m with { Properties = new([new("Quality", new(SparkplugDataType.Int32, SparkplugValue.Of(7)))]) });
        faults["dataset"] = p => p.Metric("dbirth", 1, m => m with { Value = SparkplugValue.Of(new DataSet(["a"], [SparkplugDataType.Template], [[SparkplugValue.Of(1)]])) });
        faults["template-definition"] = p => p.Metric("nbirth", 3, m => m with { Value = SparkplugValue.Of((Template)m.Value.Object! with { Reference = "Motor" }) });
        faults["template-nbirth-only"] = p => p.Metric("dbirth", 2, m => m with { Value = SparkplugValue.Of((Template)m.Value.Object! with { Reference = null, IsDefinition = true }) });
        faults["template-instance"] = p => p.Metric("dbirth", 2, m => m with { Value = SparkplugValue.Of((Template)m.Value.Object! with { IsDefinition = null }) });
        faults["template-defined"] = p => p.Metric("dbirth", 2, m => m with { Value = SparkplugValue.Of((Template)m.Value.Object! with { Reference = "Pump" }) });
        faults["template-members"] = p => p.Metric("dbirth", 2, m => m with { Value = SparkplugValue.Of((Template)m.Value.Object! with { Metrics = [new() { Name = "torque" }] }) });
        faults["template-members-birth"] = p => p.Metric("dbirth", 2, m => m with { Value = SparkplugValue.Of((Template)m.Value.Object! with { Metrics = [] }) });
        faults["template-parameters"] = p => p.Metric("dbirth", 2, m => m with { Value = SparkplugValue.Of((Template)m.Value.Object! with { Parameters = [new(null, SparkplugDataType.Boolean, SparkplugValue.Of(true))] }) });
        faults["ndeath-topic"] = p => p.Edit("ndeath", o => o with { Topic = "spBv1.0/g/NDEATH/n/d" });
        faults["ndeath-seq"] = p => p.Payload("ndeath", x => x with { Seq = 1 });
        faults["ndeath-payload"] = p => p.Payload("ndeath", x => x with { Metrics = [x.Metrics[0], Value(1, 1)] });
        faults["ndeath-bdseq"] = p => p.Metric("ndeath", 0, _ => BdSeq(5));
        faults["rebirth-request"] = p => p.Metric("rebirth", 0, m => m with { Value = SparkplugValue.Of(false) });
        faults["rebirth-answer"] = p => { p.Remove("nbirth2"); p.Remove("dbirth2"); p.Remove("ndeath"); p.Later(20_000); };
        faults["will"] = p => p.Edit("connect", o => o with { Topic = "" });
        faults["will-topic"] = p => p.Edit("connect", o => o with { Topic = "spBv1.0/g/NDEATH/other" });
        faults["will-payload"] = p => p.Edit("connect", o => o with { Payload = [0xFF] });
        faults["will-bdseq"] = p =>
        {
            p.Before("connect-5", new(ObservedKind.Connect, "edge", 0, "spBv1.0/g/NDEATH/n", Encode(new(T, [BdSeq(7)], null)), 1) { IsClean = true });
            p.Before("connect-5", p.Events.First(e => e.Label == "nbirth").Event);
        };
        faults["will-qos"] = p => p.Edit("connect", o => o with { Qos = 0 });
        faults["will-retain"] = p => p.Edit("connect", o => o with { Retain = true });
        faults["bdseq-match"] = p => p.Metric("nbirth", 0, _ => BdSeq(4));
        faults["ncmd-subscribe"] = p => p.Edit("subscribe-ncmd", o => o with { Qos = 0 });
        faults["dcmd-subscribe"] = p => p.Remove("subscribe-dcmd");
        faults["good-bye"] = p => p.Remove("ndeath");
        faults["host-waited"] = p => p.Remove("state");
        faults["host-offline"] = p => { p.Remove("ndeath"); p.Remove("disconnect"); p.Later(20_000); };
        faults["host-offline-old"] = p => p.Before("state-again", p.Events.First(e => e.Label == "ndeath").Event);
        faults["state-topic"] = p => p.Edit("state", o => o with { Topic = "spBv1.0/STATE/h/x" });
        faults["state-qos"] = p => p.Edit("state", o => o with { Qos = 0 });
        faults["state-retain"] = p => p.Edit("state", o => o with { Retain = false });
        faults["state-payload"] = p => p.Edit("state", o => o with { Payload = "ONLINE"u8.ToArray() });
        faults["state-death-topic"] = p => { p.Edit("host-connect", o => o with { Topic = "spBv1.0/STATE/h/x" }); p.Edit("state-death", o => o with { Topic = "spBv1.0/STATE/h/x" }); };
        faults["state-death-qos"] = p => p.Edit("state-death", o => o with { Qos = 0 });
        faults["state-death-retain"] = p => p.Edit("state-death", o => o with { Retain = false });
        // The time as a text: what says offline must say when.
        faults["state-death-payload"] = p => p.Edit("state-death", o => o with { Payload = "{\"online\":false,\"timestamp\":\"now\"}"u8.ToArray() });
        faults["state-corrected"] = p => { p.Remove("state-again"); p.Later(20_000); };
        faults["state-clean-311"] = p => p.Edit("host-connect", o => o with { IsClean = false });
        faults["state-clean-50"] = p => p.Edit("host-connect-5", o => o with { IsClean = false });
        faults["state-will"] = p => p.Edit("host-connect", o => o with { Topic = "", Payload = null });
        faults["state-will-qos"] = p => p.Edit("host-connect", o => o with { Qos = 0 });
        faults["state-will-retain"] = p => p.Edit("host-connect", o => o with { Retain = false });
        faults["state-will-payload"] = p => p.Edit("host-connect", o => o with { Payload = State(true, T) });
        faults["state-will-time"] = p => p.Edit("host-connect", o => o with { Payload = State(false, T - 3_600_000) });
        faults["state-same-time"] = p => p.Edit("state", o => o with { Payload = State(true, T + 1) });
        faults["state-subscribe"] = p => p.Remove("host-subscribe");
        faults["state-first"] = p => p.Before("state", p.Events.First(e => e.Label == "ncmd").Event);
        faults["state-good-bye"] = p => p.Remove("state-death");
        return faults;
    }
}
