using Ieum.Model;

namespace Ieum.Analyze;

/// <summary>How a lamp is lit.</summary>
internal enum Lit : byte { Unknown = 0, Dark = 1, Steady = 2, Blinking = 3 }

/// <summary>
/// One lamp or buzzer, told on and off as it happens. Without looking ahead: a lamp that goes off counts as dark when it stayed
/// off for the length of a blink, and blinks from its fourth quick change on.
/// </summary>
internal sealed class LampWatch(TimeSpan blink)
{
    private const int QuickChanges = 3;
    private bool _on;
    private long _edge;
    private int _quick;
    private bool _told;   // the box itself tells the pattern, so time alone changes nothing

    public Lit Lit { get; private set; }

    /// <summary>When the lamp's meaning changes by time alone, UTC ticks; null when it does not.</summary>
    public long? Due => !_told && ((Lit == Lit.Steady && !_on) || Lit == Lit.Blinking) ? _edge + blink.Ticks : null;

    /// <param name="ticks">Not before any earlier call.</param>
    public void Say(long ticks, bool on)
    {
        Settle(ticks);
        if (_told) (_told, _on, _edge, _quick, Lit) = (false, on, ticks, 0, on ? Lit.Steady : Lit.Dark);
        if (Lit == Lit.Unknown)
        {
            (_on, _edge, Lit) = (on, ticks, on ? Lit.Steady : Lit.Dark);
            return;
        }
        if (on == _on) return;
        _quick = ticks - _edge <= blink.Ticks ? _quick + 1 : 0;
        (_on, _edge) = (on, ticks);
        if (_quick >= QuickChanges) Lit = Lit.Blinking;
        else if (on && Lit == Lit.Dark) Lit = Lit.Steady;
    }

    /// <summary>A box that decodes the blinking itself says so.</summary>
    public void Blinks(long ticks) => (_on, _edge, _quick, _told, Lit) = (true, ticks, QuickChanges, true, Lit.Blinking);

    public void Forget() => (Lit, _quick, _told) = (Lit.Unknown, 0, false);

    /// <summary>Time has passed up to <paramref name="ticks"/>.</summary>
    public void Settle(long ticks)
    {
        if (Due is { } due && ticks >= due) (_quick, Lit) = (0, _on ? Lit.Steady : Lit.Dark);
    }
}

/// <summary>The stack lamp of one machine: several lamps, one meaning.</summary>
internal sealed class StackLamp(StackLampOptions rules)
{
    // Severity first: what is worst decides, as it does for the people who look at it.
    private static readonly SignalRole[] Order = [SignalRole.LampRed, SignalRole.LampAmber, SignalRole.LampBlue, SignalRole.LampGreen, SignalRole.Buzzer];
    private readonly Dictionary<SignalRole, LampWatch> _lamps = [];

    public static bool Is(SignalRole role) => role is SignalRole.LampRed or SignalRole.LampAmber or SignalRole.LampGreen or SignalRole.LampBlue or SignalRole.Buzzer;

    /// <summary>Earliest instant at which time alone changes the meaning; null when none does.</summary>
    public long? Due
    {
        get
        {
            long? due = null;
            foreach (var lamp in _lamps.Values)
                if (lamp.Due is { } d && (due is null || d < due)) due = d;
            return due;
        }
    }

    public void Say(SignalRole role, in Sample sample)
    {
        if (!_lamps.TryGetValue(role, out var lamp)) _lamps[role] = lamp = new(rules.Blink);
        if (sample.Quality is not (Quality.Good or Quality.Uncertain)) { lamp.Forget(); return; }
        switch (sample.Value.Text?.Trim().ToUpperInvariant())
        {
            case "BLINK" or "BLINKING" or "FLASH" or "FLASHING":
                lamp.Blinks(sample.SourceTicks);
                break;
            case "ON" or "TRUE" or "LIT" or "1": lamp.Say(sample.SourceTicks, true); break;
            case "OFF" or "FALSE" or "DARK" or "0": lamp.Say(sample.SourceTicks, false); break;
            case not null: lamp.Forget(); break;
            default:
                if (double.IsNaN(sample.Value.Number)) lamp.Forget();
                else lamp.Say(sample.SourceTicks, sample.Value.Number != 0);
                break;
        }
    }

    public void Settle(long ticks)
    {
        foreach (var lamp in _lamps.Values) lamp.Settle(ticks);
    }

    /// <summary>What the lamps say together; a null state when they leave it open.</summary>
    public (MachineState? State, MachineOverlay Overlay, string Cause) Judge()
    {
        MachineState? state = null;
        var (overlay, cause, anyLit, anyKnown) = (MachineOverlay.None, "", false, false);
        foreach (var role in Order)
        {
            if (!_lamps.TryGetValue(role, out var lamp) || lamp.Lit == Lit.Unknown) continue;
            if (role != SignalRole.Buzzer) anyKnown = true;
            if (lamp.Lit == Lit.Dark) continue;
            if (role != SignalRole.Buzzer) anyLit = true;
            var (one, over) = Read(MeaningOf(role, lamp.Lit));
            overlay |= over;
            // A set-up lamp says that nobody produces unless the green one says otherwise.
            if (one is null || (state is not null && !(cause.StartsWith("BLUE", StringComparison.Ordinal) && one == MachineState.Running))) continue;
            (state, cause) = (one, NameOf(role, lamp.Lit));
        }
        // Without a green lamp dark only says that nothing is wrong, not what the machine does.
        if (state is null && anyKnown && !anyLit && Knows(SignalRole.LampGreen))
            (state, cause) = (Read(rules.Dark).State, "DARK");
        return (state, overlay, cause);
    }

    private bool Knows(SignalRole role) => _lamps.TryGetValue(role, out var lamp) && lamp.Lit != Lit.Unknown;

    private LampMeaning MeaningOf(SignalRole role, Lit lit) => (role, lit == Lit.Blinking) switch
    {
        (SignalRole.LampRed, false) => rules.Red,
        (SignalRole.LampRed, true) => rules.RedBlinking,
        (SignalRole.LampAmber, false) => rules.Amber,
        (SignalRole.LampAmber, true) => rules.AmberBlinking,
        (SignalRole.LampGreen, false) => rules.Green,
        (SignalRole.LampGreen, true) => rules.GreenBlinking,
        (SignalRole.LampBlue, false) => rules.Blue,
        (SignalRole.LampBlue, true) => rules.BlueBlinking,
        _ => rules.Buzzer,
    };

    private static (MachineState? State, MachineOverlay Overlay) Read(LampMeaning meaning) => meaning switch
    {
        LampMeaning.Running => (MachineState.Running, MachineOverlay.None),
        LampMeaning.Idle => (MachineState.Idle, MachineOverlay.None),
        LampMeaning.Stopped => (MachineState.Stopped, MachineOverlay.None),
        LampMeaning.Offline => (MachineState.Offline, MachineOverlay.None),
        LampMeaning.Fault => (MachineState.Stopped, MachineOverlay.Fault),
        LampMeaning.Warning => (null, MachineOverlay.Warning),
        LampMeaning.SetUp => (MachineState.Idle, MachineOverlay.SetUp),
        _ => (null, MachineOverlay.None),
    };

    private static string NameOf(SignalRole role, Lit lit) => role switch
    {
        SignalRole.LampRed => "RED",
        SignalRole.LampAmber => "AMBER",
        SignalRole.LampGreen => "GREEN",
        SignalRole.LampBlue => "BLUE",
        _ => "BUZZER",
    } + (lit == Lit.Blinking ? "_BLINKING" : "");
}
