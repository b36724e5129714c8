using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;

namespace Ieum.Model;

/// <summary>A unit of measure, named by its common code of UN/ECE Recommendation 20.</summary>
/// <param name="Code">Common code, two or three characters, for example <c>CEL</c>; <c>C62</c> is a plain number.</param>
/// <param name="Symbol">What a person reads beside the number, for example <c>°C</c>; may be empty.</param>
/// <param name="Quantity">The kind of quantity; only units of one quantity can be compared.</param>
public sealed record Unit(string Code, string Symbol, string Quantity)
{
    public static Unit One { get; } = new("C62", "", "number");
    public static Unit Percent { get; } = new("P1", "%", "ratio");
    public static Unit Celsius { get; } = new("CEL", "°C", "temperature");
    public static Unit Millimetre { get; } = new("MMT", "mm", "length");
    public static Unit Micrometre { get; } = new("4H", "µm", "length");
    public static Unit Degree { get; } = new("DD", "°", "angle");
    public static Unit RevolutionPerMinute { get; } = new("RPM", "rpm", "rotational frequency");
    public static Unit MillimetrePerSecond { get; } = new("C16", "mm/s", "velocity");
    public static Unit Second { get; } = new("SEC", "s", "time");
    public static Unit Piece { get; } = new("H87", "pcs", "pieces");
    public static Unit Ampere { get; } = new("AMP", "A", "electric current");
    public static Unit Watt { get; } = new("WTT", "W", "power");
    public static Unit KilowattHour { get; } = new("KWH", "kWh", "energy");

    private static readonly FrozenDictionary<string, Unit> Known = new Unit[]
    {
        One, Percent, Celsius, Millimetre, Micrometre, Degree, RevolutionPerMinute, MillimetrePerSecond,
        Second, Piece, Ampere, Watt, KilowattHour,
        new("KEL", "K", "temperature"), new("FAH", "°F", "temperature"),
        new("MTR", "m", "length"), new("CMT", "cm", "length"), new("INH", "in", "length"),
        new("MTK", "m²", "area"), new("MTQ", "m³", "volume"), new("LTR", "L", "volume"), new("MLT", "mL", "volume"),
        new("MTS", "m/s", "velocity"), new("2X", "m/min", "velocity"), new("2M", "cm/s", "velocity"),
        new("MSK", "m/s²", "acceleration"), new("M38", "mm/s²", "acceleration"), new("C97", "rad", "angle"),
        new("D61", "′", "angle"), new("D62", "″", "angle"), new("E96", "°/s", "angular velocity"),
        new("2A", "rad/s", "angular velocity"), new("2B", "rad/s²", "angular acceleration"),
        new("HTZ", "Hz", "frequency"), new("KHZ", "kHz", "frequency"), new("RPS", "r/s", "rotational frequency"),
        new("C26", "ms", "time"), new("MIN", "min", "time"), new("HUR", "h", "time"), new("DAY", "d", "time"),
        new("GRM", "g", "mass"), new("KGM", "kg", "mass"), new("TNE", "t", "mass"), new("MGM", "mg", "mass"),
        new("NEW", "N", "force"), new("KNM", "kN", "force"), new("NU", "N·m", "torque"),
        new("PAL", "Pa", "pressure"), new("KPA", "kPa", "pressure"), new("MPA", "MPa", "pressure"), new("BAR", "bar", "pressure"),
        new("VLT", "V", "voltage"), new("2Z", "mV", "voltage"), new("KVT", "kV", "voltage"), new("4K", "mA", "electric current"),
        new("KWT", "kW", "power"), new("D46", "VA", "apparent power"), new("D44", "var", "reactive power"),
        new("WHR", "Wh", "energy"), new("JOU", "J", "energy"), new("KJO", "kJ", "energy"),
        new("OHM", "Ω", "resistance"), new("SIE", "S", "conductance"), new("D10", "S/m", "conductivity"),
        new("L2", "L/min", "volume flow"), new("G51", "L/s", "volume flow"), new("MQH", "m³/h", "volume flow"),
        new("2N", "dB", "level"), new("Q30", "pH", "acidity"), new("C18", "mmol", "amount of substance"),
        new("GL", "g/L", "concentration"), new("C65", "Pa·s", "dynamic viscosity"), new("LUX", "lx", "illuminance"),
        new("E34", "GB", "information"), new("AD", "B", "information"), new("59", "ppm", "ratio"),
    }.ToFrozenDictionary(u => u.Code, StringComparer.Ordinal);

    /// <summary>All units that the product knows by name.</summary>
    public static IReadOnlyCollection<Unit> All => Known.Values;

    /// <summary>Finds a unit by its common code; case matters, as in the recommendation.</summary>
    public static bool TryFind(string? code, [NotNullWhen(true)] out Unit? unit)
    {
        unit = null;
        return code is not null && Known.TryGetValue(code, out unit);
    }

    public override string ToString() => Symbol.Length > 0 ? Symbol : Code;
}
