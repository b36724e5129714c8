using Ieum.Model;

namespace Ieum.Connect.OpcUa.Client;

/// <content>Supervision and repair: missing messages, silent subscriptions, refused points, holes, the session's own sign of life.</content>
internal sealed partial class OpcUaLink
{
    private readonly record struct PollAnswer(List<OpcPoint> Points, DataValue[] Values);
    private readonly Queue<PollAnswer> _polled = [];
    private readonly Queue<(Gap Gap, string Rule)> _gaps = [];

    /// <summary>Everything that is not urgent; runs when no notifications wait.</summary>
    private async Task RepairAsync(CancellationToken cancel)
    {
        if (_isTooLarge)
        {
            _isTooLarge = false;
            await parts.Subscriber.SmallerAsync(session, cancel).ConfigureAwait(false);
        }
        foreach (var subscription in parts.Subscriber.Subscriptions.ToArray())
        {
            if (IsDue(subscription)) await RepublishAsync(subscription, cancel).ConfigureAwait(false);
            var limit = subscription.SilenceLimit + parts.Options.AnswerLimit;
            if (!subscription.IsLost && _wire.GetElapsedTime(subscription.HeardAt) > limit)
                Lost(subscription, FormattableString.Invariant($"silent for {limit.TotalSeconds:0.#} s although the session lives"));
            if (subscription.IsLost) await RenewAsync(subscription, cancel).ConfigureAwait(false);
        }
        lock (_polled)
            while (_polled.TryDequeue(out var answer)) Take(answer);
        TakeGaps();
        TakeOverflows();
        if (_wire.GetElapsedTime(_repairedAt) < TimeSpan.FromSeconds(1)) return;
        _repairedAt = _wire.GetTimestamp();
        await RetryAsync(cancel).ConfigureAwait(false);
        if (parts.Intake.UnknownTypes.Count > 0)
        {
            NodeId[] encodings = [.. parts.Intake.UnknownTypes];
            parts.Intake.UnknownTypes.Clear();
            await new TypeLoader(session, parts.Intake.Types).LoadEncodingsAsync(encodings, cancel).ConfigureAwait(false);
        }
        Poll(cancel);
    }

    /// <summary>A message has been missing for longer than it may be on its way.</summary>
    private bool IsDue(OpcSubscription subscription) => subscription.MissingSince != 0 && _wire.GetElapsedTime(subscription.MissingSince) >= Patience;

    /// <summary>Asks for the messages that did not come (Part 4, 5.13.6); what the server has no more becomes a hole.</summary>
    private async Task RepublishAsync(OpcSubscription subscription, CancellationToken cancel)
    {
        var hopeless = subscription.Book.TakeHopeless();
        foreach (var number in subscription.Book.Missing.ToArray())
        {
            try
            {
                var answer = await session.CallAsync<RepublishResponse>(h => new RepublishRequest
                {
                    RequestHeader = h, SubscriptionId = subscription.Id, RetransmitSequenceNumber = number,
                }, cancel).ConfigureAwait(false);
                Take(subscription, answer.NotificationMessage);
            }
            catch (OpcUaException refused) when ((refused.IsAnswer && Batches.IsTooLarge(refused.Status)) || refused.Status == StatusCodes.BadMessageNotAvailable || refused.Status == StatusCodes.BadServiceUnsupported || refused.Status == StatusCodes.BadNotImplemented)
            {
                subscription.Book.GiveUp(number);
                hopeless++;
            }
            catch (OpcUaException refused) when (refused.Status == StatusCodes.BadSubscriptionIdInvalid)
            {
                Lost(subscription, "the server does not know it any more");
                return;
            }
        }
        var from = parts.Intake.LastHeard - _wire.GetElapsedTime(subscription.MissingSince) - subscription.Publishing - parts.Options.Lag;
        subscription.MissingSince = 0;
        Release(subscription);
        if (hopeless == 0) return;
        var detail = $"{hopeless} notifications were lost and could not be sent again.";
        parts.Intake.Tell(OpcUaRules.NotificationMissing, $"'{parts.Settings.Endpoint}': {detail}");
        // Their values lie between the messages around them; delivered ones are told apart by their times.
        parts.Holes.Add(new(new(from, parts.Intake.LastHeard), GapCause.SequenceSkip, detail, [.. Of(subscription).Select(p => new HolePart(p, 0))]));
    }

