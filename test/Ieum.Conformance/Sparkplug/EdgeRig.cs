using Ieum.Connect;
using Ieum.Connect.Broker;
using Ieum.Connect.Sparkplug.Edge;
using Ieum.Model;
using Ieum.TestKit;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Ieum.Conformance.Sparkplug;

/// <summary>The node's edge side over a recorder in memory.</summary>
internal sealed class EdgeRig : IMeasurementHistory, IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly List<Sample> _recorded = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly EmbeddedBroker _broker = new(new BrokerOptions(), Clocks.Real.Wire, NullLogger<EmbeddedBroker>.Instance);
    private readonly Dictionary<string, LinkState> _machines = new() { ["MC1"] = LinkState.Connected };
    private readonly Task _running;
    private readonly SparkplugEdge _edge;

    public EdgeRig(string broker, string? primaryHost, string? folder = null)
    {
        Folder = folder ?? Directory.CreateDirectory(Path.Combine(Needs.Scratch, $"edge-{Guid.NewGuid():N}")).FullName;
        var options = new SparkplugEdgeOptions { Enabled = true, Group = "plant", Node = "node", Broker = broker, PrimaryHost = primaryHost ?? "", Gather = TimeSpan.FromMilliseconds(10) };
        _edge = new(Options.Create(options), Options.Create(new BrokerOptions()), _broker, Clocks.Real, NullLogger<SparkplugEdge>.Instance);
        Tell("load", SampleValue.Of(0.5));
        Show("MC1", LinkState.Connected);
        _running = Task.Run(() => _edge.RunAsync(new(new("W"), Signals, this, null, Folder), _stop.Token));
    }

    public string Folder { get; }
    public InMemorySignals Signals { get; } = new();
    public SparkplugEdgeStatus Status => _edge.Status;
    public Task<SparkplugEdgeStatus> CountAsync() => _edge.CountAsync(_stop.Token);

    /// <summary>Changes what is published, as the settings page does.</summary>
    public void Use(Func<SparkplugEdgeSettings, SparkplugEdgeSettings> change) => _edge.Use(change(_edge.Settings));

    public void Show(string machine, LinkState link)
    {
        _machines[machine] = link;
        _edge.Show([.. _machines.Select(m => new SparkplugEdgeMachine(new(m.Key), m.Value))]);
    }

    /// <summary>A fresh value: recorded and told.</summary>
    public DateTimeOffset Tell(string name, SampleValue value, Quality quality = Quality.Good)
    {
        var number = Signals.Register(new(new(new("MC1"), name), Unit.Percent, value.Kind));
        Sample sample;
        lock (_gate)
        {
            // Whole milliseconds, as the wire has them, and no two alike.
            var now = new DateTimeOffset(TimeProvider.System.GetUtcNow().Ticks / TimeSpan.TicksPerMillisecond * TimeSpan.TicksPerMillisecond, TimeSpan.Zero);
            if (_recorded.Count > 0 && now.UtcTicks <= _recorded[^1].SourceTicks) now = new(_recorded[^1].SourceTicks + TimeSpan.TicksPerMillisecond, TimeSpan.Zero);
            sample = new(number, now.UtcTicks, now.UtcTicks, value, quality);
            _recorded.Add(sample);
        }
        _edge.Tell([sample]);
        return sample.SourceTime;
    }

    public Task UntilAsync(Func<SparkplugEdgeStatus, bool> condition) => Plant.UntilAsync(() => condition(Status));

    public Sample? Last(SignalNumber signal) { lock (_gate) return _recorded.Where(s => s.Signal == signal).Select(s => (Sample?)s).LastOrDefault(); }
    public IReadOnlyList<LastValue> LastOf(MachineId machine) => [];

    public async IAsyncEnumerable<Sample> RangeAsync(SignalNumber signal, TimeRange range, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel)
    {
        Sample[] found;
        lock (_gate) found = [.. _recorded.Where(s => s.Signal == signal && s.SourceTime >= range.From && s.SourceTime < range.To)];
        foreach (var s in found) yield return s;
        await Task.CompletedTask;
    }

    public Task<Sample?> BeforeAsync(SignalNumber signal, DateTimeOffset instant, CancellationToken cancel) => throw new NotSupportedException();
    /// <summary>One bucket: nobody here asks for more.</summary>
    public Task<IReadOnlyList<Bucket>> DownsampleAsync(SignalNumber signal, TimeRange range, TimeSpan step, CancellationToken cancel)
    {
        lock (_gate)
            return Task.FromResult<IReadOnlyList<Bucket>>([new(range, _recorded.Count(s => s.Signal == signal && s.SourceTime >= range.From && s.SourceTime < range.To), 0, 0, 0, 0, 0)]);
    }

    public Task<IReadOnlyList<StateDuration>> StateDurationsAsync(SignalNumber signal, TimeRange range, CancellationToken cancel) => throw new NotSupportedException();
    public Task<IReadOnlyList<Gap>> GapsAsync(SourceId source, TimeRange range, CancellationToken cancel) => throw new NotSupportedException();

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        _edge.Dispose();
        await _broker.DisposeAsync();
        _stop.Dispose();
    }
}
