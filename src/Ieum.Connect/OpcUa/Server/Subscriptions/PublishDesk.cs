using System.Collections.Concurrent;
using Ieum.Model;

namespace Ieum.Connect.OpcUa.Server;

/// <summary>The publish requests of one session and the subscriptions they are answered from (OPC 10000-4, 5.14.5).</summary>
/// <remarks>Safe for several threads.</remarks>
internal sealed class PublishDesk(int maxRequests, Clocks clocks)
{
    private sealed record Waiting(
        PublishRequest Request, uint Channel, StatusCode[] Results, long Deadline, TaskCompletionSource<IServiceResponse> Answer);

    private readonly Lock _gate = new();
    private readonly List<Subscription> _subscriptions = [];
    private readonly LinkedList<Waiting> _waiting = [];
    /// <summary>Answers in the order they were made. Clients see changes in the order of arrival, so nothing may overtake.</summary>
    private readonly ConcurrentQueue<(TaskCompletionSource<IServiceResponse> Answer, IServiceResponse Response)> _done = [];
    private readonly Lock _delivering = new();
    private bool _closed;

    public int Requests { get { lock (_gate) return _waiting.Count; } }

    public IReadOnlyList<Subscription> Subscriptions { get { lock (_gate) return [.. _subscriptions]; } }

    /// <summary>Acknowledges, then waits until a subscription has something to say.</summary>
    public Task<IServiceResponse> PublishAsync(PublishRequest request, uint channel)
    {
        var answer = Take(request, channel);
        Deliver();
        return answer;
    }

    private Task<IServiceResponse> Take(PublishRequest request, uint channel)
    {
        lock (_gate)
        {
            if (_closed) return Refused(request, StatusCodes.BadSessionClosed);
            var results = new StatusCode[request.SubscriptionAcknowledgements.Length];
            for (var i = 0; i < results.Length; i++)
            {
                var ack = request.SubscriptionAcknowledgements[i];
                results[i] = _subscriptions.Find(s => s.Id == ack.SubscriptionId)?.Acknowledge(ack.SequenceNumber) ?? StatusCodes.BadSubscriptionIdInvalid;
            }
            if (_subscriptions.Count == 0) return Refused(request, StatusCodes.BadNoSubscription);
            if (_waiting.Count >= maxRequests && _waiting.First is { } oldest)
            {
                _waiting.RemoveFirst();
                _done.Enqueue((oldest.Value.Answer, Fault.Of(oldest.Value.Request, StatusCodes.BadTooManyPublishRequests, clocks.Factory)));
            }
            var hint = request.RequestHeader.TimeoutHint;
            var deadline = hint == 0 ? long.MaxValue : clocks.Wire.GetUtcNow().UtcTicks + hint * TimeSpan.TicksPerMillisecond;
            var waiting = new Waiting(request, channel, results, deadline, new());
            _waiting.AddLast(waiting);
            Pump();
            return waiting.Answer.Task;
        }
    }

    public void Add(Subscription subscription)
    {
        lock (_gate)
        {
            subscription.Desk = this;
            _subscriptions.Add(subscription);
            Pump();
        }
        Deliver();
    }

    /// <param name="farewell">Told to the client with the next publish answer; null when it knows.</param>
    public void Remove(Subscription subscription, StatusCode? farewell)
    {
        lock (_gate)
        {
            if (!_subscriptions.Remove(subscription)) return;
            subscription.Desk = null;
            if (farewell is { } status && _waiting.First is { } first)
            {
                _waiting.RemoveFirst();
                var message = new NotificationMessage
                {
                    SequenceNumber = 1,
                    PublishTime = OpcClock.Now(clocks.Factory),
                    NotificationData = [ExtensionObject.Of(new StatusChangeNotification { Status = status })],
                };
                _done.Enqueue((first.Value.Answer, Answer(first.Value, subscription.Id, message, false, [])));
            }
            if (_subscriptions.Count == 0) RefuseAll(StatusCodes.BadNoSubscription);
        }
        Deliver();
    }

    /// <summary>One publishing cycle of a subscription.</summary>
    /// <returns>False when its lifetime is over.</returns>
    public bool Cycle(Subscription subscription)
    {
        bool alive;
        lock (_gate)
        {
            DropExpired();
            alive = subscription.Cycle(_waiting.Count > 0);
            Pump();
        }
        Deliver();
        return alive;
    }

    /// <summary>Requests that came over a channel that is gone cannot be answered any more.</summary>
    public void Forget(uint channel)
    {
        lock (_gate)
            for (var node = _waiting.First; node is not null;)
            {
                var next = node.Next;
                if (node.Value.Channel == channel)
                {
                    _done.Enqueue((node.Value.Answer, Fault.Of(node.Value.Request, StatusCodes.BadSecureChannelClosed, clocks.Factory)));
                    _waiting.Remove(node);
                }
                node = next;
            }
        Deliver();
    }

    /// <summary>The session ends; its subscriptions are handed back without an owner.</summary>
    public IReadOnlyList<Subscription> Close()
    {
        Subscription[] left;
        lock (_gate)
        {
            _closed = true;
            RefuseAll(StatusCodes.BadSessionClosed);
            left = [.. _subscriptions];
            foreach (var s in left) s.Desk = null;
            _subscriptions.Clear();
        }
        Deliver();
        return left;
    }

    /// <summary>Hands answers over, one after the other, outside of the lock: each runs at once up to the sending of its bytes.</summary>
    private void Deliver()
    {
        lock (_delivering)
            while (_done.TryDequeue(out var done)) done.Answer.TrySetResult(done.Response);
    }

    private void Pump()
    {
        while (_waiting.First is { } first && Choose() is { } subscription)
        {
            _waiting.RemoveFirst();
            // Last served goes to the end of the list, so that equals take turns.
            _subscriptions.Remove(subscription);
            _subscriptions.Add(subscription);
            var (message, more, available) = subscription.Take();
            _done.Enqueue((first.Value.Answer, Answer(first.Value, subscription.Id, message, more, available)));
        }
    }

    private Subscription? Choose()
    {
        Subscription? best = null;
        foreach (var s in _subscriptions)
            if ((best is null || s.Priority > best.Priority) && s.Due) best = s;
        return best;
    }

    private void DropExpired()
    {
        var now = clocks.Wire.GetUtcNow().UtcTicks;
        while (_waiting.First is { } first && first.Value.Deadline < now)
        {
            _waiting.RemoveFirst();
            _done.Enqueue((first.Value.Answer, Fault.Of(first.Value.Request, StatusCodes.BadTimeout, clocks.Factory)));
        }
    }

    private void RefuseAll(StatusCode status)
    {
        foreach (var w in _waiting) _done.Enqueue((w.Answer, Fault.Of(w.Request, status, clocks.Factory)));
        _waiting.Clear();
    }

    private PublishResponse Answer(Waiting waiting, uint subscription, NotificationMessage message, bool more, uint[] available) => new()
    {
        ResponseHeader = Fault.Header(waiting.Request, StatusCodes.Good, clocks.Factory),
        SubscriptionId = subscription,
        AvailableSequenceNumbers = available,
        MoreNotifications = more,
        NotificationMessage = message,
        Results = waiting.Results,
    };

    private Task<IServiceResponse> Refused(PublishRequest request, StatusCode status) =>
        Task.FromResult<IServiceResponse>(Fault.Of(request, status, clocks.Factory));
}
