namespace Ieum.Record.Tend;

/// <summary>
/// How far the sums of each signal reach, and which hours before that are out of date because samples came late or were deleted.
/// A mark too much only costs work: sums are made anew from the samples, never changed by steps. All under the recorder's state lock.
/// </summary>
internal sealed class RollupBook
{
    private sealed class Entry
    {
        public long Through, RawFrom, Merged;
        public readonly HashSet<long> Stale = [];
        public HashSet<long> UnderWay = [];
    }

    private readonly Dictionary<int, Entry> _entries = [];
    private readonly HashSet<(int Signal, long Hour)> _unsaved = [];
    // Per signal the instant before which a new sample makes an hour stale; asked for every sample.
    private long[] _limits = new long[256], _rawFrom = new long[256];

    public static long HourOf(long ticks) => ticks / Tiers.Hour;

    /// <summary>What a database knows at the start.</summary>
    public void Load(IReadOnlyList<Tier> kept, IEnumerable<(int Signal, int Tier, long Through)> rolled, IEnumerable<(int Signal, long Hour)> stale)
    {
        _entries.Clear();
        _unsaved.Clear();
        Array.Clear(_limits);
        foreach (var group in rolled.GroupBy(r => r.Signal))
        {
            var entry = Of(group.Key);
            var by = group.ToDictionary(r => r.Tier, r => r.Through);
            (entry.Merged, entry.RawFrom) = (by.GetValueOrDefault(Tiers.Merged), by.GetValueOrDefault(Tiers.RawFrom));
            // A tier that was not kept until now begins where samples begin.
            entry.Through = Math.Max(entry.RawFrom, kept.Min(t => by.GetValueOrDefault((int)t)));
            SetLimits(group.Key, entry);
        }
        foreach (var (signal, hour) in stale) Of(signal).Stale.Add(hour);
    }

    /// <summary>Samples become visible.</summary>
    public void Touch(int signal, ReadOnlySpan<long> ticks)
    {
        if (signal >= _limits.Length || _limits[signal] is not (> 0 and var limit)) return;
        foreach (var t in ticks)
            if (t < limit) MarkStale(signal, HourOf(t));
    }

    public void MarkStale(int signal, long hour)
    {
        var entry = Of(signal);
        // Where the samples are gone their sums are all there is; nothing makes them anew.
        if (hour * Tiers.Hour < entry.RawFrom) return;
        if (entry.Stale.Add(hour)) _unsaved.Add((signal, hour));
    }

    /// <summary>Marks that are not in the database yet.</summary>
    public IReadOnlyCollection<(int Signal, long Hour)> Unsaved => _unsaved;
    public void Saved() => _unsaved.Clear();

    /// <summary>Samples before this instant were dropped; asked without the lock, so it may be an instant old.</summary>
    public long RawFrom(int signal)
    {
        var rawFrom = Volatile.Read(ref _rawFrom);
        return (uint)signal < (uint)rawFrom.Length ? Volatile.Read(ref rawFrom[signal]) : 0;
    }

    public long Through(int signal) => _entries.TryGetValue(signal, out var e) ? e.Through : 0;
    public long Merged(int signal) => _entries.TryGetValue(signal, out var e) ? e.Merged : 0;
    public bool IsStale(int signal) => _entries.TryGetValue(signal, out var e) && e.Stale.Count > 0;

    /// <summary>The stale hours that touch a range.</summary>
    public HashSet<long> StaleIn(int signal, long from, long to) =>
        _entries.TryGetValue(signal, out var e) ? [.. e.Stale.Concat(e.UnderWay).Where(h => h * Tiers.Hour < to && (h + 1) * Tiers.Hour > from)] : [];
    public bool IsStaleBefore(int signal, long ticks) => _entries.TryGetValue(signal, out var e) && (e.Stale.Any(h => h * Tiers.Hour < ticks) || e.UnderWay.Any(h => h * Tiers.Hour < ticks));

    /// <summary>Takes the stale hours to make them anew; samples before <paramref name="target"/> that come meanwhile are marked again.</summary>
    public List<long> Begin(int signal, long target)
    {
        var entry = Of(signal);
        entry.UnderWay = [.. entry.Stale];
        entry.Stale.Clear();
        _limits[signal] = Math.Max(_limits[signal], target);
        return [.. entry.UnderWay.Order()];
    }

    /// <summary>Hours under way that no sample came to meanwhile.</summary>
    public List<long> Settled(int signal)
    {
        var entry = Of(signal);
        return [.. entry.UnderWay.Where(h => !entry.Stale.Contains(h))];
    }

    /// <summary>The sums stand.</summary>
    public void End(int signal, long through)
    {
        var entry = Of(signal);
        entry.UnderWay = [];
        entry.Through = Math.Max(entry.Through, through);
        SetLimits(signal, entry);
    }

    /// <summary>It did not work out: the hours are stale as before.</summary>
    public void GiveUp()
    {
        foreach (var entry in _entries.Values)
        {
            entry.Stale.UnionWith(entry.UnderWay);
            entry.UnderWay = [];
        }
    }

    public void SetMerged(int signal, long merged) => Of(signal).Merged = merged;

    public void SetRawFrom(int signal, long rawFrom)
    {
        var entry = Of(signal);
        entry.RawFrom = Math.Max(entry.RawFrom, rawFrom);
        SetLimits(signal, entry);
    }

    private Entry Of(int signal)
    {
        if (_entries.TryGetValue(signal, out var entry)) return entry;
        if (signal >= _limits.Length) Array.Resize(ref _limits, Math.Max(signal + 1, _limits.Length * 2));
        if (signal >= _rawFrom.Length)
        {
            var larger = new long[Math.Max(signal + 1, _rawFrom.Length * 2)];
            _rawFrom.CopyTo(larger, 0);
            Volatile.Write(ref _rawFrom, larger);
        }
        return _entries[signal] = new();
    }

    private void SetLimits(int signal, Entry entry)
    {
        _limits[signal] = entry.Through;
        Volatile.Write(ref _rawFrom[signal], entry.RawFrom);
    }
}
