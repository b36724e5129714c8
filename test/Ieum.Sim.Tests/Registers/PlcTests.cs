using System.Collections.Immutable;
using System.Net;
using System.Text.Json;
using Ieum.Connect;
using Ieum.Model;
using Ieum.Sim.Feeds;
using Ieum.Sim.Machines;
using Ieum.Sim.Play;
using Ieum.Sim.Registers;
using Ieum.Sim.S7;
using Ieum.Sim.Xgt;
using Ieum.TestKit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace Ieum.Sim.Tests.Registers;

/// <summary>The node's own sources against the simulated LS and S7 controllers, over sockets.</summary>
public sealed class PlcTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);
    private static readonly DeviceDescription Hone = DeviceDescription.Of("hone");

    [Theory]
    [InlineData("xgt")]
    [InlineData("s7")]
    public async Task Every_item_arrives_with_its_value_unit_and_meaning(string protocol)
    {
        await using var plc = await Plc.StartAsync(protocol);
        plc.Say(("execution", "ACTIVE"), ("Srpm", "412.5"), ("Zabs", "-123.456"), ("PartCountAct", "70000"), ("program", "O1234"), ("estop", "ARMED"));
        await using var run = plc.Read();
        await run.UntilAsync("execution", "ACTIVE");
        await run.UntilAsync("program", "O1234");
        plc.Say(("execution", "STOPPED"), ("PartCountAct", "70001"));
        await run.UntilAsync("execution", "STOPPED");
        await run.UntilAsync("PartCountAct", "70001");
        Assert.Equal("-123.456", run.Last("Zabs")!.Value.Value.ToString());
        Assert.Equal("412.5", run.Last("Srpm")!.Value.Value.ToString());
        var rpm = run.Signals.Find(new SignalId(new("M"), "Srpm"))!.Value;
        Assert.Equal("RPM", run.Signals.Find(rpm)!.Unit.Code);
        await run.DisposeAsync();
        var counts = plc.Outlet.Counts;
        Assert.Equal((counts.Produced, counts.Sent), (counts.Sent + counts.Unseen, run.Source.Health.Counters.Received));
    }

    [Theory]
    [InlineData("xgt", "D5000")]
    [InlineData("s7", "DB9.DBW0")]
    [InlineData("s7", "DB1.DBW9000")]
    public async Task One_wrong_address_is_told_and_the_others_go_on(string protocol, string wrong)
    {
        await using var plc = await Plc.StartAsync(protocol);
        plc.Say(("execution", "ACTIVE"));
        await using var run = plc.Read(new PointSettings("ghost", wrong));
        await run.UntilAsync("execution", "ACTIVE");
        await run.Sink.UntilAsync(_ => run.Source.Health.Problems.Any(p => p.Rule.EndsWith("-refused", StringComparison.Ordinal)), Limit);
        plc.Say(("execution", "STOPPED"));
        await run.UntilAsync("execution", "STOPPED");
        Assert.Equal(Quality.Unavailable, run.Last("ghost")!.Value.Quality);
        Assert.Equal(LinkState.Connected, run.Source.Health.Link);
    }

    [Theory]
    [InlineData("xgt", "M0001F")]
    [InlineData("s7", "M3.7")]
    public async Task A_value_and_a_bit_are_written_and_read_back(string protocol, string bit)
    {
        await using var plc = await Plc.StartAsync(protocol);
        await using var run = plc.Read(new PointSettings("lamp", bit));
        await run.UntilAsync("lamp", "false");
        var target = new SignalId(new("M"), "target_override");
        var answer = await run.Source.Writer!.WriteAsync(target, SampleValue.Of(87.5), TestContext.Current.CancellationToken);
        Assert.True(answer.Done, answer.Message);
        Assert.Equal(87.5, (await run.Source.Writer.ReadBackAsync(target, TestContext.Current.CancellationToken))!.Value.Value.Number, 9);
        Assert.True((await run.Source.Writer.WriteAsync(new(new("M"), "lamp"), SampleValue.Of(true), TestContext.Current.CancellationToken)).Done);
        await run.UntilAsync("lamp", "true");
        var refused = await run.Source.Writer.WriteAsync(new(new("M"), "Srpm"), SampleValue.Of(1.0), TestContext.Current.CancellationToken);
        Assert.Equal((false, protocol + "-refused"), (refused.Done, refused.Rule));
    }

    [Theory]
    [InlineData("xgt", "Restart")]
    [InlineData("xgt", "Silence")]
    [InlineData("xgt", "Garbage")]
    [InlineData("s7", "Restart")]
    [InlineData("s7", "Silence")]
    [InlineData("s7", "Garbage")]
    public async Task After_a_fault_the_source_is_back_by_itself_and_the_gap_is_told(string protocol, string kind)
    {
        await using var plc = await Plc.StartAsync(protocol);
        plc.Say(("execution", "ACTIVE"));
        await using var run = plc.Read();
        await run.UntilAsync("execution", "ACTIVE");
        plc.Outlet.Begin(new(Enum.Parse<FaultKind>(kind), TimeSpan.FromSeconds(2), TimeSpan.Zero));
        await run.Sink.UntilAsync(s => s.Gaps.Count > 0, Limit);
        plc.Say(("execution", "STOPPED"));
        await run.UntilAsync("execution", "STOPPED");
        Assert.Equal(LinkState.Connected, run.Source.Health.Link);
    }

    [Theory]
    [InlineData("xgt")]
    [InlineData("s7")]
    public async Task A_scan_finds_it_and_a_test_tells_its_values(string protocol)
    {
        await using var plc = await Plc.StartAsync(protocol);
        plc.Say(("execution", "ACTIVE"));
        await using var services = Plc.Services();
        var room = services.GetRequiredService<IConnectRoom>();
        var test = await room.TestAsync(plc.Settings(plc.Points), TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        Assert.True(test.Ok, test.Message);
        Assert.Contains(test.Signals, s => s.Id.Name == "execution" && s.Role == SignalRole.Execution);
        var empty = await room.TestAsync(plc.Settings([]), TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        Assert.True(empty.Ok, empty.Message);
    }

    [Fact]
    public async Task Other_peoples_client_reads_and_writes_the_simulated_S7()
    {
        Needs.Npm("nodes7");
        await using var plc = await Plc.StartAsync("s7");
        plc.Say(("execution", "ACTIVE"), ("PartCountAct", "70000"), ("Zabs", "-123.456"));
        using var node = Needs.Node("s7-client.cjs", plc.Outlet.Endpoint.Split(':')[1], "0", "1");
        try
        {
            Assert.Equal("connected", await LineAsync());
            string At(string name, string type) => plc.Points.Single(p => p.Name == name).Address.Replace(".DBW", "," + type, StringComparison.Ordinal);
            await node.StandardInput.WriteLineAsync($"read {At("execution", "INT")} {At("PartCountAct", "DINT")} {At("Zabs", "DINT")} DB1,INT2000 M0.0");
            using var read = JsonDocument.Parse(await LineAsync());
            Assert.False(read.RootElement.GetProperty("bad").GetBoolean());
            var values = read.RootElement.GetProperty("values");
            string Of(string address) => values.GetProperty(address).ToString();
            // ACTIVE is code 2, positions count micrometres, the override tenths of a percent.
            Assert.Equal(("2", "70000", "-123456", "1000", "False"),
                (Of(At("execution", "INT")), Of(At("PartCountAct", "DINT")), Of(At("Zabs", "DINT")), Of("DB1,INT2000"), Of("M0.0")));
            await node.StandardInput.WriteLineAsync("write DB1,INT2000 750");
            Assert.Equal("""{"bad":false}""", await LineAsync());
            await using var run = plc.Read();
            await run.UntilAsync("target_override", "75");
        }
        finally
        {
            node.Kill();
        }

        async Task<string> LineAsync() => await node.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(Limit) ?? throw new InvalidOperationException(await node.StandardError.ReadToEndAsync());
    }

    private sealed class Plc(string protocol, RegisterOutlet outlet) : IAsyncDisposable
    {
        private long _ticks = DateTimeOffset.UnixEpoch.UtcTicks;

        public RegisterOutlet Outlet => outlet;

        public static async Task<Plc> StartAsync(string protocol)
        {
            var (server, memory) = protocol == "xgt" ? (XgtSpeech.Server(), new RegisterMemory(Hone, XgtSpeech.WordOrder)) : (S7Speech.Server(), new RegisterMemory(Hone));
            var outlet = new RegisterOutlet("M", IPAddress.Loopback, 0, server, memory, Clocks.Real, NullLogger.Instance);
            await outlet.StartAsync(TestContext.Current.CancellationToken);
            return new(protocol, outlet);
        }

        public static ServiceProvider Services() => new ServiceCollection().AddLogging().AddOptions().AddConnect().BuildServiceProvider();

        public void Say(params (string Item, string Value)[] lines) => outlet.Write([.. lines.Select(l => new FeedLine(_ticks++, l.Item, l.Value))]);

        public IReadOnlyList<PointSettings> Points => [.. outlet.Points!.Select(p => new PointSettings(p.Name, p.Address)
        {
            Type = p.Type, Unit = p.Unit ?? "", Role = Enum.Parse<SignalRole>(p.Role), Scale = p.Scale, Words = p.Words.ToImmutableSortedDictionary(StringComparer.Ordinal),
        })];

        public ConnectionSettings Settings(IEnumerable<PointSettings> points) => new(new("M." + protocol), new("M"), protocol, outlet.Endpoint,
            ImmutableDictionary<string, string>.Empty.Add("period", "0.02").Add("timeout", "0.5")) { Points = [.. points] };

        public Run Read(params PointSettings[] more) => new(Settings([.. Points, .. more]));

        public ValueTask DisposeAsync() => outlet.DisposeAsync();
    }

    private sealed class Run : IAsyncDisposable
    {
        private readonly CancellationTokenSource _stop = new();
        private readonly ServiceProvider _services = Plc.Services();
        private readonly Task _running;

        public Run(ConnectionSettings settings)
        {
            Source = _services.GetRequiredService<IConnectRoom>().Create(settings, Signals);
            _running = Source.RunAsync(Sink, _stop.Token);
        }

        public InMemorySignals Signals { get; } = new();
        public CollectingSink Sink { get; } = new();
        public IMachineSource Source { get; }

        public Sample? Last(string name)
        {
            var number = Signals.Find(new SignalId(new("M"), name));
            return Sink.Samples.Where(s => s.Signal == number).Cast<Sample?>().LastOrDefault();
        }

        public Task UntilAsync(string name, string value) => Sink.UntilAsync(_ => Last(name) is { } s && s.Value.ToString() == value, Limit);

        public async ValueTask DisposeAsync()
        {
            if (_running.IsCompleted) return;
            await _stop.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _running);
            await Source.DisposeAsync();
            await _services.DisposeAsync();
            Sink.Dispose();
            _stop.Dispose();
        }
    }
}
