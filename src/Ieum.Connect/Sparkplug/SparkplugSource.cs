using Ieum.Connect.Sparkplug.Host;
using Ieum.Model;
using Microsoft.Extensions.Logging;

namespace Ieum.Connect.Sparkplug;

/// <summary>One machine that is an edge node or a device of one.</summary>
internal sealed class SparkplugSource(
    ConnectionSettings connection, SparkplugSettings settings, ISignalDirectory signals, SparkplugHosts hosts, Clocks clocks, ILogger log) : IMachineSource
{
    private readonly SourceHealthTracker _health = new(clocks.Factory);
    private readonly SparkplugWriter _writer = new(connection, signals, clocks);

    public ConnectionSettings Settings => connection;
    public SourceHealth Health => _health.Health;
    public IMachineWriter Writer => _writer;

    public async Task RunAsync(ISampleSink sink, CancellationToken cancel)
    {
        await using var lease = hosts.Lease(settings.Broker);
        var lane = new SparkplugLane(connection, settings, signals, _health, clocks, log);
        await lease.Host.AttachAsync(lane, cancel).ConfigureAwait(false);
        SampleBatch? inHand = null;
        try
        {
            _writer.Use(lease.Host, lane);
            await foreach (var batch in lane.Batches.ReadAllAsync(cancel).ConfigureAwait(false))
            {
                inHand = batch;
                await sink.WriteAsync(batch, cancel).ConfigureAwait(false);
                inHand = null;
            }
            // The lane ended by itself: the endpoint belongs to another connection. Health says so; trying again would not help.
            await Task.Delay(Timeout.InfiniteTimeSpan, clocks.Wire, cancel).ConfigureAwait(false);
        }
        finally
        {
            _writer.Use(null, null);
            await DrainAsync(lease.Host, lane, sink, inHand).ConfigureAwait(false);
            _health.SetLink(LinkState.Disconnected);
        }
    }

    /// <summary>What was received before the stop is still handed over: it was counted.</summary>
    /// <param name="inHand">Taken out of the lane when the stop came, and not handed over yet.</param>
    private async Task DrainAsync(SparkplugHost host, SparkplugLane lane, ISampleSink sink, SampleBatch? inHand)
    {
        using var limit = new CancellationTokenSource(ReconnectPolicy.ConnectLimit, clocks.Wire);
        // Both at once: the host may be waiting for room in the lane before it can hear of the detachment.
        var detached = host.DetachAsync(lane);
        try
        {
            if (inHand is not null) await sink.WriteAsync(inHand, limit.Token).ConfigureAwait(false);
            await foreach (var batch in lane.Batches.ReadAllAsync(limit.Token).ConfigureAwait(false))
                await sink.WriteAsync(batch, limit.Token).ConfigureAwait(false);
            await detached.WaitAsync(limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            Host.Log.Problem(log, connection.Source.Value, ConnectRules.Unexpected, 1, "The queue of the node did not take the last samples within the stop limit.");
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
