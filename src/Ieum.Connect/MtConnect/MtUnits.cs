using System.Collections.Frozen;
using Ieum.Model;

namespace Ieum.Connect.MtConnect;

/// <summary>From the units of MTConnect (Part 2, UnitEnum and NativeUnitEnum) to common codes, and from types to roles.</summary>
internal static class MtUnits
{
    private static readonly FrozenDictionary<string, string> Codes = new Dictionary<string, string>
    {
        ["MILLIMETER"] = "MMT", ["CENTIMETER"] = "CMT", ["METER"] = "MTR", ["MICRON"] = "4H", ["INCH"] = "INH",
        ["DEGREE"] = "DD", ["RADIAN"] = "C97", ["CELSIUS"] = "CEL", ["KELVIN"] = "KEL", ["FAHRENHEIT"] = "FAH",
        ["PERCENT"] = "P1", ["COUNT"] = "C62", ["SECOND"] = "SEC", ["MILLISECOND"] = "C26", ["MINUTE"] = "MIN", ["HOUR"] = "HUR",
        ["REVOLUTION/MINUTE"] = "RPM", ["REVOLUTION/SECOND"] = "RPS", ["MILLIMETER/SECOND"] = "C16", ["METER/SECOND"] = "MTS", ["METER/MINUTE"] = "2X",
        ["CENTIMETER/SECOND"] = "2M", ["MILLIMETER/SECOND^2"] = "M38", ["METER/SECOND^2"] = "MSK", ["DEGREE/SECOND"] = "E96", ["RADIAN/SECOND"] = "2A", ["RADIAN/SECOND^2"] = "2B",
        ["HERTZ"] = "HTZ", ["KILOHERTZ"] = "KHZ", ["GRAM"] = "GRM", ["KILOGRAM"] = "KGM", ["MILLIGRAM"] = "MGM",
        ["NEWTON"] = "NEW", ["KILONEWTON"] = "KNM", ["NEWTON_METER"] = "NU", ["PASCAL"] = "PAL", ["KILOPASCAL"] = "KPA", ["MEGAPASCAL"] = "MPA", ["BAR"] = "BAR",
        ["VOLT"] = "VLT", ["MILLIVOLT"] = "2Z", ["KILOVOLT"] = "KVT", ["AMPERE"] = "AMP", ["MILLIAMPERE"] = "4K", ["OHM"] = "OHM", ["SIEMENS/METER"] = "D10",
        ["WATT"] = "WTT", ["KILOWATT"] = "KWT", ["VOLT_AMPERE"] = "D46", ["VOLT_AMPERE_REACTIVE"] = "D44",
        ["WATT_HOUR"] = "WHR", ["WATT_SECOND"] = "JOU", ["JOULE"] = "JOU", ["KILOWATT_HOUR"] = "KWH",
        ["LITER"] = "LTR", ["MILLILITER"] = "MLT", ["CUBIC_METER"] = "MTQ", ["SQUARE_METER"] = "MTK", ["LITER/SECOND"] = "G51", ["LITER/MINUTE"] = "L2", ["CUBIC_METER/HOUR"] = "MQH",
        ["DECIBEL"] = "2N", ["PH"] = "Q30", ["PASCAL_SECOND"] = "C65", ["GRAM/LITER"] = "GL", ["LUX"] = "LUX", ["BYTE"] = "AD", ["PARTS_PER_MILLION"] = "59",
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>False when the unit has no common code; no unit, plain counts and vectors give <see cref="Unit.One"/> or the unit of one part.</summary>
    public static bool TryFind(string units, out Unit unit)
    {
        unit = Unit.One;
        if (units.Length == 0) return true;
        var plain = units.EndsWith("_3D", StringComparison.Ordinal) ? units[..^3] : units;
        if (!Codes.TryGetValue(plain, out var code) || !Unit.TryFind(code, out var found)) return false;
        unit = found;
        return true;
    }

    /// <summary>Role by the type of a data item, in the form of a device description (<c>ROTARY_VELOCITY</c>).</summary>
    public static SignalRole RoleOf(MtDataItem item) => item.Category == MtCategory.Condition ? SignalRole.Condition : item.Type switch
    {
        "AVAILABILITY" => SignalRole.Availability,
        "EXECUTION" => SignalRole.Execution,
        "CONTROLLER_MODE" => SignalRole.ControllerMode,
        "PROGRAM" when item.SubType is "" or "ACTIVE" or "MAIN" => SignalRole.Program,
        "PART_COUNT" when item.SubType is "" or "ALL" or "GOOD" or "ACTUAL" => SignalRole.PartCount,
        "EMERGENCY_STOP" => SignalRole.EmergencyStop,
        "POWER_STATE" or "POWER_STATUS" => SignalRole.PowerState,
        "TOOL_NUMBER" or "TOOL_ID" => SignalRole.ToolNumber,
        "ROTARY_VELOCITY" or "SPINDLE_SPEED" when item.Category == MtCategory.Sample && item.SubType is "" or "ACTUAL" => SignalRole.SpindleSpeed,
        "LOAD" => SignalRole.Load,
        "TEMPERATURE" => SignalRole.Temperature,
        "POSITION" or "ANGLE" when item.SubType is "" or "ACTUAL" => SignalRole.Position,
        "PATH_FEEDRATE" or "AXIS_FEEDRATE" when item.SubType is "" or "ACTUAL" => SignalRole.Feedrate,
        "WATTAGE" or "AMPERAGE" or "AMPERAGE_AC" or "AMPERAGE_DC" or "VOLT_AMPERE" => SignalRole.Power,
        _ => SignalRole.None,
    };

    public static ValueKind KindOf(MtDataItem item) => item switch
    {
        { Representation: "DATA_SET" or "TABLE" or "TIME_SERIES" } => ValueKind.Text,
        { Category: MtCategory.Sample } => item.Units.EndsWith("_3D", StringComparison.Ordinal) ? ValueKind.Text : ValueKind.Real,
        { Category: MtCategory.Event, Type: "PART_COUNT" or "LINE" or "LINE_NUMBER" or "TOOL_NUMBER" or "BLOCK_COUNT" or "PALLET_COUNT" } => ValueKind.Integer,
        { Category: MtCategory.Event, Units.Length: > 0 } => ValueKind.Real,   // overrides: events with a unit
        _ => ValueKind.Text,
    };

    /// <summary><c>RotaryVelocity</c> → <c>ROTARY_VELOCITY</c>: an element name as the type it came from.</summary>
    public static string TypeOfElement(string element)
    {
        var plain = element.EndsWith("DataSet", StringComparison.Ordinal) || element.EndsWith("TimeSeries", StringComparison.Ordinal)
            ? element.Replace("DataSet", "", StringComparison.Ordinal).Replace("TimeSeries", "", StringComparison.Ordinal) : element;
        return string.Concat(plain.Select((c, i) => i > 0 && char.IsAsciiLetterUpper(c) && !char.IsAsciiLetterUpper(plain[i - 1]) ? $"_{c}" : $"{char.ToUpperInvariant(c)}"));
    }
}
