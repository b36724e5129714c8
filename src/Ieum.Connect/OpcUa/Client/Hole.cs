using Ieum.Model;

namespace Ieum.Connect.OpcUa.Client;

/// <param name="Before">Newest source time of the point that was delivered before the hole: UTC ticks, 0 for none.</param>
/// <param name="From">Where its history is asked from, by the clock of the server: UTC ticks, 0 for the begin of the hole.</param>
internal readonly record struct HolePart(OpcPoint Point, long Before, long From = 0);

/// <summary>A stretch in which values of some points may be missing, before history was asked.</summary>
internal sealed record Hole(TimeRange Range, GapCause Cause, string Detail, IReadOnlyList<HolePart> Parts)
{
    /// <summary>The server itself was down for a part of it, so its history cannot be whole either.</summary>
    public bool WasServerDown { get; init; }

    public static Hole Of(TimeRange range, GapCause cause, string detail, IEnumerable<OpcPoint> points) =>
        new(range, cause, detail, [.. points.Select(p => new HolePart(p, p.NewestTicks))]);

    /// <summary>The gaps that stay when history was asked; none when nothing is missing.</summary>
    /// <param name="skew">Server clock minus node clock.</param>
    public IEnumerable<Gap> Remains(SourceId source, FillOutcome outcome, TimeSpan skew)
    {
        var unknown = outcome.Unknown;
        if (unknown.Count == 0 && WasServerDown) yield return new(source, Range, GapCause.PeerRestart, null, $"{Detail} The server was restarted meanwhile; its history has what it recorded.");
        else if (unknown.Count > 0)
        {
            var whom = unknown.Count == Parts.Count ? "" : $" Unknown for {unknown.Count} of {Parts.Count} points: {Names(unknown)}.";
            yield return new(source, Range, WasServerDown ? GapCause.PeerRestart : Cause, null, $"{Detail} {outcome.Why}{whom}".TrimEnd());
        }
        if (outcome.Cut.Count == 0 || WasServerDown) yield break;
        var from = outcome.Cut.Min(c => Math.Max(c.Part.Before, c.Part.From > 0 ? c.Part.From : (Range.From + skew).UtcTicks));
        var to = outcome.Cut.Max(c => c.First);
        yield return new(source, new(new DateTimeOffset(Math.Min(from, to), TimeSpan.Zero) - skew, new DateTimeOffset(to, TimeSpan.Zero) - skew), GapCause.BufferOverrun, null,
            $"{Detail} The history of the server does not reach back to what was read before; the values before its first one are unknown for {outcome.Cut.Count} of {Parts.Count} points: {Names([.. outcome.Cut.Select(c => c.Part.Point)])}.");
    }

    private static string Names(IReadOnlyList<OpcPoint> points) =>
        string.Join(", ", points.Take(5).Select(p => p.Settings.Name)) + (points.Count > 5 ? " …" : "");
}
