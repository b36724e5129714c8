using System.Net;
using System.Net.Sockets;
using System.Text;
using Ieum.Connect;
using Ieum.Connect.Shdr;
using Ieum.Model;
using Ieum.TestKit;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Ieum.Tests.Connect.Shdr;

/// <summary>The whole way from a real socket to the sink. The factory clock stands still; the wire clock is real, as sockets are.</summary>
public class ShdrSourceTests
{
    private const string T = "2026-03-02T08:59:59.000Z";
    private static readonly TimeSpan Limit = 20.Seconds;

    [Fact]
    public async Task Lines_cut_anywhere_by_the_network_arrive_whole()
    {
        await using var run = new Run();
        var adapter = await run.AcceptAsync();
        foreach (var b in Encoding.UTF8.GetBytes($"{T}|Xabs|1|message|가공 완료\r\n{T}|Xabs|2\n")) await adapter.SendAsync(new[] { b }, SocketFlags.None);
        await run.Sink.UntilAsync(s => s.Samples.Count == 3, Limit);
        Assert.Equal(["1", "가공 완료", "2"], run.Sink.Samples.Select(s => s.Value.ToString()));
        Assert.Equal(new(3, 0, 0, 0), run.Source.Health.Counters);
    }

    [Fact]
    public async Task A_restart_of_the_adapter_is_one_gap_and_its_repeated_state_counts_once()
    {
        await using var run = new Run();
        var adapter = await run.AcceptAsync();
        await SendAsync(adapter, $"{T}|Xabs|1|execution|ACTIVE\n");
        await run.Sink.UntilAsync(s => s.Samples.Count == 2, Limit);
        adapter.Dispose();
        adapter = await run.AcceptAsync();
        await SendAsync(adapter, $"{T}|Xabs|1|execution|ACTIVE\n2026-03-02T08:59:59.500Z|Xabs|2\n");
        await run.Sink.UntilAsync(s => s.Samples.Count == 3 && s.Gaps.Count == 1, Limit);
        var gap = Assert.Single(run.Sink.Gaps);
        Assert.Equal((GapCause.Disconnected, (long?)null), (gap.Cause, gap.Lost));
        Assert.Equal(new(3, 0, 0, 1), run.Source.Health.Counters);
        Assert.Equal(1, run.Source.Health.Reconnects);
    }

    [Fact]
    public async Task An_adapter_that_answered_PING_and_then_falls_silent_is_left_and_found_again()
    {
        await using var run = new Run(("ping", "0.5"));
        var adapter = await run.AcceptAsync();
        await SendAsync(adapter, $"* PONG 500\n{T}|Xabs|1\n");
        await run.Sink.UntilAsync(s => s.Samples.Count == 1, Limit);
        using var again = await run.AcceptAsync();     // only comes because the silence was noticed; the old socket stays open
        await SendAsync(again, "2026-03-02T08:59:59.500Z|Xabs|2\n");
        await run.Sink.UntilAsync(s => s.Samples.Count == 2 && s.Gaps.Count == 1, Limit);
        Assert.Contains(run.Source.Health.Problems, p => p.Rule == ShdrRules.Silent);
        adapter.Dispose();
    }

    [Fact]
    public async Task PING_is_sent_at_once()
    {
        await using var run = new Run();
        using var adapter = await run.AcceptAsync();
        var bytes = new byte[7];
        Assert.Equal(7, await adapter.ReceiveAsync(bytes, SocketFlags.None));
        Assert.Equal("* PING\n", Encoding.ASCII.GetString(bytes));
    }

    [Fact]
    public async Task Ten_megabytes_without_a_line_end_and_garbage_cost_their_own_bytes_only()
    {
        await using var run = new Run();
        using var adapter = await run.AcceptAsync();
        await SendAsync(adapter, $"{T}|Xabs|1\n");
        await SendAsync(adapter, new string('x', 10_000_000) + "\n");
        await adapter.SendAsync(new byte[] { 0, 255, 254, 1, 10 }, SocketFlags.None);
        await SendAsync(adapter, $"{T}|Xabs|2\n");
        await run.Sink.UntilAsync(s => s.Samples.Count == 2, Limit);
        var health = run.Source.Health;
        Assert.Equal(new(4, 2, 0, 1), health.Counters);              // two samples, the long line, the garbage line; one gap
        Assert.Equal([ShdrRules.LineTooLong, ShdrRules.LineUnreadable], health.Problems.Select(p => p.Rule));
        Assert.Equal(0, health.Reconnects);
        Assert.Equal(GapCause.Garbage, Assert.Single(run.Sink.Gaps).Cause);
    }

