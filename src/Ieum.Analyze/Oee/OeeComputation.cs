using System.Collections.Immutable;
using Ieum.Model;

namespace Ieum.Analyze;

/// <summary>
/// Times and OEE after ISO 22400-2. The machine's state alone gives none of these times: the same idle hour is delay when
/// an order waits, set-up when it begins, and no loss at all outside the calendar. Table: docs/analyze.md.
/// </summary>
/// <param name="work">Orders on the machine, by begin.</param>
/// <param name="spans">What the machine did, covering the whole of every order's range.</param>
/// <param name="counted">What the machine's own counter saw; used where nobody reported a count.</param>
internal sealed class OeeComputation(
    WorkCalendar calendar, ImmutableArray<OrderWork> work, ImmutableArray<StateSpan> spans, ImmutableArray<PartsMade> counted)
{
    private enum Use : byte { Production, SetUp, Delay, Down, Unknown }

    /// <param name="asked">The range of the answer.</param>
    /// <param name="past">The part of it that has happened.</param>
    public OeeAnswer Answer(MachineId machine, TimeRange asked, TimeRange past)
    {
        var times = new TimeSpan[5];
        double idealTicks = 0, measuredTicks = 0;
        int produced = 0, good = 0, reported = 0, reportedGood = 0;
        foreach (var (one, ranges) in Assign())
        {
            var all = Uses(one, ranges, null);
            var here = Uses(one, ranges, past);
            for (var use = 0; use < times.Length; use++) times[use] += here[use];

            var share = Share(one, all[(int)Use.Production], here[(int)Use.Production], past);
            var isReported = one.Good + one.Scrap > 0;
            var pieces = isReported ? Part(one.Good + one.Scrap, share) : Counted(one.Range, past);
            produced += pieces;
            if (isReported)
            {
                var fine = Part(one.Good, share);
                (good, reported, reportedGood) = (good + fine, reported + pieces, reportedGood + fine);
            }
            // Without a count or a planned time there is nothing to hold the run time against.
            if (one.IdealPerPiece <= TimeSpan.Zero || (pieces == 0 && !isReported)) continue;
            idealTicks += (double)one.IdealPerPiece.Ticks * pieces;
            measuredTicks += here[(int)Use.Production].Ticks;
        }
        var busy = times.Aggregate(TimeSpan.Zero, (sum, t) => sum + t);
        var run = times[(int)Use.Production];
        return new(machine, asked,
            new(busy, run, times[(int)Use.SetUp], times[(int)Use.Delay], times[(int)Use.Down], times[(int)Use.Unknown]), produced, good,
            Availability: busy > TimeSpan.Zero ? run / busy : null,
            Performance: measuredTicks > 0 ? idealTicks / measuredTicks : null,
            Quality: reported > 0 ? (double)reportedGood / reported : null)
        {
            Basis = new("iso22400-oee", 1, past, spans.Count(s => s.Range.Overlaps(past)), busy > TimeSpan.Zero ? (busy - times[(int)Use.Unknown]) / busy : 0),
        };
    }

    /// <summary>The working time of every order; where two overlap, it belongs to the one that began first, so no minute counts twice.</summary>
    private IEnumerable<(OrderWork Work, List<TimeRange> Ranges)> Assign()
    {
        var taken = DateTimeOffset.MinValue;
        foreach (var one in work)
        {
            var from = one.Range.From > taken ? one.Range.From : taken;
            var ranges = from < one.Range.To ? calendar.WorkingTime(new(from, one.Range.To)).ToList() : [];
            if (one.Range.To > taken) taken = one.Range.To;
            yield return (one, ranges);
        }
    }

    private TimeSpan[] Uses(OrderWork one, List<TimeRange> ranges, TimeRange? limit)
    {
        var uses = new TimeSpan[5];
        var setUpEnd = SetUpEnd(one, ranges);
        var next = 0;
        foreach (var range in ranges)
        {
            if ((limit is { } l ? range.Intersect(l) : range) is not { } window) continue;
            while (next < spans.Length && spans[next].Range.To <= window.From) next++;
            for (var i = next; i < spans.Length && spans[i].Range.From < window.To; i++)
            {
                if (spans[i].Range.Intersect(window) is not { } piece) continue;
                var before = piece.From >= setUpEnd ? TimeSpan.Zero : (piece.To < setUpEnd ? piece.To : setUpEnd) - piece.From;
                uses[(int)UseOf(spans[i], inSetUp: true)] += before;
                uses[(int)UseOf(spans[i], inSetUp: false)] += piece.Duration - before;
            }
        }
        return uses;
    }

    /// <summary>End of the planned set-up in working time, or the first automatic run, whichever comes first: whoever cuts has set up.</summary>
    private DateTimeOffset SetUpEnd(OrderWork one, List<TimeRange> ranges)
    {
        var planned = one.SetUp > TimeSpan.Zero ? calendar.AddWorking(one.Range.From, one.SetUp) ?? one.Range.To : one.Range.From;
        foreach (var span in spans)
        {
            if (span.Range.From >= planned) break;
            if (span.State != MachineState.Running || span.Overlay.HasFlag(MachineOverlay.SetUp)) continue;
            foreach (var range in ranges)
                if (span.Range.Intersect(range) is { } run) return run.From < planned ? run.From : planned;
        }
        return planned;
    }

    private static Use UseOf(StateSpan span, bool inSetUp) => span.State switch
    {
        MachineState.Unknown => Use.Unknown,
        MachineState.Offline => Use.Down,
        MachineState.Running when !span.Overlay.HasFlag(MachineOverlay.SetUp) => Use.Production,
        not MachineState.Running when span.Overlay.HasFlag(MachineOverlay.Fault) => Use.Down,
        _ => inSetUp || span.Overlay.HasFlag(MachineOverlay.SetUp) ? Use.SetUp : Use.Delay,
    };

    /// <summary>How much of an order's pieces belong to the asked time: by run time, by plain time where it never ran.</summary>
    private static double Share(OrderWork one, TimeSpan runAll, TimeSpan runHere, TimeRange past)
    {
        if (runAll > TimeSpan.Zero) return runHere / runAll;
        if (one.Range.IsEmpty) return past.Contains(one.Range.From) ? 1 : 0;
        return one.Range.Intersect(past) is { } part ? part.Duration / one.Range.Duration : 0;
    }

    private static int Part(int pieces, double share) => (int)Math.Round(pieces * share, MidpointRounding.AwayFromZero);

    private int Counted(TimeRange range, TimeRange past) =>
        (int)Math.Min(int.MaxValue, counted.Where(c => range.Contains(c.At) && past.Contains(c.At)).Sum(c => c.Parts));
}
