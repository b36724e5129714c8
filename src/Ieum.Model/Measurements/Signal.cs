namespace Ieum.Model;

/// <summary>A signal's name in the node: machine and name, for example <c>B-MC1/Xload</c>.</summary>
/// <param name="Name">The name the source gives it (MTConnect dataItem id or name, SHDR key, Sparkplug metric name); may contain '/'.</param>
public readonly record struct SignalId(MachineId Machine, string Name)
{
    public override string ToString() => $"{Machine}/{Name}";
}

/// <summary>The node's short number for a signal; stable for the life of the data directory, 1 and up.</summary>
public readonly record struct SignalNumber(int Value) : IComparable<SignalNumber>
{
    public int CompareTo(SignalNumber other) => Value.CompareTo(other.Value);
    public override string ToString() => $"#{Value}";
}

/// <summary>What a signal means to the house. Sources set it from what the protocol says or from the connection's settings.</summary>
public enum SignalRole : byte
{
    /// <summary>A measurement or fact without a special meaning to the loop.</summary>
    None = 0,
    /// <summary>AVAILABLE or UNAVAILABLE.</summary>
    Availability,
    /// <summary>MTConnect Execution words.</summary>
    Execution,
    /// <summary>MTConnect ControllerMode words: AUTOMATIC, MANUAL, MANUAL_DATA_INPUT, SEMI_AUTOMATIC, EDIT.</summary>
    ControllerMode,
    /// <summary>Name of the active program.</summary>
    Program,
    /// <summary>Counter of parts made; may be reset to 0.</summary>
    PartCount,
    /// <summary>A condition; values are <see cref="ConditionReport"/> texts.</summary>
    Condition,
    /// <summary>ARMED or TRIGGERED.</summary>
    EmergencyStop,
    /// <summary>ON or OFF.</summary>
    PowerState,
    ToolNumber,
    SpindleSpeed,
    Load,
    Temperature,
    Position,
    Feedrate,
    /// <summary>Electric power or current drawn by the machine.</summary>
    Power,
    /// <summary>True while the stack lamp or current clamp says the machine is in cycle; retrofit machines.</summary>
    InCycle,
    /// <summary>True while the red lamp of the stack is lit; blinking is told as it happens.</summary>
    LampRed,
    /// <summary>True while the amber lamp of the stack is lit.</summary>
    LampAmber,
    /// <summary>True while the green lamp of the stack is lit.</summary>
    LampGreen,
    /// <summary>Electric current of a clamp around the machine's supply.</summary>
    Current,
    /// <summary>True while the blue lamp of the stack is lit.</summary>
    LampBlue,
    /// <summary>True while the buzzer of the stack sounds.</summary>
    Buzzer,
    /// <summary>State of a machine after PackML (ISA-TR88.00.02), as its number 1 to 17 or its word.</summary>
    PackMlState,
}

/// <summary>One signal of one machine.</summary>
/// <param name="Unit">Unit of numeric values; <see cref="Unit.One"/> for states and texts.</param>
/// <param name="Kind">The kind its values normally have; a single value may still be none or text when the machine says so.</param>
public sealed record Signal(SignalId Id, Unit Unit, ValueKind Kind, SignalRole Role = SignalRole.None, string Description = "");
