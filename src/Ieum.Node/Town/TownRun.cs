using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Ieum.Model;

namespace Ieum.Node.Town;

/// <summary>What a run of the town was asked to do.</summary>
/// <param name="Speed">Factory seconds per real second.</param>
/// <param name="Port">Port of the pages; 0 takes a free one.</param>
/// <param name="Folder">Where the town keeps its data; emptied at the start, so that every run begins at the scenario's first morning.</param>
internal sealed record TownAsk(TownScenario Scenario, string? Recordings, double Speed, int Port, string Folder, long Seed);

/// <summary>One company of a running town.</summary>
internal sealed record TownHouse(string Company, IReadOnlyList<TownMachine> Machines, string Address, TownHttp Node);

/// <summary>A running town: the simulated machines, a node for each company, and their operators.</summary>
internal sealed class TownRun : IAsyncDisposable
{
    /// <summary>The companies that run, the machine shop of the first page in front.</summary>
    private static readonly string[] Companies = ["B", "D"];

    private readonly TownAsk _ask;
    private readonly TimeProvider _wire;
    private readonly Stopwatch _since = Stopwatch.StartNew();
    private readonly List<ChildProcess> _children = [];
    private long _peakMemory;
    private IDisposable? _hold;
    private IReadOnlyList<TownTablet> _tablets = [];

    private TownRun(TownAsk ask, TimeProvider wire)
    {
        (_ask, _wire) = (ask, wire);
        // The clocks begin a moment from now, so that all processes stand when the morning shift begins.
        Clock = new ScenarioClock(ask.Scenario.Start, ask.Speed, wire.GetUtcNow() + TimeSpan.FromSeconds(6), wire);
    }

    public ScenarioClock Clock { get; }
    public IReadOnlyList<TownHouse> Houses { get; private set; } = [];
    public double StartedSeconds { get; private set; }
    public TownHttp Machines { get; private set; } = null!;
    public double PeakMemoryMb => _peakMemory / (1024.0 * 1024.0);

    /// <exception cref="InvalidOperationException">A child ended before it was ready.</exception>
    public static async Task<TownRun> StartAsync(TownAsk ask, TimeProvider wire, CancellationToken cancel)
    {
        var run = new TownRun(ask, wire);
        try
        {
            await run.StartAsync(cancel);
            return run;
        }
        catch
        {
            await run.DisposeAsync();
            throw;
        }
    }

    private async Task StartAsync(CancellationToken cancel)
    {
        _hold = TownFolder.Empty(_ask.Folder);
        var shops = Companies.Where(_ask.Scenario.Companies.ContainsKey).Select(c => (Company: c, Machines: TownMachine.Of(_ask.Scenario, c), Broker: FreePort()))
            .Where(s => s.Machines.Count > 0).ToList();
        var simFile = Path.Combine(_ask.Folder, "machines.json");
        await File.WriteAllTextAsync(simFile, TownMachine.SimConfig(shops.SelectMany(s => s.Machines.Select(m => (m, s.Broker))), _ask.Recordings, _ask.Seed).ToJsonString(), cancel);
        var sim = Child("simulated machines", Programs.Sim(), ["run", "--config", simFile, "--with-parent", .. Clocks("--")], "machines.log");
        var ready = JsonNode.Parse(await sim.LineAsync(l => l.StartsWith('{'), cancel))!;
        Machines = new TownHttp(ready["control"]!.GetValue<string>());
        var told = ready["machines"]!.AsArray().ToDictionary(m => m!["machine"]!.GetValue<string>(), m => m!);

        var port = _ask.Port;
        var houses = new List<(TownHouse House, ChildProcess Process)>();
        foreach (var shop in shops)
        {
            var home = Directory.CreateDirectory(Path.Combine(_ask.Folder, shop.Company)).FullName;
            var connections = shop.Machines.Select(m => new TownConnection(m.Id, m.NodeProtocol, m.IsTablet ? "tablet" : m.EndpointFor(told[m.Id]["endpoint"]!.GetValue<string>()), m.Options, m.IsTablet ? TownTablet.Points : told[m.Id]["points"] as JsonArray)).ToList();
            var configFile = Path.Combine(home, "ieum.json");
            await File.WriteAllTextAsync(configFile, TownNodeConfig.Write(_ask.Scenario, shop.Company, connections, shop.Broker), cancel);
            var node = Child($"node of {_ask.Scenario.Companies[shop.Company].Name.En}", Programs.Node(),
                ["up", "--config", configFile, "--data", Path.Combine(home, "data"), "--port", port.ToString(CultureInfo.InvariantCulture), "--json", "--until-stdin-closes", .. Clocks("--clock-")],
                $"node-{shop.Company}.log");
            var address = JsonNode.Parse(await node.LineAsync(l => l.StartsWith('{'), cancel))!["url"]!.GetValue<string>();
            houses.Add((new(shop.Company, shop.Machines, address, new TownHttp(address)), node));
            Houses = [.. houses.Select(h => h.House)];
            // The pages of the next company stand behind the next port; asked for a free one, each takes its own.
            if (port > 0) port++;
        }
        foreach (var (house, process) in houses) await house.Node.UntilReadyAsync("/health/ready", process, _wire, cancel);
        foreach (var house in Houses) await UntilAliveAsync(house, cancel);
        _tablets = [.. from h in Houses from m in h.Machines where m.IsTablet select new TownTablet(h.Node, m.Id, _ask.Scenario.CalendarOf(h.Company), _ask.Seed)];
        await TownBreakdown.OrderAsync(_ask.Scenario, Houses, Machines, cancel);
        StartedSeconds = _since.Elapsed.TotalSeconds;
    }

