using Ieum.Connect;
using Ieum.Connect.Queue;
using Ieum.Model;
using Ieum.Node.Cluster;
using Ieum.Node.Telemetry;

namespace Ieum.Node.Loop;

/// <summary>The way of one connection: source → queue → store, and beside it the machine's twin.</summary>
internal sealed class IntakeLine : IAsyncDisposable
{
    private readonly IMachineSource _source;
    private readonly IStoreLane _lane;
    private readonly Clocks _clocks;
    private readonly ILogger _log;
    private readonly CancellationTokenSource _stopReading = new();
    private readonly RangeWatch? _ranges;
    private Task _reading = Task.CompletedTask;

    /// <exception cref="InvalidOperationException">The line of the source is open already.</exception>
    public IntakeLine(IMachineSource source, IQueueRoom queue, IMachineTwin twin, IntakeOptions options, Clocks clocks, ILogger log, IOpcUaDoor? door = null, ISparkplugEdge? edge = null,
        AnomalyWatch? anomalies = null, ISignalDirectory? signals = null)
    {
        (_source, _clocks, _log) = (source, clocks, log);
        _ranges = signals is null ? null : RangeWatch.Of(source.Settings, signals);
        var (id, machine) = (source.Settings.Source, source.Settings.Machine);
        var tag = new KeyValuePair<string, object?>("source", id.Value);
        _lane = queue.Open(new(id, machine, source.Resumes, () => source.Health.Link == LinkState.Connected, TellTwinAsync)
        {
            MemoryBatches = options.QueueBatches,
            BatchSamples = options.BatchSamples,
            WritesUnderWay = options.WritesUnderWay,
            DrainLimit = options.DrainLimit,
            Kept = receipt =>
            {
                NodeMeter.Stored.Add(receipt.Stored, tag);
                if (receipt.Rejected > 0) NodeMeter.Rejected.Add(receipt.Rejected, tag);
            },
        });

        async Task TellTwinAsync(SampleBatch batch)
        {
            if (batch.Samples.IsEmpty && batch.Gaps.Count == 0) return;
            _ranges?.Look(batch.Samples.Span);
            door?.Tell(batch.Samples.Span);
            edge?.Tell(batch.Samples.Span);
            anomalies?.Tell(batch);
            try
            {
                await twin.IngestAsync(batch);
            }
            catch (Exception e)
            {
                Log.TwinFailed(log, e, machine);   // the picture may be old; what was measured is kept all the same
            }
        }
    }

    public IMachineSource Source => _source;

    /// <summary>What the source says of itself, and whether its values lie where they should.</summary>
    public SourceHealth Health => _ranges?.Problems is { IsEmpty: false } problems ? _source.Health with { Problems = _source.Health.Problems.AddRange(problems) } : _source.Health;

    /// <summary>Accounting of the way since the line was opened; the source's own rejections are counted by the source.</summary>
    public LaneCounters Way => _lane.Counters;

    /// <summary>Up to where the source handed over; from there it goes on when it begins again.</summary>
    public SourceMark? Newest => _lane.Newest;

    /// <summary>Completes when what an earlier run left in the queue is stored.</summary>
    public Task Settled => _lane.Drained;

    public void Start() => _reading = Task.Run(ReadAsync);

    /// <summary>A source ends only by a bug; it is told and the source is run again, later and later, at most once a minute.</summary>
    private async Task ReadAsync()
    {
        var pause = TimeSpan.FromSeconds(1);
        while (!_stopReading.IsCancellationRequested)
        {
            try
            {
                await _source.RunAsync(_lane, _stopReading.Token);
                if (_stopReading.IsCancellationRequested) return;
                Log.SourceEnded(_log, _source.Settings.Source);
            }
            catch (OperationCanceledException) when (_stopReading.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                Log.SourceFailed(_log, e, _source.Settings.Source, pause.TotalSeconds);
            }
            try
            {
                await Task.Delay(pause, _clocks.Wire, _stopReading.Token);
            }
            catch (OperationCanceledException)
            {
                return;
            }
            pause = TimeSpan.FromSeconds(Math.Min(60, pause.TotalSeconds * 2));
        }
    }

    /// <summary>Stops the source first; then what waits goes to the store, or to the disk where the store takes nothing.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stopReading.CancelAsync();
        await _reading;
        await _lane.DisposeAsync();
        await _source.DisposeAsync();
        _stopReading.Dispose();
    }
}
