using System.Buffers;
using System.Threading.Channels;
using Ieum.Connect.Sparkplug.Edge;
using Ieum.Connect.Sparkplug.Payload;
using Ieum.Connect.Sparkplug.Session;
using Ieum.Model;
using Microsoft.Extensions.Logging;

namespace Ieum.Connect.Sparkplug.Host;

/// <summary>One host application at one broker, shared by all machines that are connected through it.</summary>
/// <remarks>
/// Everything happens in one loop that reads one bounded queue: messages, ticks, and sources that come and go. So sessions
/// need no locks, and a full queue makes the transport wait.
/// </remarks>
internal sealed partial class SparkplugHost : ISparkplugInbox
{
    private enum ItemKind { Message, TooLarge, Tick, LinkUp, LinkDown, Attach, Detach, Probe, EndProbe, Ask }

    private readonly record struct Item(ItemKind Kind, string Text, byte[] Bytes, int Length, long ReceiveTicks, object? What);

    private static readonly TimeSpan TickEvery = TimeSpan.FromMilliseconds(50);

    private readonly ISparkplugTransport _transport;
    private readonly BrokerOptions _options;
    private readonly Clocks _clocks;
    private readonly ILogger _log;
    private readonly Channel<Item> _inbox;
    private readonly Channel<(string Topic, byte[] Payload)> _outbox = Channel.CreateBounded<(string, byte[])>(
        new BoundedChannelOptions(1024) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });
    private readonly long _wireStart;
    private int _tickWaits;

    public SparkplugHost(ISparkplugTransport transport, BrokerOptions options, Clocks clocks, ILogger log)
    {
        (_transport, _options, _clocks, _log) = (transport, options, clocks, log);
        _inbox = Channel.CreateBounded<Item>(new BoundedChannelOptions(options.IntakeQueue) { SingleReader = true });
        _wireStart = clocks.Wire.GetTimestamp();
    }

    private TimeSpan Wire => _clocks.Wire.GetElapsedTime(_wireStart);
    private long Now => _clocks.Factory.GetUtcNow().UtcTicks;

    /// <summary>Runs until cancelled. Faults of the broker or of messages never end it.</summary>
    public async Task RunAsync(CancellationToken cancel)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        await using var timer = _clocks.Wire.CreateTimer(_ => Tick(), null, TickEvery, TickEvery).ConfigureAwait(false);
        Task[] parts = [_transport.RunAsync(this, stop.Token), LoopAsync(stop.Token), SendAsync(stop.Token)];
        try
        {
            await await Task.WhenAny(parts).ConfigureAwait(false);
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await Task.WhenAll(parts).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    public ValueTask MessageAsync(string topic, ReadOnlySequence<byte> payload, CancellationToken cancel)
    {
        if (payload.Length > _options.MaxMessageBytes) return Put(new(ItemKind.TooLarge, topic, [], (int)Math.Min(payload.Length, int.MaxValue), Now, null), cancel);
        // The transport reuses its buffer as soon as this returns, so the bytes are copied once, into a rented array.
        var bytes = ArrayPool<byte>.Shared.Rent((int)payload.Length);
        payload.CopyTo(bytes);
        return Put(new(ItemKind.Message, topic, bytes, (int)payload.Length, Now, null), cancel);
    }

    public ValueTask LinkUpAsync(CancellationToken cancel) => Put(new(ItemKind.LinkUp, "", [], 0, Now, null), cancel);

    public ValueTask LinkDownAsync(string rule, string message, CancellationToken cancel) => Put(new(ItemKind.LinkDown, rule, [], 0, Now, message), cancel);

    /// <summary>Lets a machine's samples flow into its lane.</summary>
    public ValueTask AttachAsync(SparkplugLane lane, CancellationToken cancel) => Put(new(ItemKind.Attach, "", [], 0, Now, lane), cancel);

    /// <summary>Ends that; what was gathered is in the lane, and the lane is completed, when this returns.</summary>
    public async Task DetachAsync(SparkplugLane lane)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await Put(new(ItemKind.Detach, "", [], 0, Now, (lane, done)), CancellationToken.None).ConfigureAwait(false);
        await done.Task.ConfigureAwait(false);
    }

    /// <summary>Asks one node for its births and returns the metrics the wanted scope announces.</summary>
    public async Task<IReadOnlyList<Metric>> ProbeAsync(SparkplugSettings settings, CancellationToken cancel)
    {
        var probe = new SparkplugProbe(settings);
        await Put(new(ItemKind.Probe, "", [], 0, Now, probe), cancel).ConfigureAwait(false);
        try
        {
            return await probe.Found.Task.WaitAsync(cancel).ConfigureAwait(false);
        }
        finally
        {
            await Put(new(ItemKind.EndProbe, "", [], 0, Now, probe), CancellationToken.None).ConfigureAwait(false);
        }
    }

    /// <summary>Writes one metric, or looks at what it holds, between two messages.</summary>
    public ValueTask AskAsync(SparkplugAsk ask, CancellationToken cancel) => Put(new(ItemKind.Ask, "", [], 0, Now, ask), cancel);

    /// <summary>Puts a tick into the queue unless one waits there already; a full queue ticks by itself.</summary>
    private void Tick()
    {
        if (Interlocked.Exchange(ref _tickWaits, 1) == 1) return;
        if (!_inbox.Writer.TryWrite(new(ItemKind.Tick, "", [], 0, 0, null))) Volatile.Write(ref _tickWaits, 0);
    }

    private ValueTask Put(Item item, CancellationToken cancel) => _inbox.Writer.WriteAsync(item, cancel);

    private async Task SendAsync(CancellationToken cancel)
    {
        await foreach (var (topic, payload) in _outbox.Reader.ReadAllAsync(cancel).ConfigureAwait(false))
        {
            try
            {
                await _transport.PublishAsync(topic, payload, cancel).ConfigureAwait(false);
            }
            catch (Exception e) when (e is not OperationCanceledException || !cancel.IsCancellationRequested)
            {
                // The connection broke in this moment; the session asks again when it is back.
                Log.PublishFailed(_log, topic, e.Message);
            }
        }
    }

    private void AskRebirth(string group, string node, string reason)
    {
        _outbox.Writer.TryWrite((SparkplugTopic.OfNodeCommand(group, node), EdgeMessages.AskRebirth((ulong)_clocks.Factory.GetUtcNow().ToUnixTimeMilliseconds())));
        Log.RebirthAsked(_log, group, node, reason);
    }
}
