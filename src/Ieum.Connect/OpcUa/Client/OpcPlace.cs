using System.Globalization;
using System.Text;
using Ieum.Model;

namespace Ieum.Connect.OpcUa.Client;

/// <summary>A stretch whose values were not all looked up yet, by the factory clock.</summary>
internal readonly record struct OpenStretch(TimeRange Range, GapCause Cause, bool WasServerDown);

/// <summary>
/// What a source must know after a restart of the node besides what was recorded: which run of the server it read, and the
/// stretches that were still to be looked up. Kept as <see cref="SampleBatch.Place"/>: <c>opcua2 start boot cause:from-to …</c>,
/// times in UTC ticks, an <c>s</c> behind the cause where the server was down meanwhile. <c>opcua1</c>, which earlier versions wrote, has no boot.
/// </summary>
/// <param name="ServerStart">UTC ticks, 0 when the server does not tell.</param>
internal sealed record OpcPlace(long ServerStart, IReadOnlyList<OpenStretch> Open)
{
    /// <summary>More stretches than this are joined: asking a longer history again costs time, but no doubles.</summary>
    public const int Most = 64;

    private const string Version = "opcua2", First = "opcua1";

    /// <summary>The node's clock when the place was written.</summary>
    public BootTime Boot { get; init; } = BootTime.None;

    public static OpcPlace None { get; } = new(0, []);

    public override string ToString()
    {
        var open = Open.OrderBy(o => o.Range.From).ToList();
        while (open.Count > Most)
        {
            var (a, b) = (open[0], open[1]);
            open[0] = a with { Range = new(a.Range.From, a.Range.To > b.Range.To ? a.Range.To : b.Range.To), WasServerDown = a.WasServerDown || b.WasServerDown };
            open.RemoveAt(1);
        }
        var text = new StringBuilder(Version).Append(CultureInfo.InvariantCulture, $" {ServerStart} {Boot}");
        foreach (var o in open) text.Append(CultureInfo.InvariantCulture, $" {(byte)o.Cause}{(o.WasServerDown ? "s" : "")}:{o.Range.From.UtcTicks}-{o.Range.To.UtcTicks}");
        return text.ToString();
    }

    /// <summary>Reads a place; what is none of this protocol is <see cref="None"/>.</summary>
    public static OpcPlace Parse(string? text)
    {
        if (text?.Split(' ') is not [var version and (First or Version), var first, .. var rest] || !TryTicks(first, out var start)) return None;
        var boot = BootTime.None;
        if (version == Version)
        {
            if (rest is not [var told, ..] || !BootTime.TryParse(told, out boot)) return None;
            rest = rest[1..];
        }
        var open = new List<OpenStretch>();
        foreach (var word in rest)
        {
            var (colon, dash) = (word.IndexOf(':', StringComparison.Ordinal), word.IndexOf('-', StringComparison.Ordinal));
            if (colon < 1 || dash < colon) return None;
            var wasDown = word[colon - 1] == 's';
            if (!byte.TryParse(word.AsSpan(0, wasDown ? colon - 1 : colon), NumberStyles.None, CultureInfo.InvariantCulture, out var cause) || !Enum.IsDefined((GapCause)cause) ||
                !TryTicks(word.AsSpan(colon + 1, dash - colon - 1), out var from) || !TryTicks(word.AsSpan(dash + 1), out var to) || to < from) return None;
            open.Add(new(new(new(from, TimeSpan.Zero), new(to, TimeSpan.Zero)), (GapCause)cause, wasDown));
        }
        return new(start, open) { Boot = boot };
    }

    private static bool TryTicks(ReadOnlySpan<char> text, out long ticks) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out ticks) && ticks <= DateTimeOffset.MaxValue.UtcTicks;
}
