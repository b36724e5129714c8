using System.Globalization;
using System.Text;
using Ieum.Connect.Polling;
using Ieum.Model;
using Ieum.Sim.Machines;

namespace Ieum.Sim.Registers;

/// <summary>How one item of a machine stands in registers: numbers scaled, states as coded words, counters of 32 bits.</summary>
/// <param name="Type">Type by the name that connections use.</param>
/// <param name="Words">Raw values that are words; the raw value for "not available" is always among them.</param>
internal sealed record RegisterPoint(
    string Name, int Start, RegisterType Type, string Unit, SignalRole Role, double Scale, IReadOnlyDictionary<string, string> Words)
{
    private const string Unavailable = "UNAVAILABLE";
    private static readonly Encoding Utf8 = new UTF8Encoding(false, false);

    public int Count => Math.Max(1, (Type.Bytes + 1) / 2);

    /// <summary>How an item of this kind is laid down at <paramref name="start"/>.</summary>
    public static RegisterPoint Of(DataItem item, int start) => item switch
    {
        { IsCondition: true } => Coded(item, start, ["NORMAL||||", "WARNING||||", "FAULT||||"]),
        { Type: "EXECUTION" } => Coded(item, start, ["READY", "ACTIVE", "INTERRUPTED", "FEED_HOLD", "STOPPED", "OPTIONAL_STOP", "PROGRAM_STOPPED", "PROGRAM_COMPLETED", "WAIT", "PROGRAM_OPTIONAL_STOP"]),
        { Type: "CONTROLLER_MODE" } => Coded(item, start, ["AUTOMATIC", "MANUAL", "MANUAL_DATA_INPUT", "SEMI_AUTOMATIC", "EDIT"]),
        { Type: "AVAILABILITY" } => Coded(item, start, ["AVAILABLE"]),
        { Type: "EMERGENCY_STOP" } => Coded(item, start, ["ARMED", "TRIGGERED"]),
        { Type: "POWER_STATE" } => Coded(item, start, ["ON", "OFF"]),
        { Type: "BOOLEAN" } => Coded(item, start, ["false", "true"]),
        { Type: "PART_COUNT" or "COUNT" or "LINE" or "ACCUMULATED_TIME" } => Number(item, start, RegisterKind.UInt32, 1),
        { Units: "PERCENT" or "CELSIUS" } => Number(item, start, RegisterKind.Int16, 0.1),
        { Units: "MILLIMETER" or "DEGREE" } => Number(item, start, RegisterKind.Int32, 0.001),
        { Units: "REVOLUTION/MINUTE" } => Number(item, start, RegisterKind.Int32, 0.1),
        { Units: not null } or { IsSample: true } => Number(item, start, RegisterKind.Float32, 1),
        _ => new(item.Name, start, new(RegisterKind.Text, 32), "", RoleOf(item), 1, new Dictionary<string, string> { [Unavailable] = Unavailable }),
    };

    /// <summary>The cells of a value, most significant byte first.</summary>
    /// <returns>False when the registers cannot hold it; they say "not available" then.</returns>
    public bool TryCode(string value, RegisterOrder wordOrder, RegisterOrder byteOrder, Span<byte> cells)
    {
        var order = Type.Bytes > 2 && Type.Kind != RegisterKind.Text ? wordOrder : byteOrder;
        if (RegisterCodec.TryEncode(RawOf(value), Type, order, Utf8, cells)) return true;
        RegisterCodec.TryEncode(Nothing, Type, order, Utf8, cells);
        return value == Unavailable;
    }

    /// <summary>What stands in the registers while there is no value.</summary>
    private SampleValue Nothing => Type.Kind switch
    {
        RegisterKind.Int16 => SampleValue.Of((long)short.MinValue),
        RegisterKind.Int32 => SampleValue.Of((long)int.MinValue),
        RegisterKind.UInt32 => SampleValue.Of((long)uint.MaxValue),
        RegisterKind.Float32 => SampleValue.Of((double)float.MinValue),
        RegisterKind.Text => SampleValue.Of(Unavailable),
        _ => SampleValue.Of(0L),
    };

    private SampleValue RawOf(string value)
    {
        if (value == Unavailable) return Nothing;
        if (Type.Kind == RegisterKind.Text) return SampleValue.Of(Fitting(value));
        if (Words.FirstOrDefault(w => w.Value.Equals(value, StringComparison.OrdinalIgnoreCase)) is { Key: { } code })
            return SampleValue.Of(long.Parse(code, CultureInfo.InvariantCulture));
        if (Type.Kind == RegisterKind.UInt16 || !double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)) return SampleValue.None;
        return SampleValue.Of(Type.IsWhole ? Math.Round(number / Scale) : number);
    }

    /// <summary>A text cut so that no character is halved.</summary>
    private string Fitting(string text)
    {
        while (Utf8.GetByteCount(text) > Type.Bytes) text = text[..^(char.IsLowSurrogate(text[^1]) ? 2 : 1)];
        return text;
    }

    private static RegisterPoint Coded(DataItem item, int start, string[] words)
    {
        var codes = new Dictionary<string, string>(StringComparer.Ordinal) { ["0"] = item.IsCondition ? "UNAVAILABLE||||" : Unavailable };
        for (var i = 0; i < words.Length; i++) codes[(i + 1).ToString(CultureInfo.InvariantCulture)] = words[i];
        return new(item.Name, start, new(RegisterKind.UInt16, 2), "", RoleOf(item), 1, codes);
    }

    private static RegisterPoint Number(DataItem item, int start, RegisterKind kind, double scale)
    {
        var nothing = kind switch
        {
            RegisterKind.Int16 => SampleValue.Of((long)short.MinValue),
            RegisterKind.Int32 => SampleValue.Of((long)int.MinValue),
            RegisterKind.UInt32 => SampleValue.Of((long)uint.MaxValue),
            _ => SampleValue.Of((double)float.MinValue),
        };
        return new(item.Name, start, new(kind, kind == RegisterKind.Int16 ? 2 : 4), UnitOf(item), RoleOf(item), scale,
            new Dictionary<string, string> { [nothing.ToString()] = Unavailable });
    }

    private static string UnitOf(DataItem item) => item switch
    {
        { Type: "PART_COUNT" } => "H87",
        { Type: "ACCUMULATED_TIME" } => "SEC",
        _ => item.Units switch
        {
            "MILLIMETER" => "MMT",
            "MILLIMETER/SECOND" => "C16",
            "DEGREE" => "DD",
            "DEGREE/SECOND" => "E96",
            "PERCENT" => "P1",
            "CELSIUS" => "CEL",
            "REVOLUTION/MINUTE" => "RPM",
            "SECOND" => "SEC",
            "AMPERE" => "AMP",
            _ => "",
        },
    };

    internal static SignalRole RoleOf(DataItem item) => item.IsCondition ? SignalRole.Condition : item.Type switch
    {
        "AVAILABILITY" => SignalRole.Availability,
        "EXECUTION" => SignalRole.Execution,
        "CONTROLLER_MODE" => SignalRole.ControllerMode,
        "PROGRAM" when item.SubType is null => SignalRole.Program,
        "PART_COUNT" when item.SubType is null or "ALL" => SignalRole.PartCount,
        "EMERGENCY_STOP" => SignalRole.EmergencyStop,
        "POWER_STATE" => SignalRole.PowerState,
        "TOOL_NUMBER" => SignalRole.ToolNumber,
        "ROTARY_VELOCITY" when item.SubType is null or "ACTUAL" => SignalRole.SpindleSpeed,
        "LOAD" => SignalRole.Load,
        "TEMPERATURE" => SignalRole.Temperature,
        "POSITION" or "ANGLE" when item.SubType is null or "ACTUAL" => SignalRole.Position,
        "AXIS_FEEDRATE" or "PATH_FEEDRATE" => SignalRole.Feedrate,
        "BOOLEAN" when item.Name == "in_cycle" => SignalRole.InCycle,
        _ => SignalRole.None,
    };
}
