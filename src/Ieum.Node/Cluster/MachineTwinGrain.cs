using Ieum.Analyze;
using Ieum.Model;
using Ieum.Record;

namespace Ieum.Node.Cluster;

/// <summary>Thin shell round <see cref="TwinState"/>: one caller at a time, rebuilt from what was recorded when it wakes up.</summary>
internal sealed class MachineTwinGrain(IRecorder recorder, IAnalyst analyst, TwinBoard board, Clocks clocks, ILogger<MachineTwinGrain> log)
    : Grain, IMachineTwin
{
    private readonly RoleIndex _roles = new(recorder, clocks.Wire);
    private TwinState _state = null!;

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        var machine = new MachineId(this.GetPrimaryKeyString());
        _state = new(machine, clocks.Factory.GetUtcNow(), analyst.Track());
        try
        {
            var now = clocks.Factory.GetUtcNow();
            _state = new(machine, now, await analyst.TrackAsync(machine, now, cancellationToken));
            _state.Remember(await analyst.TimelineAsync(machine, new(now - TwinState.Memory, now), cancellationToken), recorder.LastOf(machine));
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            Log.TwinPastUnreadable(log, e, machine);   // the past is missing on the ribbon; the present must go on
        }
        board.Hang(_state.View());
    }

    public Task IngestAsync(SampleBatch batch)
    {
        _state.Take(batch, _roles);
        board.Hang(_state.View());
        return Task.CompletedTask;
    }

    public Task PassAsync(DateTimeOffset now)
    {
        _state.Pass(now);
        board.Hang(_state.View());
        return Task.CompletedTask;
    }

    public ValueTask<TwinView> ViewAsync() => ValueTask.FromResult(_state.View());
}

/// <summary>Signal number to role by array index, because it is asked for every sample.</summary>
/// <remarks>A source may learn a better description of a signal, so what was looked up is forgotten every ten seconds.</remarks>
internal sealed class RoleIndex(ISignalDirectory signals, TimeProvider wire)
{
    private const byte Unasked = byte.MaxValue;
    private byte[] _roles = [];
    private long _asked = wire.GetTimestamp();

    /// <summary>To be called once per batch.</summary>
    public void Refresh()
    {
        if (wire.GetElapsedTime(_asked) < TimeSpan.FromSeconds(10)) return;
        _asked = wire.GetTimestamp();
        Array.Fill(_roles, Unasked);
    }

    public SignalRole Of(SignalNumber number)
    {
        var n = number.Value;
        if ((uint)n < (uint)_roles.Length && _roles[n] != Unasked) return (SignalRole)_roles[n];
        if (n < 0) return SignalRole.None;
        if (n >= _roles.Length)
        {
            var old = _roles.Length;
            Array.Resize(ref _roles, Math.Max(n + 1, old * 2));
            Array.Fill(_roles, Unasked, old, _roles.Length - old);
        }
        var role = signals.Find(number)?.Role ?? SignalRole.None;
        _roles[n] = (byte)role;
        return role;
    }
}
