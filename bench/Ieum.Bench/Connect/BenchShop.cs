using System.Globalization;
using System.Text.Json.Nodes;
using Ieum.Bench.Harness;
using Ieum.Model;
using Ieum.Node.Town;

namespace Ieum.Bench.Connect;

/// <param name="Protocol">Word of the simulator and of the node; also the machine's id.</param>
/// <param name="Story">What it plays: <c>source</c> of docs/simulated-machines.md.</param>
internal sealed record BenchMachine(string Protocol, JsonObject Story);

/// <summary>A real node and simulated machines, each a process of its own, on one factory clock.</summary>
internal sealed class BenchShop : IAsyncDisposable
{
    private readonly ChildProcess _sim;
    private readonly string _folder;
    private JsonArray _sources = [];
    private long _askedAt;
    private Task? _asking;

    private BenchShop(ChildProcess sim, TownHttp machines, NodeUnderTest node, ScenarioClock clock, string folder) => (_sim, Machines, Node, Clock, _folder) = (sim, machines, node, clock, folder);

    public TownHttp Machines { get; }
    public NodeUnderTest Node { get; }
    public ScenarioClock Clock { get; }

    /// <summary>Begins on a Wednesday at eight; a generated machine works then.</summary>
    public static async Task<BenchShop> StartAsync(IReadOnlyList<BenchMachine> machines, double speed, CancellationToken cancel)
    {
        var folder = Directory.CreateTempSubdirectory("ieum-bench-").FullName;
        var clock = new ScenarioClock(new(2026, 11, 4, 8, 0, 0, TimeSpan.FromHours(9)), speed, TimeProvider.System.GetUtcNow().AddSeconds(10), TimeProvider.System);
        string[] Clocks(string prefix) =>
        [
            $"{prefix}start", clock.Start.ToString("O", CultureInfo.InvariantCulture), $"{prefix}speed", speed.ToString(CultureInfo.InvariantCulture),
            $"{prefix}origin", clock.Origin.ToString("O", CultureInfo.InvariantCulture),
        ];
        var broker = ConnectBench.FreePort();
        var simFile = Path.Combine(folder, "sim.json");
        await File.WriteAllTextAsync(simFile, new JsonObject
        {
            ["machines"] = new JsonArray([.. machines.Select(m => (JsonNode)new JsonObject
            {
                ["id"] = m.Protocol, ["protocol"] = m.Protocol, ["port"] = m.Protocol is "sparkplug" or "mqtt" ? 0 : ConnectBench.FreePort(), ["broker"] = $"127.0.0.1:{broker}",
                ["group"] = "bench", ["node"] = m.Protocol, ["device"] = m.Protocol, ["waitForClient"] = true, ["source"] = m.Story.DeepClone(),
            })]),
        }.ToJsonString(), cancel);
        var program = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", "..", "Ieum.Sim", "release", "ieum-sim.dll"));
        var sim = ChildProcess.Start("simulated machines", program, ["run", "--config", simFile, "--with-parent", .. Clocks("--")], Path.Combine(folder, "sim.log"));
        var ready = JsonNode.Parse(await sim.LineAsync(l => l.StartsWith('{'), cancel))!;
        var told = ready["machines"]!.AsArray().ToDictionary(m => m!["machine"]!.GetValue<string>(), m => m!);
        var connections = machines.Select(m =>
        {
            var c = new JsonObject
            {
                ["machine"] = m.Protocol, ["protocol"] = m.Protocol,
                ["endpoint"] = m.Protocol switch { "sparkplug" => "bench/sparkplug/sparkplug", "mqtt" => "node", _ => told[m.Protocol]["endpoint"]!.GetValue<string>() },
                ["options"] = m.Protocol switch
                {
                    "opcua" => new JsonObject { ["security"] = "None", ["sampling"] = "0", ["publishing"] = "0.1", ["queue"] = "10000" },
                    "mqtt" => new JsonObject { ["time"] = "ts" },
                    "modbus" or "slmp" or "xgt" or "s7" or "fins" => new JsonObject { ["period"] = "0.1" },
                    _ => [],
                },
            };
            if (told[m.Protocol]["points"] is { } points) c["points"] = points.DeepClone();
            return (JsonNode)c;
        });
        var node = await NodeUnderTest.StartAsync(new JsonObject
        {
            ["company"] = JsonNode.Parse($$"""{"id":"bench","sites":[{"id":"s","areas":[{"id":"a","lines":[{"id":"l","machines":[{{string.Join(",", machines.Select(m => $$"""{"id":"{{m.Protocol}}","kind":"milling"}"""))}}]}]}]}]}"""),
            ["connections"] = new JsonArray([.. connections]),
            ["Security"] = new JsonObject { ["DemoOwner"] = true },
            ["Broker"] = new JsonObject { ["Port"] = broker },
        }.ToJsonString(), oneCore: false, cancel, fill: null, Clocks("--clock-"));
        return new(sim, new(ready["control"]!.GetValue<string>()), node, clock, folder);
    }

    /// <summary>The account of all sources; questions of several callers within 20 ms get one answer, so that the asking does not load the node.</summary>
    public async Task<JsonArray> SourcesAsync(CancellationToken cancel)
    {
        if (TimeProvider.System.GetElapsedTime(_askedAt) > TimeSpan.FromMilliseconds(20) && _asking is null or { IsCompleted: true })
        {
            _askedAt = TimeProvider.System.GetTimestamp();
            _asking = AskAsync();
        }
        if (_asking is { } asking) await asking;
        return _sources;

        async Task AskAsync() => _sources = await Node.Api.GetAsync("/api/v1/sources", cancel) as JsonArray ?? [];
    }

    public async ValueTask DisposeAsync()
    {
        await Node.DisposeAsync();
        Machines.Dispose();
        await _sim.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
