using System.Collections.Frozen;
using Ieum.Connect.Sparkplug.Payload;
using Ieum.Connect.Sparkplug.Session;
using Ieum.Model;

namespace Ieum.Connect.Sparkplug;

/// <summary>From an announced metric to a signal of the node: its name, unit and meaning.</summary>
internal sealed class SignalNaming(MachineId machine, SparkplugSettings settings)
{
    /// <summary>Names that edge nodes commonly use, in lower case without '_', '-' and blanks; the last part of a path counts.</summary>
    private static readonly FrozenDictionary<string, SignalRole> WellKnown = new Dictionary<string, SignalRole>
    {
        ["availability"] = SignalRole.Availability, ["avail"] = SignalRole.Availability,
        ["execution"] = SignalRole.Execution, ["exec"] = SignalRole.Execution,
        ["mode"] = SignalRole.ControllerMode, ["controllermode"] = SignalRole.ControllerMode,
        ["program"] = SignalRole.Program, ["programname"] = SignalRole.Program,
        ["partcount"] = SignalRole.PartCount, ["parts"] = SignalRole.PartCount, ["cyclecount"] = SignalRole.PartCount, ["partcountact"] = SignalRole.PartCount,
        ["emergencystop"] = SignalRole.EmergencyStop, ["estop"] = SignalRole.EmergencyStop,
        ["powerstate"] = SignalRole.PowerState, ["toolnumber"] = SignalRole.ToolNumber, ["toolid"] = SignalRole.ToolNumber,
        ["spindlespeed"] = SignalRole.SpindleSpeed, ["load"] = SignalRole.Load, ["spindleload"] = SignalRole.Load,
        ["temperature"] = SignalRole.Temperature, ["feedrate"] = SignalRole.Feedrate,
        ["power"] = SignalRole.Power, ["incycle"] = SignalRole.InCycle,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>Unit names in the engUnit property that are not codes of UN/ECE Recommendation 20.</summary>
    private static readonly FrozenDictionary<string, Unit> Spellings = Unit.All
        .Where(u => u.Symbol.Length > 0).DistinctBy(u => u.Symbol).ToDictionary(u => u.Symbol, StringComparer.Ordinal)
        .Concat(new Dictionary<string, Unit>
        {
            ["C"] = Unit.Celsius, ["degC"] = Unit.Celsius, ["RPM"] = Unit.RevolutionPerMinute, ["percent"] = Unit.Percent, ["deg"] = Unit.Degree,
            ["pcs"] = Unit.Piece, ["sec"] = Unit.Second, ["um"] = Unit.Micrometre,
        }).DistinctBy(p => p.Key).ToFrozenDictionary(StringComparer.Ordinal);

    /// <param name="scope">A device's metrics carry the device's name when the connection is the whole node.</param>
    public Signal SignalOf(MetricScope scope, MetricSlot slot, in MetricView birth)
    {
        var name = settings.Device is null && scope.Device is { } device ? $"{device}/{slot.Name}" : slot.Name;
        var properties = birth.HasProperties && PayloadDecoder.TryProperties(birth.Properties, 0, out var set, out _) ? set : null;
        var description = properties?.Find("description")?.Value.Text ?? properties?.Find("Documentation")?.Value.Text ?? "";
        return new(new(machine, name), UnitOf(name, properties), MetricValues.KindOf(slot.DataType), RoleOf(name, slot.DataType), description);
    }

    private SignalRole RoleOf(string name, SparkplugDataType type)
    {
        if (settings.Roles.TryGetValue(name, out var told)) return told;
        var last = name[(name.LastIndexOf('/') + 1)..];
        if (last.EndsWith("_cond", StringComparison.Ordinal) || last.EndsWith("Condition", StringComparison.Ordinal)) return SignalRole.Condition;
        var plain = string.Concat(last.Where(c => c is not ('_' or '-' or ' '))).ToLowerInvariant();
        var role = WellKnown.GetValueOrDefault(plain);
        // A number called "mode" is a code of the maker, not one of the words the house reads.
        return role is SignalRole.Availability or SignalRole.Execution or SignalRole.ControllerMode && MetricValues.KindOf(type) != ValueKind.Text
            ? SignalRole.None : role;
    }

    private Unit UnitOf(string name, PropertySet? properties)
    {
        if (settings.Units.TryGetValue(name, out var told)) return told;
        var text = properties?.Find("engUnit")?.Value.Text ?? properties?.Find("engineeringUnits")?.Value.Text;
        if (text is null) return Unit.One;
        return Unit.TryFind(text, out var unit) || Spellings.TryGetValue(text, out unit) ? unit : Unit.One;
    }
}
