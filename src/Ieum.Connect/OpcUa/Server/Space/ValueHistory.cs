namespace Ieum.Connect.OpcUa.Server;

/// <summary>What a client asks of a history (OPC 10000-11, 6.4.3): times are UTC ticks.</summary>
/// <param name="From">First instant; the later one when <paramref name="Backward"/>.</param>
/// <param name="To">Last instant, exclusive.</param>
/// <param name="Most">Values wanted; at least 1.</param>
/// <param name="Bounds">Also the values just before and after the range.</param>
internal sealed record HistoryQuestion(long From, long To, bool Backward, int Most, bool Bounds)
{
    /// <summary>Where a page ended before; null for the first page.</summary>
    public HistoryCursor? After { get; init; }
}

/// <summary>A place in a history: so many values at that instant were told already.</summary>
internal sealed record HistoryCursor(long Ticks, int Told);

/// <param name="Next">Null when nothing is left.</param>
internal sealed record HistoryPage(DataValue[] Values, HistoryCursor? Next);

/// <summary>The past of one variable.</summary>
internal interface IValueHistory
{
    /// <summary>Called for every new value, under the lock of the variable; does nothing where the history is kept elsewhere.</summary>
    void Add(in DataValue value, long serial);

    ValueTask<HistoryPage> ReadAsync(HistoryQuestion question, CancellationToken cancel);
}

/// <summary>The newest values of one variable, in memory.</summary>
/// <param name="size">Values kept; at least 1.</param>
internal sealed class HistoryRing(int size, IDeliveryBook? book) : IValueHistory
{
    private readonly Lock _gate = new();
    private readonly Queue<Report> _values = new();

    public void Add(in DataValue value, long serial)
    {
        lock (_gate)
        {
            if (_values.Count == size && _values.Dequeue() is { Serial: not 0 } oldest) book?.Released(oldest.Serial, delivered: false);
            _values.Enqueue(new(value, serial));
            if (serial != 0) book?.Held(serial);
        }
    }

    public ValueTask<HistoryPage> ReadAsync(HistoryQuestion question, CancellationToken cancel)
    {
        Report[] all;
        lock (_gate) all = [.. _values];
        // A clock that was set back leaves stamps out of order; a history is told in order of time.
        var ordered = all.OrderBy(r => r.Value.SourceTicks()).ToArray();
        var (page, next) = HistoryPaging.Cut(ordered, r => r.Value.SourceTicks(), question);
        foreach (var report in page)
            if (report.Serial != 0) book?.Delivered(report.Serial);
        return new(new HistoryPage([.. page.Select(r => r.Value)], next));
    }
}

/// <summary>Cuts one page out of values in order of time.</summary>
internal static class HistoryPaging
{
    public static (T[] Page, HistoryCursor? Next) Cut<T>(T[] ordered, Func<T, long> ticks, HistoryQuestion q)
    {
        var (low, high) = q.Backward ? (q.To, q.From) : (q.From, q.To);
        // The end is exclusive, the start inclusive; an equal pair asks for that one instant.
        var first = Array.FindIndex(ordered, v => q.Backward && low != high ? ticks(v) > low : ticks(v) >= low);
        var last = Array.FindLastIndex(ordered, v => q.Backward || low == high ? ticks(v) <= high : ticks(v) < high);
        if (first < 0) first = ordered.Length;
        if (q.Bounds)
        {
            // A value exactly at the instant is its own bound.
            if (first > 0 && !(first <= last && ticks(ordered[first]) == low)) first--;
            if (last < ordered.Length - 1 && !(last >= first && ticks(ordered[last]) == high)) last++;
        }
        if (last < first) return ([], null);
        var found = ordered[first..(last + 1)];
        if (q.Backward) Array.Reverse(found);
        var skip = 0;
        if (q.After is { } after)
        {
            skip = Array.FindIndex(found, v => q.Backward ? ticks(v) <= after.Ticks : ticks(v) >= after.Ticks);
            if (skip < 0) return ([], null);
            for (var told = 0; told < after.Told && skip < found.Length && ticks(found[skip]) == after.Ticks; told++) skip++;
        }
        if (found.Length - skip <= q.Most) return (found[skip..], null);
        var page = found[skip..(skip + q.Most)];
        var at = ticks(page[^1]);
        var same = page.Reverse().TakeWhile(v => ticks(v) == at).Count();
        if (q.After is { } before && before.Ticks == at) same += before.Told;
        return (page, new(at, same));
    }
}
