using System.Threading.Channels;
using Ieum.Model;

namespace Ieum.Connect.OpcUa.Client;

/// <summary>What the parts of a running connection share; lives as long as the source.</summary>
internal sealed record OpcUaParts(
    ConnectionSettings Settings, OpcUaOptions Options, Clocks Clocks, IReadOnlyList<OpcPoint> Points,
    Subscriber Subscriber, OpcIntake Intake, SampleBatcher Batch, HoleBook Holes)
{
    /// <summary>Hands over what waits. A hole that was opened goes first: whoever begins again after a kill must not take what came behind it for the whole.</summary>
    public async ValueTask FlushAsync(CancellationToken cancel)
    {
        if (Holes.Place(out var mustLead) is { } place)
        {
            if (mustLead) await Batch.LeadAsync(place, cancel).ConfigureAwait(false);
            else Batch.Place = place;
        }
        await Batch.FlushAsync(cancel).ConfigureAwait(false);
    }
}

/// <summary>Why a connection ended.</summary>
/// <param name="Status">What the server said about the session, or the line's own code.</param>
internal readonly record struct LinkEnd(LinkState Link, StatusCode Status, string Detail);

/// <summary>One connection from standing session to its end: fetches notifications, watches over subscriptions and session, repairs what can be repaired.</summary>
/// <param name="isTakenUp">The subscriptions are those of before: the server may tell its present values again beside the messages that were missed.</param>
internal sealed partial class OpcUaLink(OpcUaParts parts, OpcUaSession session, bool isTakenUp)
{
    /// <summary>Values told twice after a connection was taken up come within this time.</summary>
    private static readonly TimeSpan Doubles = TimeSpan.FromSeconds(10);
    private const int MostDoubles = 200_000;

    private readonly record struct Repeated(uint Handle, OpcTime At, StatusCode Status, Variant Value);
    private readonly long _begun = parts.Clocks.Wire.GetTimestamp();
    private HashSet<Repeated>? _told = isTakenUp ? [] : null;

    /// <summary>A missing message may be on its way on another thread of the server; after this it is asked for.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LongestWait = TimeSpan.FromMilliseconds(250);

    private readonly TimeProvider _wire = parts.Clocks.Wire;
    private readonly Channel<FillBlock> _blocks = Channel.CreateBounded<FillBlock>(4);
    private LinkEnd? _end;
    private long _pausedUntil, _repairedAt;
    private bool _isTooLarge, _isFilling = true;
    private Task? _polling;

