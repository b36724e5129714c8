using Ieum.Model;

namespace Ieum.Connect.OpcUa.Client;

/// <param name="Before">Newest source time of the point that was delivered before the hole: UTC ticks, 0 for none.</param>
internal readonly record struct HolePart(OpcPoint Point, long Before);

/// <summary>A stretch in which values of some points may be missing, before history was asked.</summary>
internal sealed record Hole(TimeRange Range, GapCause Cause, string Detail, IReadOnlyList<HolePart> Parts)
{
    /// <summary>The server itself was down for a part of it, so its history cannot be whole either.</summary>
    public bool WasServerDown { get; init; }

    public static Hole Of(TimeRange range, GapCause cause, string detail, IEnumerable<OpcPoint> points) =>
        new(range, cause, detail, [.. points.Select(p => new HolePart(p, p.NewestTicks))]);

    /// <summary>The gap that stays when <paramref name="unknown"/> could not be filled; null when nothing is missing.</summary>
    public Gap? Remains(SourceId source, IReadOnlyList<OpcPoint> unknown, string why)
    {
        if (unknown.Count == 0 && !WasServerDown) return null;
        if (unknown.Count == 0) return new(source, Range, GapCause.PeerRestart, null, $"{Detail} The server was restarted meanwhile; its history has what it recorded.");
        var names = string.Join(", ", unknown.Take(5).Select(p => p.Settings.Name));
        var whom = unknown.Count == Parts.Count ? "" : $" Unknown for {unknown.Count} of {Parts.Count} points: {names}{(unknown.Count > 5 ? " …" : "")}.";
        return new(source, Range, WasServerDown ? GapCause.PeerRestart : Cause, null, $"{Detail} {why}{whom}".TrimEnd());
    }
}
