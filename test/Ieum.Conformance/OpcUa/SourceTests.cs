using Ieum.Connect.OpcUa;
using Ieum.Connect.OpcUa.Client;
using Ieum.Model;
using Ieum.TestKit;
using Microsoft.Extensions.Logging.Abstractions;

namespace Ieum.Conformance.OpcUa;

/// <summary>The source against npm node-opcua: values, deadband, the ladder, trust both ways.</summary>
public sealed class SourceTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Values_of_every_kind_arrive_and_written_ones_are_read_back()
    {
        using var server = await NodeOpcUa.StartAsync();
        await using var run = new Run(server.Settings([.. Names("temperature", "count", "running", "program", "big", "bytes", "started", "profile", "grid", "setpoint", "gone")], ("publishing", "0.1")), server.Dialer);
        await run.UntilAsync(() => run.Last("setpoint") is not null && run.Last("grid[1,2]") is not null);
        Assert.Equal(21.5, run.Last("temperature")!.Value.Value.Number);
        Assert.Equal((7L, true, "O1000 가공 加工"), (run.Last("count")!.Value.Value.Integer, run.Last("running")!.Value.Value.Boolean, run.Last("program")!.Value.Value.Text));
        Assert.Equal((double)ulong.MaxValue - 1, run.Last("big")!.Value.Value.Number);
        Assert.Equal(("0102FF", "2026-01-02T03:04:05Z"), (run.Last("bytes")!.Value.Value.Text, run.Last("started")!.Value.Value.Text));
        Assert.Equal([1.5, -2.5, 3.25], Enumerable.Range(0, 3).Select(i => run.Last($"profile[{i}]")!.Value.Value.Number));
        Assert.Equal(6, run.Last("grid[1,2]")!.Value.Value.Integer);
        Assert.Contains(run.Source.Health.Problems, p => p.Rule == OpcUaRules.NodeUnknown && p.Message.Contains("gone", StringComparison.Ordinal));
        Assert.Equal("CEL", run.Signals.Find(run.Signals.Find(new SignalId(new("m"), "temperature"))!.Value)!.Unit.Code);

        var answer = await run.Source.Writer.WriteAsync(new(new("m"), "setpoint"), SampleValue.Of(77L), Stop);
        Assert.True(answer.Done, answer.Message);
        Assert.Equal(77, (await run.Source.Writer.ReadBackAsync(new(new("m"), "setpoint"), Stop))!.Value.Value.Number);
        await run.UntilAsync(() => run.Last("setpoint")?.Value.Number == 77);
        var refused = await run.Source.Writer.WriteAsync(new(new("m"), "count"), SampleValue.Of(1L), Stop);
        Assert.Equal((false, OpcUaRules.WriteRefused), (refused.Done, refused.Rule));

        await server.SayAsync("bad temperature");
        await run.UntilAsync(() => run.Last("temperature")?.Quality == Quality.Bad);
    }

    [Fact]
    public async Task Types_of_nobodys_machine_arrive_as_they_are()
    {
        using var server = await NodeOpcUa.StartScriptAsync("opcua-odd.cjs");
        string[] names = ["part", "partNoted", "parts", "choice", "mood", "cube", "words", "names", "empty", "guid", "raws", "dawn", "dusk", "code", "node", "wide", "least", "most", "tiny", "nan", "endless", "anything", "broken", "doubtful", "never"];
        await using var run = new Run(server.Settings(names.Select(n => new PointSettings(n, $"nsu=urn:ieum:odd;s={n}")), ("security", "none"), ("publishing", "0.1")), server.Dialer);
        var expected = new (string Name, string Value)[]
        {
            ("part/Id", "72962b91-fa75-4ae6-8d28-b404dc7daf63 Text Good"), ("part/First/X", "-0.5 Real Good"), ("part/First/Mood", "Angry Text Good"),
            ("part/Corners[1]/Label", "아래 Text Good"), ("part/Corners[1]/Mood", "잠 Text Good"), ("part/Pick/At/Label", "끝 Text Good"), ("part/Sizes[1]", "0.5 Real Good"),
            ("partNoted/Note", "메모 Text Good"), ("partNoted/Raw", "00FF Text Good"), ("partNoted/Pick/Word", "말 Text Good"), ("partNoted/Sizes[0]", "0.25 Real Good"),
            ("parts[1]/Label", "둘 Text Good"), ("choice/Number", "2.5 Real Good"), ("mood", "Angry Text Good"), ("cube[1,0,1]", "-6 Integer Good"), ("words[1,0]", "あ Text Good"),
            ("names[1]", "旋盤 Text Good"), ("empty", " None Good"), ("guid", "72962b91-fa75-4ae6-8d28-b404dc7daf63 Text Good"), ("raws[0]", "01 Text Good"), ("raws[1]", " Text Good"),
            ("dawn", " None Good"), ("dusk", "9999-12-31T23:59:59Z Text Good"), ("code", "BadDeviceFailure Text Good"), ("node", "ns=1;s=너 Text Good"),
            ("wide", "9007199254740993 Integer Good"), ("least", "-9223372036854775808 Integer Good"), ("most", "1.8446744073709552E+19 Real Uncertain"), ("tiny", "1.401298464324817E-45 Real Good"),
            ("nan", "NaN Real Bad"), ("endless", "-Infinity Real Bad"), ("anything[0]", "1.5 Real Good"), ("anything[1]", "zwei Text Good"),
            ("broken", "4.5 Real Bad"), ("doubtful", "4.5 Real Uncertain"), ("never", " None Uncertain"),
        };
        await run.UntilAsync(() => expected.All(e => run.Last(e.Name) is not null));
        var told = run.Signals.Of(new("m")).Select(s => (s.Signal.Id.Name, Sample: run.Last(s.Signal.Id.Name)))
            .Where(s => s.Sample is not null).ToDictionary(s => s.Name, s => $"{s.Sample!.Value.Value} {s.Sample.Value.Value.Kind} {s.Sample.Value.Quality}");
        Assert.Equal(expected, expected.Select(e => (e.Name, told.GetValueOrDefault(e.Name, "not told"))));
        // An optional field that is left out, and the branch of the union that was not taken, are no signals.
        Assert.DoesNotContain(told.Keys, n => n is "part/Note" or "part/Raw" or "part/Pick/Number" || n.StartsWith("partNoted/Corners", StringComparison.Ordinal));
        Assert.Equal([OpcUaRules.NotANumber], run.Source.Health.Problems.Select(p => p.Rule));
    }

    /// <summary>Pitfall 10: percent where there is a range, absolute where not.</summary>
    [Fact]
    public async Task Deadbands_are_the_servers_where_it_takes_them()
    {
        using var server = await NodeOpcUa.StartAsync();
        await using var run = new Run(server.Settings(
            [NodeOpcUa.Point("pressure"), NodeOpcUa.Point("temperature") with { Deadband = 2 }], ("publishing", "0.05"), ("sampling", "0"), ("percent.pressure", "10")), server.Dialer);
        await run.UntilAsync(() => run.Last("temperature") is not null && run.Last("pressure") is not null);
        foreach (var (name, value) in new[] { ("temperature", 22.5), ("temperature", 24), ("pressure", 6.6), ("pressure", 7.5) })
        {
            await server.SayAsync(FormattableString.Invariant($"set {name} {value}"));
            // One publishing interval apart, so that each value is judged by itself.
            await Task.Delay(TimeSpan.FromMilliseconds(150), TimeProvider.System, Stop);
        }
        await run.UntilAsync(() => run.Last("temperature")?.Value.Number == 24 && run.Last("pressure")?.Value.Number == 7.5);
        Assert.Equal([21.5, 24], run.Values("temperature"));
        Assert.Equal([6.1, 7.5], run.Values("pressure"));
        Assert.DoesNotContain(run.Source.Health.Problems, p => p.Rule == OpcUaRules.FilterRefused);
    }

    [Fact]
    public async Task A_cut_line_is_taken_up_on_the_same_session_without_loss()
    {
        using var server = await NodeOpcUa.StartAsync();
        await using var run = new Run(server.Settings([NodeOpcUa.Point("count")], ("publishing", "0.05"), ("sampling", "0")), server.Dialer);
        await run.UntilAsync(() => run.Last("count") is not null);
        await server.SayAsync("drop");
        for (var i = 101; i <= 108; i++)
        {
            await server.SayAsync($"set count {i}");
            // This server samples every 50 ms at best, whatever is asked.
            await Task.Delay(TimeSpan.FromMilliseconds(150), TimeProvider.System, Stop);
        }
        await run.UntilAsync(() => run.Last("count")?.Value.Integer == 108);
        Assert.Equal(Enumerable.Range(101, 8).Select(i => (double)i), run.Values("count").Where(v => v > 100).Order());   // what was on the way when the line broke comes by Republish
        Assert.Equal(Rung.Reactivate, run.Source.LastRung);
        Assert.Empty(run.Sink.Gaps);
    }

    /// <summary>Pitfall 4: node-opcua hands subscriptions to the same user, and refuses anonymous ones.</summary>
    [Theory]
    [InlineData("operator", Rung.Transfer)]
    [InlineData("", Rung.Recreate)]
    internal async Task A_lost_session_is_followed_by_a_new_one_that_takes_what_the_server_hands_over(string user, Rung expected)
    {
        using var server = await NodeOpcUa.StartAsync();
        (string, string)[] login = user.Length > 0 ? [("user", user), ("password", "shift-1"), ("security", "basic256sha256")] : [("security", "none")];
        await using var run = new Run(server.Settings([NodeOpcUa.Point("count")], [.. login, ("publishing", "0.05"), ("sampling", "0")]), server.Dialer);
        await run.UntilAsync(() => run.Last("count") is not null);
        await server.SayAsync("end-sessions keep");
        await run.UntilAsync(() => run.Source.Health is { Link: LinkState.Connected, Reconnects: >= 1 });
        await server.SayAsync("set count 55");
        await run.UntilAsync(() => run.Last("count")?.Value.Integer == 55);
        Assert.Equal(expected, run.Source.LastRung);
    }

    [Fact]
    public async Task A_restarted_server_is_read_again_and_the_time_between_told()
    {
        var pki = NodeOpcUa.NewFolder();
        var first = await NodeOpcUa.StartAsync(null, $"--pki={pki}");
        await using var run = new Run(first.Settings([NodeOpcUa.Point("count")], ("publishing", "0.05")), first.Dialer);
        await run.UntilAsync(() => run.Last("count") is not null);
        first.Kill();
        await run.UntilAsync(() => run.Source.Health.Link == LinkState.Disconnected);
        using var second = await NodeOpcUa.StartAsync(null, $"--pki={pki}", $"--port={first.Port}");
        await run.UntilAsync(() => run.Source.Health.Link == LinkState.Connected);
        await second.SayAsync("set count 9");
        await run.UntilAsync(() => run.Last("count")?.Value.Integer == 9 && run.Sink.Gaps.Count > 0);
        Assert.Equal(GapCause.PeerRestart, run.Sink.Gaps[0].Cause);
        first.Dispose();
    }

    [Fact]
    public async Task Trust_is_a_persons_click_on_both_sides_and_a_changed_certificate_is_told_plainly()
    {
        var folder = NodeOpcUa.NewFolder();
        int port;
        using (var server = await NodeOpcUa.StartAsync(folder, "--strict"))
        {
            port = server.Port;
            using var factory = new OpcUaFactory(Clocks.Real, NullLoggerFactory.Instance, server.Dialer);
            var settings = server.Settings([NodeOpcUa.Point("count")], ("trust", ""), ("security", "basic256sha256"));
            var unknown = await factory.TestAsync(settings, Stop);
            Assert.Equal((false, OpcUaRules.CertificateUntrusted), (unknown.Ok, unknown.Rule));
            Assert.Contains(server.Thumbprint, unknown.Message, StringComparison.Ordinal);
            Assert.True(server.Dialer.Trust.Trust(server.Thumbprint));

            var refused = await factory.TestAsync(settings, Stop);
            Assert.Equal((false, OpcUaRules.ClientRefused), (refused.Ok, refused.Rule));
            await server.SayAsync("trust");
            var good = await factory.TestAsync(settings, Stop);
            Assert.True(good.Ok, good.Message);
        }
        // Pitfall 8: the same address shows another certificate. Told, retried, never accepted by itself.
        using var other = await NodeOpcUa.StartAsync(folder, $"--port={port}");
        await using var run = new Run(other.Settings([NodeOpcUa.Point("count")], ("trust", ""), ("security", "basic256sha256"), ("publishing", "0.05")), other.Dialer);
        await run.UntilAsync(() => run.Source.Health.Problems.Any(p => p.Rule == OpcUaRules.CertificateChanged));
        Assert.Equal(LinkState.Refused, run.Source.Health.Link);
        Assert.True(other.Dialer.Trust.Trust(other.Thumbprint));
        await run.UntilAsync(() => run.Last("count") is not null);
    }

    [Fact]
    public async Task What_fits_no_endpoint_is_told_with_what_the_server_offers()
    {
        using var server = await NodeOpcUa.StartAsync(null, "--policies=Basic256Sha256", "--anonymous=false");
        using var factory = new OpcUaFactory(Clocks.Real, NullLoggerFactory.Instance, server.Dialer);
        var answer = await factory.TestAsync(server.Settings([], ("security", "aes256")), Stop);
        Assert.Equal((false, OpcUaRules.NoEndpoint), (answer.Ok, answer.Rule));
        Assert.Contains("Basic256Sha256/Sign", answer.Message, StringComparison.Ordinal);
        var anonymous = await factory.TestAsync(server.Settings([]), Stop);
        Assert.Equal((false, OpcUaRules.UserRefused), (anonymous.Ok, anonymous.Rule));
        Assert.Contains("UserName", anonymous.Message, StringComparison.Ordinal);
    }

    /// <summary>Pitfall 12: a historizing node is read-only in this server; the writer says so instead of failing.</summary>
    [Fact]
    public async Task A_node_that_keeps_history_may_refuse_to_be_written()
    {
        using var server = await NodeOpcUa.StartAsync();
        await using var run = new Run(server.Settings([NodeOpcUa.Point("past")], ("publishing", "0.05")), server.Dialer);
        await run.UntilAsync(() => run.Last("past") is not null);
        var answer = await run.Source.Writer.WriteAsync(new(new("m"), "past"), SampleValue.Of(1.0), Stop);
        Assert.Equal((false, OpcUaRules.WriteRefused), (answer.Done, answer.Rule));
    }

    /// <summary>Pitfall 1: publish requests wait in the server while the channel gets new keys, again and again.</summary>
    [Fact]
    public async Task Values_go_on_over_every_renewal_of_the_channel()
    {
        using var server = await NodeOpcUa.StartAsync(null, "--lifetime=2000");
        await using var run = new Run(server.Settings([NodeOpcUa.Point("count")], ("publishing", "0.1"), ("sampling", "0")), server.Dialer);
        await run.UntilAsync(() => run.Last("count") is not null);
        for (var i = 1000; i < 1080; i++)
        {
            await server.SayAsync($"set count {i}");
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, Stop);
        }
        await run.UntilAsync(() => run.Last("count")?.Value.Integer == 1079);
        Assert.Equal((0, 0L), (run.Source.Health.Reconnects, run.Source.Health.Counters.Gaps));
        Assert.DoesNotContain(run.Source.Health.Problems, p => p.Rule == OpcUaRules.ServiceRefused);
    }

    /// <summary>Pitfall 7: small buffers and small messages, as controllers have them.</summary>
    [Fact]
    public async Task A_server_with_small_buffers_and_messages_is_read_in_smaller_requests()
    {
        using var server = await NodeOpcUa.StartAsync(null, "--buffer=8192", "--max-message=32768", "--max-chunks=4");
        await using var run = new Run(server.Settings([.. Enumerable.Range(0, 1000).Select(i => NodeOpcUa.Point($"tag{i:00000}"))], ("publishing", "0.2")), server.Dialer);
        await run.UntilAsync(() => run.Source.Health.Counters.Received >= 1000 && run.Sink.Samples.Count >= 1000);
        Assert.Equal(1000, run.Sink.Samples.Select(s => s.Signal).Distinct().Count());
        Assert.Equal(999, run.Last("tag00999")!.Value.Value.Number);
        Assert.Equal(LinkState.Connected, run.Source.Health.Link);
    }

    private static IEnumerable<PointSettings> Names(params string[] names) => names.Select(NodeOpcUa.Point);

    private sealed class Run : IAsyncDisposable
    {
        private readonly CancellationTokenSource _stop = new();
        private readonly Task _running;

        public Run(ConnectionSettings settings, IDialer dialer)
        {
            Source = new(settings, OpcUaOptions.Read(settings), dialer, Signals, Clocks.Real, NullLogger.Instance);
            _running = Source.RunAsync(Sink, _stop.Token);
        }

        public OpcUaSource Source { get; }
        public CollectingSink Sink { get; } = new();
        public InMemorySignals Signals { get; } = new();

        public Sample? Last(string name)
        {
            if (Signals.Find(new SignalId(new("m"), name)) is not { } number) return null;
            var samples = Sink.Samples.Where(s => s.Signal == number).ToList();
            return samples.Count > 0 ? samples[^1] : null;
        }

        public double[] Values(string name)
        {
            var number = Signals.Find(new SignalId(new("m"), name));
            return [.. Sink.Samples.Where(s => s.Signal == number).Select(s => s.Value.Number)];
        }

        public async Task UntilAsync(Func<bool> condition)
        {
            using var limit = new CancellationTokenSource(Limit);
            while (!condition())
            {
                Assert.False(limit.IsCancellationRequested, $"{Source.Health.Link}, {Sink.Samples.Count} samples, {string.Join(" | ", Source.Health.Problems.Select(p => $"{p.Rule}: {p.Message}"))}");
                if (_running.IsFaulted) await _running;
                await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, CancellationToken.None);
            }
        }

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _running.WaitAsync(Limit));
            Sink.Dispose();
            _stop.Dispose();
        }
    }
}
