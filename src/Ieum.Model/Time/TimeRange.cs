namespace Ieum.Model;

/// <summary>A half-open stretch of time: <see cref="From"/> belongs to it, <see cref="To"/> does not.</summary>
public readonly record struct TimeRange
{
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="to"/> lies before <paramref name="from"/>.</exception>
    public TimeRange(DateTimeOffset from, DateTimeOffset to)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(to, from);
        (From, To) = (from, to);
    }

    public DateTimeOffset From { get; }
    public DateTimeOffset To { get; }
    public TimeSpan Duration => To - From;
    public bool IsEmpty => To == From;

    public bool Contains(DateTimeOffset instant) => instant >= From && instant < To;
    public bool Overlaps(TimeRange other) => From < other.To && other.From < To;

    /// <summary>The part both have in common; <see langword="null"/> when they only touch or lie apart.</summary>
    public TimeRange? Intersect(TimeRange other)
    {
        var from = From > other.From ? From : other.From;
        var to = To < other.To ? To : other.To;
        return from < to ? new TimeRange(from, to) : null;
    }
}
