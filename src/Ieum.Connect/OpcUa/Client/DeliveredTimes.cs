namespace Ieum.Connect.OpcUa.Client;

/// <summary>A value as far as it tells doubles apart: two values of one point may carry the same time where a clock counts milliseconds.</summary>
/// <param name="Value">A hash of the value; 0 for arrays and structures.</param>
internal readonly record struct Told(long Ticks, int Value);

/// <summary>The values of one point that were delivered, so that history fills a hole without doubles. Pure.</summary>
internal sealed class DeliveredTimes
{
    /// <summary>The newest ones, kept always: enough for what a server sends between the end of a hole and the moment it is noticed.</summary>
    private const int Window = 256;

    /// <summary>Kept while a hole is open: a long history must not push out what came live meanwhile. Some 6 MB for one point.</summary>
    private const int MostOpen = 200_000;

    private Told[] _newest = new Told[8];
    private HashSet<Told>? _open, _filled;
    private long _count, _filledTo;

    private int Kept => (int)Math.Min(_count, _newest.Length);

    /// <summary>A hole of the point will be looked up: from now on nothing is forgotten.</summary>
    public void Open() => _open ??= [.. _newest.AsSpan(0, Kept)];

    /// <summary>No hole is open any more.</summary>
    public void Close() => _open = null;

    /// <summary>A value came by notification.</summary>
    /// <returns>False when history, which is read beside the living values, had brought it already.</returns>
    public bool Live(in Told told)
    {
        if (_filled?.Remove(told) == true) return false;
        // A subscription tells a point's values in order: behind the newest of the history there are no doubles.
        if (told.Ticks > _filledTo) (_filled, _filledTo) = (null, 0);
        Add(told);
        return true;
    }

    /// <summary>A value came by history.</summary>
    /// <param name="newest">Newest source time that was delivered: what is newer may still come by notification.</param>
    public void History(in Told told, long newest)
    {
        Add(told);
        if (told.Ticks <= newest || (_filled ??= []).Count >= MostOpen) return;
        _filled.Add(told);
        _filledTo = Math.Max(_filledTo, told.Ticks);
    }

    /// <summary>It is recorded since an earlier run of the node.</summary>
    public void Know(in Told told)
    {
        if (_open?.Count < MostOpen) _open.Add(told);
    }

    /// <summary>Whether a value of the history was delivered already.</summary>
    /// <param name="before">Newest source time that was delivered before the hole began; everything older was delivered.</param>
    public bool Has(in Told told, long before) =>
        told.Ticks < before || _open?.Contains(told) == true || Array.IndexOf(_newest, told, 0, Kept) >= 0;

    private void Add(in Told told)
    {
        if (_count == _newest.Length && _newest.Length < Window) Array.Resize(ref _newest, _newest.Length * 2);
        _newest[_count++ % _newest.Length] = told;
        Know(told);
    }
}
