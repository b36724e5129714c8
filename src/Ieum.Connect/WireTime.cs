namespace Ieum.Connect;

/// <summary>Reads ISO 8601 times without allocating: <c>2016-12-08T13:41:09.412Z</c>, any number of decimals, <c>Z</c>, an offset, or nothing for UTC.</summary>
internal static class WireTime
{
    private static ReadOnlySpan<int> Scale => [10_000_000, 1_000_000, 100_000, 10_000, 1_000, 100, 10, 1];

    /// <param name="ticks">UTC ticks; decimals beyond 100 ns are cut.</param>
    public static bool TryParse(ReadOnlySpan<byte> text, out long ticks)
    {
        ticks = 0;
        if (text.Length < 19 || text[4] != '-' || text[7] != '-' || (text[10] | 0x20) is not ('t' or ' ') || text[13] != ':' || text[16] != ':') return false;
        if (!Two(text, 0, out var century) || !Two(text, 2, out var year) || !Two(text, 5, out var month) || !Two(text, 8, out var day)
            || !Two(text, 11, out var hour) || !Two(text, 14, out var minute) || !Two(text, 17, out var second)) return false;
        year += century * 100;
        if (year == 0 || month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month) || hour > 23 || minute > 59 || second > 60) return false;
        // A leap second is the last tick of its minute here: .NET time has no 61st second.
        ticks = new DateTime(year, month, day, hour, minute, Math.Min(second, 59), DateTimeKind.Utc).Ticks;
        if (second == 60) ticks += TimeSpan.TicksPerSecond - 1;
        var at = 19;
        if (at < text.Length && text[at] is (byte)'.' or (byte)',')
        {
            var fraction = 0;
            var digits = 0;
            for (at++; at < text.Length && text[at] is >= (byte)'0' and <= (byte)'9'; at++)
                if (digits < 7) (fraction, digits) = (fraction * 10 + text[at] - '0', digits + 1);
            if (digits == 0) return false;
            if (second < 60) ticks += (long)fraction * Scale[digits];
        }
        return Zone(text[at..], ref ticks);
    }

    private static bool Zone(ReadOnlySpan<byte> zone, ref long ticks)
    {
        if (zone.IsEmpty || (zone.Length == 1 && (zone[0] | 0x20) == 'z')) return true;
        if (zone[0] is not ((byte)'+' or (byte)'-') || !Two(zone, 1, out var hours)) return false;
        var minutes = 0;
        if (zone.Length == 6 ? zone[3] != ':' || !Two(zone, 4, out minutes) : zone.Length == 5 ? !Two(zone, 3, out minutes) : zone.Length != 3) return false;
        if (hours > 14 || minutes > 59) return false;
        var offset = (hours * 60L + minutes) * TimeSpan.TicksPerMinute;
        ticks = zone[0] == '+' ? ticks - offset : ticks + offset;
        return ticks >= 0 && ticks <= DateTime.MaxValue.Ticks;
    }

    private static bool Two(ReadOnlySpan<byte> text, int at, out int value)
    {
        value = 0;
        if (text.Length < at + 2) return false;
        int a = text[at] - '0', b = text[at + 1] - '0';
        value = a * 10 + b;
        return (uint)a <= 9 && (uint)b <= 9;
    }
}
