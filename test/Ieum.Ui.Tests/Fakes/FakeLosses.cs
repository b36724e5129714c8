using System.Collections.Immutable;
using Ieum.Analyze;
using Ieum.Model;
using Ieum.Node.Views;

namespace Ieum.Ui.Tests.Fakes;

/// <summary>A day with stops, explained and not.</summary>
internal sealed class FakeLosses(FakeFloor floor) : ILossDesk
{
    private readonly List<StopReason> _said = [];

    public event Action? Changed;
    public IReadOnlyList<StopReason> Said => _said;
    public TimeSpan AskAfter => 5.Minutes;
    public ImmutableArray<StopReasonChoice> Reasons { get; private set; } =
        [.. new[] { "material", "tool", "breakdown", "quality", "setup", "program", "operator", "maintenance", "meeting", "other" }.Select(k => new StopReasonChoice(k))];

    public Task SaveReasonsAsync(ImmutableArray<StopReasonChoice> reasons, string by, CancellationToken cancel)
    {
        Reasons = reasons;
        return Task.CompletedTask;
    }

    public Task<ImmutableArray<ExplainedStop>> StopsAsync(MachineId machine, TimeRange range, CancellationToken cancel)
    {
        Stop Of(double fromHours, double minutes, bool fault, string cause) => new(machine, new(floor.Now.AddHours(-fromHours), floor.Now.AddHours(-fromHours).AddMinutes(minutes)), fault, cause);
        Stop[] stops = [Of(7, 34, true, "INTERRUPTED"), Of(5, 18, false, "READY"), Of(4, 2, false, "FEED_HOLD"), Of(3, 46, false, "READY"), Of(0.5, 12, false, "READY")];
        return Task.FromResult(StopLosses.Explain(stops, [new StopReason(Guid.Empty, machine, stops[0].Range.From, "breakdown", "op", floor.Now), new StopReason(Guid.Empty, machine, stops[1].Range.From, "material", "op", floor.Now), .. _said]));
    }

    public Task<bool> ExplainAsync(StopReason reason, CancellationToken cancel)
    {
        _said.Add(reason);
        Changed?.Invoke();
        return Task.FromResult(true);
    }

    public Task<KpiAnswer> KpisAsync(MachineId machine, TimeRange range, CancellationToken cancel)
    {
        var known = new Dictionary<KpiElement, double>
        {
            [KpiElement.PBT] = 28_800, [KpiElement.APT] = 17_856, [KpiElement.AUST] = 2_880, [KpiElement.ADET] = 6_624, [KpiElement.AUPT] = 20_736, [KpiElement.AUBT] = 27_360,
            [KpiElement.AOET] = 32_400, [KpiElement.PRIPQ] = 16_249, [KpiElement.PQ] = 212, [KpiElement.GQ] = 207, [KpiElement.SQ] = 5, [KpiElement.FE] = 1, [KpiElement.TTR] = 2_040, [KpiElement.TBF] = 27_360, [KpiElement.TTF] = 25_320,
        };
        return Task.FromResult(new KpiAnswer(machine, range, known.ToImmutableSortedDictionary(), KpiCatalogue.Compute(known), new("iso-22400-2", 1, range, 48, 0.97)));
    }

    public Task<BottleneckAnswer> BottleneckAsync(TimeRange range, string? line, CancellationToken cancel) =>
        Task.FromResult(new BottleneckAnswer(range, [.. floor.Company.Machines.Take(4).Select((m, i) => new BottleneckShare(m.Id, 0.4 - i * 0.1, 0.12 - i * 0.03, 42.Minutes))], new("active-period", 1, range, 60, 0.95)));

    public Task<EnergyAnswer> EnergyAsync(MachineId machine, TimeRange range, CancellationToken cancel) =>
        Task.FromResult(new EnergyAnswer(machine, range, new(31.4, range.Duration * 0.96, range.Duration * 0.04), 212, 0.148, 13.1, 0.0618, GridFactors.Find("JP", 2026), new("power-hold", 1, range, 4_321, 0.96)));

    public ImmutableArray<TimeRange> ShiftsOf(MachineId machine, TimeRange range) => [range];
}

internal sealed class FakeAndon(FakeFloor floor) : IAndonDesk
{
    public event Action? Changed;
    public ImmutableArray<AndonCall> Open { get; private set; } = [];

    public Task<AndonCall> CallAsync(Guid id, MachineId machine, string kind, string by, CancellationToken cancel)
    {
        var call = new AndonCall(id, machine, kind, by, floor.Now.AddMinutes(-6), Told: 1);
        Open = Open.Add(call);
        Changed?.Invoke();
        return Task.FromResult(call);
    }

    public Task<bool> AcknowledgeAsync(Guid id, string by, CancellationToken cancel) => Change(id, c => c with { AcknowledgedBy = by, Acknowledged = floor.Now });

    public Task<bool> CloseAsync(Guid id, string by, CancellationToken cancel) => Change(id, null);

    private Task<bool> Change(Guid id, Func<AndonCall, AndonCall>? change)
    {
        if (Open.FirstOrDefault(c => c.Id == id) is not { } call) return Task.FromResult(false);
        Open = change is null ? Open.Remove(call) : Open.Replace(call, change(call));
        Changed?.Invoke();
        return Task.FromResult(true);
    }
}

/// <summary>A bore of thirty parts with one far off.</summary>
internal sealed class FakeQuality : IQualityDesk
{
    private readonly ImmutableArray<GaugeValue> _bore =
        [.. Enumerable.Range(0, 30).Select(i => new GaugeValue($"S-{i + 1}", "Bore 18 H5", null, 18.004 + 0.0012 * Math.Sin(i * 2.3) + (i == 20 ? 0.006 : 0), 18, 18.008, "mm"))];

    public event Action? Changed;
    public ImmutableArray<(string Characteristic, int Count)> Characteristics => [("Bore 18 H5", _bore.Length), ("Flatness", 12)];
    public ImmutableArray<GaugeValue> Values(string characteristic) => characteristic == "Bore 18 H5" ? _bore : [];

    public Task<QualityForecast> ForecastAsync(string characteristic, MachineId machine, CancellationToken cancel) => Task.FromResult(machine.Value == "B-MC1"
        ? new QualityForecast(characteristic, machine, 240, 31, 0.86, [new("Sload", "mean", 2.4, 0.61), new("", "duration", 0.7, 0.24), new("S1temp", "highest", 1.0, 0.15)],
            [new(FakeFloor.Noon.AddMinutes(-9), 0.34), new(FakeFloor.Noon.AddMinutes(-21), 0.04)], new("quality-logistic", 1, new(FakeFloor.Noon.AddDays(-9), FakeFloor.Noon), 240, 0.57))
        : new QualityForecast(characteristic, machine, 12, 1, null, [], [], null));

    public Task<GaugeFile> AddAsync(ReadOnlyMemory<byte> bytes, string by, CancellationToken cancel)
    {
        Changed?.Invoke();
        return Task.FromResult(GaugeFile.Read(bytes.Span));
    }
}
