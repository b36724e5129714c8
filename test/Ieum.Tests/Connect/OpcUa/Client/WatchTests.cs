using Ieum.Connect;
using Ieum.Connect.OpcUa;
using Ieum.Model;

namespace Ieum.Tests.Connect.OpcUa;

/// <summary>What goes wrong while a connection stands: points, filters, queues, subscriptions, sessions.</summary>
public class WatchTests
{
    /// <summary>Pitfall 3: a NodeId that vanished must not stop the others, neither at the start nor when everything is made anew.</summary>
    [Fact]
    public async Task One_vanished_node_is_told_and_the_others_go_on()
    {
        await using var bench = new Bench();
        bench.Points = [bench.Points[0], new("gone", "nsu=urn:bench:machine;s=gone"), new("lost", "/Objects/2:Nowhere"), new("far", "nsu=urn:other;i=1"), bench.Points[1]];
        await bench.StartAsync();
        bench.Set(1, 3);
        await bench.UntilValueAsync(1, 3);
        var problem = bench.Source.Health.Problems.Single(p => p.Rule == OpcUaRules.NodeUnknown);
        Assert.Equal(3, problem.Count);
        await bench.EndSessionAsync(deleteSubscriptions: true);
        bench.Cut();
        bench.Mend();
        await Bench.UntilAsync(() => bench.Source.Health is { Link: LinkState.Connected, Reconnects: 1 });
        bench.Set(1, 4);
        await bench.UntilValueAsync(1, 4);
    }

    [Fact]
    public async Task A_node_that_vanishes_later_keeps_the_others_alive()
    {
        await using var bench = await new Bench().StartAsync();
        await bench.UntilValueAsync(2, 0);
        bench.Engine.Space.Remove(bench.Node(2).Id);
        await bench.EndSessionAsync(deleteSubscriptions: true);
        bench.Set(1, 9);
        await bench.UntilValueAsync(1, 9);
        Assert.Contains(bench.Source.Health.Problems, p => p.Rule == OpcUaRules.NodeUnknown && p.Message.Contains("s2", StringComparison.Ordinal));
    }

    /// <summary>Pitfall 5: a session without subscriptions dies unless somebody asks something in time.</summary>
    [Fact]
    public async Task A_session_with_nothing_to_watch_is_kept_alive_by_questions()
    {
        await using var bench = new Bench(options: [("keep-alive", "0.5")]);
        bench.Points = [new("gone", "nsu=urn:bench:machine;s=gone")];
        await bench.StartAsync();
        await Bench.UntilAsync(() => bench.Seen.Count(s => s.Request is ReadRequest { NodesToRead: [{ NodeId: var n }] } && n == NodeIds.Server_ServerStatus_State) >= 3);
        Assert.Equal(LinkState.Connected, bench.Source.Health.Link);
        Assert.DoesNotContain(bench.Seen, s => s.Request is PublishRequest);
    }

    [Fact]
    public async Task A_deaf_line_is_found_by_the_missing_answer_and_healed()
    {
        await using var bench = await new Bench(options: [("keep-alive", "0.5")]).StartAsync();
        await bench.UntilValueAsync(1, 0);
        var deaf = true;
        bench.Tamper = (_, answer) => deaf ? null : answer;
        await Bench.UntilAsync(() => bench.Source.Health.Problems.Any(p => p.Rule == OpcUaRules.Silent));
        deaf = false;
        bench.Set(1, 6);
        await bench.UntilValueAsync(1, 6);
        Assert.Empty(bench.Sink.Gaps);
    }

    /// <summary>Pitfall 6: the subscription dies in the server while the session lives on.</summary>
    [Fact]
    public async Task A_subscription_that_died_silently_is_made_anew()
    {
        await using var bench = await new Bench(options: [("keep-alive", "0.5"), ("publishing", "0.01")]).StartAsync();
        await bench.UntilValueAsync(1, 0);
        var first = bench.Engine.Subscriptions.All.Single();
        var isMute = true;
        bench.Tamper = (_, answer) => isMute && answer is PublishResponse p && p.SubscriptionId == first.Id ? null : answer;
        await Bench.UntilAsync(() => bench.Source.Health.Problems.Any(p => p.Rule == OpcUaRules.SubscriptionLost), "silence noticed");
        isMute = false;
        bench.Set(1, 5);
        await bench.UntilValueAsync(1, 5);
        Assert.Equal((1, LinkState.Connected), (bench.Engine.Sessions.Created, bench.Source.Health.Link));
        await Bench.UntilAsync(() => bench.Sink.Gaps.Count > 0);   // s1 and s2 have no history
    }

