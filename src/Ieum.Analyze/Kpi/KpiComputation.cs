using System.Collections.Immutable;
using Ieum.Model;

namespace Ieum.Analyze;

/// <summary>Gathers the elements of ISO 22400-2 of one machine: from states, orders and calendar, and what people or files entered.</summary>
internal static class KpiComputation
{
    public const string ModelName = "iso-22400-2";
    public const int Version = 1;

    /// <summary>Signals of this name and below bring elements that no machine knows: <c>kpi/RQ</c>, <c>kpi/CM</c>, <c>kpi/APAT</c> …</summary>
    public const string SignalPrefix = "kpi/";

    /// <param name="oee">Times and counts of the same range.</param>
    /// <param name="past">The part of the range that has happened.</param>
    /// <param name="entered">Elements from signals; they win over what was computed, for a person who enters one knows better.</param>
    public static KpiAnswer Answer(OeeAnswer oee, TimeRange past, WorkCalendar calendar, IReadOnlyList<OrderWork> work,
        ImmutableArray<StateSpan> spans, IReadOnlyDictionary<KpiElement, double> entered)
    {
        var e = new Dictionary<KpiElement, double>();
        var t = oee.Times;
        var orders = Union(work.Select(w => w.Range.Intersect(past)).OfType<TimeRange>());
        if (t.PlannedBusy > TimeSpan.Zero)
        {
            e[KpiElement.PBT] = t.PlannedBusy.TotalSeconds;
            e[KpiElement.APT] = t.ActualProduction.TotalSeconds;
            e[KpiElement.AUST] = t.SetUp.TotalSeconds;
            e[KpiElement.ADET] = (t.Delay + t.Down).TotalSeconds;
            e[KpiElement.AUPT] = e[KpiElement.APT] + e[KpiElement.AUST];
            e[KpiElement.AUBT] = e[KpiElement.AUPT] + e[KpiElement.ADET];
            Failures(e, calendar, orders, spans);
        }
        if (orders.Count > 0)
        {
            e[KpiElement.AOET] = orders.Sum(r => r.Duration.TotalSeconds);
            e[KpiElement.APWT] = orders.Sum(r => calendar.WorkingDuration(r).TotalSeconds);
        }
        e[KpiElement.ADOT] = Math.Max(0, (calendar.WorkingDuration(past) - orders.Aggregate(TimeSpan.Zero, (s, r) => s + calendar.WorkingDuration(r))).TotalSeconds);
        if (oee.Performance is { } performance) e[KpiElement.PRIPQ] = performance * t.ActualProduction.TotalSeconds;
        if (oee.Produced > 0 || oee.Quality is not null) e[KpiElement.PQ] = oee.Produced;
        if (oee.Quality is not null) (e[KpiElement.GQ], e[KpiElement.SQ]) = (oee.Good, oee.Produced - oee.Good);
        if (e.TryGetValue(KpiElement.PRIPQ, out var ideal) && oee.Produced > 0 && ideal > 0)
            e[KpiElement.EPC] = t.PlannedBusy.TotalSeconds / (ideal / oee.Produced);
        foreach (var (element, value) in entered) e[element] = value;

        var known = t.PlannedBusy > TimeSpan.Zero ? 1 - t.Unknown / t.PlannedBusy : 0;
        return new(oee.Machine, oee.Range, e.ToImmutableSortedDictionary(), KpiCatalogue.Compute(e), new(ModelName, Version, past, spans.Length, known));
    }

    /// <summary>A failure is a stretch in which an order waits and a fault holds the machine; a run between two of them parts them.</summary>
    private static void Failures(Dictionary<KpiElement, double> e, WorkCalendar calendar, List<TimeRange> orders, ImmutableArray<StateSpan> spans)
    {
        var (events, repair, open) = (0, 0.0, false);
        foreach (var span in spans)
        {
            var fault = span.State is MachineState.Idle or MachineState.Stopped && span.Overlay.HasFlag(MachineOverlay.Fault);
            var inside = orders.Sum(o => span.Range.Intersect(o) is { } part ? calendar.WorkingDuration(part).TotalSeconds : 0);
            if (inside <= 0) continue;
            if (fault)
            {
                if (!open) events++;
                repair += inside;
            }
            open = fault || (open && span.State != MachineState.Running);
        }
        e[KpiElement.FE] = events;
        e[KpiElement.TTR] = repair;
        e[KpiElement.TBF] = e[KpiElement.AUBT];
        e[KpiElement.TTF] = Math.Max(0, e[KpiElement.AUBT] - repair);
    }

    private static List<TimeRange> Union(IEnumerable<TimeRange> ranges)
    {
        var union = new List<TimeRange>();
        foreach (var r in ranges.OrderBy(r => r.From))
            if (union.Count > 0 && r.From <= union[^1].To) union[^1] = new(union[^1].From, r.To > union[^1].To ? r.To : union[^1].To);
            else union.Add(r);
        return union;
    }
}
