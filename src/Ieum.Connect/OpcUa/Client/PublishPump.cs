using System.Threading.Channels;

namespace Ieum.Connect.OpcUa.Client;

/// <summary>What came of one publish request: an answer, or why there is none.</summary>
/// <param name="Acknowledged">What the request acknowledged; sent again when it failed.</param>
internal readonly record struct Published(PublishResponse? Answer, OpcUaException? Fault, SubscriptionAcknowledgement[] Acknowledged);

/// <summary>Keeps publish requests waiting in the server, always one more than there are subscriptions, so that none has to wait for a free one.</summary>
/// <remarks>The owner's loop takes the answers; when it is held up, no further requests go out and the server's queues take over.</remarks>
internal sealed class PublishPump(IOpcUaServices services, CancellationToken cancel)
{
    private readonly Channel<Published> _answers = Channel.CreateUnbounded<Published>(new() { SingleReader = true });
    private int _underWay, _most = int.MaxValue;

    public ChannelReader<Published> Answers => _answers.Reader;

    /// <summary>Requests that wait in the server or whose answers were not taken yet.</summary>
    public int UnderWay => Volatile.Read(ref _underWay);

    /// <summary>Sends as many requests as are missing. The first carries the acknowledgements.</summary>
    public void Fill(IReadOnlyList<OpcSubscription> subscriptions)
    {
        if (subscriptions.Count == 0) return;
        var wanted = Math.Min(subscriptions.Count + 2, Math.Max(1, _most));
        var limit = LimitOf(subscriptions);
        for (var send = wanted - UnderWay; send > 0; send--)
        {
            Interlocked.Increment(ref _underWay);
            _ = SendAsync(Acknowledgements(subscriptions), limit);
        }
    }

    /// <summary>One answer was taken from the reader.</summary>
    public void Taken(in Published published, IReadOnlyList<OpcSubscription> subscriptions)
    {
        Interlocked.Decrement(ref _underWay);
        if (published.Fault is not null)
            foreach (var a in published.Acknowledged)
                foreach (var s in subscriptions)
                    if (s.Id == a.SubscriptionId) s.Book.AcknowledgeAgain([a.SequenceNumber]);
        // Part 4, 5.13.5.3: the server holds fewer requests than were sent; as many as remain are what it takes.
        if (published.Fault?.Status == StatusCodes.BadTooManyPublishRequests) _most = Math.Max(1, Math.Min(_most, UnderWay));
    }

    private async Task SendAsync(SubscriptionAcknowledgement[] acknowledgements, TimeSpan limit)
    {
        Published published;
        try
        {
            published = new(await services.CallAsync<PublishResponse>(
                h => new PublishRequest { RequestHeader = h, SubscriptionAcknowledgements = acknowledgements }, cancel, limit).ConfigureAwait(false), null, acknowledgements);
        }
        catch (OpcUaException fault)
        {
            published = new(null, fault, acknowledgements);
        }
        catch (OperationCanceledException)
        {
            published = new(null, new(StatusCodes.BadRequestCancelledByClient, "The connection was ended."), acknowledgements);
        }
        _answers.Writer.TryWrite(published);
    }

    /// <summary>A request waits at most as long as every subscription stays silent, once per request ahead of it.</summary>
    private static TimeSpan LimitOf(IReadOnlyList<OpcSubscription> subscriptions)
    {
        var longest = TimeSpan.Zero;
        foreach (var s in subscriptions)
            if (s.SilenceLimit > longest) longest = s.SilenceLimit;
        return longest * 4 + TimeSpan.FromSeconds(30);
    }

    private static SubscriptionAcknowledgement[] Acknowledgements(IReadOnlyList<OpcSubscription> subscriptions)
    {
        List<SubscriptionAcknowledgement>? list = null;
        foreach (var s in subscriptions)
        {
            foreach (var number in s.Book.TakeAcknowledgements())
                (list ??= []).Add(new() { SubscriptionId = s.Id, SequenceNumber = number });
        }
        return list is null ? [] : [.. list];
    }
}
