namespace Ieum.Analyze;

/// <summary>Finds the lines at the head of a recording that tell how things stood, not what happened.</summary>
/// <remarks>
/// A recording of a day begins with the last value of every item, stamped when it was set: days or weeks ago. Two signs
/// together make a line part of that head:
/// 1. it stands before the first repetition: every item is named once (a second naming is still head while its stamp is
///    not newer than what the head has shown, as when an adapter reports availability twice);
/// 2. its stamp lies on another day than the recording: the days in the file's name, else the day of the first line behind
///    the head, else of the last line.
/// </remarks>
internal sealed class SnapshotHead
{
    private readonly List<long> _leading = [];
    private readonly HashSet<int> _seen = [];
    private long _newest = long.MinValue, _firstBehind = -1, _last;
    private int _once;

    /// <summary>Takes the next usable line.</summary>
    public void Read(long ticks, ReadOnlySpan<int> items)
    {
        _last = ticks;
        if (_firstBehind >= 0) return;
        if (_once == _leading.Count && AllNew(items)) _once++;
        else if (ticks > _newest || _leading.Count >= 2 * _once)
        {
            _firstBehind = ticks;
            return;
        }
        _leading.Add(ticks);
        _newest = Math.Max(_newest, ticks);
    }

    /// <summary>How many usable lines at the begin of the file are head.</summary>
    public int Count(DateOnly? first, DateOnly? last)
    {
        var from = first ?? Day(_firstBehind >= 0 ? _firstBehind : _last);
        var to = last ?? from;
        var count = 0;
        while (count < _leading.Count && Day(_leading[count]) is var day && (day < from || day > to)) count++;
        return count;
    }

    private bool AllNew(ReadOnlySpan<int> items)
    {
        var isNew = true;
        foreach (var item in items) isNew &= _seen.Add(item);
        return isNew;
    }

    private static DateOnly Day(long ticks) => DateOnly.FromDateTime(new(ticks));
}
