using System.Collections.Frozen;
using System.Collections.Immutable;
using Ieum.Model;

namespace Ieum.Connect.OpcUa.Client;

/// <summary>What a known variable of a companion model means to the house.</summary>
/// <param name="Words">Words of the house for the values of the model; a value without a word is passed on as it is.</param>
internal sealed record KnownVariable(SignalRole Role, ImmutableSortedDictionary<string, string> Words)
{
    public static KnownVariable None { get; } = new(SignalRole.None, ImmutableSortedDictionary<string, string>.Empty);
}

/// <summary>The companion models that are recognised by the namespaces of their NodeSets, and what their variables mean.</summary>
internal static class CompanionModels
{
    /// <summary>UN/ECE codes packed into the number of an EUInformation (Part 8, 5.6.3.3).</summary>
    public const string UneceUri = "http://www.opcfoundation.org/UA/units/un/cefact";

    private const string Base = "http://opcfoundation.org/UA/";

    private static readonly FrozenDictionary<string, string> Names = new Dictionary<string, string>
    {
        [Base + "Machinery/"] = "Machinery",
        [Base + "Machinery/Jobs/"] = "Machinery Jobs",
        [Base + "Machinery/Result/"] = "Machinery Result",
        [Base + "Machinery/ProcessValues/"] = "Machinery ProcessValues",
        [Base + "MachineTool/"] = "MachineTool",
        [Base + "PackML/"] = "PackML",
        [Base + "MTConnect/v2/"] = "MTConnect",
        [Base + "MTConnect/2.0/"] = "MTConnect",
        [Base + "PlasticsRubber/IMM2MES/"] = "IMM2MES",
        [Base + "PlasticsRubber/GeneralTypes/"] = "PlasticsRubber",
        [Base + "ISA95-JOBCONTROL_V2/"] = "ISA-95 Job Control",
        [Base + "CSPPlusForMachine/"] = "CSP+ For Machine",
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>Companion models that describe a machine; Device Integration (DI) and Industrial Automation (IA) alone do not.</summary>
    public static string? NameOf(string? namespaceUri) => namespaceUri is not null && Names.TryGetValue(namespaceUri, out var name) ? name : null;

    /// <summary>Properties that describe another variable and are no signals themselves (Part 8 and Part 5).</summary>
    public static FrozenSet<string> Descriptions { get; } = new[]
    {
        "EngineeringUnits", "EURange", "InstrumentRange", "EnumStrings", "EnumValues", "TrueState", "FalseState", "Definition",
        "ValuePrecision", "ValueAsText", "InputArguments", "OutputArguments", "NodeVersion", "ViewVersion", "LocalTime", "Icon",
        "NamingRule", "OptionSetValues", "BitMask", "DefaultInstanceBrowseName", "AllowNulls", "MaxArrayLength", "MaxStringLength",
        "AxisScaleType", "XAxisDefinition", "YAxisDefinition", "Title", "TransitionNumber", "StateNumber", "EffectiveDisplayName",
    }.ToFrozenSet(StringComparer.Ordinal);

    private static readonly FrozenDictionary<string, KnownVariable> Known = new Dictionary<string, KnownVariable>
    {
        // MachineTool (OPC 40501-1): channel, operation mode, active program, parts
        ["ChannelState"] = new(SignalRole.Execution, Words("0", "ACTIVE", "1", "INTERRUPTED", "2", "READY", "Active", "ACTIVE", "Interrupted", "INTERRUPTED", "Reset", "READY")),
        ["OperationMode"] = new(SignalRole.ControllerMode, Words("0", "MANUAL", "1", "AUTOMATIC", "2", "MANUAL_DATA_INPUT", "3", "AUTOMATIC",
            "Manual", "MANUAL", "Automatic", "AUTOMATIC", "Setup", "MANUAL_DATA_INPUT", "AutoWithManualIntervention", "AUTOMATIC")),
        ["PartsCompleted"] = Of(SignalRole.PartCount),
        ["PartsCompletedPerRun"] = Of(SignalRole.PartCount),
        ["ToolIdentifier"] = Of(SignalRole.ToolNumber),
        // PackML (OPC 30050) and PackTags
        ["ProdProcessedCount"] = Of(SignalRole.PartCount),
        ["UnitModeCurrent"] = new(SignalRole.ControllerMode, Words("1", "AUTOMATIC", "2", "MANUAL", "3", "MANUAL")),   // Production, Maintenance, Manual
        // PlasticsRubber (OPC 40077)
        ["MachineCycleCounter"] = Of(SignalRole.PartCount),
        ["MachineMode"] = new(SignalRole.ControllerMode, Words("1", "AUTOMATIC", "2", "SEMI_AUTOMATIC", "3", "MANUAL", "4", "MANUAL", "SETUP", "MANUAL")),   // MachineModeEnumeration of OPC 40083
        ["ActualPower"] = Of(SignalRole.Power),
        ["ActualTemperature"] = Of(SignalRole.Temperature),
        // MTConnect (its own words)
        ["Availability"] = Of(SignalRole.Availability),
        ["Execution"] = Of(SignalRole.Execution),
        ["ControllerMode"] = Of(SignalRole.ControllerMode),
        ["PartCount"] = Of(SignalRole.PartCount),
        ["EmergencyStop"] = Of(SignalRole.EmergencyStop),
        ["PowerState"] = Of(SignalRole.PowerState),
        ["ToolNumber"] = Of(SignalRole.ToolNumber),
        ["Program"] = Of(SignalRole.Program),
        // Names common to several models and vendors
        ["SpindleSpeed"] = Of(SignalRole.SpindleSpeed),
        ["RotaryVelocity"] = Of(SignalRole.SpindleSpeed),
        ["SpindleLoad"] = Of(SignalRole.Load),
        ["Load"] = Of(SignalRole.Load),
        ["Temperature"] = Of(SignalRole.Temperature),
        ["Position"] = Of(SignalRole.Position),
        ["ActualPosition"] = Of(SignalRole.Position),
        ["FeedRate"] = Of(SignalRole.Feedrate),
        ["Feedrate"] = Of(SignalRole.Feedrate),
        ["PathFeedrate"] = Of(SignalRole.Feedrate),
        ["StateCurrent"] = Of(SignalRole.PackMlState),   // PackTags, Status.StateCurrent (ISA-TR88.00.02)
        ["ActivePower"] = Of(SignalRole.Power),
        ["PowerConsumption"] = Of(SignalRole.Power),
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>What a variable means, by its browse name and the names above it.</summary>
    public static KnownVariable Meaning(string browseName, ReadOnlySpan<string> above)
    {
        if (Known.TryGetValue(browseName, out var known)) return known;
        var parent = above.Length > 0 ? above[^1] : "";
        return (browseName, parent) switch
        {
            ("Name", "ActiveProgram") => Of(SignalRole.Program),
            // Production program state machine of MachineTool: Initializing, Running, Interrupted, Ended, Aborted.
            ("CurrentState", "State") when above.Length > 1 && above[^2] == "ActiveProgram" => new(SignalRole.Execution, Words(
                "Initializing", "READY", "Running", "ACTIVE", "Interrupted", "INTERRUPTED", "Ended", "PROGRAM_COMPLETED", "Aborted", "STOPPED")),
            // Machinery item state (OPC 40001-1): a machine that executes is in cycle.
            ("CurrentState", "MachineryItemState") => new(SignalRole.Execution, Words(
                "Executing", "ACTIVE", "NotExecuting", "READY", "OutOfService", "UNAVAILABLE", "NotAvailable", "UNAVAILABLE")),
            // OPC 30050: the state machine of the running machine names its states as the standard does, in other letters.
            ("CurrentState", "ExecuteState") => new(SignalRole.PackMlState, Words(
                "Idle", "IDLE", "Starting", "STARTING", "Execute", "EXECUTE", "Completing", "COMPLETING", "Complete", "COMPLETE", "Resetting", "RESETTING",
                "Holding", "HOLDING", "Held", "HELD", "Unholding", "UNHOLDING", "Suspending", "SUSPENDING", "Suspended", "SUSPENDED", "Unsuspending", "UNSUSPENDING")),
            _ => KnownVariable.None,
        };
    }

    /// <summary>The unit of an EUInformation; null when it is none that the product knows.</summary>
    public static Unit? UnitOf(string? namespaceUri, int unitId)
    {
        if (namespaceUri is { Length: > 0 } && namespaceUri != UneceUri) return null;
        Span<char> code = stackalloc char[4];
        var length = 0;
        for (var shift = 24; shift >= 0; shift -= 8)
            if ((unitId >> shift & 0xFF) is > 0x20 and < 0x7F and var c) code[length++] = (char)c;
        return length > 0 && Unit.TryFind(new string(code[..length]), out var unit) ? unit : null;
    }

    /// <summary>The unit that is written as <paramref name="symbol"/>, for servers whose units are of no table; null unless exactly one is written so.</summary>
    public static Unit? UnitWritten(string? symbol) =>
        symbol is { Length: > 0 } && Unit.All.Where(u => u.Symbol == symbol).Take(2).ToArray() is [var only] ? only : null;

    private static KnownVariable Of(SignalRole role) => KnownVariable.None with { Role = role };

    private static ImmutableSortedDictionary<string, string> Words(params ReadOnlySpan<string> pairs)
    {
        var words = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        for (var i = 0; i + 1 < pairs.Length; i += 2) words[pairs[i]] = pairs[i + 1];
        return words.ToImmutable();
    }
}
