using System.Collections.Immutable;
using Ieum.Analyze;
using Ieum.Model;

namespace Ieum.Node.Cluster;

/// <summary>What a twin knows: state with overlay, program, part count and the last eight hours.</summary>
internal sealed class TwinState(MachineId machine, DateTimeOffset now, StateTracker tracker)
{
    /// <summary>How far the ribbon of the wall board reaches back.</summary>
    public static readonly TimeSpan Memory = TimeSpan.FromHours(8);

    private readonly StateTracker _tracker = tracker;
    private readonly Queue<StateSpan> _past = [];
    private StateSpan _open = new(new(now, now), MachineState.Unknown, MachineOverlay.None, "");
    private ImmutableArray<StateSpan> _pastView = [];
    private string? _program;
    private long? _parts;
    private long _samples, _lastReceive;

    public TwinView View() => new(machine, _open.State, _open.Overlay, _open.Range.From, _open.Cause,
        _lastReceive == 0 ? null : new DateTimeOffset(_lastReceive, TimeSpan.Zero), _samples, _program, _parts, _pastView, _tracker.Due);

    /// <summary>Lets time pass for what changes by time alone: a lamp that stays dark.</summary>
    public void Pass(DateTimeOffset now)
    {
        while (_tracker.Due is { } due && due <= now)
            if (_tracker.Pass(due)) Move(due);
    }

    /// <summary>Takes over what was recorded before the node started: the last words feed the tracker, the timeline the ribbon.</summary>
    public void Remember(ImmutableArray<StateSpan> timeline, IEnumerable<LastValue> last)
    {
        foreach (var v in last.OrderBy(v => v.Sample.SourceTicks))
        {
            _lastReceive = Math.Max(_lastReceive, v.Sample.ReceiveTicks);
            Read(v.Signal.Role, v.Sample);
            _tracker.Apply(v.Sample, v.Signal.Role);
        }
        if (timeline.IsDefaultOrEmpty) return;
        foreach (var span in timeline[..^1]) _past.Enqueue(span);
        _pastView = [.. _past];
        _open = timeline[^1];
    }

    public void Take(SampleBatch batch, RoleIndex roles)
    {
        roles.Refresh();
        foreach (ref readonly var sample in batch.Samples.Span)
        {
            if (sample.ReceiveTicks > _lastReceive) _lastReceive = sample.ReceiveTicks;
            var role = roles.Of(sample.Signal);
            if (role == SignalRole.None) continue;
            Read(role, sample);
            Pass(sample.SourceTime);
            if (_tracker.Apply(sample, role)) Move(sample.SourceTime);
        }
        _samples += batch.Samples.Length;
        foreach (var gap in batch.Gaps)
            if (_tracker.ApplyGap(gap)) Move(gap.Range.From);
    }

    private void Read(SignalRole role, in Sample sample)
    {
        var known = sample.Quality is Quality.Good or Quality.Uncertain;
        if (role == SignalRole.Program) _program = known ? sample.Value.Text : null;
        else if (role == SignalRole.PartCount && known && double.IsFinite(sample.Value.Number)) _parts = (long)sample.Value.Number;
    }

    /// <summary>Closes the open stretch and begins the next.</summary>
    private void Move(DateTimeOffset at)
    {
        var begun = _open.Range.From;
        if (at < begun) at = begun;   // a late sample cannot rewrite the ribbon; the recorded timeline puts it in its place
        if (at > begun)
        {
            _past.Enqueue(_open with { Range = new(begun, at) });
            while (_past.TryPeek(out var oldest) && oldest.Range.To < at - Memory) _past.Dequeue();
            _pastView = [.. _past];
        }
        var status = _tracker.Current;
        _open = new(new(at, at), status.State, status.Overlay, status.Cause);
    }
}
