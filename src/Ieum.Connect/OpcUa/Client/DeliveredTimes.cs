namespace Ieum.Connect.OpcUa.Client;

/// <summary>The source times of one point that were delivered, so that history fills a hole without doubles. Pure.</summary>
internal sealed class DeliveredTimes
{
    /// <summary>The newest times, kept always: enough for what a server sends between the end of a hole and the moment it is noticed.</summary>
    private const int Window = 256;

    /// <summary>Times kept while a hole is open: a long history must not push out what came live meanwhile. Some 5 MB for one point.</summary>
    private const int MostOpen = 200_000;

    private readonly long[] _newest = new long[Window];
    private readonly Dictionary<long, int> _ahead = [];
    private HashSet<long>? _open;
    private long _count, _aheadTo;

    /// <summary>A hole of the point will be looked up: from now on nothing is forgotten.</summary>
    public void Open() => _open ??= [.. _newest.AsSpan(0, (int)Math.Min(_count, Window))];

    /// <summary>No hole is open any more.</summary>
    public void Close() => _open = null;

    /// <summary>A value came by notification.</summary>
    /// <returns>False when history, which is read beside the living values, had brought it already.</returns>
    public bool Live(long ticks)
    {
        if (_ahead.TryGetValue(ticks, out var times))
        {
            if (times > 1) _ahead[ticks] = times - 1;
            else _ahead.Remove(ticks);
            return false;
        }
        if (_ahead.Count > 0 && ticks > _aheadTo) _ahead.Clear();
        Add(ticks);
        return true;
    }

    /// <summary>A value came by history.</summary>
    /// <param name="newest">Newest source time that was delivered: what is newer may still come by notification.</param>
    public void History(long ticks, long newest)
    {
        Add(ticks);
        if (ticks <= newest || _ahead.Count >= MostOpen) return;
        _ahead[ticks] = _ahead.GetValueOrDefault(ticks) + 1;
        _aheadTo = Math.Max(_aheadTo, ticks);
    }

    private void Add(long ticks)
    {
        _newest[_count++ % Window] = ticks;
        if (_open?.Count < MostOpen) _open.Add(ticks);
    }

    /// <param name="before">Newest source time that was delivered before the hole began.</param>
    public bool Has(long ticks, long before) =>
        ticks <= before || _open?.Contains(ticks) == true || Array.IndexOf(_newest, ticks, 0, (int)Math.Min(_count, Window)) >= 0;
}
