using System.Collections.Immutable;
using Ieum.Connect.MtConnect;
using Ieum.Model;
using Ieum.TestKit;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Ieum.Tests.Connect.MtConnect;

/// <summary>A node that was away goes on where the last durable batch ended.</summary>
public class MtResumeTests
{
    private static readonly TimeSpan Limit = 20.Seconds;
    private static readonly DateTimeOffset Left = TinyAgent.Start - 8.Hours;

    [Fact]
    public async Task What_the_agent_buffered_while_the_node_was_away_is_read_once_and_the_absence_is_told_as_harmless()
    {
        await using var agent = new TinyAgent();
        agent.Add("1", "2");
        var place = await ReadAsync(agent, null, s => s.Samples.Count == 1 && s.Batches.Any(b => b.Place is not null));
        agent.Add("3", "4", "5");
        var sink = new CollectingSink();
        await ReadAsync(agent, place.Place, s => s.Samples.Count == 3, sink);
        Assert.Equal([3.0, 4, 5], sink.Samples.Select(s => s.Value.Number));
        var gap = Assert.Single(sink.Gaps);
        Assert.Equal((GapCause.Disconnected, 0L, Left), (gap.Cause, gap.Lost, gap.Range.From));
    }

    [Fact]
    public async Task What_the_buffer_dropped_meanwhile_is_counted_from_the_moment_the_node_left()
    {
        await using var agent = new TinyAgent(bufferSize: 4);
        agent.Add("1");
        var place = await ReadAsync(agent, null, s => s.Samples.Count == 1 && s.Batches.Any(b => b.Place is not null));
        agent.Add([.. Enumerable.Range(2, 10).Select(i => i.ToString(System.Globalization.CultureInfo.InvariantCulture))]);
        var sink = new CollectingSink();
        await ReadAsync(agent, place.Place, s => s.Samples.Count == 4 && s.Gaps.Count == 1, sink);
        Assert.Equal([8.0, 9, 10, 11], sink.Samples.Select(s => s.Value.Number));
        Assert.Equal((GapCause.BufferOverrun, 6L, Left), (sink.Gaps[0].Cause, sink.Gaps[0].Lost, sink.Gaps[0].Range.From));
    }

    [Fact]
    public async Task An_agent_that_was_restarted_meanwhile_is_read_from_its_first_value()
    {
        await using var agent = new TinyAgent();
        agent.Add("1", "2");
        var place = await ReadAsync(agent, null, s => s.Samples.Count == 1 && s.Batches.Any(b => b.Place is not null));
        agent.Down();
        agent.Up(asNewInstance: true);
        agent.Add("7", "8");
        var sink = new CollectingSink();
        await ReadAsync(agent, place.Place, s => s.Samples.Count == 2 && s.Gaps.Count == 1, sink);
        Assert.Equal([7.0, 8], sink.Samples.Select(s => s.Value.Number));
        Assert.Equal((GapCause.PeerRestart, Left), (sink.Gaps[0].Cause, sink.Gaps[0].Range.From));
    }

    [Theory]
    [InlineData("")]
    [InlineData("mtconnect:0:5")]
    [InlineData("mtconnect:5")]
    [InlineData("mtconnect:5:-1")]
    [InlineData("file:5:1")]
    public void A_place_of_somebody_else_is_a_first_start(string place)
    {
        var session = new MtSession(new("s"));
        Assert.False(session.TryResume(place));
        Assert.Equal((MtResync.Start, 0L), (session.Needs, session.InstanceId));
    }

    private static async Task<SampleBatch> ReadAsync(TinyAgent agent, string? place, Func<CollectingSink, bool> until, CollectingSink? into = null)
    {
        var sink = into ?? new CollectingSink();
        var settings = new ConnectionSettings(new("MC1.mtconnect"), new("MC1"), "mtconnect", agent.Endpoint, ImmutableDictionary<string, string>.Empty);
        await using var source = new MtConnectSource(settings, MtConnectOptions.Read(settings), new InMemorySignals(), new Kept(place),
            new(new FakeTimeProvider(TinyAgent.Start), TimeProvider.System), NullLogger.Instance);
        using var stop = new CancellationTokenSource();
        var running = source.RunAsync(sink, stop.Token);
        await sink.UntilAsync(until, Limit);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        var last = sink.Batches.Last(b => b.Place is not null);
        if (into is null) sink.Dispose();
        return last;
    }

    private sealed class Kept(string? place) : IPlaces
    {
        public SourceMark? Find(SourceId source) => place is null ? null : new(1, Left, place);
    }
}
