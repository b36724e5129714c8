using System.Threading.Channels;
using Ieum.Model;
using Microsoft.Extensions.Logging;

namespace Ieum.Connect.PlainMqtt;

/// <summary>Reads the topics of one machine, for ever.</summary>
internal sealed class MqttSource(
    ConnectionSettings settings, MqttOptions options, IMqttFeed feed, ISignalDirectory signals, IPlaces? places, Clocks clocks, ILogger log) : IMachineSource
{
    /// <summary>Messages that wait for the loop before the broker or the publisher has to.</summary>
    private const int MostWaiting = 1024;

    private readonly SourceHealthTracker _health = new(clocks.Factory);

    public ConnectionSettings Settings => settings;
    public SourceHealth Health => _health.Health;

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    public async Task RunAsync(ISampleSink sink, CancellationToken cancel)
    {
        var batch = new SampleBatcher(settings, sink, _health, clocks.Wire);
        var intake = new MqttIntake(settings, options, signals, _health, batch, clocks.Factory, log);
        intake.Resume(places?.Find(settings.Source)?.Place);
        var outage = new Outage(settings, clocks.Factory);
        var items = Channel.CreateBounded<FeedItem>(new BoundedChannelOptions(MostWaiting) { SingleReader = true });
        var feeding = Task.Run(() => FeedAsync(items.Writer, cancel), CancellationToken.None);
        try
        {
            while (true)
            {
                while (items.Reader.TryRead(out var item))
                {
                    Take(intake, outage, item);
                    if (batch.IsDue) await batch.FlushAsync(cancel).ConfigureAwait(false);
                }
                if (options.Silence > TimeSpan.Zero && _health.Link == LinkState.Connected && clocks.Factory.GetUtcNow() - intake.LastHeard > options.Silence) intake.Silent();
                if (batch.IsDue) await batch.FlushAsync(cancel).ConfigureAwait(false);
                await WaitAsync(items.Reader, batch, cancel).ConfigureAwait(false);
            }
        }
        finally
        {
            await feeding.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            // What the broker handed over before the stop was acknowledged to its sender: it is kept.
            while (items.Reader.TryRead(out var item)) Take(intake, outage, item);
            if (outage.End() is { } gap) intake.Add(gap);
            intake.Close();
            _health.SetLink(LinkState.Disconnected);
            await batch.FlushAsync(CancellationToken.None).ConfigureAwait(false);
        }
    }

    private void Take(MqttIntake intake, Outage outage, in FeedItem item)
    {
        if (item.Topic is { } topic) intake.Take(topic, item.Payload, item.Retained);
        else if (item.Rule is { } rule)
        {
            if (!outage.HasBegun || !ConnectRules.IsUnreached(rule)) intake.Tell(rule, item.Why);
            outage.Begin(new(LinkState.Disconnected, clocks.Factory.GetUtcNow(), item.Why));
            _health.SetLink(LinkState.Disconnected);
        }
        else
        {
            MqttLog.Listening(log, settings.Source, feed.Name);
            if (outage.End() is { } gap) intake.Add(gap);
            _health.SetLink(LinkState.Connected);
        }
    }

    /// <summary>Waits for a message, for the batch to become due, or for the look at the silence.</summary>
    private async Task WaitAsync(ChannelReader<FeedItem> items, SampleBatcher batch, CancellationToken cancel)
    {
        var limit = batch.HasPending ? batch.Remaining : TimeSpan.FromSeconds(1);
        using var wait = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var more = items.WaitToReadAsync(wait.Token).AsTask();
        if (!more.IsCompleted && limit > TimeSpan.Zero)
            await Task.WhenAny(more, Task.Delay(limit, clocks.Wire, wait.Token)).ConfigureAwait(false);
        await wait.CancelAsync().ConfigureAwait(false);
        await ((Task)more).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancel.ThrowIfCancellationRequested();
    }

    private async Task FeedAsync(ChannelWriter<FeedItem> into, CancellationToken cancel)
    {
        var retry = new ReconnectPolicy(clocks.Wire);
        while (!cancel.IsCancellationRequested)
        {
            try
            {
                await feed.RunAsync(into, cancel).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (cancel.IsCancellationRequested) { }
            catch (Exception fault)
            {
                // A fault of our own must not silence a machine for ever; it is told and the feed starts again.
                MqttLog.Unexpected(log, settings.Source, fault);
                _health.Problem(ConnectRules.Unexpected, $"{feed.Name}: {fault.GetType().Name}: {fault.Message}");
                await retry.WaitAsync(cancel).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
        into.TryComplete();
    }
}
