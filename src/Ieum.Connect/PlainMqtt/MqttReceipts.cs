using System.Threading.Channels;
using Ieum.Model;

namespace Ieum.Connect.PlainMqtt;

/// <summary>What a sender waits for before it forgets a message. Without it the sender keeps the message and sends it again when it is connected anew.</summary>
internal interface IMqttReceipt
{
    /// <summary>Acknowledges. A connection that is gone is no fault: the sender will ask again.</summary>
    ValueTask GiveAsync(CancellationToken cancel);

    /// <summary>It will not be given: the message stays with its sender.</summary>
    void Refuse();
}

/// <summary>Acknowledges messages in the order they came, each when all that came of it is safe in the store or on the disk.</summary>
/// <remarks>The source's loop adds and hands over; one more task waits and acknowledges. How many are open is bounded by the feed.</remarks>
internal sealed class MqttReceipts(ISampleSink sink, TimeProvider wire)
{
    /// <summary>
    /// Brokers send only so many messages ahead of their acknowledgements (mosquitto 20, some 10, a careful one 1), so a batch
    /// must not wait for its usual time: the broker would wait with it.
    /// </summary>
    private static readonly TimeSpan Oldest = TimeSpan.FromMilliseconds(10);
    private const int Enough = 8;

    /// <summary>
    /// The store spares flash disks by writing five times a second. A sender that stands still for so long at each message or window
    /// (no message in the second half of a wait, and one right after the acknowledgement) is pressed; that is looked at anew now and then.
    /// </summary>
    private static readonly TimeSpan LongWait = TimeSpan.FromMilliseconds(100), RightAfter = TimeSpan.FromMilliseconds(50), PressedFor = TimeSpan.FromSeconds(5);

    private readonly Channel<(Task Kept, IMqttReceipt[] Receipts, long At)> _handed = Channel.CreateUnbounded<(Task, IMqttReceipt[], long)>(new() { SingleReader = true, SingleWriter = true });
    private readonly List<IMqttReceipt> _open = [];
    private long _firstAt, _addedAt, _stoodAt, _pressedAt;

    public bool IsWaiting => _open.Count > 0;

    /// <summary>How long the loop may wait before it must flush.</summary>
    public TimeSpan Remaining => Oldest - wire.GetElapsedTime(_firstAt) is var left && left > TimeSpan.Zero ? left : TimeSpan.Zero;

    /// <summary>Whether the sender stands still until what is handed over next is safe.</summary>
    public bool IsPressed => _pressedAt != 0 && wire.GetElapsedTime(_pressedAt) < PressedFor;

    public void Add(IMqttReceipt receipt)
    {
        if (_open.Count == 0) _firstAt = wire.GetTimestamp();
        Interlocked.Exchange(ref _addedAt, wire.GetTimestamp());
        if (Interlocked.Exchange(ref _stoodAt, 0) is not 0 and var stood && wire.GetElapsedTime(stood) < RightAfter) _pressedAt = wire.GetTimestamp();
        _open.Add(receipt);
    }

    /// <param name="more">Further messages wait to be taken.</param>
    public bool IsDue(bool more) => IsWaiting && ((!more && _open.Count >= Enough) || Remaining == TimeSpan.Zero);

    /// <summary>After a flush: everything that came of the open messages is with the sink.</summary>
    public void HandOver()
    {
        if (_open.Count == 0) return;
        if (!_handed.Writer.TryWrite((sink.KeptAsync(), [.. _open], wire.GetTimestamp()))) _open.ForEach(r => r.Refuse());
        _open.Clear();
    }

    /// <summary>Nothing more comes; <see cref="RunAsync"/> ends when the last one is given.</summary>
    public void Complete() => _handed.Writer.TryComplete();

    public async Task RunAsync(CancellationToken cancel)
    {
        await foreach (var (kept, receipts, at) in _handed.Reader.ReadAllAsync(CancellationToken.None).ConfigureAwait(false))
        {
            // Cancelled too when the sink closed before it had them.
            await kept.WaitAsync(cancel).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (wire.GetElapsedTime(at) is var waited && waited >= LongWait && wire.GetElapsedTime(Interlocked.Read(ref _addedAt)) >= waited / 2) Interlocked.Exchange(ref _stoodAt, wire.GetTimestamp());
            foreach (var receipt in receipts)
                if (kept.IsCompletedSuccessfully) await receipt.GiveAsync(cancel).ConfigureAwait(false);
                else receipt.Refuse();
        }
    }
}
