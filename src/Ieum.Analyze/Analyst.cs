using System.Collections.Immutable;
using Ieum.Model;

namespace Ieum.Analyze;

/// <summary>Answers from what was recorded. Nothing is kept between two questions.</summary>
internal sealed partial class Analyst(IMeasurementHistory history, ISignalDirectory signals, IMachineSources sources, Clocks clocks, RetrofitRules retrofit) : IAnalyst
{
    private readonly StoryReader _stories = new(history, signals, sources, retrofit);

    public StateTracker Track() => new(retrofit);

    public async Task<StateTracker> TrackAsync(MachineId machine, DateTimeOffset now, CancellationToken cancel)
    {
        var tracker = Track();
        foreach (var (number, signal) in signals.Of(machine))
            if (signal.Role == SignalRole.Current)
                await foreach (var sample in history.RangeAsync(number, new(now - StoryReader.LookBack, now), cancel).ConfigureAwait(false))
                    tracker.Apply(sample, signal.Role);
        return tracker;
    }

    public async Task<ImmutableArray<StateSpan>> TimelineAsync(MachineId machine, TimeRange range, CancellationToken cancel) =>
        Spans(await _stories.ReadAsync(machine, range, StoryReader.StateRoles, cancel).ConfigureAwait(false), range);

    public async Task<OeeAnswer> OeeAsync(
        MachineId machine, TimeRange range, WorkCalendar calendar, IReadOnlyList<OrderWork> work, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(calendar);
        ArgumentNullException.ThrowIfNull(work);
        // An order that crosses the border of the range is apportioned by its run time, so all of it is read.
        var here = work.Where(w => w.Range.Overlaps(range)).OrderBy(w => w.Range.From).ToImmutableArray();
        var hull = here.Aggregate(range, (r, w) => new(Min(r.From, w.Range.From), Max(r.To, w.Range.To)));
        var story = await _stories.ReadAsync(machine, hull, StoryReader.AllRoles, cancel).ConfigureAwait(false);
        // What has not happened yet is neither lost nor planned busy so far.
        var past = new TimeRange(range.From, Max(range.From, Min(range.To, clocks.Factory.GetUtcNow())));
        return new OeeComputation(calendar, here, Spans(story, hull), PartCounts.Increments(story)).Answer(machine, range, past);
    }

    public async Task<ImmutableArray<AlarmLine>> AlarmsAsync(MachineId machine, TimeRange range, CancellationToken cancel) =>
        AlarmPareto.Of(await _stories.ReadAsync(machine, range, StoryReader.ConditionRoles, cancel).ConfigureAwait(false), range, End(range), NameOf);

    public async Task<ImmutableArray<AlarmSpan>> AlarmSpansAsync(MachineId machine, TimeRange range, CancellationToken cancel) =>
        AlarmSpans.Of(await _stories.ReadAsync(machine, range, StoryReader.ConditionRoles, cancel).ConfigureAwait(false), range, End(range), NameOf);

    public async Task<ImmutableArray<CycleStatistics>> CyclesAsync(
        MachineId machine, TimeRange range, IReadOnlyList<OrderWork> work, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(work);
        var story = await _stories.ReadAsync(machine, range, StoryReader.AllRoles, cancel).ConfigureAwait(false);
        return CycleFinder.Find(machine, story, Spans(story, range), work);
    }

    private ImmutableArray<StateSpan> Spans(Story story, TimeRange range)
    {
        var tracker = Track();
        var next = 0;
        for (; next < story.Events.Length && story.Events[next].At < range.From; next++)
        {
            while (tracker.Pass(story.Events[next].At)) { }
            story.Events[next].Into(tracker);
        }
        while (tracker.Pass(range.From)) { }
        var end = End(range);
        var spans = new SpanBuilder(range.From, tracker.Current);
        for (; next < story.Events.Length && story.Events[next].At < end; next++)
        {
            while (tracker.Pass(story.Events[next].At)) spans.Change(tracker.Clock, tracker.Current);
            if (story.Events[next].Into(tracker)) spans.Change(tracker.Clock, tracker.Current);
        }
        while (tracker.Pass(end)) spans.Change(tracker.Clock, tracker.Current);
        if (end < range.To) spans.Change(end, new(MachineState.Unknown, MachineOverlay.None, end, ""));
        return spans.End(range.To);
    }

    /// <summary>The end of what can be known: the future is unknown, not a continuation of now.</summary>
    private DateTimeOffset End(TimeRange range) => Max(range.From, Min(range.To, clocks.Factory.GetUtcNow()));

    private string NameOf(SignalNumber number) => signals.Find(number)?.Id.Name ?? number.ToString();

    private static DateTimeOffset Min(DateTimeOffset a, DateTimeOffset b) => a < b ? a : b;
    private static DateTimeOffset Max(DateTimeOffset a, DateTimeOffset b) => a > b ? a : b;
}
