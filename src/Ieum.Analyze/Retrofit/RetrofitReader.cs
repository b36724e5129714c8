using Ieum.Model;

namespace Ieum.Analyze;

/// <summary>What lamps and currents of retrofitted machines mean in this company.</summary>
public sealed record RetrofitRules(StackLampOptions Lamp, CurrentClampOptions Clamp)
{
    public static RetrofitRules Default { get; } = new(new(), new());
}

/// <summary>Stack lamp and current clamps of one machine, read together: the lamp says more, so it speaks first.</summary>
internal sealed class RetrofitReader(RetrofitRules rules)
{
    private const string Working = "CURRENT_WORK", Standby = "CURRENT_STANDBY", SwitchedOff = "CURRENT_OFF", Silent = "UNAVAILABLE";
    private readonly StackLamp _lamp = new(rules.Lamp);
    private readonly Dictionary<SignalNumber, (ClampReader Reader, ClampWord? Word)> _clamps = [];
    private readonly Dictionary<SignalNumber, long> _last = [];
    private long _clock;
    private bool _hasLamp, _lampLost;

    public long? Due => _lamp.Due;

    /// <summary>What lies over the state by the lamps alone.</summary>
    public MachineOverlay Overlay => _hasLamp && !_lampLost ? _lamp.Judge().Overlay : MachineOverlay.None;

    /// <returns>False when it is history: older than the last report of its signal.</returns>
    public bool Apply(in Sample sample, SignalRole role)
    {
        if (_last.TryGetValue(sample.Signal, out var last) && sample.SourceTicks < last) return false;
        _last[sample.Signal] = sample.SourceTicks;
        _clock = Math.Max(_clock, sample.SourceTicks);
        var known = sample.Quality is Quality.Good or Quality.Uncertain;
        if (role != SignalRole.Current)
        {
            _lamp.Say(role, sample);
            if (role != SignalRole.Buzzer) (_hasLamp, _lampLost) = (true, !known);
            return true;
        }
        if (!_clamps.TryGetValue(sample.Signal, out var clamp)) clamp = (new(rules.Clamp), null);
        // A story of the past brings the meaning itself, read once from every value.
        _clamps[sample.Signal] = (clamp.Reader, !known ? null : Enum.TryParse<ClampWord>(sample.Value.Text, out var told) && !char.IsAsciiDigit(sample.Value.Text![0]) ? told
            : clamp.Reader.Read(sample.SourceTicks, PartCounter.Number(sample) ?? double.NaN));
        return true;
    }

    public void Settle(long ticks) => _lamp.Settle(ticks);

    public bool SpokeAfter(long ticks) => _clock > ticks && !_lampLost;

    public (MachineState State, string Cause) Judge()
    {
        if (_hasLamp && _lamp.Judge() is { State: { } state } judged) return (state, judged.Cause);
        // Several clamps (a machine and its pump): the busiest decides.
        var (best, cause) = (MachineState.Unknown, _hasLamp || _clamps.Count > 0 ? Silent : "");
        var lost = _hasLamp && _lampLost && _clamps.Count == 0;
        foreach (var (_, word) in _clamps.Values)
        {
            if (word is null) lost = true;
            var (one, why) = word switch
            {
                ClampWord.Work => (MachineState.Running, Working),
                ClampWord.Standby => (MachineState.Idle, Standby),
                ClampWord.Off => (MachineState.Offline, SwitchedOff),
                _ => (MachineState.Unknown, ""),
            };
            if (one > best || cause == Silent) (best, cause) = (one, why);
        }
        // A box that fell silent is no machine that stands still.
        return best == MachineState.Unknown && lost ? (MachineState.Offline, Silent) : (best, best == MachineState.Unknown ? "" : cause);
    }
}
