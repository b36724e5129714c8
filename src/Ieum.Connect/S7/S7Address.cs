using System.Globalization;
using System.Text.RegularExpressions;
using Ieum.Connect.Polling;

namespace Ieum.Connect.S7;

/// <summary>Addresses as TIA Portal and STEP 7 write them, in English and German letters.</summary>
internal static partial class S7Address
{
    public const string Form = "DB1.DBX0.3, DB1.DBB2, DB1.DBW4 or DB1.DBD8, or M10.3, MB10, MW10, MD10, likewise with I (E) for inputs and Q (A) for outputs; a longer or signed type stands in 'type'";

    /// <summary>Byte of the area, bit (−1: none) and the type the letter tells.</summary>
    public static bool TryParse(string text, out S7Area area, out int block, out int start, out int bit, out RegisterType? type)
    {
        (area, block, start, bit, type) = (S7Area.Flags, 0, 0, -1, null);
        var t = text.Trim().ToUpperInvariant();
        if (Block().Match(t) is { Success: true } db)
            return Whole(db, "n", 65_535, out block) && block > 0 && (area = S7Area.DataBlock) == S7Area.DataBlock && Rest(db, "XBWD", out start, out bit, out type);
        if (Plain().Match(t) is not { Success: true } m) return false;
        area = m.Groups["a"].ValueSpan[0] switch { 'I' or 'E' => S7Area.Inputs, 'Q' or 'A' => S7Area.Outputs, _ => S7Area.Flags };
        return Rest(m, "BWD", out start, out bit, out type);
    }

    [GeneratedRegex(@"^DB(?<n>\d{1,5})[.,]DB(?<s>[XBWD])(?<i>\d{1,5})(\.(?<b>[0-7]))?$", RegexOptions.CultureInvariant)]
    private static partial Regex Block();

    [GeneratedRegex(@"^(?<a>[MIEQA])(?<s>[BWD]?)(?<i>\d{1,5})(\.(?<b>[0-7]))?$", RegexOptions.CultureInvariant)]
    private static partial Regex Plain();

    private static bool Rest(Match m, string sizes, out int start, out int bit, out RegisterType? type)
    {
        (bit, type) = (-1, null);
        var size = m.Groups["s"].Value is { Length: 1 } s && sizes.Contains(s, StringComparison.Ordinal) ? s[0] : 'X';
        if (!Whole(m, "i", 65_535, out start) || size == 'X' != m.Groups["b"].Success) return false;
        if (size == 'X') bit = m.Groups["b"].ValueSpan[0] - '0';
        type = size switch
        {
            'X' => new RegisterType(RegisterKind.Bool, 0),
            'B' => new RegisterType(RegisterKind.UInt8, 1),
            'W' => new RegisterType(RegisterKind.UInt16, 2),
            _ => new RegisterType(RegisterKind.UInt32, 4),
        };
        return true;
    }

    private static bool Whole(Match m, string group, int most, out int number) =>
        int.TryParse(m.Groups[group].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number <= most;
}
