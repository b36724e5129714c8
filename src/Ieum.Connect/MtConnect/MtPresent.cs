namespace Ieum.Connect.MtConnect;

/// <summary>What holds now of one data item, as last received: one value, of a condition one report per active code.</summary>
/// <remarks>
/// An agent that was restarted first reports every data item as UNAVAILABLE and then learns the present state again, often
/// with the old time stamps. Such a value was counted when it first came, and by its old time it would stand before the
/// UNAVAILABLE in the history. So it is told as a mark: it holds again from now on.
/// </remarks>
internal sealed class MtPresent
{
    private readonly List<MtObservation> _active = new(1);
    private List<MtObservation>? _before;
    private long _unavailableAt;

    /// <summary>The agent is another run: what it tells again of the present state is no news.</summary>
    public void RunEnded() => (_before, _unavailableAt) = (_active.Count > 0 ? [.. _active] : _before ?? [], 0);

    /// <summary>The former run told the same value with the same time.</summary>
    public bool IsRepeated(in MtObservation o)
    {
        if (_before is null) return false;
        foreach (var known in _before)
            if (known.Ticks == o.Ticks && known.Text == o.Text && known.Number.Equals(o.Number) && known.IsUnavailable == o.IsUnavailable) return true;
        return false;
    }

    /// <summary>After a restart a value comes back that is older than the UNAVAILABLE before it.</summary>
    /// <returns>The earliest tick at which it may be said to hold again; null when it needs no mark.</returns>
    public long? HoldsAgainFrom(in MtObservation o) => _before is not null && _unavailableAt > 0 && !o.IsUnavailable && o.Ticks <= _unavailableAt ? _unavailableAt + 1 : null;

    public void Remember(in MtObservation o)
    {
        if (o.IsUnavailable) _unavailableAt = o.Ticks;
        else if (o.Ticks > _unavailableAt) _unavailableAt = 0;
        if (o.Category == MtCategory.Condition && !o.IsUnavailable && o.Text is { } text && CodeOf(text) is { IsEmpty: false } code)
        {
            for (var i = _active.Count - 1; i >= 0; i--)
                if (_active[i].IsUnavailable || _active[i].Text is not { } known || CodeOf(known) is var other && (other.IsEmpty || other.SequenceEqual(code))) _active.RemoveAt(i);
            // A NORMAL with a code only takes that code away, unless it was the last one (MTConnect Part 2, Condition).
            var ends = text.StartsWith("NORMAL|", StringComparison.Ordinal) && _active.Count > 0;
            if (!ends && _active.Count < Most) _active.Add(o);
            return;
        }
        _active.Clear();
        _active.Add(o);
    }

    /// <summary>No control has more alarms of one kind at once.</summary>
    private const int Most = 256;

    /// <summary>The second field of <c>LEVEL|code|severity|qualifier|text</c>.</summary>
    private static ReadOnlySpan<char> CodeOf(ReadOnlySpan<char> report)
    {
        var from = report.IndexOf('|') + 1;
        if (from == 0) return default;
        var rest = report[from..];
        return rest.IndexOf('|') is >= 0 and var end ? rest[..end] : rest;
    }
}