    [Fact]
    public async Task A_subscription_the_server_ended_is_made_anew_and_its_time_looked_up()
    {
        await using var bench = await new Bench(signals: 1).StartAsync();
        await bench.UntilValueAsync(0, 0);
        bench.Engine.Subscriptions.Delete(bench.Engine.Subscriptions.All.Single(), byClient: false, StatusCodes.BadTimeout);
        for (var i = 1; i <= 10; i++) bench.Set(0, i);
        await Bench.UntilAsync(() => bench.Values(0).Length >= 11, "history of the time between");
        Assert.Equal(Enumerable.Range(0, 11).Select(i => (double)i), bench.Values(0).Order());
        Assert.Empty(bench.Sink.Gaps);
    }

    /// <summary>Pitfall 10: a refused filter is dropped and told, and the node filters by itself.</summary>
    [Theory]
    [InlineData("BadFilterNotAllowed")]
    [InlineData("BadMonitoredItemFilterUnsupported")]
    public async Task A_refused_deadband_is_applied_by_the_node(string refusal)
    {
        var status = refusal == "BadFilterNotAllowed" ? StatusCodes.BadFilterNotAllowed : StatusCodes.BadMonitoredItemFilterUnsupported;
        await using var bench = new Bench();
        bench.Points = [bench.Points[0], new("s1", "nsu=urn:bench:machine;s=s1") { Deadband = 1 }];
        bench.Change = request => request is CreateMonitoredItemsRequest create
            ? create with { ItemsToCreate = [.. create.ItemsToCreate.Select(i => i.RequestedParameters.Filter.IsNull ? i : i with { ItemToMonitor = new() { AttributeId = AttributeIds.Value } })] } : request;
        bench.Tamper = (request, answer) => request is CreateMonitoredItemsRequest create && answer is CreateMonitoredItemsResponse created
            ? created with { Results = [.. created.Results.Select((r, i) => create.ItemsToCreate[i].RequestedParameters.Filter.IsNull ? r : new() { StatusCode = status })] } : answer;
        await bench.StartAsync();
        await bench.UntilValueAsync(1, 0);
        foreach (var value in (double[])[0.5, 0.9, 1.1, 1.5, 2.2, 0]) bench.Set(1, value);
        await Bench.UntilAsync(() => bench.Values(1).Length >= 4);
        Assert.Equal([0.0, 1.1, 2.2, 0], bench.Values(1));
        Assert.Contains(bench.Source.Health.Problems, p => p.Rule == OpcUaRules.FilterRefused && p.Message.Contains("by itself", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_deadband_in_percent_needs_the_range_and_is_told_where_there_is_none()
    {
        await using var bench = await new Bench(options: [("percent.s1", "2")]).StartAsync();
        await bench.UntilValueAsync(1, 0);
        Assert.Contains(bench.Source.Health.Problems, p => p.Rule == OpcUaRules.FilterRefused && p.Message.Contains("EURange", StringComparison.Ordinal));
        bench.Set(1, 0.5);
        await bench.UntilValueAsync(1, 0.5);
    }

    [Fact]
    public async Task An_absolute_deadband_is_asked_of_the_server_in_the_raw_unit()
    {
        await using var bench = new Bench();
        bench.Points = [new("s0", "nsu=urn:bench:machine;s=s0") { Deadband = 5, Scale = 10 }];
        await bench.StartAsync();
        var filter = (DataChangeFilter)bench.Seen.Select(s => s.Request).OfType<CreateMonitoredItemsRequest>().Single().ItemsToCreate[0].RequestedParameters.Filter.Body!;
        Assert.Equal(((uint)DeadbandType.Absolute, 0.5), (filter.DeadbandType, filter.DeadbandValue));
        bench.Set(0, 2);
        await bench.UntilValueAsync(0, 20);
    }

    /// <summary>Pitfall 10: users want a value now and then although nothing changed.</summary>
    [Fact]
    public async Task An_unchanged_value_is_sent_again_as_a_heartbeat()
    {
        await using var bench = await new Bench(signals: 1, options: [("heartbeat", "1")]).StartAsync();
        bench.Set(0, 5);
        await Bench.UntilAsync(() => bench.Values(0).Count(v => v == 5) >= 3);
        var counters = bench.Source.Health.Counters;
        Assert.True(counters.Marks >= 2, "heartbeats are marks: nobody sent them");
        Assert.Equal(bench.Sink.Samples.Count, counters.Received + bench.Source.Health.Counters.Marks);
    }

    /// <summary>Pitfall 13: values without quality are data too.</summary>
    [Fact]
    public async Task Bad_values_are_kept_with_their_quality()
    {
        await using var bench = await new Bench(signals: 1).StartAsync();
        await bench.UntilValueAsync(0, 0);
        var at = OpcTime.Of(TimeProvider.System.GetUtcNow());
        bench.Set(0, 3, status: StatusCodes.BadSensorFailure);
        bench.Node(0).Set(new(default, StatusCodes.BadNoCommunication, at, at));
        bench.Set(0, double.NaN);
        await Bench.UntilAsync(() => bench.Sink.Samples.Count >= 4);
        Assert.Equal([Quality.Good, Quality.Bad, Quality.Unavailable, Quality.Bad], bench.Sink.Samples.Select(s => s.Quality));
        Assert.Equal([ValueKind.Real, ValueKind.Real, ValueKind.None, ValueKind.Real], bench.Sink.Samples.Select(s => s.Value.Kind));
        Assert.Equal((4, 0), (bench.Source.Health.Counters.Received, bench.Source.Health.Counters.Rejected));
    }

    /// <summary>Pitfall 11: S7-1200 takes 1,000 monitored items; the rest is read in turns.</summary>
    [Fact]
    public async Task Points_beyond_the_limit_of_monitored_items_are_read_in_turns()
    {
        await using var bench = await new Bench(new() { MaxMonitoredItems = 4 }, signals: 10, options: [("history", "false")]).StartAsync();
        for (var i = 0; i < 10; i++) bench.Set(i, 100 + i);
        for (var i = 0; i < 10; i++) await bench.UntilValueAsync(i, 100 + i);
        Assert.Contains(bench.Source.Health.Problems, p => p.Rule == OpcUaRules.TooManyItems);
        Assert.All(Enumerable.Range(0, 10), i => Assert.Equal(1, bench.Values(i).Count(v => v == 100 + i)));
    }

    [Fact]
    public async Task Many_points_are_watched_through_as_many_subscriptions_as_the_server_wants()
    {
        await using var bench = await new Bench(new() { MaxMonitoredItemsPerSubscription = 10, MaxMonitoredItemsPerCall = 7 }, signals: 25).StartAsync();
        bench.Set(24, 1);
        await bench.UntilValueAsync(24, 1);
        Assert.Equal((3, 25), (bench.Engine.Subscriptions.Count, bench.Engine.Subscriptions.Items));
        await Bench.UntilAsync(() => bench.Seen.Count(s => s.Request is PublishRequest) >= 4, "one publish request more than subscriptions");
    }

    [Fact]
    public async Task A_queue_that_ran_over_is_filled_from_history_or_told_as_a_gap()
    {
        await using var bench = await new Bench(options: [("queue", "5")]).StartAsync();
        await bench.UntilValueAsync(1, 0);
        bench.Cut();
        for (var i = 1; i <= 50; i++)
        {
            bench.Set(0, i);
            bench.Set(1, i);
        }
        bench.Mend();
        await Bench.UntilAsync(() => bench.Sink.Gaps.Count > 0 && bench.Values(0).Length >= 51);
        Assert.Equal(Enumerable.Range(0, 51).Select(i => (double)i), bench.Values(0).Order());
        var gap = Assert.Single(bench.Sink.Gaps);
        Assert.Equal(GapCause.BufferOverrun, gap.Cause);
        Assert.Contains("s1", gap.Detail, StringComparison.Ordinal);
        Assert.Contains(bench.Source.Health.Problems, p => p.Rule == OpcUaRules.QueueOverflow);
    }

    [Fact]
    public async Task Messages_the_server_no_longer_has_become_a_gap()
    {
        await using var bench = await new Bench().StartAsync();
        await bench.UntilValueAsync(1, 0);
        var dropped = 0;
        bench.Tamper = (_, answer) => answer is PublishResponse { NotificationMessage.NotificationData.Length: > 0 } p && dropped++ == 0
            ? p with { NotificationMessage = new() { SequenceNumber = p.NotificationMessage.SequenceNumber } } : answer;
        bench.Refuse = request => request is RepublishRequest ? StatusCodes.BadMessageNotAvailable : null;
        bench.Set(1, 1);
        await Bench.UntilAsync(() => dropped > 0);
        bench.Set(1, 2);
        await bench.UntilValueAsync(1, 2);
        await Bench.UntilAsync(() => bench.Sink.Gaps.Count > 0);
        Assert.Equal(GapCause.SequenceSkip, Assert.Single(bench.Sink.Gaps).Cause);
    }

    [Fact]
    public async Task Fewer_publish_requests_are_sent_when_the_server_holds_fewer()
    {
        await using var bench = await new Bench(new() { MaxPublishRequests = 1, AnonymousTransfer = true }).StartAsync();
        for (var i = 1; i <= 5; i++)
        {
            bench.Set(1, i);
            await bench.UntilValueAsync(1, i);
        }
        Assert.Equal(LinkState.Connected, bench.Source.Health.Link);
    }

    [Fact]
    public async Task A_clock_that_is_wrong_is_told()
    {
        await using var bench = await new Bench(signals: 1).StartAsync();
        await bench.UntilValueAsync(0, 0);
        for (var i = 1; i <= 20 && !bench.Source.Health.Problems.Any(p => p.Rule == ConnectRules.ClockSkew); i++)
        {
            bench.Set(0, i, TimeProvider.System.GetUtcNow().AddSeconds(30));
            await bench.UntilValueAsync(0, i);
        }
        Assert.Contains(bench.Source.Health.Problems, p => p.Rule == ConnectRules.ClockSkew);
    }

    [Fact]
    public async Task Without_points_the_variables_below_objects_are_taken_up_to_the_limit()
    {
        await using var bench = new Bench(signals: 5, options: [("max-points", "3"), ("role.Machine/S1", "Load"), ("unit.Machine/S1", "P1")]) { Points = [] };
        await bench.StartAsync();
        await Bench.UntilAsync(() => bench.Sink.Samples.Select(s => s.Signal).Distinct().Count() == 3);
        var signal = bench.Signals.Find(bench.Signals.Find(new SignalId(new("press"), "Machine/S1"))!.Value)!;
        Assert.Equal((SignalRole.Load, "P1"), (signal.Role, signal.Unit.Code));
        Assert.Contains(bench.Source.Health.Problems, p => p.Rule == OpcUaRules.PointsCut);
    }

    [Fact]
    public async Task Arrays_become_one_signal_per_element()
    {
        await using var bench = new Bench();
        bench.Points = [new("axes", "nsu=urn:bench:machine;s=s2")];
        var at = OpcTime.Of(TimeProvider.System.GetUtcNow());
        bench.Node(2).Set(new(Variant.OfArray((int[])[1, 2, 3, 4, 5, 6], 2, 3), StatusCodes.Good, at, at));
        await bench.StartAsync();
        await Bench.UntilAsync(() => bench.Sink.Samples.Count == 6);
        Assert.Equal(["axes[0,0]", "axes[0,1]", "axes[0,2]", "axes[1,0]", "axes[1,1]", "axes[1,2]"],
            bench.Sink.Samples.Select(s => bench.Signals.Find(s.Signal)!.Id.Name));
        Assert.Equal([1.0, 2, 3, 4, 5, 6], bench.Sink.Samples.Select(s => s.Value.Number));
    }
}
