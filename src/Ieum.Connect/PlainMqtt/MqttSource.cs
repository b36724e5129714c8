using System.Threading.Channels;
using Ieum.Model;
using Microsoft.Extensions.Logging;

namespace Ieum.Connect.PlainMqtt;

/// <summary>Reads the topics of one machine, for ever.</summary>
internal sealed class MqttSource(
    ConnectionSettings settings, MqttOptions options, IMqttFeed feed, ISignalDirectory signals, IPlaces? places, Clocks clocks, ILogger log, MqttPast? past = null) : IMachineSource
{
    /// <summary>Messages that wait for the loop before the broker or the publisher has to.</summary>
    private const int MostWaiting = 1024;

    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(2);

    private readonly SourceHealthTracker _health = new(clocks.Factory);

    public ConnectionSettings Settings => settings;
    public SourceHealth Health => _health.Health;

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    public async Task RunAsync(ISampleSink sink, CancellationToken cancel)
    {
        var batch = new SampleBatcher(settings, sink, _health, clocks.Wire);
        var intake = new MqttIntake(settings, options, signals, _health, batch, new(settings.Source, past, clocks.Wire), clocks.Factory, log);
        intake.Resume(places?.Find(settings.Source)?.Place);
        var outage = new Outage(settings, clocks.Factory);
        var items = Channel.CreateBounded<FeedItem>(new BoundedChannelOptions(MostWaiting) { SingleReader = true });
        var receipts = new MqttReceipts(sink, clocks.Wire);
        // The feed is stopped last: what was taken before the stop is still acknowledged over it.
        using var stopFeed = new CancellationTokenSource();
        var feeding = Task.Run(() => FeedAsync(items.Writer, stopFeed.Token), CancellationToken.None);
        var giving = Task.Run(() => receipts.RunAsync(stopFeed.Token), CancellationToken.None);
        try
        {
            while (true)
            {
                while (items.Reader.TryRead(out var item))
                {
                    await TakeAsync(intake, outage, receipts, item, cancel).ConfigureAwait(false);
                    if (batch.IsDue || receipts.IsDue(more: true)) await FlushAsync(batch, receipts, cancel).ConfigureAwait(false);
                }
                if (options.Silence > TimeSpan.Zero && _health.Link == LinkState.Connected && clocks.Factory.GetUtcNow() - intake.LastHeard > options.Silence) intake.Silent();
                if (batch.IsDue || receipts.IsDue(more: false)) await FlushAsync(batch, receipts, cancel).ConfigureAwait(false);
                await WaitAsync(items.Reader, batch, receipts, cancel).ConfigureAwait(false);
            }
        }
        finally
        {
            await EndAsync(intake, outage, batch, receipts, items.Reader).ConfigureAwait(false);
            receipts.Complete();
            // A store that takes nothing must not hold the stop up; what it did not take stays with its sender.
            await giving.WaitAsync(StopLimit, clocks.Wire, CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await stopFeed.CancelAsync().ConfigureAwait(false);
            await feeding.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await giving.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            // What came meanwhile is kept too, without an acknowledgement where there would be one.
            await EndAsync(intake, outage, batch, receipts, items.Reader).ConfigureAwait(false);
            if (outage.End() is { } gap) intake.Add(gap);
            intake.Close();
            _health.SetLink(LinkState.Disconnected);
            await batch.FlushAsync(CancellationToken.None).ConfigureAwait(false);
        }
    }

    private static async Task FlushAsync(SampleBatcher batch, MqttReceipts receipts, CancellationToken cancel)
    {
        await batch.FlushAsync(cancel, receipts.IsPressed).ConfigureAwait(false);
        receipts.HandOver();
    }

    /// <summary>Takes and hands over what waits, without a limit.</summary>
    private async Task EndAsync(MqttIntake intake, Outage outage, SampleBatcher batch, MqttReceipts receipts, ChannelReader<FeedItem> items)
    {
        while (items.TryRead(out var item)) await TakeAsync(intake, outage, receipts, item, CancellationToken.None).ConfigureAwait(false);
        await FlushAsync(batch, receipts, CancellationToken.None).ConfigureAwait(false);
    }

    private async ValueTask TakeAsync(MqttIntake intake, Outage outage, MqttReceipts receipts, FeedItem item, CancellationToken cancel)
    {
        if (item.Topic is not null)
        {
            await intake.TakeAsync(item, cancel).ConfigureAwait(false);
            if (item.Receipt is { } receipt) receipts.Add(receipt);
        }
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
    private async Task WaitAsync(ChannelReader<FeedItem> items, SampleBatcher batch, MqttReceipts receipts, CancellationToken cancel)
    {
        var limit = batch.HasPending ? batch.Remaining : TimeSpan.FromSeconds(1);
        if (receipts.IsWaiting && receipts.Remaining < limit) limit = receipts.Remaining;
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
