using System.Collections.Immutable;
using Ieum.Model;

namespace Ieum.Analyze;

/// <summary>One measured cycle.</summary>
/// <param name="Subject">Item while an order ran, else program, else <see cref="CycleFinder.NoSubject"/>.</param>
internal readonly record struct Cycle(DateTimeOffset End, string Subject, TimeSpan Duration);

/// <summary>
/// Finds cycles: from one finished part to the next where the machine counts parts, else one per run of a program, else one per
/// repetition of the current.
/// </summary>
internal static class CycleFinder
{
    /// <summary>Said of cycles for which neither an order nor a program is known.</summary>
    public const string NoSubject = "-";

    /// <summary>A stretch between two parts counts when the machine ran at least half of it; else it was a stop with a part in it.</summary>
    private const double LeastRunning = 0.5;

    /// <summary>Shorter program runs are jogs, tool calls and restarts; the shortest real cycles of machining last longer.</summary>
    public static readonly TimeSpan ShortestRun = 10.Seconds;

    private const int NewestKept = 20;

    public static ImmutableArray<CycleStatistics> Find(MachineId machine, Story story, ImmutableArray<StateSpan> spans, IReadOnlyList<OrderWork> work)
    {
        var subjects = new Subjects(story, work);
        var cycles = OfParts(story, spans, subjects);
        // A counter that never moved (as on a machine whose program does not count) is no counter.
        if (cycles.Count == 0) cycles = OfPrograms(spans, subjects);
        if (cycles.Count == 0)
            foreach (var (from, to) in PeriodFinder.Find(story.Currents))
                if (subjects.At(new(from, TimeSpan.Zero)) is var subject) cycles.Add(new(new(to, TimeSpan.Zero), subject, new(to - from)));
        return [.. cycles.GroupBy(c => c.Subject).Select(g => Statistics(machine, g.Key, [.. g])).OrderByDescending(s => s.Count).ThenBy(s => s.Subject, StringComparer.Ordinal)];
    }

    /// <summary>From completion to completion; several parts at once share the time. Set-backs, gaps, offline time and long stops end a run of cycles.</summary>
    private static List<Cycle> OfParts(Story story, ImmutableArray<StateSpan> spans, Subjects subjects)
    {
        var cycles = new List<Cycle>();
        if (spans.IsEmpty) return cycles;
        var counters = new Dictionary<SignalNumber, (PartCounter Counter, double Last, DateTimeOffset? Completed)>();
        foreach (var e in story.Events)
        {
            if (e.Role != SignalRole.PartCount || PartCounter.Number(e.Sample) is not { } count) continue;
            var (counter, last, completed) = counters.GetValueOrDefault(e.Sample.Signal, (new(), count, null));
            var parts = counter.Read(count);
            if (parts > 0 && completed is { } begin && begin >= spans[0].Range.From && e.At <= spans[^1].Range.To
                && subjects.At(e.At) is var subject && subject == subjects.At(begin)
                && IsProduction(spans, new(begin, e.At)))
                cycles.Add(new(e.At, subject, (e.At - begin) / parts));
            if (parts > 0) completed = e.At;
            else if (count < last) completed = null;
            counters[e.Sample.Signal] = (counter, count, completed);
        }
        return cycles;
    }

    private static bool IsProduction(ImmutableArray<StateSpan> spans, TimeRange cycle)
    {
        if (cycle.IsEmpty) return false;
        var running = TimeSpan.Zero;
        for (var i = IndexAt(spans, cycle.From); i < spans.Length && spans[i].Range.From < cycle.To; i++)
        {
            if (spans[i].Range.Intersect(cycle) is not { } piece) continue;
            if (spans[i].State is MachineState.Unknown or MachineState.Offline) return false;
            if (spans[i].State == MachineState.Running) running += piece.Duration;
        }
        return running / cycle.Duration >= LeastRunning;
    }

    /// <summary>
    /// A run begins when the machine starts out of idleness and ends when it is idle again; feed holds inside pause it and
    /// are not counted. Runs cut off by a gap, by going offline or by the ends of the range are incomplete and left out,
    /// manual and MDI runs are set-up.
    /// </summary>
    private static List<Cycle> OfPrograms(ImmutableArray<StateSpan> spans, Subjects subjects)
    {
        var cycles = new List<Cycle>();
        DateTimeOffset? begin = null;
        var running = TimeSpan.Zero;
        var (isWhole, wasIdle) = (false, false);
        foreach (var span in spans)
        {
            switch (span.State)
            {
                case MachineState.Running:
                    if (begin is null) (begin, running, isWhole) = (span.Range.From, TimeSpan.Zero, wasIdle);
                    if (span.Overlay.HasFlag(MachineOverlay.SetUp)) isWhole = false;
                    running += span.Range.Duration;
                    break;
                case MachineState.Idle:
                    if (begin is { } start && isWhole && running >= ShortestRun && subjects.At(start) is var subject)
                        cycles.Add(new(span.Range.From, subject, running));
                    begin = null;
                    break;
                case MachineState.Unknown or MachineState.Offline:
                    begin = null;
                    break;
            }
            // A stop says nothing: it may lie in the middle of a run whose begin was not seen.
            if (span.State != MachineState.Stopped) wasIdle = span.State == MachineState.Idle;
        }
        return cycles;
    }

    private static CycleStatistics Statistics(MachineId machine, string subject, Cycle[] cycles)
    {
        var sorted = cycles.Select(c => (double)c.Duration.Ticks).Order().ToArray();
        var (low, high) = RobustStatistics.MedianInterval(sorted);
        return new(machine, subject, sorted.Length, Time(RobustStatistics.Median(sorted)), Time(RobustStatistics.Mad(sorted)),
            Time(low), Time(high), Time(RobustStatistics.Quantile(sorted, 0.1)), Time(RobustStatistics.Quantile(sorted, 0.9)),
            [.. cycles.OrderByDescending(c => c.End).Take(NewestKept).Select(c => c.Duration)])
        {
            // Fewer than six: the interval is all of them, and misses the median when all lie on one side of it.
            Basis = new("cycle-times", 1, new(cycles.Min(c => c.End - c.Duration), cycles.Max(c => c.End)), sorted.Length, sorted.Length < 6 ? 1 - 2 * Math.Pow(0.5, sorted.Length) : 0.95),
        };
    }

    private static TimeSpan Time(double ticks) => new((long)Math.Round(ticks));

    private static int IndexAt(ImmutableArray<StateSpan> spans, DateTimeOffset at)
    {
        int low = 0, high = spans.Length;
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (spans[middle].Range.To <= at) low = middle + 1; else high = middle;
        }
        return low;
    }
}
