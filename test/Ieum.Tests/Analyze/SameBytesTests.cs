using System.Globalization;
using System.Text.Json;
using Ieum.Analyze;
using Ieum.Model;
using static Ieum.Tests.Analyze.Floor;

namespace Ieum.Tests.Analyze;

/// <summary>Every kind of result, computed again from the same data by another analyst under another culture, gives the same bytes.</summary>
public sealed class SameBytesTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>A morning with set-up, alarms, parts, a gap, power, and reports that came late.</summary>
    private static Floor Morning()
    {
        var floor = new Floor().Executes(At(7), "READY").Says(At(7), SignalRole.ControllerMode, "MANUAL").Says(At(8), SignalRole.ControllerMode, "AUTOMATIC").Executes(At(8, 5), "ACTIVE")
            .Executes(At(10), "FEED_HOLD").Executes(At(10, 10), "ACTIVE").Executes(At(10, 40), "INTERRUPTED")
            .Alarms(At(10, 45), "Fault|701|||SPINDLE").Alarms(At(10, 50), "Warning|88|||COOLANT").Alarms(At(11), "Normal||||").Executes(At(11), "ACTIVE").Misses(At(11, 20), At(11, 28));
        for (var i = 0; i < 90; i++)
        {
            floor.Counts(At(8, 5) + i * 2.Minutes + (i % 7).Seconds, i);
            floor.Says(At(8) + i * 2.Minutes, SignalRole.Power, SampleValue.Of(3.1 + 0.37 * Math.Sin(i)), unit: Unit.Watt);
        }
        return floor;
    }

    private static readonly OrderWork[] Work = [new(new("PO-1.10"), new("BODY"), Range(7, 12), 2.Minutes, 30.Minutes, 80, 3)];
    private static readonly WorkCalendar Always = WorkCalendar.Always(TimeSpan.Zero);

    private static readonly Dictionary<string, Func<Task<object?>>> Kinds = new()
    {
        ["timeline"] = async () => await Morning().Analyst.TimelineAsync(Mc1, Range(7, 12), Cancel),
        ["oee"] = async () => await Morning().Analyst.OeeAsync(Mc1, Range(7, 12), Always, Work, Cancel),
        ["kpis"] = async () => await Morning().Analyst.KpisAsync(Mc1, Range(7, 12), Always, Work, Cancel) is var a
            ? new { elements = a.Elements.Select(e => new { symbol = e.Key, bits = Bits(e.Value) }).ToArray(), values = a.Values.Select(v => v.Value is { } x ? Bits(x) : 0).ToArray(), a.Basis } : null,
        ["stops"] = async () => await Morning().Analyst.StopsAsync(Mc1, Range(7, 12), Always, Work, TimeSpan.Zero, Cancel),
        ["losses"] = async () => StopLosses.Pareto(StopLosses.Explain(await Morning().Analyst.StopsAsync(Mc1, Range(7, 12), Always, Work, TimeSpan.Zero, Cancel), []), 5.Minutes),
        ["bottleneck"] = async () => await Morning().Analyst.BottleneckAsync([Mc1, new("MC2")], Range(7, 12), Cancel),
        ["energy"] = async () => await Morning().Analyst.EnergyAsync(Mc1, Range(7, 12), Always, Work, GridFactors.Find("KR", 2026), Cancel),
        ["parts"] = async () => await Morning().Analyst.PartWindowsAsync(Mc1, Range(7, 12), Cancel),
        ["alarms"] = async () => await Morning().Analyst.AlarmsAsync(Mc1, Range(7, 12), Cancel),
        ["alarm spans"] = async () => await Morning().Analyst.AlarmSpansAsync(Mc1, Range(7, 12), Cancel),
        ["cycles"] = async () => await Morning().Analyst.CyclesAsync(Mc1, Range(7, 12), Work, Cancel),
        ["anomaly"] = () => Task.FromResult<object?>(Series().Select((v, i) => i).Aggregate(new SignalDetector(), (d, i) => { d.Step(i * 60, Series()[i]); return d; }).Save()),
        ["shape"] = () => Task.FromResult<object?>(ShapeModel.Fit(Series()) is { } m ? (m.Period, m.Windows, Bits(m.Score(Series().AsSpan(7, m.Period)))).ToString() : null),
        ["together"] = () => Task.FromResult<object?>(Bits(TogetherModel.Fit([.. Series().Select((v, i) => new[] { v, v * 2 + i % 5, i % 11 })])!.Score([0.3, 9, 2])).ToString(CultureInfo.InvariantCulture)),
        ["chart"] = () => Task.FromResult<object?>(ControlChart.XbarR([.. Series().Take(100).Chunk(5).Select(c => (IReadOnlyList<double>)c)]).Points),
        ["capability"] = () => Task.FromResult<object?>(Capability.Of([.. Series().Take(100)], -2, 2)),
        ["quality"] = () => Task.FromResult<object?>(QualityModel.Learn(["a", "b"], [.. Series().Take(200).Select((v, i) => new[] { v, i % 13 })], [.. Series().Take(200).Select((v, i) => v + i % 3 > 1.6)])!.Influences),
    };

    private static long Bits(double value) => BitConverter.DoubleToInt64Bits(value);

    /// <summary>A cyclic signal with noise, long enough for every model.</summary>
    private static double[] Series()
    {
        var random = new Random(7);
        return [.. Enumerable.Range(0, 1200).Select(i => Math.Sin(2 * Math.PI * i / 40) + 0.2 * random.NextDouble())];
    }

    public static TheoryData<string> Names => [.. Kinds.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_result_computed_again_has_the_same_bytes(string kind)
    {
        var first = await BytesAsync(kind, "ko-KR");
        Assert.True(first.Length > 4, $"'{kind}' came out empty");
        Assert.Equal(first, await BytesAsync(kind, "de-DE"));
    }

    [Fact]
    public async Task Every_result_of_a_machine_says_what_it_rests_on()
    {
        var analyst = Morning().Analyst;
        var cycles = await analyst.CyclesAsync(Mc1, Range(7, 12), Work, Cancel);
        var bases = new[]
        {
            (await analyst.OeeAsync(Mc1, Range(7, 12), Always, Work, Cancel)).Basis!, (await analyst.KpisAsync(Mc1, Range(7, 12), Always, Work, Cancel)).Basis,
            (await analyst.BottleneckAsync([Mc1], Range(7, 12), Cancel)).Basis, (await analyst.EnergyAsync(Mc1, Range(7, 12), Always, Work, null, Cancel)).Basis, cycles[0].Basis!,
        };
        Assert.Equal(5, bases.Select(b => b.Model).Distinct().Count());
        Assert.All(bases, b =>
        {
            Assert.True(b is { Version: > 0, Count: > 0, Confidence: > 0 and <= 1 }, $"{b}");
            Assert.True(b.Window.From >= At(7) && b.Window.To <= At(12) && !b.Window.IsEmpty, $"{b}");
        });
        // After the gap at 11:20 nobody said anything any more: 260 of 300 minutes are known. The interval of more than five cycles holds the median with 95 %.
        Assert.Equal(260 / 300.0, bases[0].Confidence, 9);
        Assert.Equal((cycles[0].Count, 0.95), (bases[4].Count, bases[4].Confidence));
    }

    private static async Task<byte[]> BytesAsync(string kind, string culture)
    {
        var before = CultureInfo.CurrentCulture;
        try
        {
            CultureInfo.CurrentCulture = CultureInfo.GetCultureInfo(culture);
            return JsonSerializer.SerializeToUtf8Bytes(await Kinds[kind]());
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Fact]
    public void A_measured_part_gets_the_newest_free_window_before_its_measurement()
    {
        PartWindow[] windows = [.. Enumerable.Range(0, 6).Select(i => new PartWindow(i + 1, new(At(8, i * 10), At(8, i * 10 + 10))))];
        GaugeValue Measured(int minute, string part) => new(part, "Bore", At(8, minute), 1, 0, 2, "mm");
        // Measured at 8:12 after the first, at 8:35 after the third (the second was not measured), at 8:38 nothing new was finished; at 9:30 the last; one without a time.
        var links = PartLinks.Of([Measured(35, "b"), Measured(12, "a"), Measured(38, "c"), Measured(90, "d"), new("e", "Bore", null, 1, 0, 2, "mm")], [.. windows]);
        Assert.Equal([("a", 1), ("b", 3), ("d", 6)], links.Select(l => (l.Value.Part, l.Window.Number)));
        Assert.Empty(PartLinks.Of([new("late", "Bore", At(8) + 14.Hours, 1, 0, 2, "mm")], [.. windows]));
    }
}