    private IEnumerable<OpcPoint> Of(OpcSubscription subscription) => parts.Points.Where(p => p.Subscription == subscription);

    private async Task RenewAsync(OpcSubscription subscription, CancellationToken cancel)
    {
        var now = parts.Clocks.Factory.GetUtcNow();
        var from = now - _wire.GetElapsedTime(subscription.HeardAt) - parts.Options.Lag;
        parts.Holes.Add(Hole.Of(new(from < now ? from : now, now), GapCause.Disconnected, "The subscription was lost in the server.", Of(subscription)));
        var id = subscription.Id;
        Release(subscription, all: true);
        parts.Subscriber.Drop(subscription, parts.Points);
        try
        {
            await session.CallAsync<DeleteSubscriptionsResponse>(h => new DeleteSubscriptionsRequest { RequestHeader = h, SubscriptionIds = [id] }, cancel).ConfigureAwait(false);
        }
        catch (OpcUaException gone) when (!IsLine(gone.Status) && !OpcUaSession.IsGone(gone.Status))
        {
            // It was gone already; that is why it is made anew.
        }
        await parts.Subscriber.WatchAsync(session, parts.Points, cancel).ConfigureAwait(false);
    }

    /// <summary>Looks again for points that the server refused, when their time has come.</summary>
    private async Task RetryAsync(CancellationToken cancel)
    {
        var now = _wire.GetTimestamp();
        var due = parts.Points.Where(p => p.State == PointState.Refused && now >= p.RetryAt).ToList();
        if (due.Count == 0) return;
        foreach (var p in due) p.Forget();
        await FindAsync(parts, session, due, cancel).ConfigureAwait(false);
        await parts.Subscriber.WatchAsync(session, due, cancel).ConfigureAwait(false);
    }

    /// <summary>Finds the nodes of points; those that are not there are told and left alone for a while.</summary>
    public static async Task FindAsync(OpcUaParts parts, IOpcUaServices services, IReadOnlyList<OpcPoint> points, CancellationToken cancel)
    {
        foreach (var (point, why) in await new PointResolver(services).ResolveAsync(points, cancel).ConfigureAwait(false)) parts.Subscriber.Refused(point, why);
    }

    /// <summary>Reads the points in turns for which the server has no monitored item.</summary>
    private void Poll(CancellationToken cancel)
    {
        if (_polling is { IsCompleted: false }) return;
        var now = _wire.GetTimestamp();
        var due = parts.Points.Where(p => p.State == PointState.Polled && now >= p.RetryAt).ToList();
        if (due.Count == 0) return;
        var period = parts.Options.Sampling < TimeSpan.FromSeconds(1) ? TimeSpan.FromSeconds(1) : parts.Options.Sampling;
        foreach (var p in due) p.RetryAt = now + (long)((p.Settings.Period > period ? p.Settings.Period : period).TotalSeconds * _wire.TimestampFrequency);
        _polling = PollAsync();

        async Task PollAsync()
        {
            var values = await session.ReadAsync([.. due.Select(p => p.Node!.Value)], AttributeIds.Value, cancel).ConfigureAwait(false);
            lock (_polled) _polled.Enqueue(new(due, values));
        }
    }

    private void Take(in PollAnswer answer)
    {
        parts.Intake.Begin();
        for (var i = 0; i < answer.Points.Count; i++)
        {
            // Read again and unchanged is no news; the same rule as for a first value after a reconnect.
            answer.Points[i].AwaitsFirst = true;
            parts.Intake.Take(answer.Points[i], answer.Values[i]);
        }
        parts.Intake.End(0);
    }

