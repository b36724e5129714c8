namespace Ieum.Model;

/// <summary>What a machine is doing, in one word. The house's state model; see docs/states.md.</summary>
/// <remarks>
/// Derived from availability and execution alone. A fault or a set-up is an overlay (<see cref="MachineOverlay"/>):
/// it is shown beside the state and counted, but it does not end running, because the controller alone knows whether
/// an alarm stops the spindle.
/// </remarks>
public enum MachineState : byte
{
    /// <summary>Nothing is known yet, or the data are too old or in doubt (a gap).</summary>
    Unknown = 0,
    /// <summary>The machine or its adapter says it cannot be reached (UNAVAILABLE, death).</summary>
    Offline = 1,
    /// <summary>Stopped in the middle of work: STOPPED, INTERRUPTED, FEED_HOLD, WAIT, OPTIONAL_STOP, PROGRAM_STOPPED, PROGRAM_COMPLETED.</summary>
    Stopped = 2,
    /// <summary>Ready, no program running: READY.</summary>
    Idle = 3,
    /// <summary>Executing a program: ACTIVE.</summary>
    Running = 4,
}

/// <summary>What lies over the state of a machine.</summary>
[Flags]
public enum MachineOverlay : byte
{
    None = 0,
    /// <summary>At least one condition is at fault level.</summary>
    Fault = 1,
    /// <summary>At least one condition is at warning level.</summary>
    Warning = 2,
    /// <summary>A person is setting up: manual or MDI mode, or a set-up operation was started.</summary>
    SetUp = 4,
}

/// <summary>The rules from controller words to <see cref="MachineState"/>.</summary>
public static class MachineStates
{
    /// <summary>State for an MTConnect EXECUTION word (MTConnect part 2, Execution); other words give <see cref="MachineState.Unknown"/>.</summary>
    public static MachineState OfExecution(string? word) => word switch
    {
        "ACTIVE" => MachineState.Running,
        "READY" => MachineState.Idle,
        "STOPPED" or "INTERRUPTED" or "FEED_HOLD" or "WAIT" or "OPTIONAL_STOP" or "PROGRAM_STOPPED"
            or "PROGRAM_OPTIONAL_STOP" or "PROGRAM_COMPLETED" => MachineState.Stopped,
        "UNAVAILABLE" => MachineState.Offline,
        _ => MachineState.Unknown,
    };
}

/// <summary>Level of an MTConnect condition, mildest first.</summary>
public enum ConditionLevel : byte { Unavailable = 0, Normal = 1, Warning = 2, Fault = 3 }

/// <summary>One report of a condition: how bad, which alarm, what it says. Stored as the text of a sample.</summary>
/// <param name="Code">Native code of the controller; tells alarms of one condition apart; may be empty.</param>
/// <param name="Severity">Native severity; may be empty.</param>
/// <param name="Qualifier">HIGH, LOW or empty.</param>
/// <param name="Message">The controller's own text, never translated.</param>
public readonly record struct ConditionReport(ConditionLevel Level, string Code, string Severity, string Qualifier, string Message)
{
    /// <summary>Reads <c>LEVEL|code|severity|qualifier|message</c>, the field order of SHDR; a '|' in the message is kept.</summary>
    public static bool TryParse(string? text, out ConditionReport report)
    {
        report = default;
        if (text is null) return false;
        var parts = text.Split('|', 5);
        if (!Enum.TryParse<ConditionLevel>(parts[0].Trim(), ignoreCase: true, out var level) || char.IsAsciiDigit(parts[0].Trim()[0])) return false;
        report = new(level, Part(1), Part(2), Part(3), Part(4));
        return true;
        string Part(int i) => i < parts.Length ? parts[i].Trim() : "";
    }

    public override string ToString() => $"{Level.ToString().ToUpperInvariant()}|{Code}|{Severity}|{Qualifier}|{Message}";
}
