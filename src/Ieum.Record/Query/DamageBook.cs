using System.Collections.Concurrent;
using System.Globalization;
using System.Text.RegularExpressions;
using Ieum.Model;
using Ieum.Record.Store;

namespace Ieum.Record.Query;

/// <summary>What was found damaged: blocks met since the start, kept here, and what the table <c>damage</c> kept of earlier times.</summary>
internal sealed partial class DamageBook
{
    private readonly ConcurrentDictionary<long, Damage> _blocks = [];

    public long Blocks => _blocks.Count;

    /// <returns>False when the block is known already.</returns>
    public bool Add(SignalNumber signal, in BlockPlace place, int bytes, string reason, DateTimeOffset at) =>
        _blocks.TryAdd(place.Id, new(at, DamagePart.Block, signal, RangeOf(place.Start == 0 ? place.End : place.Start, place.End), place.Id, bytes, reason));

    /// <summary>Whether this block was met before; a number that was given anew belongs to another time.</summary>
    public bool Holds(in BlockPlace place) => _blocks.TryGetValue(place.Id, out var known) && known.Range?.To.UtcTicks == place.End + 1;

    /// <summary>Newest first; what has no time of its own, because it was found while the file was copied, comes last.</summary>
    public IReadOnlyList<Damage> With(IEnumerable<DamageRow> rows, int most) =>
        [.. _blocks.Values.Concat(rows.Select(Of)).OrderByDescending(d => d.Found ?? DateTimeOffset.MinValue).ThenBy(d => d.Signal).ThenBy(d => d.Row).Take(most)];

    private static Damage Of(DamageRow r)
    {
        if (r.Place != "block") return new(Time(r.At), DamagePart.OpenSamples, null, null, r.Row, r.Bytes, r.Reason);
        // Written by the rescue: the row is gone, and the index alone still said whose it was.
        var lost = LostPage().Match(r.Reason);
        return lost.Success && int.TryParse(lost.Groups[1].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var signal)
            && Instant(lost.Groups[2].Value) is { } from && Instant(lost.Groups[3].Value) is { } to
            ? new(null, DamagePart.Page, new SignalNumber(signal), RangeOf(from.UtcTicks, to.UtcTicks), r.Row, r.Bytes, r.Reason)
            : new(null, DamagePart.Page, null, null, r.Row, r.Bytes, r.Reason);
    }

    private static DateTimeOffset? Instant(string text) => DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at) ? at : null;
    private static DateTimeOffset? Time(long ticks) => ticks >= 0 && ticks <= DateTimeOffset.MaxValue.UtcTicks ? new DateTimeOffset(ticks, TimeSpan.Zero) : null;

    /// <summary>Null where the row itself is nonsense.</summary>
    private static TimeRange? RangeOf(long from, long to) => Time(from) is { } begin && Time(to) is { } end && begin <= end && to < DateTimeOffset.MaxValue.UtcTicks
        ? new(begin, end.AddTicks(1)) : null;

    [GeneratedRegex(@"^page damaged: signal (\d+), (\S+) to (\S+)$")]
    private static partial Regex LostPage();
}

/// <summary>A row of the table <c>damage</c>.</summary>
internal readonly record struct DamageRow(long At, string Place, long Row, string Reason, int Bytes);
