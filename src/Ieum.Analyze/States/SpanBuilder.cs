using System.Collections.Immutable;
using Ieum.Model;

namespace Ieum.Analyze;

/// <summary>Turns statuses in time order into stretches without holes.</summary>
internal sealed class SpanBuilder(DateTimeOffset from, MachineStatus first)
{
    private readonly ImmutableArray<StateSpan>.Builder _done = ImmutableArray.CreateBuilder<StateSpan>();
    private DateTimeOffset _since = from;
    private MachineStatus _open = first;

    /// <summary>From <paramref name="at"/> on another status holds.</summary>
    public void Change(DateTimeOffset at, in MachineStatus status)
    {
        if (status.State == _open.State && status.Overlay == _open.Overlay) return;
        Close(at);
        _open = status;
    }

    public ImmutableArray<StateSpan> End(DateTimeOffset to)
    {
        Close(to);
        return _done.ToImmutable();
    }

    private void Close(DateTimeOffset at)
    {
        if (at <= _since) return;
        var range = new TimeRange(_since, at);
        _since = at;
        // A status that lasted no time at all may leave two equal neighbours.
        if (_done.Count > 0 && _done[^1] is var last && last.State == _open.State && last.Overlay == _open.Overlay)
            _done[^1] = last with { Range = new(last.Range.From, at) };
        else
            _done.Add(new(range, _open.State, _open.Overlay, _open.Cause));
    }
}
