using System.Threading.Channels;
using Ieum.Model;
using Ieum.Node.Cluster;
using Ieum.Node.Telemetry;

namespace Ieum.Node.Loop;

/// <summary>The way of one connection: source → bounded queue → store and machine twin.</summary>
internal sealed class IntakeLine(
    IMachineSource source, IMeasurementWriter store, IMachineTwin twin, IntakeOptions options, Clocks clocks, ILogger log) : ISampleSink, IAsyncDisposable
{
    private readonly Channel<SampleBatch> _queue = Channel.CreateBounded<SampleBatch>(
        new BoundedChannelOptions(options.QueueBatches) { SingleReader = true });
    private readonly CancellationTokenSource _stopReading = new(), _stopStoring = new();
    private Task _reading = Task.CompletedTask, _storing = Task.CompletedTask;
    private long _stored, _refused;

    public IMachineSource Source => source;

    /// <summary>Samples durable since the line was opened.</summary>
    public long Stored => Interlocked.Read(ref _stored);

    /// <summary>Samples the store refused; the source's own rejections are counted by the source.</summary>
    public long Refused => Interlocked.Read(ref _refused);

    public int Waiting => _queue.Reader.Count;

    public void Start()
    {
        _reading = Task.Run(ReadAsync);
        _storing = Task.Run(StoreAsync);
    }

    public ValueTask WriteAsync(SampleBatch batch, CancellationToken cancel) => _queue.Writer.WriteAsync(batch, cancel);

    /// <summary>A source ends only by a bug; it is told and the source is run again, later and later, at most once a minute.</summary>
    private async Task ReadAsync()
    {
        var pause = TimeSpan.FromSeconds(1);
        while (!_stopReading.IsCancellationRequested)
        {
            try
            {
                await source.RunAsync(this, _stopReading.Token);
                if (_stopReading.IsCancellationRequested) return;
                Log.SourceEnded(log, source.Settings.Source);
            }
            catch (OperationCanceledException) when (_stopReading.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                Log.SourceFailed(log, e, source.Settings.Source, pause.TotalSeconds);
            }
            try
            {
                await Task.Delay(pause, clocks.Wire, _stopReading.Token);
            }
            catch (OperationCanceledException)
            {
                return;
            }
            pause = TimeSpan.FromSeconds(Math.Min(60, pause.TotalSeconds * 2));
        }
    }

    private async Task StoreAsync()
    {
        var underWay = new Queue<Task>();
        while (await _queue.Reader.WaitToReadAsync())
            while (Take() is { } batch)
            {
                await TellTwinAsync(batch);
                while (underWay.Count >= options.WritesUnderWay || underWay.TryPeek(out var done) && done.IsCompleted) await underWay.Dequeue();
                underWay.Enqueue(KeepAsync(batch));
            }
        await Task.WhenAll(underWay);
    }

    /// <summary>Everything that waits, joined up to the batch limit: a chatty source must not cost one write per line.</summary>
    private SampleBatch? Take()
    {
        if (!_queue.Reader.TryRead(out var first)) return null;
        if (first.Samples.Length >= options.BatchSamples || !Fits(first, first.Samples.Length)) return first;
        var samples = new List<Sample>(Math.Min(options.BatchSamples, first.Samples.Length * 8));
        var gaps = new List<Gap>();
        string? place = null;
        Add(first);
        while (Fits(first, samples.Count) && _queue.Reader.TryRead(out var next)) Add(next);
        return new(first.Source, first.Machine, samples.ToArray(), gaps) { Place = place };

        void Add(SampleBatch b)
        {
            samples.AddRange(b.Samples.Span);
            gaps.AddRange(b.Gaps);
            place = b.Place ?? place;
        }
        bool Fits(SampleBatch begun, int have) => _queue.Reader.TryPeek(out var next)
            && next.Source == begun.Source && next.Machine == begun.Machine && have + next.Samples.Length <= options.BatchSamples;
    }

    private async Task TellTwinAsync(SampleBatch batch)
    {
        try
        {
            await twin.IngestAsync(batch);
        }
        catch (Exception e)
        {
            Log.TwinFailed(log, e, batch.Machine);   // the picture may be old; what was measured is kept all the same
        }
    }

    /// <summary>Repeats until the batch is durable: a full disk slows the source, it loses nothing.</summary>
    private async Task KeepAsync(SampleBatch batch)
    {
        while (true)
        {
            try
            {
                var receipt = await store.AppendAsync(batch, _stopStoring.Token);
                Interlocked.Add(ref _stored, receipt.Stored);
                Interlocked.Add(ref _refused, receipt.Rejected);
                NodeMeter.Stored.Add(receipt.Stored, new KeyValuePair<string, object?>("source", batch.Source.Value));
                if (receipt.Rejected > 0) NodeMeter.Rejected.Add(receipt.Rejected, new KeyValuePair<string, object?>("source", batch.Source.Value));
                return;
            }
            catch (OperationCanceledException) when (_stopStoring.IsCancellationRequested)
            {
                Log.NotKept(log, batch.Source, batch.Samples.Length);
                return;
            }
            catch (Exception e)
            {
                Log.StoreFailed(log, e, batch.Source, batch.Samples.Length);
            }
            await Task.Delay(TimeSpan.FromSeconds(1), clocks.Wire, _stopStoring.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Stops the source first, then lets the queue reach the disk.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stopReading.CancelAsync();
        await _reading;
        _queue.Writer.TryComplete();
        await Task.WhenAny(_storing, Task.Delay(options.DrainLimit, clocks.Wire));
        await _stopStoring.CancelAsync();
        await _storing;
        await source.DisposeAsync();
        _stopReading.Dispose();
        _stopStoring.Dispose();
    }
}
