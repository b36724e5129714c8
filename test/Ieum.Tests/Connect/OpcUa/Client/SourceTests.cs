using Ieum.Connect.OpcUa;
using Ieum.Connect.OpcUa.Client;
using Ieum.Model;

namespace Ieum.Tests.Connect.OpcUa;

/// <summary>The source over a whole server: values, and every step of the reconnect ladder.</summary>
public class SourceTests
{
    [Fact]
    public async Task Values_come_with_their_source_time_and_quality()
    {
        await using var bench = await new Bench().StartAsync();
        var at = TimeProvider.System.GetUtcNow().AddSeconds(-1);
        bench.Set(1, 42.5, at);
        bench.Set(2, 7, status: StatusCodes.UncertainLastUsableValue);
        await bench.UntilValueAsync(1, 42.5);
        await bench.UntilValueAsync(2, 7);
        var sample = bench.Sink.Samples.Single(s => s.Value.Number == 42.5);
        Assert.Equal((at.UtcTicks, Quality.Good), (sample.SourceTicks, sample.Quality));
        Assert.Equal(Quality.Uncertain, bench.Sink.Samples.Single(s => s.Value.Number == 7).Quality);
        Assert.Equal(bench.Sink.Samples.Count, bench.Source.Health.Counters.Received);
    }

    [Fact]
    public async Task A_cut_line_reactivates_the_same_session_and_loses_nothing()
    {
        await using var bench = await new Bench().StartAsync();
        await bench.UntilValueAsync(1, 0);
        bench.Cut();
        await Bench.UntilAsync(() => bench.Source.Health.Link == LinkState.Disconnected);
        for (var i = 1; i <= 20; i++) bench.Set(1, i);
        bench.Mend();
        await bench.UntilValueAsync(1, 20);
        Assert.Equal(Enumerable.Range(0, 21).Select(i => (double)i), bench.Values(1));
        Assert.Equal(Rung.Reactivate, bench.Source.LastRung);
        Assert.Equal(1, bench.Engine.Sessions.Created);
        Assert.Empty(bench.Sink.Gaps);
        Assert.Equal(1, bench.Source.Health.Reconnects);
    }

    /// <summary>Pitfall 2: nothing may be asked over a new channel before the session was activated on it.</summary>
    [Fact]
    public async Task On_a_new_channel_the_session_is_activated_before_anything_else_is_asked()
    {
        await using var bench = await new Bench().StartAsync();
        await bench.UntilValueAsync(1, 0);
        var before = bench.Seen.Max(s => s.Channel);
        bench.Cut();
        await Bench.UntilAsync(() => bench.Source.Health.Link == LinkState.Disconnected);
        bench.Mend();
        await Bench.UntilAsync(() => bench.Source.Health.Link == LinkState.Connected);
        await Bench.UntilAsync(() => bench.Seen.Any(s => s.Channel > before && s.Request is PublishRequest));
        Assert.IsType<ActivateSessionRequest>(bench.Seen.First(s => s.Channel > before).Request);
    }

    [Fact]
    public async Task A_lost_session_hands_its_subscriptions_to_a_new_one_and_missed_messages_are_sent_again()
    {
        await using var bench = await new Bench().StartAsync();
        await bench.UntilValueAsync(1, 0);
        var subscription = bench.Engine.Subscriptions.All.Single().Id;
        // One answer is lost on the way: the server holds it until it is acknowledged.
        var swallowed = false;
        bench.Tamper = (request, answer) =>
        {
            if (swallowed || answer is not PublishResponse { NotificationMessage.NotificationData.Length: > 0 }) return answer;
            swallowed = true;
            return null;
        };
        bench.Set(1, 1);
        await Bench.UntilAsync(() => swallowed);
        await bench.EndSessionAsync(deleteSubscriptions: false);
        bench.Cut();
        bench.Set(1, 2);
        bench.Mend();
        await bench.UntilValueAsync(1, 2);
        await bench.UntilValueAsync(1, 1);
        Assert.Equal([0.0, 1, 2], bench.Values(1).Order());
        Assert.Equal((Rung.Transfer, subscription), (bench.Source.LastRung, bench.Engine.Subscriptions.All.Single().Id));
        Assert.Contains(bench.Seen, s => s.Request is RepublishRequest);
        Assert.Empty(bench.Sink.Gaps);
    }

