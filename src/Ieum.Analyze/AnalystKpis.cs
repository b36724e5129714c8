using System.Collections.Immutable;
using Ieum.Model;

namespace Ieum.Analyze;

/// <summary>Indicators, losses and energy.</summary>
internal sealed partial class Analyst
{
    public async Task<KpiAnswer> KpisAsync(
        MachineId machine, TimeRange range, WorkCalendar calendar, IReadOnlyList<OrderWork> work, CancellationToken cancel)
    {
        var oee = await OeeAsync(machine, range, calendar, work, cancel).ConfigureAwait(false);
        var spans = await TimelineAsync(machine, range, cancel).ConfigureAwait(false);
        var entered = await EnteredAsync(machine, range, cancel).ConfigureAwait(false);
        var energy = await EnergyAsync(machine, range, calendar, work, null, cancel).ConfigureAwait(false);
        // Energy of a half-measured shift would look like a saving.
        if (energy.KilowattHoursPerPart is not null) entered.TryAdd(KpiElement.E, energy.Energy.KilowattHours);
        return KpiComputation.Answer(oee, new(range.From, End(range)), calendar, work, spans, entered);
    }

    public async Task<ImmutableArray<Stop>> StopsAsync(
        MachineId machine, TimeRange range, WorkCalendar calendar, IReadOnlyList<OrderWork> work, TimeSpan least, CancellationToken cancel) =>
        StopFinder.Find(machine, await TimelineAsync(machine, range, cancel).ConfigureAwait(false), work, calendar, new(range.From, End(range)), least);

    public async Task<BottleneckAnswer> BottleneckAsync(IReadOnlyList<MachineId> machines, TimeRange range, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(machines);
        var past = new TimeRange(range.From, End(range));
        var spans = new Dictionary<MachineId, ImmutableArray<StateSpan>>();
        foreach (var m in machines) spans[m] = await TimelineAsync(m, past, cancel).ConfigureAwait(false);
        return Bottleneck.Find(past, spans);
    }

    public async Task<EnergyAnswer> EnergyAsync(
        MachineId machine, TimeRange range, WorkCalendar calendar, IReadOnlyList<OrderWork> work, GridFactor? factor, CancellationToken cancel)
    {
        var end = End(range);
        var (sum, readings) = (default(Energy), 0L);
        foreach (var (number, signal) in signals.Of(machine))
        {
            if (signal.Role != SignalRole.Power || signal.Unit.Code is not ("WTT" or "KWT" or "MAW")) continue;
            var meter = new EnergyMeter(new(range.From, end));
            if (await history.BeforeAsync(number, range.From, cancel).ConfigureAwait(false) is { } before)
                meter.Read(before.SourceTime, EnergyMeter.Watts(before, signal.Unit));
            await foreach (var sample in history.RangeAsync(number, new(range.From, end), cancel).ConfigureAwait(false))
                meter.Read(sample.SourceTime, EnergyMeter.Watts(sample, signal.Unit));
            var one = meter.End(end);
            // Several meters (spindle, pump) add up; the time is known where all of them were heard.
            sum = readings == 0 ? one : new(sum.KilowattHours + one.KilowattHours, one.Measured < sum.Measured ? one.Measured : sum.Measured, one.Missing > sum.Missing ? one.Missing : sum.Missing);
            readings += meter.Count;
        }
        if (readings == 0 && sum.Measured == TimeSpan.Zero) sum = new(0, TimeSpan.Zero, end - range.From);
        var oee = await OeeAsync(machine, range, calendar, work, cancel).ConfigureAwait(false);
        var parts = oee.Produced > 0 ? oee.Produced : (await PartWindowsAsync(machine, range, cancel).ConfigureAwait(false)).Length;
        return EnergyAnswer.Of(machine, new(range.From, end), sum, readings, parts, factor);
    }

    public async Task<ImmutableArray<PartWindow>> PartWindowsAsync(MachineId machine, TimeRange range, CancellationToken cancel)
    {
        var story = await _stories.ReadAsync(machine, range, StoryReader.AllRoles, cancel).ConfigureAwait(false);
        var spans = Spans(story, range);
        var windows = ImmutableArray.CreateBuilder<PartWindow>();
        var from = range.From;
        foreach (var made in PartCounts.Increments(story))
        {
            if (made.At < range.From || made.At >= range.To) continue;
            // After a long rest the part began with the run in which it was finished, not the evening before.
            var begin = spans.LastOrDefault(s => s.State != MachineState.Running && s.Range.To <= made.At && s.Range.To > from && s.Range.Duration >= LongRest)?.Range.To ?? from;
            var step = (made.At - begin) / made.Parts;
            for (var i = 0; i < made.Parts && windows.Count < MostParts; i++) windows.Add(new(windows.Count + 1, new(begin + step * i, i + 1 == made.Parts ? made.At : begin + step * (i + 1))));
            from = made.At;
        }
        return windows.ToImmutable();
    }

    private static readonly TimeSpan LongRest = 10.Minutes;
    private const int MostParts = 100_000;

    /// <summary>Elements that people, files or other systems delivered as signals <c>kpi/SYMBOL</c>.</summary>
    private async Task<Dictionary<KpiElement, double>> EnteredAsync(MachineId machine, TimeRange range, CancellationToken cancel)
    {
        var entered = new Dictionary<KpiElement, double>();
        foreach (var (number, signal) in signals.Of(machine))
        {
            if (!signal.Id.Name.StartsWith(KpiComputation.SignalPrefix, StringComparison.Ordinal)
                || !Enum.TryParse<KpiElement>(signal.Id.Name[KpiComputation.SignalPrefix.Length..], out var element)
                || !Enum.IsDefined(element)) continue;
            var (sum, last, count) = (0.0, double.NaN, 0);
            await foreach (var sample in history.RangeAsync(number, range, cancel).ConfigureAwait(false))
                if (PartCounter.Number(sample) is { } value && double.IsFinite(value)) (sum, last, count) = (sum + value, value, count + 1);
            // A limit that was entered once holds until another is.
            if (count == 0 && KpiElements.SumOf(element) == KpiSum.Last
                && await history.BeforeAsync(number, range.From, cancel).ConfigureAwait(false) is { } before && PartCounter.Number(before) is { } held) (last, count) = (held, 1);
            if (count > 0) entered[element] = KpiElements.SumOf(element) switch { KpiSum.Mean => sum / count, KpiSum.Last => last, _ => sum };
        }
        return entered;
    }
}
