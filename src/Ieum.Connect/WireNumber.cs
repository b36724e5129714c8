using System.Globalization;

namespace Ieum.Connect;

/// <summary>Reads numbers as controllers write them, in invariant form, exactly rounded.</summary>
internal static class WireNumber
{
    private static ReadOnlySpan<double> Powers =>
        [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15];

    /// <summary>A finite decimal number, with or without an exponent. NaN and infinities are not finite: see <see cref="IsNotFinite"/>.</summary>
    public static bool TryParse(ReadOnlySpan<byte> text, out double value)
    {
        value = 0;
        if (text.IsEmpty || text[0] is not ((>= (byte)'0' and <= (byte)'9') or (byte)'-' or (byte)'+' or (byte)'.')) return false;
        // Up to 15 digits and a power of ten up to 1e15 are exact in a double, so one division rounds correctly.
        var at = text[0] is (byte)'-' or (byte)'+' ? 1 : 0;
        long digits = 0;
        int count = 0, decimals = -1;
        for (; at < text.Length; at++)
        {
            var digit = (uint)(text[at] - '0');
            if (digit <= 9)
            {
                digits = digits * 10 + digit;
                if (++count > 15) return Slow(text, out value);
                if (decimals >= 0) decimals++;
            }
            else if (text[at] == '.' && decimals < 0) decimals = 0;
            else return Slow(text, out value);
        }
        if (count == 0) return false;
        value = decimals > 0 ? digits / Powers[decimals] : digits;
        if (text[0] == '-') value = -value;
        return true;
    }

    public static bool TryParseWhole(ReadOnlySpan<byte> text, out long value) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value);

    /// <summary>NaN, INF, Infinity, with or without a sign, in any case.</summary>
    public static bool IsNotFinite(ReadOnlySpan<byte> text, out double value)
    {
        value = double.NaN;
        if (text.Length is < 3 or > 9) return false;
        var negative = text[0] == '-';
        var word = negative || text[0] == '+' ? text[1..] : text;
        if (System.Text.Ascii.EqualsIgnoreCase(word, "nan"u8)) return true;
        if (!System.Text.Ascii.EqualsIgnoreCase(word, "inf"u8) && !System.Text.Ascii.EqualsIgnoreCase(word, "infinity"u8)) return false;
        value = negative ? double.NegativeInfinity : double.PositiveInfinity;
        return true;
    }

    private static bool Slow(ReadOnlySpan<byte> text, out double value) =>
        double.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out value)
        && double.IsFinite(value);
}
