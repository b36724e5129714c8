using System.Globalization;

namespace Ieum.Analyze;

/// <summary>Time stamps of recordings: ISO 8601, in UTC where no offset is given, with any number of fraction digits.</summary>
internal static class RecordingTime
{
    private static readonly long Earliest = new DateTime(1970, 1, 1, 0, 0, 0, DateTimeKind.Utc).Ticks;
    private static readonly long Latest = new DateTime(2200, 1, 1, 0, 0, 0, DateTimeKind.Utc).Ticks;

    /// <summary>Reads a stamp to UTC ticks; false when it is no time or lies outside 1970 to 2199.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out long ticks)
    {
        // MTConnect writes the duration of a time series behind an '@'.
        if (text.IndexOf('@') is > 0 and var at) text = text[..at];
        text = text.Trim();
        return (TryFast(text, out ticks) || TrySlow(text, out ticks)) && ticks >= Earliest && ticks < Latest;
    }

    // 2016-11-29T09:42:29.493Z: what nearly every line carries, five times faster than the general way.
    private static bool TryFast(ReadOnlySpan<char> t, out long ticks)
    {
        ticks = 0;
        if (t.Length is < 20 or > 28 || t[^1] != 'Z' || t[4] != '-' || t[7] != '-' || t[10] != 'T' || t[13] != ':' || t[16] != ':') return false;
        if (!Digits(t[..4], out var year) || !Digits(t[5..7], out var month) || !Digits(t[8..10], out var day)
            || !Digits(t[11..13], out var hour) || !Digits(t[14..16], out var minute) || !Digits(t[17..19], out var second)) return false;
        if (year is < 1 or > 9999 || month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month) || hour > 23 || minute > 59 || second > 59) return false;
        var fraction = 0;
        if (t.Length > 20)
        {
            var digits = t[20..^1];
            if (t[19] != '.' || digits.Length == 0 || !Digits(digits, out fraction)) return false;
            for (var i = digits.Length; i < 7; i++) fraction *= 10;
        }
        ticks = new DateTime(year, month, day, hour, minute, second).Ticks + fraction;
        return true;
    }

    private static bool TrySlow(ReadOnlySpan<char> t, out long ticks)
    {
        ticks = 0;
        if (t.Length < 19 || t[4] != '-' || t[10] is not ('T' or ' ')
            || !DateTimeOffset.TryParse(t, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)) return false;
        ticks = time.UtcTicks;
        return true;
    }

    private static bool Digits(ReadOnlySpan<char> text, out int number)
    {
        number = 0;
        foreach (var c in text)
        {
            if (!char.IsAsciiDigit(c)) return false;
            number = number * 10 + (c - '0');
        }
        return true;
    }
}
