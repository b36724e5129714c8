using Ieum.Model;

namespace Ieum.Analyze;

/// <summary>
/// Follows one machine: fed with samples and gaps, it always knows state, overlay and since when. The live twin and the
/// analysis of a recorded day use the same tracker, so a page and a report never disagree. Rules: docs/states.md.
/// </summary>
/// <remarks>
/// Pure: no clock, no I/O. Not safe for use by several threads at once. Samples are given in the order they arrive; a
/// report older than the last one of the same signal is history and changes nothing.
/// One machine, one source of its state: a gap of any source given here puts the state in doubt.
/// </remarks>
/// <param name="retrofit">What lamps and currents mean; null takes the defaults.</param>
public sealed class StateTracker(RetrofitRules? retrofit = null)
{
    private readonly RetrofitReader _retrofit = new(retrofit ?? RetrofitRules.Default);
    private readonly Dictionary<SignalNumber, Report> _reports = [];
    private readonly AlarmBook _alarms = new();
    private GapCause? _doubt;
    private MachineStatus _beforeGap;
    private long _gapFrom;
    private long _clock;

    /// <summary>The newest word of one signal.</summary>
    /// <param name="BeforeGap">Said before the last gap: whatever comes next replaces it, also with an older stamp.</param>
    private readonly record struct Report(SignalRole Role, long Ticks, string Word, bool BeforeGap = false);

    private const string Unavailable = "UNAVAILABLE", Off = "OFF", InDoubt = "BAD_QUALITY";
    private const string InCycle = "IN_CYCLE", OutOfCycle = "OUT_OF_CYCLE";

    public MachineStatus Current { get; private set; } = new(MachineState.Unknown, MachineOverlay.None, DateTimeOffset.MinValue, "");

    /// <summary>Alarms that are on now, in no particular order.</summary>
    public IReadOnlyCollection<ActiveAlarm> Alarms => _alarms.On;

    /// <summary>When time alone will change the state (a lamp that stays dark stops blinking); null when it will not.</summary>
    public DateTimeOffset? Due => _doubt is null && _retrofit.Due is { } due ? new(due, TimeSpan.Zero) : null;

    /// <summary>Lets time pass, at most to the next instant at which it changes something.</summary>
    /// <returns>True when state or overlay changed; ask again then, for <see cref="Due"/> may lie before <paramref name="now"/> still.</returns>
    public bool Pass(DateTimeOffset now)
    {
        while (_retrofit.Due is { } due && due <= now.UtcTicks)
        {
            Advance(due);
            _retrofit.Settle(due);
            if (Judge()) return true;
        }
        return false;
    }

    /// <summary>Takes one sample in; roles that say nothing about the state are ignored.</summary>
    /// <returns>True when state or overlay changed.</returns>
    public bool Apply(in Sample sample, SignalRole role)
    {
        switch (role)
        {
            case SignalRole.Condition:
                if (AlarmBook.ReportOf(sample) is not { } report) return false;
                Advance(sample.SourceTicks);
                _alarms.Apply(sample.Signal, report, new(sample.SourceTicks, TimeSpan.Zero));
                return Judge();
            case SignalRole.LampRed or SignalRole.LampAmber or SignalRole.LampGreen or SignalRole.LampBlue or SignalRole.Buzzer or SignalRole.Current:
                if (!_retrofit.Apply(sample, role)) return false;
                Advance(sample.SourceTicks);
                _doubt = null;
                return Judge();
            case SignalRole.Availability or SignalRole.Execution or SignalRole.PackMlState or SignalRole.InCycle
                or SignalRole.ControllerMode or SignalRole.EmergencyStop or SignalRole.PowerState:
                if (_reports.TryGetValue(sample.Signal, out var last) && !last.BeforeGap && sample.SourceTicks < last.Ticks) return false;
                Advance(sample.SourceTicks);
                _reports[sample.Signal] = new(role, sample.SourceTicks, Word(sample, role));
                if (_doubt is null || role is not (SignalRole.Availability or SignalRole.Execution or SignalRole.PackMlState or SignalRole.InCycle)) return Judge();
                _doubt = null;
                var changed = Judge();
                Restore(sample.SourceTicks);
                return changed;
            default:
                return false;
        }
    }

    /// <summary>
    /// Takes a gap in: what the machine does is unknown from its begin until execution, availability or in-cycle is
    /// reported again. A death makes the machine offline. A gap that lost nothing (0 samples) changes nothing.
    /// </summary>
    /// <returns>True when state or overlay changed.</returns>
    public bool ApplyGap(Gap gap)
    {
        ArgumentNullException.ThrowIfNull(gap);
        if (gap.Lost == 0) return false;
        Advance(gap.Range.From.UtcTicks);
        if (_doubt is null) (_beforeGap, _gapFrom) = (Current, Clock.UtcTicks);
        _doubt = gap.Cause;
        // A peer that restarted may come back with another clock.
        foreach (var (signal, report) in _reports) _reports[signal] = report with { BeforeGap = true };
        return Judge();
    }

    /// <summary>Time as the tracker saw it; changes are never stamped before an earlier one.</summary>
    internal DateTimeOffset Clock => new(_clock, TimeSpan.Zero);

    private void Advance(long ticks) => _clock = Math.Max(_clock, ticks);