    /// <summary>Runs until the line or the session is lost.</summary>
    public async Task<LinkEnd> RunAsync(CancellationToken cancel)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var pump = new PublishPump(session, stop.Token);
        var keepAlive = KeepAliveAsync(stop.Token);
        var filling = FillHolesAsync(stop.Token);
        Task<bool>? answered = null, filled = null;
        try
        {
            while (true)
            {
                if (_wire.GetTimestamp() >= _pausedUntil) pump.Fill(parts.Subscriber.Subscriptions);
                var any = false;
                while (!parts.Subscriber.Subscriptions.Any(IsDue) && pump.Answers.TryRead(out var published))
                {
                    any = true;
                    pump.Taken(published, parts.Subscriber.Subscriptions);
                    Take(published);
                    if (parts.Batch.IsDue) await FlushAsync(cancel).ConfigureAwait(false);
                    if (parts.Subscriber.Subscriptions.Count > 0 && _wire.GetTimestamp() >= _pausedUntil) pump.Fill(parts.Subscriber.Subscriptions);
                }
                while (_blocks.Reader.TryRead(out var block)) Take(block);
                if (_end is { } end) return end;
                if (keepAlive.IsCompleted) return await keepAlive.ConfigureAwait(false);
                // A flood of answers must not keep a missing message from being asked for: what overtook it is held until then.
                if (!any || parts.Subscriber.Subscriptions.Any(IsDue)) await RepairAsync(cancel).ConfigureAwait(false);
                if (filling.IsCompleted)
                {
                    await filling.ConfigureAwait(false);
                    if (parts.Holes.HasOpen) (filling, _isFilling) = (FillHolesAsync(stop.Token), true);
                    else if (_isFilling && !_blocks.Reader.TryPeek(out _) && TakeGaps())
                    {
                        _isFilling = false;
                        foreach (var p in parts.Points) p.Delivered?.Close();
                        parts.Holes.Settle();
                    }
                }
                parts.Intake.Heartbeat();
                if (parts.Batch.IsDue) await FlushAsync(cancel).ConfigureAwait(false);

                answered ??= pump.Answers.WaitToReadAsync(cancel).AsTask();
                filled ??= _blocks.Reader.WaitToReadAsync(cancel).AsTask();
                if (!answered.IsCompleted && !filled.IsCompleted) await WaitAsync(keepAlive, answered, filled, cancel).ConfigureAwait(false);
                if (answered.IsCompleted) answered = null;
                if (filled.IsCompleted) filled = null;
            }
        }
        catch (OpcUaException fault)
        {
            return new(LinkState.Disconnected, fault.Status, fault.Message);
        }
        finally
        {
            session.LineLost();
            await stop.CancelAsync().ConfigureAwait(false);
            // What history delivered before the end is still good; what it did not deliver stays in the book of holes.
            await Task.WhenAll(Quiet(keepAlive), Quiet(filling), Quiet(_polling)).ConfigureAwait(false);
            while (_blocks.Reader.TryRead(out var block)) Take(block);
            foreach (var s in parts.Subscriber.Subscriptions) Release(s, all: true);
            TakeOverflows();
            TakeGaps();
        }
    }

    private ValueTask FlushAsync(CancellationToken cancel)
    {
        TakeOverflows();
        return parts.FlushAsync(cancel);
    }

    private void Take(in Published published)
    {
        if (published.Fault is { } fault)
        {
            TakeFault(fault);
            return;
        }
        var answer = published.Answer!;
        var subscription = parts.Subscriber.Find(answer.SubscriptionId);
        if (subscription is null) return;   // made by an earlier run, or dropped meanwhile
        Take(subscription, answer.NotificationMessage);
    }

    private void Take(OpcSubscription subscription, NotificationMessage message)
    {
        var now = _wire.GetTimestamp();
        subscription.HeardAt = now;
        parts.Intake.Begin();
        if (message.NotificationData.Length == 0)
        {
            subscription.Book.TakeKeepAlive(message.SequenceNumber);
            parts.Intake.End(message.PublishTime.UtcTicks);
        }
        else if (subscription.Book.Take(message.SequenceNumber))
        {
            if (subscription.Book.IsAhead(message.SequenceNumber)) Hold(subscription, message);
            else TakeData(subscription, message);
        }
        Release(subscription);
        if (!subscription.Book.HasMissing) subscription.MissingSince = 0;
        else if (subscription.MissingSince == 0) subscription.MissingSince = now;
        if (message.PublishTime.UtcTicks > subscription.LastPublishTicks) subscription.LastPublishTicks = message.PublishTime.UtcTicks;
    }

    /// <summary>Two answers that came together are handed over by two threads, so the second may be first here; what it overtook comes at once or by Republish.</summary>
    private static void Hold(OpcSubscription subscription, NotificationMessage message)
    {
        var at = subscription.Held.Count;
        while (at > 0 && SequenceBook.IsBefore(message.SequenceNumber, subscription.Held[at - 1].SequenceNumber)) at--;
        subscription.Held.Insert(at, message);
    }

    /// <param name="all">Also those before which something is missing still: the line ends, and what came is kept.</param>
    private void Release(OpcSubscription subscription, bool all = false)
    {
        var count = 0;
        while (count < subscription.Held.Count && (all || !subscription.Book.IsAhead(subscription.Held[count].SequenceNumber))) count++;
        if (count == 0) return;
        var due = subscription.Held.GetRange(0, count);
        subscription.Held.RemoveRange(0, count);
        foreach (var message in due)
        {
            parts.Intake.Begin();
            TakeData(subscription, message);
        }
    }

    private void TakeData(OpcSubscription subscription, NotificationMessage message)
    {
        var isFresh = true;
        foreach (var data in message.NotificationData)
        {
            if (data.Body is DataChangeNotification changes) isFresh &= Take(changes.MonitoredItems);
            else if (data.Body is StatusChangeNotification change) Lost(subscription, $"the server ended it with {change.Status}");
        }
        parts.Intake.End(isFresh ? message.PublishTime.UtcTicks : 0);
    }

    /// <returns>False when first values were among them: they are old and say nothing about the clock.</returns>
    private bool Take(MonitoredItemNotification[] changes)
    {
        var isFresh = true;
        foreach (ref readonly var change in changes.AsSpan())
        {
            var index = (int)change.ClientHandle - 1;
            if ((uint)index >= (uint)parts.Points.Count) continue;
            var point = parts.Points[index];
            isFresh &= !point.AwaitsFirst;
            if (_told is not null && IsDouble(change)) continue;
            parts.Intake.Take(point, change.Value);
        }
        return isFresh;
    }

    /// <summary>The same value with the same source time was told since the connection was taken up. npm node-opcua does so: its present values, then what Republish gives.</summary>
    private bool IsDouble(in MonitoredItemNotification change)
    {
        if (_told!.Count >= MostDoubles || _wire.GetElapsedTime(_begun) > Doubles)
        {
            _told = null;
            return false;
        }
        var value = change.Value;
        return !value.SourceTimestamp.IsNone && !_told.Add(new(change.ClientHandle, value.SourceTimestamp, value.StatusCode, value.Value));
    }

    private void Take(in FillBlock block)
    {
        parts.Intake.Begin();
        foreach (ref readonly var value in block.Values.AsSpan())
        {
            if (!block.Part.Point.Delivered!.Has(parts.Intake.ToldOf(block.Part.Point, value), block.Part.Before)) parts.Intake.Take(block.Part.Point, value, isHistory: true);
        }
        parts.Intake.End(0);
    }

    private void TakeFault(OpcUaException fault)
    {
        if (fault.Status == StatusCodes.BadNoSubscription)
            foreach (var s in parts.Subscriber.Subscriptions) Lost(s, "the server does not know it any more");
        else if (fault.IsAnswer && Batches.IsTooLarge(fault.Status))
        {
            var tried = session.Facts.Notifications.Most;
            _isTooLarge = session.Facts.Notifications.Refused(tried);
            parts.Intake.Tell(OpcUaRules.NotificationMissing, $"'{parts.Settings.Endpoint}' could not send a message with up to {tried} notifications: {fault.Status}. It is asked for smaller ones; what was in that one is looked up in the history.");
        }
        else if (OpcUaSession.IsGone(fault.Status) || IsLine(fault.Status)) _end ??= new(LinkState.Disconnected, fault.Status, fault.Message);
        else if (fault.Status != StatusCodes.BadTooManyPublishRequests && fault.Status != StatusCodes.BadTimeout && fault.Status != StatusCodes.BadRequestTimeout)
            parts.Intake.Tell(OpcUaRules.ServiceRefused, $"'{parts.Settings.Endpoint}' answered a publish request with {fault.Status}: {fault.Message}");
        if (fault.Status != StatusCodes.BadTooManyPublishRequests && !_isTooLarge) _pausedUntil = _wire.GetTimestamp() + _wire.TimestampFrequency / 2;
    }

    private void Lost(OpcSubscription subscription, string why)
    {
        if (subscription.IsLost) return;
        subscription.IsLost = true;
        parts.Intake.Tell(OpcUaRules.SubscriptionLost, $"A subscription of '{parts.Settings.Endpoint}' with {subscription.Items} points was lost: {why}. It is made anew and the time between looked up in the history.");
    }

    /// <summary>Codes with which a line ends (Part 4, 7.39); everything else is an answer.</summary>
    internal static bool IsLine(StatusCode status) =>
        status == StatusCodes.BadConnectionClosed || status == StatusCodes.BadSecureChannelClosed || status == StatusCodes.BadSecureChannelIdInvalid ||
        status == StatusCodes.BadSecureChannelTokenUnknown || status == StatusCodes.BadCommunicationError || status == StatusCodes.BadNotConnected ||
        status == StatusCodes.BadServerNotConnected || status == StatusCodes.BadTcpSecureChannelUnknown || status == StatusCodes.BadServerHalted ||
        status == StatusCodes.BadShutdown || status == StatusCodes.BadTcpInternalError || status == StatusCodes.BadDisconnect ||
        // With these our own channel gave the line up: what arrived was not OPC UA, too long, or out of order.
        status == StatusCodes.BadTcpMessageTypeInvalid || status == StatusCodes.BadTcpMessageTooLarge || status == StatusCodes.BadSequenceNumberInvalid;

    private async Task WaitAsync(Task keepAlive, Task answered, Task filled, CancellationToken cancel)
    {
        var wait = parts.Batch.HasPending && parts.Batch.Remaining < LongestWait ? parts.Batch.Remaining : LongestWait;
        if (wait < TimeSpan.FromMilliseconds(1)) wait = TimeSpan.FromMilliseconds(1);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        await Task.WhenAny(answered, filled, keepAlive, Task.Delay(wait, _wire, stop.Token)).ConfigureAwait(false);
        await stop.CancelAsync().ConfigureAwait(false);
        cancel.ThrowIfCancellationRequested();
    }

    private static async Task Quiet(Task? task)
    {
        if (task is null) return;
        try
        {
            await task.ConfigureAwait(false);
        }
        catch (Exception fault) when (fault is OpcUaException or OperationCanceledException)
        {
            // The end of the link is told already; what its helpers met follows from it.
        }
    }
}
