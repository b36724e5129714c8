using System.Collections.Immutable;
using Ieum.Model;

namespace Ieum.Analyze;

/// <summary>How much of a range a machine held the others back.</summary>
/// <param name="Sole">Share of the time in which it alone was the bottleneck, 0 to 1.</param>
/// <param name="Shifting">Share in which the bottleneck passed from or to it.</param>
/// <param name="MeanActive">Mean length of its active periods.</param>
public sealed record BottleneckShare(MachineId Machine, double Sole, double Shifting, TimeSpan MeanActive)
{
    public double Total => Sole + Shifting;
}

/// <param name="Shares">Greatest total first.</param>
public sealed record BottleneckAnswer(TimeRange Range, ImmutableArray<BottleneckShare> Shares, Basis Basis)
{
    /// <summary>The machine that held the others back longest; null when nothing was active.</summary>
    public MachineId? Worst => Shares.Length > 0 && Shares[0].Total > 0 ? Shares[0].Machine : null;
}

/// <summary>
/// The bottleneck by active periods: Roser, Nakano, Tanaka, "Shifting bottleneck detection" (Winter Simulation Conference 2002).
/// A machine is active while it does not wait for another: it runs, is set up, or is being repaired. At any instant the machine
/// with the longest active period is the bottleneck; where its period and that of the next bottleneck overlap, it shifts.
/// </summary>
internal static class Bottleneck
{
    private sealed record Period(MachineId Machine, TimeRange Range);

    public static BottleneckAnswer Find(TimeRange range, IReadOnlyDictionary<MachineId, ImmutableArray<StateSpan>> machines)
    {
        var periods = machines.OrderBy(m => m.Key.Value, StringComparer.Ordinal).SelectMany(m => Active(m.Key, m.Value, range)).ToList();
        var chain = Chain(periods);
        var (sole, shifting) = (new Dictionary<MachineId, long>(), new Dictionary<MachineId, long>());
        for (var i = 0; i < chain.Count; i++)
        {
            var from = i > 0 && chain[i - 1].Range.To > chain[i].Range.From ? chain[i - 1].Range.To : chain[i].Range.From;
            var to = i + 1 < chain.Count && chain[i + 1].Range.From < chain[i].Range.To ? chain[i + 1].Range.From : chain[i].Range.To;
            if (to > from) sole[chain[i].Machine] = sole.GetValueOrDefault(chain[i].Machine) + (to - from).Ticks;
            if (i + 1 >= chain.Count || chain[i].Range.Intersect(chain[i + 1].Range) is not { } overlap) continue;
            foreach (var m in new[] { chain[i].Machine, chain[i + 1].Machine }) shifting[m] = shifting.GetValueOrDefault(m) + overlap.Duration.Ticks;
        }
        double Share(long ticks) => range.IsEmpty ? 0 : (double)ticks / range.Duration.Ticks;
        var shares = machines.Keys.Select(m => new BottleneckShare(m, Share(sole.GetValueOrDefault(m)), Share(shifting.GetValueOrDefault(m)),
                periods.Where(p => p.Machine == m).ToList() is { Count: > 0 } own ? new(own.Sum(p => p.Range.Duration.Ticks) / own.Count) : TimeSpan.Zero))
            .OrderByDescending(s => s.Total).ThenByDescending(s => s.Sole).ThenBy(s => s.Machine.Value, StringComparer.Ordinal).ToImmutableArray();
        var known = machines.Values.Sum(spans => spans.Where(s => s.State != MachineState.Unknown).Sum(s => s.Range.Intersect(range)?.Duration.Ticks ?? 0));
        return new(range, shares, new("active-period", 1, range, periods.Count, machines.Count == 0 ? 0 : Share(known) / machines.Count));
    }

    /// <summary>Uninterrupted stretches in which the machine does not wait: running, set-up and repair are one.</summary>
    private static IEnumerable<Period> Active(MachineId machine, ImmutableArray<StateSpan> spans, TimeRange range)
    {
        TimeRange? open = null;
        foreach (var span in spans)
        {
            if (span.Range.Intersect(range) is not { } piece) continue;
            var active = span.State == MachineState.Running
                || (span.State is MachineState.Idle or MachineState.Stopped && (span.Overlay & (MachineOverlay.Fault | MachineOverlay.SetUp)) != 0);
            if (active) open = open is { } o && o.To == piece.From ? new(o.From, piece.To) : piece;
            else if (open is { } done)
            {
                yield return new(machine, done);
                open = null;
            }
        }
        if (open is { } last) yield return new(machine, last);
    }

    /// <summary>The momentary bottlenecks in order: at the end of each, the longest period that is active then.</summary>
    private static List<Period> Chain(List<Period> periods)
    {
        var chain = new List<Period>();
        var at = periods.Count > 0 ? periods.Min(p => p.Range.From) : default;
        while (true)
        {
            var now = periods.Where(p => p.Range.Contains(at)).OrderByDescending(p => p.Range.Duration).ThenBy(p => p.Machine.Value, StringComparer.Ordinal).FirstOrDefault();
            if (now is null)
            {
                // Nobody is active: the next period that begins goes on with the chain.
                var next = periods.Where(p => p.Range.From >= at).OrderBy(p => p.Range.From).FirstOrDefault();
                if (next is null) return chain;
                at = next.Range.From;
                continue;
            }
            chain.Add(now);
            at = now.Range.To;
        }
    }
}