    // A word stamped before the gap and said again after it has held all the time, so its state began when it began.
    private void Restore(long stamp)
    {
        if (stamp <= _gapFrom && Current.State == _beforeGap.State) Current = Current with { Since = _beforeGap.Since, Cause = _beforeGap.Cause };
    }

    private static string Word(in Sample sample, SignalRole role)
    {
        if (sample.Quality is Quality.Unavailable or Quality.Stale || sample.Value.Kind == ValueKind.None) return Unavailable;
        if (sample.Quality == Quality.Bad) return InDoubt;
        if (sample.Value.Text is { } text) return text.Trim().ToUpperInvariant();
        var isOn = sample.Value.Number is not (0 or double.NaN);
        return role switch
        {
            SignalRole.PackMlState => PackMl.WordOf(sample.Value.Number) ?? InDoubt,
            SignalRole.InCycle => isOn ? InCycle : OutOfCycle,
            SignalRole.PowerState => isOn ? "ON" : Off,
            SignalRole.Availability => isOn ? "AVAILABLE" : Unavailable,
            SignalRole.EmergencyStop => isOn ? "TRIGGERED" : "ARMED",
            _ => InDoubt,
        };
    }

    private bool Judge()
    {
        var (state, cause) = JudgeState();
        var overlay = JudgeOverlay(state);
        if (state == Current.State && overlay == Current.Overlay) return false;
        Current = state == Current.State ? Current with { Overlay = overlay } : new(state, overlay, Clock, cause);
        return true;
    }

    private (MachineState State, string Cause) JudgeState()
    {
        if (_doubt is { } gap) return (gap == GapCause.Death ? MachineState.Offline : MachineState.Unknown, gap.ToString());
        var (state, cause, seen) = (MachineState.Unknown, "", SignalRole.None);
        foreach (var report in _reports.Values)
        {
            if (report.Role == SignalRole.Availability && report.Word == Unavailable && !SpokeAfter(report.Ticks)) return (MachineState.Offline, Unavailable);
            if (report.Role == SignalRole.PowerState && report.Word == Off) return (MachineState.Offline, Off);
            // The controller knows better than a lamp: in-cycle speaks only where no execution was ever reported.
            if (report.Role is not (SignalRole.Execution or SignalRole.PackMlState or SignalRole.InCycle)) continue;
            var kind = report.Role == SignalRole.InCycle ? SignalRole.InCycle : SignalRole.Execution;
            if (kind == SignalRole.InCycle && seen == SignalRole.Execution) continue;
            var one = StateOf(report);
            var first = seen != kind;
            if (first || Rank(one) > Rank(state)) (state, cause) = (one, report.Word);
            seen = kind;
        }
        // Lamp and clamp speak where nobody says it outright.
        return seen == SignalRole.None ? _retrofit.Judge() : (state, cause);
    }

    // Some adapters never report AVAILABLE. A machine that reports what it executes can be reached, whatever was said earlier.
    private bool SpokeAfter(long ticks)
    {
        foreach (var report in _reports.Values)
            if (report.Role is SignalRole.Execution or SignalRole.PackMlState or SignalRole.InCycle && report.Ticks > ticks && report.Word != Unavailable) return true;
        return _retrofit.SpokeAfter(ticks);
    }

    private static MachineState StateOf(in Report report) => report.Role switch
    {
        SignalRole.Execution => MachineStates.OfExecution(report.Word),
        SignalRole.PackMlState => PackMl.StateOf(report.Word),
        _ => report.Word switch
        {
            InCycle or "TRUE" or "ON" or "ACTIVE" => MachineState.Running,
            OutOfCycle or "FALSE" or "OFF" or "READY" => MachineState.Idle,
            Unavailable => MachineState.Offline,
            _ => MachineState.Unknown,
        },
    };

    // A machine with several paths does what its busiest path does; stopped in the middle outweighs a path that waits.
    private static int Rank(MachineState state) => state switch
    {
        MachineState.Running => 4,
        MachineState.Stopped => 3,
        MachineState.Idle => 2,
        MachineState.Offline => 1,
        _ => 0,
    };

    private MachineOverlay JudgeOverlay(MachineState state)
    {
        var overlay = MachineOverlay.None;
        if (_alarms.Faults > 0) overlay |= MachineOverlay.Fault;
        if (_alarms.Warnings > 0) overlay |= MachineOverlay.Warning;
        // A gap makes the lamps doubtful too: what they showed before it is not shown as if it were now.
        if (_doubt is null) overlay |= _retrofit.Overlay;
        foreach (var report in _reports.Values)
        {
            if (report.Role == SignalRole.EmergencyStop && report.Word == "TRIGGERED") overlay |= MachineOverlay.Fault;
            if (report.Role == SignalRole.PackMlState && report.Word is "ABORTED" or "ABORTING") overlay |= MachineOverlay.Fault;
            // Nobody sets up a machine that cannot be reached; its last mode says nothing.
            if (report.Role == SignalRole.ControllerMode && state is not (MachineState.Offline or MachineState.Unknown)
                && report.Word is "MANUAL" or "MANUAL_DATA_INPUT" or "MDI") overlay |= MachineOverlay.SetUp;
        }
        return overlay;
    }
}
