using System.Collections.Immutable;
using System.Globalization;
using Ieum.Connect;
using Ieum.Connect.MtConnect;
using Ieum.Model;
using Ieum.TestKit;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Ieum.Tests.Connect.MtConnect;

/// <summary>The whole way from a real socket to the sink. The factory clock stands still; the wire clock is real, as sockets are.</summary>
public class MtConnectSourceTests
{
    private static readonly TimeSpan Limit = 20.Seconds;

    [Fact]
    public async Task Values_arrive_once_and_in_order_from_the_snapshot_on()
    {
        await using var run = new Run(new TinyAgent());
        run.Agent.Add("1", "2", "3");
        run.Begin();
        await run.Sink.UntilAsync(s => s.Samples.Count >= 1, Limit);
        run.Agent.Add("4", "5");
        await run.Sink.UntilAsync(s => s.Samples.Count >= 3, Limit);
        Assert.Equal([3.0, 4, 5], run.Numbers);                      // the snapshot holds the newest value, 1 and 2 lie before
        Assert.Equal(new(3, 0, 0, 0), run.Source.Health.Counters);
        Assert.Equal(LinkState.Connected, run.Source.Health.Link);
        Assert.Equal("MMT", Assert.Single(run.Signals.Of(new("MC1"))).Signal.Unit.Code);
    }

    [Fact]
    public async Task A_broken_connection_costs_nothing_while_the_buffer_holds_everything()
    {
        await using var run = new Run(new TinyAgent());
        run.Agent.Add("1");
        run.Begin();
        await run.UntilStreamingAsync();
        run.Agent.Down();
        run.Agent.Add("2", "3");
        run.Agent.Up();
        await run.Sink.UntilAsync(s => s.Samples.Count == 3, Limit);
        Assert.Equal([1.0, 2, 3], run.Numbers);
        var gap = Assert.Single(run.Sink.Gaps);
        Assert.Equal((GapCause.Disconnected, 0L), (gap.Cause, gap.Lost));
        Assert.Equal(1, run.Source.Health.Reconnects);
    }

    [Fact]
    public async Task A_socket_held_open_and_silent_is_noticed_and_left()
    {
        await using var run = new Run(new TinyAgent(), ("heartbeat", "0.5"));
        run.Agent.Add("1");
        run.Begin();
        await run.UntilStreamingAsync();
        run.Agent.IsSilent = true;
        run.Agent.Add("2");
        await run.UntilProblemAsync(MtConnectRules.Silent);
        run.Agent.Down();
        run.Agent.Up();
        await run.Sink.UntilAsync(s => s.Samples.Count == 2, Limit);
        Assert.Equal([1.0, 2], run.Numbers);
        Assert.Equal(0, run.Source.Health.Counters.Lost);
    }

    [Fact]
    public async Task An_overrun_is_a_gap_with_the_exact_count_and_sent_is_received_plus_lost()
    {
        await using var run = new Run(new TinyAgent(bufferSize: 100));
        run.Agent.Add("1");
        run.Begin();
        await run.UntilStreamingAsync();
        run.Agent.Down();
        run.Agent.Add([.. Enumerable.Range(2, 999).Select(i => i.ToString(CultureInfo.InvariantCulture))]);   // 2 to 1000; the buffer keeps 901 to 1000
        run.Agent.Up();
        await run.Sink.UntilAsync(s => s.Samples.Count == 101, Limit);
        var gap = Assert.Single(run.Sink.Gaps);
        Assert.Equal((GapCause.BufferOverrun, 899L), (gap.Cause, gap.Lost));                                   // 2 to 900
        Assert.Equal(new(101, 0, 899, 1), run.Source.Health.Counters);
        Assert.Equal([1.0, .. Enumerable.Range(901, 100).Select(i => (double)i)], run.Numbers);
    }

    [Fact]
    public async Task A_restarted_agent_is_probed_again_and_read_from_its_first_value()
    {
        await using var run = new Run(new TinyAgent());
        run.Agent.Add("1", "2");
        run.Begin();
        await run.UntilStreamingAsync();
        run.Agent.Down();
        run.Agent.Up(asNewInstance: true);
        run.Agent.Add("10", "11");
        await run.Sink.UntilAsync(s => s.Samples.Count == 3, Limit);
        Assert.Equal([2.0, 10, 11], run.Numbers);
        var gap = Assert.Single(run.Sink.Gaps);
        Assert.Equal((GapCause.PeerRestart, (long?)null), (gap.Cause, gap.Lost));
        Assert.Equal(2, run.Agent.Requests.Count(r => r == "/probe"));
    }

    [Fact]
    public async Task Skipped_numbers_are_counted_as_lost()
    {
        await using var run = new Run(new TinyAgent());
        run.Agent.Add("1");
        run.Begin();
        await run.UntilStreamingAsync();
        run.Agent.SkipNumbers(7);
        await run.Sink.UntilAsync(s => s.Samples.Count == 2, Limit);
        Assert.Equal((GapCause.SequenceSkip, 7L), (run.Sink.Gaps[0].Cause, run.Sink.Gaps[0].Lost));
    }

    [Theory]
    [InlineData("<MTConnectStreams><Header instanceId='100' nextSequence='9'/><Streams><Device", false)]
    [InlineData("<!DOCTYPE x [<!ENTITY a 'b'>]><MTConnectStreams>&a;</MTConnectStreams>", true)]
    [InlineData("not xml at all", true)]
    public async Task A_broken_document_is_told_and_asked_for_again_so_nothing_is_lost(string garbage, bool withLength)
    {
        await using var run = new Run(new TinyAgent { WithContentLength = withLength });
        run.Agent.Add("1");
        run.Begin();
        await run.UntilStreamingAsync();
        run.Agent.GarbageOnce = garbage;
        run.Agent.Add("2", "3");
        await run.Sink.UntilAsync(s => s.Samples.Count == 3, Limit);
        Assert.Equal([1.0, 2, 3], run.Numbers);
        Assert.Contains(run.Source.Health.Problems, p => p.Rule == MtConnectRules.XmlUnreadable);
    }

