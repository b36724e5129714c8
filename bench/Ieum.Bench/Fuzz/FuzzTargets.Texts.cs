using System.Collections.Immutable;
using System.Text;
using Ieum.Connect.Files;
using Ieum.Connect.MtConnect;
using Ieum.Connect.Shdr;
using Ieum.Model;

namespace Ieum.Bench.Fuzz;

internal static partial class FuzzTargets
{
    private const string Streams = """<?xml version="1.0"?><MTConnectStreams xmlns="urn:mtconnect.org:MTConnectStreams:1.3"><Header instanceId="7" nextSequence="12" firstSequence="1" lastSequence="11" bufferSize="64" creationTime="2026-03-02T09:00:00Z"/><Streams><DeviceStream name="MC1" uuid="u"><ComponentStream component="Path" name="p" componentId="p1"><Samples><Position dataItemId="x" sequence="10" timestamp="2026-03-02T09:00:00.1Z" subType="ACTUAL">1.5</Position></Samples><Events><Execution dataItemId="e" sequence="11" timestamp="2026-03-02T09:00:00.2Z">ACTIVE</Execution></Events><Condition><Fault dataItemId="c" sequence="9" timestamp="2026-03-02T09:00:00Z" type="SYSTEM" nativeCode="1102">간섭</Fault></Condition></ComponentStream></DeviceStream></Streams></MTConnectStreams>""";
    private const string Devices = """<MTConnectDevices><Header instanceId="7" bufferSize="64" version="1.3"/><Devices><Device id="d" name="MC1" uuid="u"><DataItems><DataItem category="SAMPLE" id="x" type="POSITION" units="MILLIMETER" subType="ACTUAL"/></DataItems><Components><Axes id="a" name="a"><DataItems><DataItem category="EVENT" id="e" type="EXECUTION"/></DataItems></Axes></Components></Device></Devices></MTConnectDevices>""";
    private const string Error = """<MTConnectError><Header instanceId="7"/><Errors><Error errorCode="OUT_OF_RANGE">from is too low</Error></Errors></MTConnectError>""";

    private static IEnumerable<FuzzTarget> Texts()
    {
        yield return Shdr();
        yield return Csv();
        yield return Multipart();
        // One decoder for all, as one connection has: it keeps its names between documents.
        var decoder = new MtDecoder();
        yield return new("mtconnect-xml", [Utf8(Streams), Utf8(Devices), Utf8(Error)], bytes =>
        {
            // Names of a million damaged documents would fill the table of names of any one connection.
            if (bytes.Length % 97 == 0) decoder = new();
            var whole = decoder.TryDecode(bytes, out _, out var reason);
            Must(whole == (reason.Length == 0), "A refusal needs a reason.");
            return whole;
        });
    }

    private static FuzzTarget Shdr()
    {
        var settings = new ConnectionSettings(new("m.shdr"), new("m"), "shdr", "127.0.0.1:7878", ImmutableDictionary<string, string>.Empty.Add("max-keys", "100"));
        var ears = new ShdrEars();
        var session = new ShdrSession(settings, ShdrOptions.Read(settings), new Numbers(), ears);
        var turn = 0;
        return new("shdr", [Utf8("2026-03-02T09:00:00.1Z|exec|ACTIVE|load|12.5"), Utf8("2026-03-02T09:00:00Z|sys|Fault|1102|1|HIGH|INTERFERE"), Utf8("* PONG 10000"), Utf8("2026-03-02T09:00:00Z|@ASSET@|id|CuttingTool|--multiline--AB"), Utf8("--multiline--AB"), Utf8("|p|\"a|b\\|c\""), Utf8("2026-03-02T09:00:00Z|ds|:a=1 b={x y} c=")], bytes =>
        {
            if (++turn % 10_000 == 0) session = new(settings, ShdrOptions.Read(settings), new Numbers(), ears);
            var before = ears.Samples;
            ShdrLine.Decode(bytes);
            session.Take(bytes, Now.UtcTicks);
            return ears.Samples > before;
        });
    }

    private sealed class ShdrEars : IShdrEffects
    {
        public long Samples { get; private set; }
        public void Sample(in Sample sample) => Samples++;
        public void Problem(string rule, string message, int rejected) => Must(message.Length > 0, "A refusal needs a reason.");
        public void Pong(TimeSpan interval) { }
    }

    private sealed class Numbers : ISignalDirectory
    {
        private readonly Dictionary<SignalId, int> _numbers = [];
        public SignalNumber Register(Signal signal) => new(_numbers.TryGetValue(signal.Id, out var n) ? n : _numbers[signal.Id] = _numbers.Count + 1);
        public Signal? Find(SignalNumber number) => null;
        public SignalNumber? Find(SignalId id) => _numbers.TryGetValue(id, out var n) ? new(n) : null;
        public IReadOnlyList<(SignalNumber Number, Signal Signal)> Of(MachineId machine) => [];
    }

    private static FuzzTarget Csv()
    {
        var settings = Connection("files", "/") with
        {
            Points = [new("bore", "내경(mm)") { Unit = "MMT" }, new("result", "판정") { Type = "text" }],
            Options = ImmutableDictionary<string, string>.Empty.Add("time", "측정시각").Add("offset", "+09:00"),
        };
        var options = FilesOptions.Read(settings);
        var rows = new FileRows(settings, options);
        const string Text = "측정시각,내경(mm),판정\r\n2026-03-02 18:00:00,12.503,OK\n2026/3/2 18:01:00,\"12,5\",\"N\"\"G\"\n";
        return new("files-csv", [Utf8(Text), Encoding.GetEncoding("ks_c_5601-1987").GetBytes(Text), Encoding.UTF8.GetPreamble().Concat(Utf8(Text.Replace(',', ';'))).ToArray(), Encoding.GetEncoding("shift_jis").GetBytes("時刻,値\n2026-03-02,1\n")], bytes =>
        {
            if (!TextDecoding.TryDecode(bytes, options.Encoding, out var text)) return false;
            var faults = new List<FileFault>();
            var values = rows.Read(text, Now, Now, _ => false, faults, []);
            Must(faults.All(f => f.Why.Length > 0 && f.Line > 0), "A fault has a line and a reason.");
            return values.Count > 0;
        });
    }

    private static FuzzTarget Multipart()
    {
        var part = $"--b\r\nContent-type: text/xml\r\nContent-length: {Error.Length}\r\n\r\n{Error}\r\n";
        return new("mtconnect-multipart", [Utf8(part + part), Utf8($"--b\n\n{Error}\n--b--\n"), Utf8($"--b\r\nContent-Length: 99999999999\r\n\r\nx")], bytes =>
        {
            var parser = new MultipartParser("b");
            var parts = 0;
            for (var at = 0; at < bytes.Length;)
            {
                var step = Math.Min(bytes.Length - at, 1 + bytes.Length / 2);
                bytes.AsMemory(at, step).CopyTo(parser.Free);
                parser.Filled(step);
                at += step;
                while (parser.TryTake(out var body))
                {
                    Must(body.Length <= bytes.Length && ++parts <= bytes.Length, "Parts are not more than what came.");
                }
            }
            return parts > 0;
        });
    }
}
