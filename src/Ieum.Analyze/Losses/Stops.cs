using System.Collections.Immutable;
using Ieum.Model;

namespace Ieum.Analyze;

/// <summary>A stretch in which an order waited and the machine did not run.</summary>
/// <param name="Fault">A fault lay over at least a part of it.</param>
/// <param name="Cause">The word of the machine that began it.</param>
public sealed record Stop(MachineId Machine, TimeRange Range, bool Fault, string Cause);

/// <summary>What a person said about a stop.</summary>
/// <param name="Id">Made by the sender; the same id twice is one answer.</param>
/// <param name="At">An instant inside the stop.</param>
/// <param name="Reason">Key of the company's list.</param>
public sealed record StopReason(Guid Id, MachineId Machine, DateTimeOffset At, string Reason, string By, DateTimeOffset Entered);

/// <summary>A stop with its reason; null while nobody said one.</summary>
public sealed record ExplainedStop(Stop Stop, StopReason? Reason);

/// <summary>Time lost to one reason.</summary>
/// <param name="Reason">Key of the list; <see cref="StopLosses.Unexplained"/> where nobody said one; <see cref="StopLosses.Short"/> for stops too short to ask.</param>
public sealed record ReasonLoss(string Reason, int Count, TimeSpan Duration);

internal static class StopFinder
{
    /// <summary>Stops of at least <paramref name="least"/>, in working time with an order on the machine; the planned set-up is none.</summary>
    public static ImmutableArray<Stop> Find(
        MachineId machine, ImmutableArray<StateSpan> spans, IReadOnlyList<OrderWork> work, WorkCalendar calendar, TimeRange past, TimeSpan least)
    {
        var stops = ImmutableArray.CreateBuilder<Stop>();
        foreach (var window in Windows(work, calendar, past))
        {
            DateTimeOffset? begin = null;
            var (fault, cause, end) = (false, "", window.From);
            foreach (var span in spans)
            {
                if (span.Range.Intersect(window) is not { } piece) continue;
                // A gap says nothing about a stop: it neither is one nor ends one that is known.
                if (span.State is MachineState.Running or MachineState.Unknown || span.Overlay.HasFlag(MachineOverlay.SetUp)) Close();
                else
                {
                    if (begin is null) (begin, cause, fault) = (piece.From, span.Cause, false);
                    fault |= span.Overlay.HasFlag(MachineOverlay.Fault);
                    end = piece.To;
                }
            }
            Close();

            void Close()
            {
                if (begin is { } from && end - from >= least) stops.Add(new(machine, new(from, end), fault, cause));
                begin = null;
            }
        }
        return stops.ToImmutable();
    }

    /// <summary>Working time of the orders without their planned set-up; overlapping orders count once.</summary>
    private static IEnumerable<TimeRange> Windows(IReadOnlyList<OrderWork> work, WorkCalendar calendar, TimeRange past)
    {
        var taken = DateTimeOffset.MinValue;
        foreach (var one in work.OrderBy(w => w.Range.From))
        {
            var from = one.SetUp > TimeSpan.Zero ? calendar.AddWorking(one.Range.From, one.SetUp) ?? one.Range.To : one.Range.From;
            if (from < taken) from = taken;
            if (from < one.Range.To && new TimeRange(from, one.Range.To).Intersect(past) is { } here)
                foreach (var piece in calendar.WorkingTime(here)) yield return piece;
            if (one.Range.To > taken) taken = one.Range.To;
        }
    }
}

/// <summary>Stops by reason, longest first; what nobody explained stands among them and is not hidden.</summary>
public static class StopLosses
{
    public const string Unexplained = "unexplained", Short = "short";

    /// <summary>Each stop with the newest reason that was said about an instant inside it.</summary>
    public static ImmutableArray<ExplainedStop> Explain(IEnumerable<Stop> stops, IReadOnlyList<StopReason> reasons) =>
        [.. stops.Select(s => new ExplainedStop(s, reasons.Where(r => r.Machine == s.Machine && s.Range.Contains(r.At)).MaxBy(r => r.Entered)))];

    /// <param name="least">Stops shorter than this are not asked about and stand together as <see cref="Short"/>.</param>
    public static ImmutableArray<ReasonLoss> Pareto(IEnumerable<ExplainedStop> stops, TimeSpan least) =>
        [.. stops.GroupBy(s => s.Reason?.Reason ?? (s.Stop.Range.Duration < least ? Short : Unexplained))
            .Select(g => new ReasonLoss(g.Key, g.Count(), g.Aggregate(TimeSpan.Zero, (sum, s) => sum + s.Stop.Range.Duration)))
            .OrderByDescending(l => l.Duration).ThenBy(l => l.Reason, StringComparer.Ordinal)];
}
