using System.Collections.Concurrent;
using System.Collections.Immutable;
using Ieum.Connect;
using Ieum.Connect.Queue;
using Ieum.Model;
using Ieum.Node.Cluster;
using Ieum.Node.Store;
using Ieum.Node.Telemetry;
using Ieum.Record;
using Microsoft.Extensions.Options;

namespace Ieum.Node.Loop;

/// <summary>Keeps one line per connection running, and the list of connections.</summary>
internal sealed class Intake(
    IConnectRoom connect, IRecorder recorder, IQueueRoom queue, IGrainFactory grains, DocumentStore documents, IOpcUaDoor door, ISparkplugEdge edge, AnomalyWatch anomalies,
    IOptions<IntakeOptions> options, Clocks clocks, ILogger<Intake> log) : IHostedService, IDisposable
{
    private readonly ConcurrentDictionary<SourceId, IntakeLine> _lines = [];
    private readonly ConcurrentDictionary<SourceId, SourceHealth> _refused = [];
    private readonly ConcurrentDictionary<SourceId, IStoreLane> _leftOver = [];
    private readonly SemaphoreSlim _changing = new(1, 1);

    /// <summary>Why the store takes nothing now; null when it takes what it is given.</summary>
    public string? Trouble => _lines.Values.Select(l => l.Way.Trouble).FirstOrDefault(t => t is not null);

    public event Action? Changed;

    public ImmutableArray<ConnectionSettings> Connections { get; private set; } = [];

    public IntakeLine? Line(SourceId source) => _lines.GetValueOrDefault(source);

    public SourceHealth? HealthOf(SourceId source) =>
        _lines.TryGetValue(source, out var line) ? line.Health : _refused.GetValueOrDefault(source);

    /// <summary>Link of a machine: the best of its connections; disconnected when it has none.</summary>
    public LinkState LinkOf(MachineId machine)
    {
        LinkState? best = null;
        foreach (var c in Connections)
            if (c.Machine == machine && HealthOf(c.Source)?.Link is { } link && (best is null || Rank(link) < Rank(best.Value))) best = link;
        return best ?? LinkState.Disconnected;

        static int Rank(LinkState link) => link switch
        {
            LinkState.Connected => 0,
            LinkState.Silent => 1,
            LinkState.Connecting => 2,
            LinkState.Disconnected => 3,
            _ => 4,
        };
    }

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        Connections = [.. await documents.FindAsync<ConnectionSettings[]>(DocumentStore.Connections, cancellationToken) ?? []];
        foreach (var settings in Connections)
        {
            try
            {
                Open(settings);
            }
            catch (ConnectionSettingsException e)
            {
                // One wrong connection must not keep the others from running; the settings page shows why.
                Log.ConnectionRefused(log, settings.Source, e.Rule, e.Message);
                var now = clocks.Factory.GetUtcNow();
                _refused[settings.Source] = new(LinkState.Refused, now, null, default, null, 0, [new(e.Rule, e.Message, now, 1)]);
            }
        }
        foreach (var source in queue.Left) if (!_lines.ContainsKey(source)) OpenLeftOver(source);
        NodeMeter.WatchQueues(() => _lines.Select(l => (l.Key.Value, l.Value.Way)));
        NodeMeter.WatchCounters(() => _lines.Select(l => (l.Key.Value, l.Value.Source.Health.Counters)));
    }

    /// <exception cref="ConnectionSettingsException">The settings cannot be used; the old line, if any, keeps running.</exception>
    public async Task SaveAsync(ConnectionSettings settings, string by, CancellationToken cancel)
    {
        await _changing.WaitAsync(cancel);
        try
        {
            var source = connect.Create(settings, recorder);
            if (_lines.TryRemove(settings.Source, out var old)) await old.DisposeAsync();
            if (_leftOver.TryRemove(settings.Source, out var left)) await left.DisposeAsync();
            Open(settings, source);
            Connections = Connections.RemoveAll(c => c.Source == settings.Source).Add(settings);
            await documents.SaveAsync(DocumentStore.Connections, Connections.ToArray(), by, cancel);
        }
        finally
        {
            _changing.Release();
        }
        Changed?.Invoke();
    }

    public async Task RemoveAsync(SourceId source, string by, CancellationToken cancel)
    {
        await _changing.WaitAsync(cancel);
        try
        {
            if (_lines.TryRemove(source, out var line))
            {
                await line.DisposeAsync();
                OpenLeftOver(source);
            }
            _refused.TryRemove(source, out _);
            Connections = Connections.RemoveAll(c => c.Source == source);
            await documents.SaveAsync(DocumentStore.Connections, Connections.ToArray(), by, cancel);
        }
        finally
        {
            _changing.Release();
        }
        Changed?.Invoke();
    }

    public async Task StopAsync(CancellationToken cancellationToken) =>
        await Task.WhenAll(_lines.Values.Cast<IAsyncDisposable>().Concat(_leftOver.Values).Select(l => l.DisposeAsync().AsTask()));

    public void Dispose() => _changing.Dispose();

    /// <summary>What waits of a connection that is gone, or cannot be opened, is stored all the same.</summary>
    private void OpenLeftOver(SourceId source) =>
        _leftOver[source] = queue.Open(new(source, new(source.Value), Resumes: true, static () => false, static _ => Task.CompletedTask));

    private void Open(ConnectionSettings settings) => Open(settings, connect.Create(settings, recorder));

    private void Open(ConnectionSettings settings, IMachineSource source)
    {
        var line = new IntakeLine(source, queue, grains.GetGrain<IMachineTwin>(settings.Machine.Value), options.Value, clocks, log, door, edge, anomalies, recorder);
        _refused.TryRemove(settings.Source, out _);
        _lines[settings.Source] = line;
        line.Start();
    }
}
