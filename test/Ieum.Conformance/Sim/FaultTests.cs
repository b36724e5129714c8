using System.Globalization;
using System.Net.Sockets;
using System.Text.Json;
using System.Xml.Linq;
using Ieum.TestKit;

namespace Ieum.Conformance.Sim;

/// <summary>Counts and faults of the simulator, seen by clients of its own protocols.</summary>
public sealed class FaultTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private const string Machines = """
        {"id":"A","protocol":"mtconnect","waitForClient":true,"source":{"generated":"mill","seed":3}},
        {"id":"S","protocol":"shdr","waitForClient":true,"source":{"generated":"lathe","seed":4}}
        """;

    [Fact]
    public async Task A_client_that_reads_everything_has_everything_that_was_sent()
    {
        await using var sim = await SimProcess.RunAsync(Machines, speed: 600);
        var agent = sim.Endpoint("A");
        var (next, received) = await CurrentAsync(agent);
        using var tcp = await ConnectAsync(sim.Endpoint("S"));
        using var reader = new StreamReader(tcp.GetStream());
        var shdr = new HashSet<string>();
        while (shdr.Count < 2000) shdr.Add((await reader.ReadLineAsync(Cancel))!);
        while (received < 2000)
        {
            var document = XDocument.Parse(await SimProcess.TextAsync($"{agent}/sample?from={next}&count=100000"));
            received += Observations(document).Count;
            next = Header(document, "nextSequence");
        }
        // Both run on; what is sent can only be more than what was read a moment before.
        var a = await sim.StatusAsync("A");
        Assert.Equal(0, a.GetProperty("unseen").GetInt64());
        Assert.InRange(received, 2000, a.GetProperty("sent").GetInt64());
        Assert.True(next - 1 == received, "numbered without a hole");
        Assert.InRange(shdr.Count, 2000, (await sim.StatusAsync("S")).GetProperty("sent").GetInt64());
    }

    [Fact]
    public async Task A_restart_gives_a_new_instance_that_knows_the_state_again()
    {
        await using var sim = await SimProcess.RunAsync(Machines, speed: 60);
        var agent = sim.Endpoint("A");
        await CurrentAsync(agent);
        await AgentSchemaTests.Until(async () => (await sim.StatusAsync("A")).GetProperty("produced").GetInt64() > 200);
        var before = XDocument.Parse(await SimProcess.TextAsync(agent + "/current"));
        Assert.Equal(200, (await sim.PostAsync("/fault", new { machine = "A", kind = "restart", seconds = 0.5 })).Status);
        XDocument? after = null;
        await AgentSchemaTests.Until(async () =>
        {
            try { after = XDocument.Parse(await SimProcess.TextAsync(agent + "/current")); }
            catch (HttpRequestException) { return false; }
            return Values(after).Any(v => v is { Name.LocalName: "Execution", Value: not "UNAVAILABLE" });
        });
        Assert.NotEqual(Header(before, "instanceId"), Header(after!, "instanceId"));
        // An item that did not change meanwhile keeps the stamp of its value, so that a client can tell it is no news.
        Assert.Equal(Stamp(before, "A_estop"), Stamp(after!, "A_estop"));

        static string Stamp(XDocument d, string id) => Values(d).Single(e => e.Attribute("dataItemId")?.Value == id).Attribute("timestamp")!.Value;
    }

    [Fact]
    public async Task An_overrun_is_told_as_out_of_range_and_its_count_is_exact()
    {
        await using var sim = await SimProcess.RunAsync(Machines, speed: 300);
        var agent = sim.Endpoint("A");
        var (next, _) = await CurrentAsync(agent);
        await sim.PostAsync("/fault", new { machine = "A", kind = "overrun", seconds = 1.0 });
        JsonElement status = default;
        await AgentSchemaTests.Until(async () => (status = await sim.StatusAsync("A")).GetProperty("lost").GetInt64() > 0);
        using var answer = await SimProcess.AnswerAsync($"{agent}/sample?from={next}");
        var error = XDocument.Parse(await answer.Content.ReadAsStringAsync(Cancel)).Descendants().Single(e => e.Name.LocalName == "Error");
        Assert.Equal("OUT_OF_RANGE", error.Attribute("errorCode")!.Value);
        var first = Header(XDocument.Parse(await SimProcess.TextAsync(agent + "/current")), "firstSequence");
        // The client had everything below next; the buffer begins at first: what lies between is lost.
        Assert.Equal(first - next, status.GetProperty("lost").GetInt64());
    }

    [Fact]
    public async Task Silence_holds_the_socket_open_and_says_nothing()
    {
        await using var sim = await SimProcess.RunAsync(Machines, speed: 300);
        using var tcp = await ConnectAsync(sim.Endpoint("S"));
        using var reader = new StreamReader(tcp.GetStream());
        Assert.NotNull(await reader.ReadLineAsync(Cancel));
        await sim.PostAsync("/fault", new { machine = "S", kind = "silence", seconds = 3600 });
        await tcp.GetStream().WriteAsync("* PING\n"u8.ToArray(), Cancel);
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(2));
        // What was on its way still arrives; then the socket is open and dumb, even to a ping.
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            while (await reader.ReadLineAsync(patience.Token) is { } line) Assert.DoesNotContain("PONG", line, StringComparison.Ordinal);
        });
    }

    [Fact]
    public async Task Garbage_and_a_skewed_clock_arrive_as_asked()
    {
        await using var sim = await SimProcess.RunAsync(Machines, speed: 60);
        using var tcp = await ConnectAsync(sim.Endpoint("S"));
        using var reader = new StreamReader(tcp.GetStream());
        await reader.ReadLineAsync(Cancel);
        await sim.PostAsync("/fault", new { machine = "S", kind = "garbage", seconds = 1 });
        string? line;
        do line = await reader.ReadLineAsync(Cancel); while (line is not null && !line.Contains("no bars at all", StringComparison.Ordinal));
        Assert.NotNull(line);
        Assert.Equal(1, (await sim.StatusAsync("S")).GetProperty("garbage").GetInt64());
        await sim.PostAsync("/fault", new { machine = "S", kind = "skew", seconds = 600, skewSeconds = 86400 });
        do line = await reader.ReadLineAsync(Cancel); while (line is not null && !line.StartsWith("2026-11-02T23", StringComparison.Ordinal));
        Assert.NotNull(line);   // 08:00 in Korea is 23:00 UTC of 1 November; a day ahead it is the second
    }

    [Fact]
    public async Task Work_is_taken_by_generated_machines_and_refused_otherwise()
    {
        await using var sim = await SimProcess.RunAsync("""{"id":"L","protocol":"mtconnect","source":{"generated":"lathe","onlyWork":true}}""", speed: 600);
        Assert.Equal(200, (await sim.PostAsync("/work", new { machine = "L", program = "O77", pieces = 3, cycleSeconds = 60 })).Status);
        await AgentSchemaTests.Until(async () => (await sim.StatusAsync("L")).GetProperty("work").GetProperty("piecesMade").GetInt64() == 3);
        var current = XDocument.Parse(await SimProcess.TextAsync(sim.Endpoint("L") + "/current"));
        Assert.Equal("3", Values(current).Single(e => e.Name.LocalName == "PartCount").Value);
        Assert.Contains(Values(current), e => e is { Name.LocalName: "Program", Value: "O77" });

        Assert.Equal(404, (await sim.PostAsync("/work", new { machine = "X", program = "O1", pieces = 1, cycleSeconds = 60 })).Status);
        Assert.Equal(400, (await sim.PostAsync("/work", new { machine = "L", program = "a|b", pieces = 1, cycleSeconds = 60 })).Status);
        Assert.Equal(400, (await sim.PostAsync("/work", new { machine = "L", program = "O1", pieces = 0, cycleSeconds = 60 })).Status);
        Assert.Equal(400, (await sim.PostAsync("/work", new { machine = "L", program = "O1", pieces = 1, cycleSeconds = double.MaxValue })).Status);
        Assert.Equal(400, (await sim.PostAsync("/work", new { machine = "L", speling = 1 })).Status);
        Assert.Equal(400, (await sim.PostAsync("/fault", new { machine = "L", kind = "fire" })).Status);
    }

    [Fact]
    public async Task A_replay_delivers_every_line_and_ends_with_its_counts()
    {
        var file = Needs.Shared("data/machine-recordings/raw/Hurco01-20170227-20170228.txt.gz");
        var port = FreePort();
        using var process = SimProcess.Start("replay", file, "--protocol", "shdr", "--port", port.ToString(CultureInfo.InvariantCulture), "--speed", "max", "--json");
        TcpClient? tcp = null;
        await AgentSchemaTests.Until(async () =>
        {
            try { tcp = await ConnectAsync("127.0.0.1:" + port.ToString(CultureInfo.InvariantCulture)); }
            catch (SocketException) { return false; }
            return true;
        });
        using var reader = new StreamReader(tcp!.GetStream());
        var lines = 0;
        while (await reader.ReadLineAsync(Cancel) is not null) lines++;
        var report = JsonDocument.Parse(await process.StandardOutput.ReadToEndAsync(Cancel)).RootElement;
        await process.WaitForExitAsync(Cancel);
        tcp.Dispose();
        Assert.Equal(0, process.ExitCode);
        Assert.Equal(1683, lines);   // zcat | wc -l
        Assert.Equal(1683, report.GetProperty("lines").GetInt64());
        Assert.Equal(1683, report.GetProperty("sent").GetInt64());
        Assert.Equal(0, report.GetProperty("unseen").GetInt64() + report.GetProperty("unreadable").GetInt64());
    }

    [Fact]
    public async Task Wrong_use_ends_with_2_and_wrong_input_with_1()
    {
        Assert.Equal(2, await ExitAsync("replay", "x.txt", "--protocol", "telepathy"));
        Assert.Equal(2, await ExitAsync("dance"));
        Assert.Equal(1, await ExitAsync("replay", "/nowhere/at-all.txt"));
        var config = Path.Combine(Needs.Scratch, "sim-unknown-key.json");
        await File.WriteAllTextAsync(config, """{"machines":[{"id":"A","protocol":"shdr","sauce":{},"source":{"generated":"mill"}}]}""", Cancel);
        Assert.Equal(1, await ExitAsync("run", "--config", config));
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        return ((System.Net.IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static async Task<int> ExitAsync(params string[] arguments)
    {
        using var process = SimProcess.Start(arguments);
        await process.WaitForExitAsync(Cancel);
        return process.ExitCode;
    }

    private static async Task<TcpClient> ConnectAsync(string endpoint)
    {
        var tcp = new TcpClient();
        await tcp.ConnectAsync("127.0.0.1", int.Parse(endpoint[(endpoint.LastIndexOf(':') + 1)..], CultureInfo.InvariantCulture));
        return tcp;
    }

    private static async Task<(long Next, int Received)> CurrentAsync(string agent)
    {
        var document = XDocument.Parse(await SimProcess.TextAsync(agent + "/current"));
        return (Header(document, "nextSequence"), Observations(document).Count);
    }

    private static List<XElement> Observations(XDocument d) => [.. d.Descendants().Where(e => e.Attribute("sequence") is not null)];
    private static List<XElement> Values(XDocument d) => Observations(d);
    private static long Header(XDocument d, string name) =>
        long.Parse(d.Root!.Elements().First().Attribute(name)!.Value, CultureInfo.InvariantCulture);
}
