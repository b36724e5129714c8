using System.Collections.Immutable;
using System.Text;
using Ieum.Connect;
using Ieum.Connect.MtConnect;
using Ieum.Model;
using Ieum.TestKit;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Ieum.Tests.Connect.MtConnect;

public class MtIntakeTests
{
    private const string Probe = """
        <MTConnectDevices><Header instanceId="1"/><Devices>
        <Agent id="a" name="Agent" uuid="ua"><DataItems><DataItem id="aa" category="EVENT" type="AVAILABILITY"/></DataItems></Agent>
        <Device id="d1" name="L1" uuid="u1"><DataItems><DataItem id="e1" name="execution" category="EVENT" type="EXECUTION"/></DataItems></Device>
        <Device id="d2" name="L2" uuid="u2"><DataItems><DataItem id="e2" name="execution" category="EVENT" type="EXECUTION"/>
          <DataItem id="t2" name="temp" category="SAMPLE" type="TEMPERATURE" units="FURLONG"/><DataItem id="p2" category="EVENT" type="PART_COUNT"/></DataItems></Device>
        </Devices></MTConnectDevices>
        """;

    [Theory]
    [InlineData("L2")]
    [InlineData("u2")]
    public void Of_several_devices_the_named_one_is_read_and_the_others_are_not_counted(string device)
    {
        using var h = new Harness(("device", device));
        h.Intake.Current(h.Decode(Streams(1, 4, ("L1", "u1", "e1", 1, "ACTIVE"), ("L2", "u2", "e2", 2, "READY"), ("L2", "u2", "p2", 3, "7"))));
        Assert.True(h.Intake.Part(h.Decode(Streams(1, 6, ("L2", "u2", "e2", 5, "ACTIVE"), ("L1", "u1", "e1", 4, "READY")))));
        Assert.Equal(["execution=READY", "p2=7", "execution=ACTIVE"], h.Values());
        Assert.Equal(new(3, 0, 0, 0), h.Health.Health.Counters);
        Assert.True(h.Intake.Session.SharesNumbers);
    }

    [Fact]
    public void Without_a_name_the_first_machine_is_read_and_the_choice_is_told()
    {
        using var h = new Harness();
        Assert.Equal(["execution"], h.Signals.Of(new("M")).Select(s => s.Signal.Id.Name));
        Assert.Contains(h.Health.Health.Problems, p => p.Rule == MtConnectRules.DeviceAmbiguous && p.Message.Contains("L1, L2", StringComparison.Ordinal));
    }

    [Fact]
    public void Roles_units_and_kinds_follow_the_description_and_an_unknown_unit_is_told()
    {
        using var h = new Harness(("device", "L2"), ("role.p2", "ToolNumber"));
        var signals = h.Signals.Of(new("M")).ToDictionary(s => s.Signal.Id.Name, s => s.Signal);
        Assert.Equal((SignalRole.Execution, ValueKind.Text), (signals["execution"].Role, signals["execution"].Kind));
        Assert.Equal((SignalRole.Temperature, ValueKind.Real, "C62"), (signals["temp"].Role, signals["temp"].Kind, signals["temp"].Unit.Code));
        Assert.Equal((SignalRole.ToolNumber, ValueKind.Integer, "H87"), (signals["p2"].Role, signals["p2"].Kind, signals["p2"].Unit.Code));
        Assert.Equal([MtConnectRules.UnitUnknown], h.Health.Health.Problems.Select(p => p.Rule));
    }

    [Fact]
    public void A_device_that_is_not_there_is_refused_with_the_names_of_those_that_are()
    {
        var refused = Assert.Throws<MtConnectFault>(() => { using var h = new Harness(("device", "L9")); });
        Assert.Equal(MtConnectRules.DeviceUnknown, refused.Rule);
        Assert.Contains("L1, L2", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_value_of_an_unannounced_data_item_is_kept_under_its_id_and_told()
    {
        using var h = new Harness(("device", "L1"));
        h.Intake.Current(h.Decode(Streams(1, 2, ("L1", "u1", "new7", 1, "ARMED"))));
        Assert.Equal(["new7=ARMED"], h.Values());
        Assert.Contains(h.Health.Health.Problems, p => p.Rule == MtConnectRules.DataItemUnannounced);
    }

    [Fact]
    public void A_clock_six_minutes_off_is_told_and_its_samples_become_uncertain()
    {
        using var h = new Harness(("device", "L1"));
        h.Clock.SetUtcNow(new(2026, 3, 2, 9, 6, 0, TimeSpan.Zero));      // the documents say 09:00
        h.Intake.Current(h.Decode(Streams(1, 2, ("L1", "u1", "e1", 1, "READY"))));
        for (var i = 2; i < 10; i++) h.Intake.Part(h.Decode(Streams(1, i + 1, ("L1", "u1", "e1", i, "ACTIVE"))));
        // The first part is no evidence, five are needed: parts 2 to 6 (numbers 3 to 7) decide, 8 and 9 are marked.
        Assert.Equal([.. Enumerable.Repeat(Quality.Good, 7), Quality.Uncertain, Quality.Uncertain], h.Samples().Select(s => s.Quality));
        Assert.Equal(-6.Minutes, h.Health.Health.ClockSkew);
        Assert.Contains(h.Health.Health.Problems, p => p.Rule == ConnectRules.ClockSkew);
    }

    private static string Streams(long first, long next, params (string Name, string Uuid, string Id, long Sequence, string Value)[] values) =>
        $"<MTConnectStreams><Header instanceId='1' firstSequence='{first}' lastSequence='{next - 1}' nextSequence='{next}'/><Streams>" + string.Concat(values.Select(v =>
            $"<DeviceStream name='{v.Name}' uuid='{v.Uuid}'><ComponentStream><Events><Execution dataItemId='{v.Id}' sequence='{v.Sequence}' timestamp='2026-03-02T09:00:00Z'>{v.Value}</Execution></Events></ComponentStream></DeviceStream>")) + "</Streams></MTConnectStreams>";

    private sealed class Harness : IDisposable
    {
        private readonly MtDecoder _decoder = new();
        private readonly SampleBatcher _batch;
        private readonly CollectingSink _sink = new();

        public Harness(params (string Key, string Value)[] options)
        {
            var settings = new ConnectionSettings(new("M.mtconnect"), new("M"), "mtconnect", "http://h:5000", options.ToImmutableDictionary(o => o.Key, o => o.Value));
            Health = new(Clock);
            _batch = new(settings, _sink, Health, new FakeTimeProvider());
            Intake = new(settings, MtConnectOptions.Read(settings), Signals, Health, _batch, new(settings, Clock), Clock, NullLogger.Instance);
            Intake.Probe(Decode(Probe));
        }

        public FakeTimeProvider Clock { get; } = new(new(2026, 3, 2, 9, 0, 0, TimeSpan.Zero));
        public InMemorySignals Signals { get; } = new();
        public SourceHealthTracker Health { get; }
        public MtIntake Intake { get; }

        public MtDocument Decode(string xml)
        {
            Assert.True(_decoder.TryDecode(Encoding.UTF8.GetBytes(xml), out var document, out var reason), reason);
            return document;
        }

        public void Dispose() => _sink.Dispose();

        public IReadOnlyList<Sample> Samples()
        {
            var flushed = _batch.FlushAsync(CancellationToken.None);
            Assert.True(flushed.IsCompletedSuccessfully);
            return _sink.Samples;
        }

        public IEnumerable<string> Values() => [.. Samples().Select(s => $"{Signals.Find(s.Signal)!.Id.Name}={s.Value}")];
    }
}