    [Fact]
    public async Task A_machine_that_is_off_at_the_start_is_waited_for_and_the_wait_is_a_gap()
    {
        await using var run = new Run(listening: false);
        await run.UntilAsync(h => h.Problems.Any(p => p.Rule == ConnectRules.Unreachable));
        run.Listen();
        using var adapter = await run.AcceptAsync();
        await SendAsync(adapter, $"{T}|Xabs|1\n");
        await run.Sink.UntilAsync(s => s.Samples.Count == 1, Limit);
        Assert.Equal(GapCause.Disconnected, Assert.Single(run.Sink.Gaps).Cause);
        Assert.Equal(LinkState.Connected, run.Source.Health.Link);
    }

    [Fact]
    public async Task A_test_of_the_connection_lists_the_keys_and_says_whether_PING_is_answered()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var room = new ConnectRoom([new ShdrFactory(Clocks.Real, NullLoggerFactory.Instance)], Clocks.Real);
        var endpoint = $"127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}";
        var testing = room.TestAsync(ShdrHarness.SettingsFor(endpoint), 10.Seconds, TestContext.Current.CancellationToken);
        using (var adapter = await listener.AcceptSocketAsync(TestContext.Current.CancellationToken))
            await SendAsync(adapter, $"* PONG 10000\n{T}|execution|ACTIVE|Xabs|1\n");
        var answer = await testing;
        Assert.True(answer.Ok, answer.Message);
        Assert.Equal(["execution", "Xabs"], answer.Signals.Select(s => s.Id.Name));
        Assert.Contains("answers PING", answer.Message, StringComparison.Ordinal);
    }

    private static async Task SendAsync(Socket adapter, string text)
    {
        ReadOnlyMemory<byte> bytes = Encoding.UTF8.GetBytes(text);
        while (bytes.Length > 0) bytes = bytes[await adapter.SendAsync(bytes, SocketFlags.None)..];
    }

    private sealed class Run : IAsyncDisposable
    {
        private readonly CancellationTokenSource _stop = new();
        private readonly Task _running;
        private readonly int _port;
        private TcpListener _listener;

        public Run(params (string Key, string Value)[] options) : this(true, options) { }

        public Run(bool listening, params (string Key, string Value)[] options)
        {
            _listener = new(IPAddress.Loopback, 0);
            _listener.Start();
            _port = ((IPEndPoint)_listener.LocalEndpoint).Port;
            if (!listening) _listener.Stop();
            var settings = ShdrHarness.SettingsFor($"127.0.0.1:{_port}", options);
            Source = new(settings, ShdrOptions.Read(settings), new InMemorySignals(), new(new FakeTimeProvider(ShdrHarness.Now), TimeProvider.System), NullLogger.Instance);
            _running = Source.RunAsync(Sink, _stop.Token);
        }

        public CollectingSink Sink { get; } = new();
        public ShdrSource Source { get; }

        public void Listen()
        {
            _listener = new(IPAddress.Loopback, _port);
            _listener.Start();
        }

        public async Task<Socket> AcceptAsync()
        {
            using var limit = new CancellationTokenSource(Limit);
            return await _listener.AcceptSocketAsync(limit.Token);
        }

        public async Task UntilAsync(Func<SourceHealth, bool> condition)
        {
            using var limit = new CancellationTokenSource(Limit);
            using var pulse = new PeriodicTimer(10.Milliseconds);
            while (!condition(Source.Health)) await pulse.WaitForNextTickAsync(limit.Token);
        }

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _running);
            _listener.Stop();
            Sink.Dispose();
            _stop.Dispose();
        }
    }
}