    /// <summary>Pitfall 4: servers without TransferSubscriptions, or that refuse it to this user.</summary>
    [Fact]
    public async Task A_server_that_transfers_nothing_gets_new_subscriptions_and_is_not_asked_again()
    {
        await using var bench = await new Bench(new() { AnonymousTransfer = false }).StartAsync();
        await bench.UntilValueAsync(1, 0);
        for (var round = 1; round <= 2; round++)
        {
            await bench.EndSessionAsync(deleteSubscriptions: false);
            bench.Cut();
            await Bench.UntilAsync(() => bench.Source.Health.Link == LinkState.Disconnected);
            bench.Mend();
            await Bench.UntilAsync(() => bench.Source.Health.Link == LinkState.Connected);
            bench.Set(1, round);
            await bench.UntilValueAsync(1, round);
        }
        Assert.Equal(1, bench.Seen.Count(s => s.Request is TransferSubscriptionsRequest));
        Assert.Contains(bench.Source.Health.Problems, p => p.Rule == OpcUaRules.TransferRefused);
    }

    [Fact]
    public async Task What_history_knows_fills_the_outage_and_the_rest_is_told_as_a_gap()
    {
        await using var bench = await new Bench().StartAsync();
        await bench.UntilValueAsync(0, 0);
        bench.Cut();
        await Bench.UntilAsync(() => bench.Source.Health.Link == LinkState.Disconnected);
        for (var i = 1; i <= 2500; i++) bench.Set(0, i);
        for (var i = 1; i <= 5; i++) bench.Set(1, i);
        await bench.EndSessionAsync(deleteSubscriptions: true);
        bench.Mend();
        await Bench.UntilAsync(() => bench.Sink.Gaps.Count > 0);
        await bench.UntilValueAsync(0, 2499);
        Assert.Equal(Rung.Recreate, bench.Source.LastRung);
        // Every value exactly once, although the last one came as the first value of the new subscription as well.
        Assert.Equal(Enumerable.Range(0, 2501).Select(i => (double)i), bench.Values(0).Order());
        var gap = Assert.Single(bench.Sink.Gaps);
        Assert.Equal(GapCause.Disconnected, gap.Cause);
        Assert.Contains("2 of 3 points: s1, s2", gap.Detail, StringComparison.Ordinal);
        var late = bench.Sink.Samples.First(s => s.Value.Number == 1250);
        Assert.True(late.ReceiveTicks >= late.SourceTicks, "A value from history keeps its own time and the time it was received.");
    }

    [Fact]
    public async Task A_restarted_server_is_told_as_such_however_much_history_it_has()
    {
        await using var bench = await new Bench(signals: 1).StartAsync();
        await bench.UntilValueAsync(0, 0);
        await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, TestContext.Current.CancellationToken);   // another start time than the first run
        bench.Restart();
        await Bench.UntilAsync(() => bench.Sink.Gaps.Count > 0);
        Assert.Equal(GapCause.PeerRestart, Assert.Single(bench.Sink.Gaps).Cause);
        bench.Set(0, 8);
        await bench.UntilValueAsync(0, 8);
    }

    [Fact]
    public async Task With_history_switched_off_every_outage_beyond_the_session_is_a_gap()
    {
        await using var bench = await new Bench(options: ("history", "false")).StartAsync();
        await bench.UntilValueAsync(0, 0);
        await bench.EndSessionAsync(deleteSubscriptions: true);
        bench.Cut();
        bench.Set(0, 5);
        bench.Mend();
        await Bench.UntilAsync(() => bench.Sink.Gaps.Count > 0);
        Assert.DoesNotContain(bench.Seen, s => s.Request is HistoryReadRequest);
        Assert.Contains("switched off", Assert.Single(bench.Sink.Gaps).Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stop_during_an_outage_tells_the_gap()
    {
        await using var bench = await new Bench().StartAsync();
        await bench.UntilValueAsync(1, 0);
        bench.Cut();
        await Bench.UntilAsync(() => bench.Source.Health.Link == LinkState.Disconnected);
        await bench.StopAsync();
        Assert.Equal(GapCause.Disconnected, Assert.Single(bench.Sink.Gaps).Cause);
    }

    [Fact]
    public async Task A_namespace_that_moved_is_followed_by_its_name()
    {
        await using var bench = new Bench();
        var index = bench.Index;
        bench.Points = [new("old", $"ns={index};s=s1")];
        await bench.StartAsync();
        await Bench.UntilAsync(() => bench.Sink.Samples.Count > 0);
        bench.Tamper = (request, answer) => request is ReadRequest { NodesToRead: [{ NodeId: var first }, ..] } && first == NodeIds.Server_NamespaceArray && answer is ReadResponse read
            ? read with { Results = [new DataValue(Variant.OfArray((string[])["http://opcfoundation.org/UA/", "urn:bench", "urn:new", .. Enumerable.Repeat("urn:bench:machine", 1)])), .. read.Results[1..]] } : answer;
        bench.Restart();
        await Bench.UntilAsync(() => bench.Source.Health.Problems.Any(p => p.Rule == OpcUaRules.NamespacesChanged));
        await Bench.UntilAsync(() => bench.Seen.Any(s => s.Request is ReadRequest { NodesToRead: [{ NodeId: var n }, ..] } && n == new NodeId(3, "s1")), "a question for the node under its new number");
    }
}
