using System.Collections.Immutable;
using Ieum.Model;

namespace Ieum.Analyze;

/// <summary>One thing that happened to a machine: a report of a signal, or a gap.</summary>
internal readonly record struct StoryEvent(DateTimeOffset At, Sample Sample, SignalRole Role, Gap? Gap)
{
    /// <returns>True when the tracker's state or overlay changed.</returns>
    public bool Into(StateTracker tracker) => Gap is null ? tracker.Apply(Sample, Role) : tracker.ApplyGap(Gap);
}

/// <summary>What happened to a machine, by source time; begins before the asked range, so that its start is known.</summary>
/// <param name="Currents">Every value of the first clamp inside the range; the events keep only what it means.</param>
internal sealed record Story(ImmutableArray<StoryEvent> Events, IReadOnlyList<PeriodFinder.Point> Currents);

/// <summary>Merges the signals of a machine that carry a role, and the gaps of its sources, into one story.</summary>
internal sealed class StoryReader(IMeasurementHistory history, ISignalDirectory signals, IMachineSources sources, RetrofitRules retrofit)
{
    /// <summary>
    /// How far before a range conditions and gaps are read. A condition may carry several alarms, so its last report
    /// alone does not tell which are on; a day covers what operators leave standing overnight.
    /// </summary>
    public static readonly TimeSpan LookBack = 1.Days;

    /// <summary>Eleven days of one value a second; cycles of a longer range are those of its begin.</summary>
    private const int MostCurrents = 1_000_000;

    public static readonly ImmutableHashSet<SignalRole> ConditionRoles = [SignalRole.Condition];
    public static readonly ImmutableHashSet<SignalRole> StateRoles =
    [
        SignalRole.Availability, SignalRole.Execution, SignalRole.InCycle, SignalRole.ControllerMode,
        SignalRole.EmergencyStop, SignalRole.PowerState, SignalRole.Condition, SignalRole.PackMlState,
        SignalRole.LampRed, SignalRole.LampAmber, SignalRole.LampGreen, SignalRole.LampBlue, SignalRole.Buzzer, SignalRole.Current,
    ];
    public static readonly ImmutableHashSet<SignalRole> AllRoles = StateRoles.Add(SignalRole.Program).Add(SignalRole.PartCount);

    public async Task<Story> ReadAsync(MachineId machine, TimeRange range, ImmutableHashSet<SignalRole> roles, CancellationToken cancel)
    {
        var events = new List<StoryEvent>();
        var currents = new List<PeriodFinder.Point>();
        foreach (var (number, signal) in signals.Of(machine))
        {
            if (!roles.Contains(signal.Role)) continue;
            if (signal.Role == SignalRole.Current) await ReadClampAsync(number, range, events, currents, cancel).ConfigureAwait(false);
            else await ReadAsync(number, signal.Role, range, events, cancel).ConfigureAwait(false);
        }
        var early = new TimeRange(Earlier(range.From), range.To);
        foreach (var source in sources.Of(machine))
            foreach (var gap in await history.GapsAsync(source, early, cancel).ConfigureAwait(false))
                if (!Bridged(gap, events)) events.Add(new(gap.Range.From, default, SignalRole.None, gap));
        // Stable: reports with the same stamp keep the order in which their signal stored them.
        return new([.. events.OrderBy(e => e.At.UtcTicks).ThenBy(e => e.Gap is null ? 0 : 1)], currents);
    }

    /// <summary>
    /// A clamp learns its levels, so it is read from a day before the range on. It says something every second, and means
    /// something new a few times an hour: only that goes into the story, so a month of it stays small.
    /// </summary>
    private async Task ReadClampAsync(
        SignalNumber number, TimeRange range, List<StoryEvent> events, List<PeriodFinder.Point> currents, CancellationToken cancel)
    {
        var clamp = new ClampReader(retrofit.Clamp);
        ClampWord? said = null;
        var (first, keep) = (true, currents.Count == 0);
        await foreach (var sample in history.RangeAsync(number, new(Earlier(range.From), range.To), cancel).ConfigureAwait(false))
        {
            var value = PartCounter.Number(sample);
            ClampWord? word = value is { } v ? clamp.Read(sample.SourceTicks, v) : null;
            if (keep && value is { } current && sample.SourceTime >= range.From && currents.Count < MostCurrents) currents.Add(new(sample.SourceTicks, current));
            if (!first && word == said) continue;
            (first, said) = (false, word);
            var meaning = word is { } w ? sample with { Value = SampleValue.Of(w.ToString()) } : sample with { Quality = Quality.Unavailable, Value = SampleValue.None };
            events.Add(new(sample.SourceTime, meaning, SignalRole.Current, null));
        }
    }

    private async Task ReadAsync(SignalNumber number, SignalRole role, TimeRange range, List<StoryEvent> events, CancellationToken cancel)
    {
        var from = role == SignalRole.Condition ? Earlier(range.From) : range.From;
        if (await history.BeforeAsync(number, from, cancel).ConfigureAwait(false) is { } before)
            events.Add(new(before.SourceTime, before, role, null));
        await foreach (var sample in history.RangeAsync(number, new(from, range.To), cancel).ConfigureAwait(false))
            events.Add(new(sample.SourceTime, sample, role, null));
    }

    /// <summary>
    /// A report stamped before the gap and received after it was restated by the machine when the connection came back:
    /// its value has held all the time, so the gap leaves no doubt about the state.
    /// </summary>
    private static bool Bridged(Gap gap, List<StoryEvent> events) => events.Exists(e =>
        e.Role is SignalRole.Execution or SignalRole.PackMlState or SignalRole.InCycle
        && e.At < gap.Range.From && e.Sample.ReceiveTime >= gap.Range.To && !gap.Range.IsEmpty);

    private static DateTimeOffset Earlier(DateTimeOffset instant) =>
        instant - DateTimeOffset.MinValue > LookBack ? instant - LookBack : instant;
}
