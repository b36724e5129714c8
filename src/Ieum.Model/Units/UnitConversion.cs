using System.Collections.Frozen;

namespace Ieum.Model;

/// <summary>Converts numbers between units of one quantity. Exact factors only; what is not in the table is not converted.</summary>
public static class UnitConversion
{
    // Value in the base unit of the quantity = value × Factor + Shift. Factors are exact by definition (SI brochure, UN/ECE Rec. 20).
    private static readonly FrozenDictionary<string, (double Factor, double Shift)> ToBase = new Dictionary<string, (double, double)>
    {
        ["C62"] = (1, 0), ["P1"] = (1, 0), ["59"] = (1e-4, 0),
        ["KEL"] = (1, 0), ["CEL"] = (1, 273.15), ["FAH"] = (5.0 / 9, 459.67 * 5 / 9),
        ["MTR"] = (1, 0), ["MMT"] = (1e-3, 0), ["CMT"] = (1e-2, 0), ["4H"] = (1e-6, 0), ["INH"] = (0.0254, 0),
        ["MTS"] = (1, 0), ["C16"] = (1e-3, 0), ["2M"] = (1e-2, 0), ["2X"] = (1.0 / 60, 0),
        ["MSK"] = (1, 0), ["M38"] = (1e-3, 0),
        ["C97"] = (1, 0), ["DD"] = (Math.PI / 180, 0), ["D61"] = (Math.PI / 10_800, 0), ["D62"] = (Math.PI / 648_000, 0),
        ["2A"] = (1, 0), ["E96"] = (Math.PI / 180, 0),
        ["RPM"] = (1.0 / 60, 0), ["RPS"] = (1, 0), ["HTZ"] = (1, 0), ["KHZ"] = (1e3, 0),
        ["SEC"] = (1, 0), ["C26"] = (1e-3, 0), ["MIN"] = (60, 0), ["HUR"] = (3600, 0), ["DAY"] = (86_400, 0),
        ["KGM"] = (1, 0), ["GRM"] = (1e-3, 0), ["MGM"] = (1e-6, 0), ["TNE"] = (1e3, 0),
        ["NEW"] = (1, 0), ["KNM"] = (1e3, 0),
        ["PAL"] = (1, 0), ["KPA"] = (1e3, 0), ["MPA"] = (1e6, 0), ["BAR"] = (1e5, 0),
        ["VLT"] = (1, 0), ["2Z"] = (1e-3, 0), ["KVT"] = (1e3, 0), ["AMP"] = (1, 0), ["4K"] = (1e-3, 0),
        ["WTT"] = (1, 0), ["KWT"] = (1e3, 0), ["JOU"] = (1, 0), ["KJO"] = (1e3, 0), ["WHR"] = (3600, 0), ["KWH"] = (3.6e6, 0),
        ["MTQ"] = (1, 0), ["LTR"] = (1e-3, 0), ["MLT"] = (1e-6, 0),
        ["L2"] = (1e-3 / 60, 0), ["G51"] = (1e-3, 0), ["MQH"] = (1.0 / 3600, 0),
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>False when the units belong to different quantities or one of them has no exact factor here.</summary>
    public static bool TryConvert(double value, Unit from, Unit to, out double converted)
    {
        converted = value;
        if (from.Code == to.Code) return true;
        if (from.Quantity != to.Quantity || !ToBase.TryGetValue(from.Code, out var a) || !ToBase.TryGetValue(to.Code, out var b)) return false;
        // One division instead of two roundings: 25.4 mm are 1 inch, not 0.9999….
        converted = (value * a.Factor + (a.Shift - b.Shift)) / b.Factor;
        return double.IsFinite(converted);
    }
}