    /// <summary>Plays operators until the factory clock shows <paramref name="end"/>, or until cancelled.</summary>
    public async Task PlayAsync(DateTimeOffset? end, CancellationToken cancel)
    {
        var people = Houses.Select(h => (House: h, People: new TownOperator(h.Node, Machines, _ask.Scenario.CalendarOf(h.Company), _ask.Seed))).ToList();
        // Whoever watches the town decides there; a town that plays alone has a planner of its own.
        TownPlanner[] planners = end is null ? [] : [.. Houses.Select(h => new TownPlanner(h.Node))];
        while (!cancel.IsCancellationRequested && (end is null || Clock.GetUtcNow() < end))
        {
            foreach (var child in _children.Where(c => c.HasExited))
                throw new InvalidOperationException($"{child.Name} ended with code {child.ExitCode}; its log: {child.LogFile}");
            _peakMemory = Math.Max(_peakMemory, _children.Sum(c => c.Memory) + Environment.WorkingSet);
            var status = await Machines.GetAsync("/status", cancel);
            foreach (var (house, at) in people)
                foreach (var machine in house.Machines.Where(m => !m.IsTablet)) await at.LookAsync(machine.Id, Clock.GetUtcNow().ToOffset(_ask.Scenario.Start.Offset), status, cancel);
            foreach (var planner in planners) await planner.LookAsync(cancel);
            foreach (var tablet in _tablets) await tablet.LookAsync(Clock.GetUtcNow().ToOffset(_ask.Scenario.Start.Offset), cancel);
            await Task.Delay(TimeSpan.FromMilliseconds(250), _wire, cancel);
        }
    }

    /// <summary>Stops the machines, waits until the node has drained what was sent, and reads every figure.</summary>
    public Task<TownReport> ReportAsync(CancellationToken cancel) =>
        new TownReader(_ask, Clock, Houses, Machines, _tablets, _wire).ReadAsync(StartedSeconds, PeakMemoryMb, cancel);

    public async ValueTask DisposeAsync()
    {
        foreach (var house in Houses) house.Node.Dispose();
        Machines?.Dispose();
        // The node first: a machine that vanishes would be told as a fault of the last second.
        foreach (var child in Enumerable.Reverse(_children)) await child.DisposeAsync();
        _hold?.Dispose();
    }

    /// <summary>Every machine is connected and has delivered a value; a tablet waits for its person.</summary>
    private async Task UntilAliveAsync(TownHouse house, CancellationToken cancel)
    {
        while (true)
        {
            if (await house.Node.GetAsync("/api/v1/sources", cancel) is JsonArray sources && sources.Count == house.Machines.Count
                && sources.All(s => string.Equals(s!["link"]!.GetValue<string>(), "connected", StringComparison.OrdinalIgnoreCase)
                    && (s["received"]!.GetValue<long>() > 0 || house.Machines.Any(m => m.IsTablet && m.Id == s["machine"]!.GetValue<string>())))) return;
            foreach (var child in _children.Where(c => c.HasExited))
                throw new InvalidOperationException($"{child.Name} ended with code {child.ExitCode}; its log: {child.LogFile}");
            await Task.Delay(TimeSpan.FromMilliseconds(200), _wire, cancel);
        }
    }

    private ChildProcess Child(string name, string program, string[] arguments, string log)
    {
        var child = ChildProcess.Start(name, program, arguments, Path.Combine(_ask.Folder, log));
        _children.Add(child);
        return child;
    }

    private string[] Clocks(string prefix) =>
    [
        $"{prefix}start", Clock.Start.ToString("O", CultureInfo.InvariantCulture),
        $"{prefix}speed", Clock.Speed.ToString(CultureInfo.InvariantCulture),
        $"{prefix}origin", Clock.Origin.ToString("O", CultureInfo.InvariantCulture),
    ];

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
