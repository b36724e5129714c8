using Ieum.Connect.Fins;
using Ieum.Model;
using Ieum.Sim.Fins;
using Ieum.Sim.Tests.Stations;

namespace Ieum.Sim.Tests.Fins;

/// <summary>The FINS source against a controller of our own, over real sockets.</summary>
public sealed class FinsSourceTests : IAsyncLifetime
{
    private const int D = 0x82, Cio = 0xB0, W = 0xB1, T = 0x89, E0 = 0xA0;

    private readonly CellMemory _memory = CellMemory.OfOmron();
    private readonly FinsStation _station;
    private readonly StationServer _server;

    public FinsSourceTests()
    {
        // Over UDP the node is the last number of the address: 127.0.0.1.
        _station = new(_memory, "CJ2M-CPU33", node: 1);
        _server = new(_station.Open);
    }

    public ValueTask InitializeAsync()
    {
        _server.Start();
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private ConnectionSettings Settings(IEnumerable<(string, string, string)> points, params (string, string)[] options) =>
        ReadStation.SettingsOf("fins", _server.Endpoint.ToString(), points, [("period", "0.05"), .. options]);

    [Theory]
    [InlineData("tcp")]
    [InlineData("udp")]
    public async Task Words_bits_and_banks_are_read_and_written(string transport)
    {
        _memory[D, 100] = 0xFFFE;
        (_memory[D, 200], _memory[D, 201]) = (0x0000, 0x4148);
        (_memory[D, 300], _memory[D, 301]) = (0x4142, 0x4300);             // "ABC", high byte first
        (_memory[Cio, 10], _memory[E0, 5], _memory[T, 3], _memory[T, 0x8004]) = (1 << 5, 55, 33, 44);
        _memory[W, 3] = 0x0001;
        await using var read = ReadStation.Start(Settings(
            [("signed", "D100", "int16"), ("real", "D200", "float32"), ("text", "D300", "string(4)"), ("input", "CIO10.05", ""), ("bank", "E0_5", ""),
             ("timer", "T3", ""), ("counter", "C4", ""), ("lamp", "W3.15", ""), ("target", "D500", "int32")], ("transport", transport)));
        await read.UntilAsync(() => read.Sink.Count >= 9);
        Assert.Equal(("-2 Good", "12.5 Good", "ABC Good"), (read.Text("signed"), read.Text("real"), read.Text("text")));
        Assert.Equal(("55 Good", "33 Good", "44 Good"), (read.Text("bank"), read.Text("timer"), read.Text("counter")));
        Assert.True(read.Last("input")!.Value.Value.Boolean);
        var writer = read.Source.Writer!;
        Assert.True((await writer.WriteAsync(new(new("m"), "lamp"), SampleValue.Of(true), Cancel)).Done);
        Assert.True((await writer.WriteAsync(new(new("m"), "target"), SampleValue.Of(70_000L), Cancel)).Done);
        // Only the one bit was written; its neighbours are as they were.
        Assert.Equal(0x8001, _memory[W, 3]);
        Assert.Equal(70_000, _memory[D, 500] | _memory[D, 501] << 16);
        Assert.Empty(read.Source.Health.Problems);
    }

    [Fact]
    public async Task One_point_beyond_the_range_is_told_and_the_others_go_on()
    {
        await using var read = ReadStation.Start(Settings([("last", "W511", ""), ("beyond", "W512", ""), ("missing", "E5_0", ""), ("first", "D0", "")]));
        await read.UntilAsync(() => read.Text("last") == "0 Good" && read.Text("first") == "0 Good" && read.Last("beyond") is not null && read.Last("missing") is not null);
        Assert.Contains(read.Source.Health.Problems, p => p.Rule == FinsRules.OutsideRange && p.Message.Contains("W512", StringComparison.Ordinal) && p.Message.Contains("11 04", StringComparison.Ordinal));
        Assert.Contains(read.Source.Health.Problems, p => p.Rule == FinsRules.AreaMissing && p.Message.Contains("E5_0", StringComparison.Ordinal));
        _memory[D, 0] = 5;
        await read.UntilAsync(() => read.Text("first") == "5 Good");
    }

    [Fact]
    public async Task A_refused_exchange_of_nodes_says_why_and_is_tried_again()
    {
        _station.HandshakeError = 0x20;
        await using var read = ReadStation.Start(Settings([("count", "D0", "")]));
        await ReadStation.SeenAsync(() => read.Source.Health.Problems.Any(p => p.Rule == FinsRules.Handshake && p.Message.Contains("all connections are in use", StringComparison.Ordinal)));
        var test = await ReadStation.Room.TestAsync(Settings([]), TimeSpan.FromSeconds(60), Cancel);
        Assert.Equal((false, FinsRules.Handshake), (test.Ok, test.Rule));
        _station.HandshakeError = 0;
        await read.UntilAsync(() => read.Text("count") == "0 Good");
    }

    [Fact]
    public async Task After_a_cut_the_source_comes_back_and_a_lost_datagram_is_no_outage()
    {
        await using (var tcp = ReadStation.Start(Settings([("count", "D0", "")])))
        {
            await tcp.UntilAsync(() => tcp.Text("count") == "0 Good");
            _server.Cut();
            _memory[D, 0] = 1;
            await tcp.UntilAsync(() => tcp.Text("count") == "1 Good");
        }
        await using var udp = ReadStation.Start(Settings([("count", "D0", "")], ("transport", "udp"), ("timeout", "0.1")));
        await udp.UntilAsync(() => udp.Text("count") == "1 Good");
        _server.LoseAnswers(1);
        _memory[D, 0] = 2;
        await udp.UntilAsync(() => udp.Text("count") == "2 Good");
        // What stood in the lost answer may never be seen again.
        Assert.NotEmpty(udp.Sink.Gaps);
        Assert.All(udp.Sink.Gaps, g => Assert.Contains("the next one did", g.Detail, StringComparison.Ordinal));
        Assert.Equal(LinkState.Connected, udp.Source.Health.Link);
    }

    [Fact]
    public async Task A_test_and_a_knock_name_the_controller()
    {
        var test = await ReadStation.Room.TestAsync(Settings([("count", "D0", "")]), TimeSpan.FromSeconds(60), Cancel);
        Assert.True(test.Ok, test.Message);
        Assert.Contains("CJ2M-CPU33", test.Message, StringComparison.Ordinal);
        var hit = Assert.Single(await ReadStation.Factories[1].KnockAsync(_server.Endpoint, Cancel));
        Assert.Contains("CJ2M-CPU33", hit.Message, StringComparison.Ordinal);
        var page = await ReadStation.Factories[1].BrowseAsync(Settings([]), "W500", Cancel);
        Assert.True(page.Ok, page.Message);
        Assert.Equal(12, page.Items.Length);
    }
}