    private void TakeOverflows()
    {
        var overflows = parts.Intake.TakeOverflows();
        if (overflows.Count == 0) return;
        var (from, to) = (overflows.Min(o => o.From), overflows.Max(o => o.To));
        var points = overflows.GroupBy(o => o.Point).Select(g => new HolePart(g.Key, g.Min(o => o.From))).ToList();
        var detail = $"The queue of the server ran over for {points.Count} points, the first '{points[0].Point.Settings.Name}'.";
        parts.Intake.Tell(OpcUaRules.QueueOverflow, $"'{parts.Settings.Endpoint}': {detail} Raise the option 'queue', or sample more slowly.");
        var range = new TimeRange(new(from, TimeSpan.Zero), new(Math.Max(from, to), TimeSpan.Zero));
        parts.Holes.Add(new(range, GapCause.BufferOverrun, detail, points));
    }

    /// <summary>Looks every open hole up in the history, one after the other, beside the living values.</summary>
    private async Task FillHolesAsync(CancellationToken cancel)
    {
        while (parts.Holes.Next() is { } hole)
        {
            var outcome = parts.Options.History && parts.Options.Time != TimeChoice.Receive
                ? await HistoryFill.RunAsync(session, hole, parts.Intake.Skew, _blocks.Writer, cancel).ConfigureAwait(false)
                : new([.. hole.Parts.Select(p => p.Point)], parts.Options.History ? "The times of the server are not used, so its history cannot be told from what was read." : "History is switched off for this connection.", []);
            var gaps = parts.Holes.Close(hole, outcome, parts.Intake.Skew);
            lock (_gaps)
                foreach (var gap in gaps) _gaps.Enqueue((gap, OpcUaRules.HistoryIncomplete));
        }
    }

    /// <returns>True, so that it can stand in a chain of conditions.</returns>
    private bool TakeGaps()
    {
        lock (_gaps)
            while (_gaps.TryDequeue(out var told))
            {
                parts.Intake.Tell(told.Rule, $"'{parts.Settings.Endpoint}': {told.Gap.Detail}");
                parts.Intake.Add(told.Gap);
            }
        return true;
    }

    /// <summary>Asks for the state of the server all the time, whether there are subscriptions or not: a session without questions dies (Part 4, 5.6.2), and a cut cable says nothing.</summary>
    /// <returns>Why the session cannot be used any more.</returns>
    private async Task<LinkEnd> KeepAliveAsync(CancellationToken cancel)
    {
        var period = parts.Options.KeepAlive < session.Timeout / 3 ? parts.Options.KeepAlive : session.Timeout / 3;
        while (true)
        {
            await Task.Delay(period, _wire, cancel).ConfigureAwait(false);
            try
            {
                var state = (await session.ReadAsync([NodeIds.Server_ServerStatus_State], AttributeIds.Value, cancel).ConfigureAwait(false))[0];
                if (state.Value.Whole != (long)ServerState.Running && state.StatusCode.IsGood)
                    parts.Intake.Tell(OpcUaRules.ServerState, $"'{parts.Settings.Endpoint}' says that its state is {(ServerState)state.Value.Whole}.");
            }
            catch (OpcUaException fault) when (OpcUaSession.IsGone(fault.Status) || IsLine(fault.Status))
            {
                return new(LinkState.Disconnected, fault.Status, fault.Message);
            }
            catch (OpcUaException fault) when (fault.Status == StatusCodes.BadTimeout || fault.Status == StatusCodes.BadRequestTimeout)
            {
                var message = FormattableString.Invariant($"'{parts.Settings.Endpoint}' has not answered for {parts.Options.AnswerLimit.TotalSeconds:0.#} s. The connection is made anew; check cable and switch.");
                parts.Intake.Tell(OpcUaRules.Silent, message);
                return new(LinkState.Silent, fault.Status, message);
            }
            catch (OpcUaException fault)
            {
                parts.Intake.Tell(OpcUaRules.ServiceRefused, $"'{parts.Settings.Endpoint}' answered the question for its state with {fault.Status}: {fault.Message}");
            }
        }
    }
}