    [Fact]
    public async Task A_source_that_does_not_stream_is_polled()
    {
        await using var run = new Run(new TinyAgent { Streams = false });
        run.Agent.Add("1");
        run.Begin();
        await run.UntilStreamingAsync();
        run.Agent.Add("2");
        await run.Sink.UntilAsync(s => s.Samples.Count == 2, Limit);
        Assert.Equal([1.0, 2], run.Numbers);
        Assert.Contains(run.Source.Health.Problems, p => p.Rule == MtConnectRules.Polling);
    }

    [Fact]
    public async Task A_full_buffer_that_keeps_moving_is_caught_in_the_end_and_every_number_is_accounted_for()
    {
        await using var run = new Run(new TinyAgent(bufferSize: 64));
        run.Agent.Add("0");
        run.Begin();
        await run.UntilStreamingAsync();
        var last = 1;
        for (var round = 0; round < 200; round++)
        {
            run.Agent.Add([.. Enumerable.Range(last, 100).Select(i => i.ToString(CultureInfo.InvariantCulture))]);
            last += 100;
            if (round % 20 == 0) await Task.Yield();
        }
        await run.Sink.UntilAsync(s => s.Samples.Count > 0 && s.Samples[^1].Value.Number == last - 1, Limit);
        var counters = run.Source.Health.Counters;
        Assert.Equal(last, counters.Received + counters.Lost);
        Assert.Equal(run.Numbers.Order(), run.Numbers);
        Assert.Equal(run.Numbers.Distinct().Count(), run.Numbers.Count);
    }

    [Fact]
    public async Task A_test_of_the_connection_says_who_is_there_and_what_it_offers()
    {
        await using var agent = new TinyAgent();
        var room = new ConnectRoom([new MtConnectFactory(Clocks.Real, NullLoggerFactory.Instance)], Clocks.Real);
        var good = await room.TestAsync(Run.SettingsFor(agent.Endpoint), 10.Seconds, TestContext.Current.CancellationToken);
        Assert.True(good.Ok, good.Message);
        Assert.Contains("MC1", good.Message, StringComparison.Ordinal);
        Assert.Equal("Xabs", Assert.Single(good.Signals).Id.Name);
        var other = await room.TestAsync(Run.SettingsFor(agent.Endpoint, ("device", "MC9")), 10.Seconds, TestContext.Current.CancellationToken);
        Assert.Equal((false, MtConnectRules.DeviceUnknown), (other.Ok, other.Rule));
        agent.Down();
        var none = await room.TestAsync(Run.SettingsFor(agent.Endpoint), 10.Seconds, TestContext.Current.CancellationToken);
        Assert.Equal((false, ConnectRules.PortClosed), (none.Ok, none.Rule));
        var wrong = await room.TestAsync(Run.SettingsFor(agent.Endpoint, ("hartbeat", "1")), 10.Seconds, TestContext.Current.CancellationToken);
        Assert.Equal((false, ConnectRules.OptionUnknown), (wrong.Ok, wrong.Rule));
    }

    /// <summary>One source against one agent, stopped and checked at the end.</summary>
    private sealed class Run : IAsyncDisposable
    {
        private readonly CancellationTokenSource _stop = new();
        private Task _running = Task.CompletedTask;

        public Run(TinyAgent agent, params (string Key, string Value)[] options)
        {
            Agent = agent;
            var settings = SettingsFor(agent.Endpoint, options);
            Source = new(settings, MtConnectOptions.Read(settings), Signals, null, new(new FakeTimeProvider(TinyAgent.Start), TimeProvider.System), NullLogger.Instance);
        }

        public TinyAgent Agent { get; }
        public InMemorySignals Signals { get; } = new();
        public CollectingSink Sink { get; } = new();
        public MtConnectSource Source { get; }
        public IReadOnlyList<double> Numbers => [.. Sink.Samples.Select(s => s.Value.Number)];

        public static ConnectionSettings SettingsFor(string endpoint, params (string Key, string Value)[] options) =>
            new(new("MC1.mtconnect"), new("MC1"), "mtconnect", endpoint, options.ToImmutableDictionary(o => o.Key, o => o.Value));

        public void Begin() => _running = Source.RunAsync(Sink, _stop.Token);

        public Task UntilProblemAsync(string rule) => UntilAsync(h => h.Problems.Any(p => p.Rule == rule));

        /// <summary>The first sample is the snapshot; the link is up with the first document of the stream.</summary>
        public async Task UntilStreamingAsync()
        {
            await Sink.UntilAsync(s => s.Samples.Count == 1, Limit);
            await UntilAsync(h => h.Link == LinkState.Connected);
        }

        private async Task UntilAsync(Func<SourceHealth, bool> condition)
        {
            using var limit = new CancellationTokenSource(Limit);
            using var pulse = new PeriodicTimer(10.Milliseconds);
            while (!condition(Source.Health)) await pulse.WaitForNextTickAsync(limit.Token);
        }

        public async ValueTask DisposeAsync()
        {
            Assert.False(_running.IsCompleted && _running.IsFaulted, _running.Exception?.ToString());
            await _stop.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _running);
            await Agent.DisposeAsync();
            Sink.Dispose();
            _stop.Dispose();
        }
    }
}
