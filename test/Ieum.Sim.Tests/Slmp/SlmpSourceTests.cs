using System.Net;
using Ieum.Connect;
using Ieum.Connect.Polling;
using Ieum.Connect.Slmp;
using Ieum.Model;
using Ieum.Sim.Slmp;
using Ieum.Sim.Tests.Stations;

namespace Ieum.Sim.Tests.Slmp;

/// <summary>The SLMP source against a controller of our own, over real sockets.</summary>
public sealed class SlmpSourceTests : IAsyncLifetime
{
    private const int D = 0xA8, M = 0x90, Y = 0x9D, Zr = 0xB0;

    private readonly CellMemory _memory = CellMemory.OfMelsec();
    private readonly SlmpStation _station;
    private StationServer _server;

    public SlmpSourceTests()
    {
        _station = new(_memory, "R04CPU", SlmpCpu.Q);
        _server = new(_station.Open);
    }

    public ValueTask InitializeAsync()
    {
        _server.Start();
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private string Endpoint => _server.Endpoint.ToString();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private ConnectionSettings Settings(IEnumerable<(string, string, string)> points, params (string, string)[] options) =>
        ReadStation.SettingsOf("slmp", Endpoint, points, [("period", "0.05"), .. options]);

    public static TheoryData<string, string, string, string> Forms { get; } = new(
        from transport in new[] { "tcp", "udp" } from frame in new[] { "3e", "4e" } from code in new[] { "binary", "ascii" } from cpu in new[] { "q", "iqr" }
        select (transport, frame, code, cpu));

    [Theory]
    [MemberData(nameof(Forms))]
    public async Task Every_form_of_frame_reads_and_writes_the_same_values(string transport, string frame, string code, string cpu)
    {
        _memory[D, 100] = 0xFFFE;
        (_memory[D, 200], _memory[D, 201]) = (0x0000, 0x4148);             // 12.5, low word first
        (_memory[D, 300], _memory[D, 301]) = (0x4241, 0x0043);             // "ABC", low byte first
        (_memory[M, 5], _memory[Y, 0x1F], _memory[Zr, 40000]) = (1, 1, 77);
        await using var read = ReadStation.Start(Settings(
            [("signed", "D100", "int16"), ("real", "D200", "float32"), ("text", "D300", "string(4)"), ("relay", "M5", ""), ("output", "Y1F", ""),
             ("file", "ZR40000", ""), ("bit", "D100.0", ""), ("target", "D500", "int32"), ("lamp", "M100", ""), ("flag", "D600.F", "")],
            ("transport", transport), ("frame", frame), ("code", code), ("cpu", cpu)));
        await read.UntilAsync(() => read.Source.Health.Counters.Received >= 10 && read.Last("flag") is not null);
        Assert.Equal(("-2 Good", "12.5 Good", "ABC Good"), (read.Text("signed"), read.Text("real"), read.Text("text")));
        Assert.Equal((true, true, false), (read.Last("relay")!.Value.Value.Boolean, read.Last("output")!.Value.Value.Boolean, read.Last("bit")!.Value.Value.Boolean));
        Assert.Equal("77 Good", read.Text("file"));

        var writer = read.Source.Writer!;
        _memory[D, 600] = 0x0001;
        Assert.True((await writer.WriteAsync(new(new("m"), "target"), SampleValue.Of(-70_000L), Cancel)).Done);
        Assert.True((await writer.WriteAsync(new(new("m"), "lamp"), SampleValue.Of(true), Cancel)).Done);
        Assert.True((await writer.WriteAsync(new(new("m"), "flag"), SampleValue.Of(true), Cancel)).Done);
        Assert.True((await writer.WriteAsync(new(new("m"), "text"), SampleValue.Of("xyz"), Cancel)).Done);
        Assert.Equal(-70_000, _memory[D, 500] | _memory[D, 501] << 16);
        Assert.Equal((1, 0x8001), (_memory[M, 100], _memory[D, 600]));
        Assert.Equal((0x7978, 0x007A), (_memory[D, 300], _memory[D, 301]));
        Assert.Equal(SampleValue.Of(-70_000L), (await writer.ReadBackAsync(new(new("m"), "target"), Cancel))!.Value.Value);
        Assert.Empty(read.Source.Health.Problems);
    }

    [Fact]
    public async Task One_point_beyond_the_range_is_told_and_the_others_go_on()
    {
        _memory[D, 12_287] = 9;
        await using var read = ReadStation.Start(Settings([("last", "D12287", ""), ("beyond", "D12288", ""), ("first", "D0", ""), ("missing", "RD0", "")], ("cpu", "iqr")));
        await read.UntilAsync(() => read.Text("last") == "9 Good" && read.Text("first") == "0 Good" && read.Last("beyond") is not null && read.Last("missing") is not null);
        Assert.Equal((Quality.Unavailable, Quality.Unavailable), (read.Last("beyond")!.Value.Quality, read.Last("missing")!.Value.Quality));
        var problems = read.Source.Health.Problems;
        Assert.Contains(problems, p => p.Rule == SlmpRules.OutsideRange && p.Message.Contains("D12288", StringComparison.Ordinal) && p.Message.Contains("4031h", StringComparison.Ordinal));
        Assert.Contains(problems, p => p.Rule == SlmpRules.DeviceUnknown && p.Message.Contains("C05Bh", StringComparison.Ordinal));
        _memory[D, 0] = 5;
        await read.UntilAsync(() => read.Text("first") == "5 Good");
        Assert.Equal(LinkState.Connected, read.Source.Health.Link);
    }

    [Fact]
    public async Task A_write_that_the_controller_refuses_says_why()
    {
        await using var read = ReadStation.Start(Settings([("target", "D10", "")]));
        await read.UntilAsync(() => read.Last("target") is not null);
        _station.Refusing = r => r is SlmpRequest.WriteWords ? (ushort)0x0055 : (ushort)0;
        var answer = await read.Source.Writer!.WriteAsync(new(new("m"), "target"), SampleValue.Of(7L), Cancel);
        Assert.Equal((false, SlmpRules.WriteLocked), (answer.Done, answer.Rule));
        Assert.Contains("0055h", answer.Message, StringComparison.Ordinal);
        Assert.Equal(0, _memory[D, 10]);
    }

    [Fact]
    public async Task After_a_cut_and_a_restart_the_source_comes_back_and_the_gap_is_told()
    {
        await using var read = ReadStation.Start(Settings([("count", "D0", "")]));
        await read.UntilAsync(() => read.Text("count") == "0 Good");
        _server.IsDown = true;
        _server.Cut();
        await ReadStation.SeenAsync(() => read.Source.Health.Link == LinkState.Disconnected);
        _memory[D, 0] = 1;
        _server.IsDown = false;
        await read.UntilAsync(() => read.Text("count") == "1 Good");
        var gap = Assert.Single(read.Sink.Gaps);
        Assert.Equal(GapCause.Disconnected, gap.Cause);

        // The controller itself goes and comes back at the same address.
        var port = _server.Endpoint.Port;
        await _server.DisposeAsync();
        await ReadStation.SeenAsync(() => read.Source.Health.Link == LinkState.Disconnected);
        _memory[D, 0] = 2;
        _server = new(_station.Open, port);
        _server.Start();
        await read.UntilAsync(() => read.Text("count") == "2 Good");
        Assert.Equal(2, read.Sink.Gaps.Count);
        Assert.Equal(new SourceCounters(3, 0, 0, 2), read.Source.Health.Counters with { Marks = 0 });
    }

    [Fact]
    public async Task Bytes_that_are_no_SLMP_end_the_connection_and_nothing_else()
    {
        await using var read = ReadStation.Start(Settings([("count", "D0", "")]));
        await read.UntilAsync(() => read.Text("count") == "0 Good");
        _server.SpeakGarbageOnce = true;
        await ReadStation.SeenAsync(() => read.Source.Health.Problems.Any(p => p.Rule == PollRules.NotTheProtocol));
        _memory[D, 0] = 8;
        await read.UntilAsync(() => read.Text("count") == "8 Good");
    }

    [Theory]
    [InlineData("4e")]
    [InlineData("3e")]
    public async Task A_lost_datagram_is_told_as_a_gap_and_is_no_outage(string frame)
    {
        await using var read = ReadStation.Start(Settings([("count", "D0", "")], ("transport", "udp"), ("frame", frame), ("timeout", "0.1")));
        await read.UntilAsync(() => read.Text("count") == "0 Good");
        for (ushort i = 1; i <= 5; i++)
        {
            _server.LoseAnswers(1);
            _memory[D, 0] = i;
            await read.UntilAsync(() => read.Text("count") == $"{i} Good");
        }
        // What stood in an answer that was lost may never be seen again: one gap each, more only where this computer was too busy to listen.
        Assert.True(read.Sink.Gaps.Count >= 5, $"{read.Sink.Gaps.Count} gaps for five lost answers");
        Assert.All(read.Sink.Gaps, g => Assert.Contains("the next one did", g.Detail, StringComparison.Ordinal));
        Assert.Equal(LinkState.Connected, read.Source.Health.Link);
    }

    [Fact]
    public async Task A_port_that_takes_a_second_client_and_never_answers_it_is_told_plainly()
    {
        await using var only = new StationServer(_station.Open) { OneClient = true };
        only.Start();
        var settings = ReadStation.SettingsOf("slmp", only.Endpoint.ToString(), [("count", "D0", "")], ("period", "0.05"), ("timeout", "0.2"));
        await using var first = ReadStation.Start(settings);
        await first.UntilAsync(() => first.Text("count") == "0 Good");
        var test = await ReadStation.Room.TestAsync(settings, TimeSpan.FromSeconds(60), Cancel);
        Assert.Equal((false, SlmpRules.NoAnswer), (test.Ok, test.Rule));
        Assert.Contains("one client", test.Message, StringComparison.Ordinal);
        await using var second = ReadStation.Start(settings);
        await ReadStation.SeenAsync(() => second.Source.Health.Problems.Any(p => p.Rule == SlmpRules.NoAnswer));
        Assert.Equal(LinkState.Connected, first.Source.Health.Link);
    }

    [Fact]
    public async Task A_test_names_the_controller_and_shows_the_values()
    {
        _memory[D, 0] = 42;
        var test = await ReadStation.Room.TestAsync(Settings([("count", "D0", "")]), TimeSpan.FromSeconds(60), Cancel);
        Assert.True(test.Ok, test.Message);
        Assert.Contains("R04CPU", test.Message, StringComparison.Ordinal);
        Assert.Contains("count = 42", test.Message, StringComparison.Ordinal);
        var bare = await ReadStation.Room.TestAsync(Settings([]), TimeSpan.FromSeconds(60), Cancel);
        Assert.True(bare.Ok, bare.Message);
    }

    [Fact]
    public async Task A_knock_finds_the_controller_and_with_which_options_it_can_be_read()
    {
        var factory = ReadStation.Factories[0];
        var hit = Assert.Single(await factory.KnockAsync(_server.Endpoint, Cancel));
        Assert.Equal(("slmp", Endpoint), (hit.Protocol, hit.Endpoint));
        Assert.Equal(("3e", "binary", "iqr"), (hit.Options["frame"], hit.Options["code"], hit.Options["cpu"]));
        Assert.Contains("R04CPU", hit.Message, StringComparison.Ordinal);
        Assert.Empty(await factory.KnockAsync(new IPEndPoint(IPAddress.Loopback, 9), Cancel));
        Assert.Contains(5007, factory.UsualPorts);
    }

    [Fact]
    public async Task Browsing_shows_areas_then_pages_with_what_they_hold()
    {
        _memory[D, 101] = 7;
        var factory = ReadStation.Factories[0];
        var top = await factory.BrowseAsync(Settings([]), null, Cancel);
        Assert.Contains(top.Items, i => i.Address == "D0" && i.HasChildren);
        var page = await factory.BrowseAsync(Settings([]), "D100", Cancel);
        Assert.True(page.Ok, page.Message);
        Assert.Equal("7", page.Items.Single(i => i.Address == "D101").Value);
        Assert.Equal("D200", page.Items[^1].Address);
    }

    [Theory]
    [InlineData("frame", "2e")]
    [InlineData("code", "utf")]
    [InlineData("cpu", "s7")]
    [InlineData("transport", "serial")]
    [InlineData("module-io", "XYZ")]
    [InlineData("station", "256")]
    public void A_wrong_option_is_refused_with_what_is_allowed(string key, string value)
    {
        var refused = Assert.Throws<ConnectionSettingsException>(() => SlmpOptions.Read(Settings([], (key, value))));
        Assert.Equal(ConnectRules.OptionWrong, refused.Rule);
        Assert.Contains(key, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_route_of_the_options_stands_in_every_frame()
    {
        await using var read = ReadStation.Start(Settings([("count", "D0", "")], ("network", "2"), ("station", "3")));
        // Our controller is not station 3 of network 2 and says so.
        await ReadStation.SeenAsync(() => read.Source.Health.Problems.Any(p => p.Rule == SlmpRules.NotForThisStation));
    }

    [Fact]
    public async Task Scattered_points_come_in_one_request_and_a_refused_one_leaves_the_others()
    {
        var asked = new List<SlmpRequest>();
        _station.Refusing = r => { lock (asked) asked.Add(r); return 0; };
        (_memory[D, 0], _memory[D, 1000], _memory[D, 1001], _memory[Zr, 9], _memory[0xC2, 3]) = (1, 2, 3, 4, 5);
        (string, string, string)[] points = [("a", "D0", ""), ("b", "D1000", "uint32"), ("c", "ZR9", ""), ("d", "TN3", ""), ("e", "D5000", "")];
        await using (var read = ReadStation.Start(Settings(points)))
        {
            await read.UntilAsync(() => read.Text("a") == "1 Good" && read.Text("b") == "196610 Good" && read.Text("c") == "4 Good" && read.Text("d") == "5 Good" && read.Text("e") == "0 Good");
            _memory[D, 5000] = 6;
            await read.UntilAsync(() => read.Text("e") == "6 Good");
        }
        lock (asked) Assert.All(asked, r => Assert.Equal(6, Assert.IsType<SlmpRequest.ReadRandom>(r).Words.Length));

        // A point that the controller does not have: the request as a whole is refused, each is asked alone, then the good ones together again.
        asked.Clear();
        await using var some = ReadStation.Start(Settings([.. points, ("beyond", "D12288", "")]));
        await some.UntilAsync(() => some.Last("beyond")?.Quality == Quality.Unavailable && some.Text("a") == "1 Good" && some.Text("d") == "5 Good");
        await ReadStation.SeenAsync(() => { lock (asked) return asked.Count > 12 && asked[^1] is SlmpRequest.ReadRandom { Words.Length: 6 }; });
    }

    [Fact]
    public async Task A_controller_without_scattered_reads_is_read_block_by_block()
    {
        var refused = 0;
        _station.Refusing = r => r is SlmpRequest.ReadRandom && Interlocked.Increment(ref refused) > 0 ? SlmpEndCodes.CommandWrong : (ushort)0;
        _memory[D, 0] = 1;
        await using var read = ReadStation.Start(Settings([("a", "D0", ""), ("b", "D1000", ""), ("c", "ZR9", "")]));
        for (ushort i = 1; i < 10; i++)
        {
            _memory[D, 0] = _memory[D, 1000] = i;
            await read.UntilAsync(() => read.Text("a") == $"{i} Good" && read.Text("b") == $"{i} Good");
        }
        Assert.InRange(refused, 1, 3);
        Assert.Empty(read.Source.Health.Problems);
    }

    [Fact]
    public void Scattered_reads_and_writes_answer_in_the_order_asked()
    {
        var framing = new SlmpFraming(SlmpFrame.Frame4E, false, SlmpCpu.Q);
        SlmpAddress At(string text) => SlmpAddress.TryRead(text, SlmpCpu.Q, out var at, out var why) ? at : throw new ArgumentException(why);
        SlmpAnswer Ask(SlmpRequest request)
        {
            var session = _station.Open(false);
            var frame = SlmpCodec.Encode(request, framing, SlmpRoute.Own, 9, 4);
            Assert.Equal(frame.Length, session.Cut(frame));
            Assert.True(SlmpCodec.TryDecode(session.Answer(frame), framing, out var answer, out var why), why);
            Assert.Equal((9, 0), (answer.Serial, answer.EndCode));
            return answer;
        }
        Ask(new SlmpRequest.WriteRandomWords([(At("D7"), 70), (At("M16"), 0x0005)], [(At("D1500"), 0x0001_0002)]));
        Ask(new SlmpRequest.WriteRandomBits([(At("M40"), true), (At("Y2"), true)]));
        var (words, doubles) = (new ushort[3], new uint[1]);
        Assert.True(SlmpCodec.TryRandom(Ask(new SlmpRequest.ReadRandom([At("D7"), At("M16"), At("M32")], [At("D1500")])).Data, false, words, doubles));
        Assert.Equal([70, 5, 0x0100], words);
        Assert.Equal(0x0001_0002u, doubles[0]);
        Assert.Equal(1, _memory[Y, 2]);
        Assert.True(SlmpCodec.TryLoopback(Ask(new SlmpRequest.Loopback("ABC123")).Data, false, out var back));
        Assert.Equal("ABC123", back);
    }
}
