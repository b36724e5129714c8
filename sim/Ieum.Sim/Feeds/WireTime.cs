using System.Globalization;

namespace Ieum.Sim.Feeds;

/// <summary>Time stamps as machines write them: ISO 8601, UTC, microseconds.</summary>
internal static class WireTime
{
    public static string Text(long ticks) =>
        new DateTime(ticks, DateTimeKind.Utc).ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);

    public static bool TryParse(ReadOnlySpan<char> text, out long ticks)
    {
        // A stamp without a zone is UTC: that is what adapters mean when they leave the Z away.
        var read = DateTime.TryParse(text, CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time);
        ticks = time.Ticks;
        return read;
    }
}
