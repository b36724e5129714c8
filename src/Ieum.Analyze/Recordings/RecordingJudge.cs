using System.Globalization;
using Ieum.Model;

namespace Ieum.Analyze;

/// <summary>Computes what a machine did during a recording. Rules with examples: docs/analyze.md.</summary>
internal static class RecordingJudge
{
    /// <remarks>Only availability and execution make the state, by the same tracker that follows a live machine.</remarks>
    public static RecordingStates Judge(Recording recording)
    {
        var head = recording.HeadLines;
        var (from, to) = Bounds(recording.Stamps, head);
        var roles = Roles(recording);
        var counter = CounterOf(recording.Items);
        var tally = new Tally(from);
        // Adapter and agent stamp by different clocks, so lines may stand out of order; events are taken by their stamp.
        foreach (var entry in recording.Entries.Where(e => e.Line < head).OrderBy(e => e.Ticks)) tally.Take(entry, roles[entry.Item], entry.Item == counter, isEvent: false);
        foreach (var entry in recording.Entries.Where(e => e.Line >= head).OrderBy(e => e.Ticks)) tally.Take(entry, roles[entry.Item], entry.Item == counter, isEvent: true);
        if (!roles.Contains(SignalRole.Execution)) recording.Tell(AnalyzeRules.WithoutExecution, 0);
        return new(recording.File, recording.Name.Machine, new(from, TimeSpan.Zero), new(to, TimeSpan.Zero), tally.Close(to),
            tally.ActiveTransitions, tally.Faults, tally.Parts, recording.Lines, head, recording.BrokenLines, recording.Problems);
    }

    /// <summary>First and last event; without events the newest stamp of the head, twice.</summary>
    private static (long From, long To) Bounds(IReadOnlyList<long> stamps, int head)
    {
        if (head >= stamps.Count) return (stamps.Max(), stamps.Max());
        var (from, to) = (long.MaxValue, long.MinValue);
        for (var i = head; i < stamps.Count; i++) (from, to) = (Math.Min(from, stamps[i]), Math.Max(to, stamps[i]));
        return (from, to);
    }

    /// <summary>By name; where no name says execution, the item whose every value was an execution word.</summary>
    private static SignalRole[] Roles(Recording recording)
    {
        var roles = recording.Items.Select(i => i.Role).ToArray();
        if (roles.Contains(SignalRole.Execution)) return roles;
        for (var i = 0; i < roles.Length; i++)
            if (recording.Items[i] is { Role: SignalRole.None, OnlyExecutionWords: true, SaidActive: true })
            {
                roles[i] = SignalRole.Execution;
                break;
            }
        return roles;
    }

    // One counter only: a controller that also shows the count since delivery would count every part twice.
    private static int CounterOf(IReadOnlyList<RecordingItem> items)
    {
        var best = -1;
        for (var i = 0; i < items.Count; i++)
            if (items[i].Role == SignalRole.PartCount && (best < 0 || (IsTotal(items[best]) && !IsTotal(items[i])))) best = i;
        return best;

        static bool IsTotal(RecordingItem item) => item.Name.EndsWith("all", StringComparison.OrdinalIgnoreCase);
    }

    private sealed class Tally(long start)
    {
        private readonly StateTracker _tracker = new();
        private readonly AlarmBook _alarms = new();
        private readonly PartCounter _counter = new();
        private readonly HashSet<int> _active = [];
        private readonly long[] _ticks = new long[5];
        private readonly long _start = start;
        private long _since = start;

        public int ActiveTransitions { get; private set; }
        public int Faults { get; private set; }
        public long Parts { get; private set; }

        public void Take(in RecordingEntry entry, SignalRole role, bool isCounter, bool isEvent)
        {
            // What the head tells holds when the first event comes, whatever its stamp; it was said before.
            var at = isEvent ? entry.Ticks : _start;
            var stamp = isEvent ? at : _start - 1;
            if (entry.IsCondition)
            {
                if (!ConditionReport.TryParse(entry.Value, out var report)) return;
                var change = _alarms.Apply(new(entry.Item), report, new(at, TimeSpan.Zero));
                if (isEvent && change is AlarmChange.FaultRaised or AlarmChange.Worsened) Faults++;
                return;
            }
            if (isCounter && double.TryParse(entry.Value, NumberStyles.Float, CultureInfo.InvariantCulture, out var count))
            {
                var made = _counter.Read(count);
                if (isEvent) Parts += made;
            }
            if (role is not (SignalRole.Availability or SignalRole.Execution)) return;
            if (role == SignalRole.Execution) CountActive(entry, isEvent);
            var before = _tracker.Current.State;
            if (!_tracker.Apply(new(new(entry.Item), stamp, stamp, SampleValue.Of(entry.Value), Quality.Good), role)) return;
            _ticks[(int)before] += at - _since;
            _since = at;
        }

        private void CountActive(in RecordingEntry entry, bool isEvent)
        {
            var wasActive = _active.Count > 0;
            if (entry.Value.Equals("ACTIVE", StringComparison.OrdinalIgnoreCase)) _active.Add(entry.Item); else _active.Remove(entry.Item);
            if (isEvent && !wasActive && _active.Count > 0) ActiveTransitions++;
        }

        public StateSeconds Close(long to)
        {
            _ticks[(int)_tracker.Current.State] += to - _since;
            _since = to;
            return new(Seconds(MachineState.Running), Seconds(MachineState.Idle), Seconds(MachineState.Stopped), Seconds(MachineState.Offline), Seconds(MachineState.Unknown));
        }

        private double Seconds(MachineState state) => _ticks[(int)state] / (double)TimeSpan.TicksPerSecond;
    }
}
