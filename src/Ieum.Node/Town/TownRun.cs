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

/// <summary>A running town: the simulated machines, the node of the machine shop, and its operators.</summary>
internal sealed class TownRun : IAsyncDisposable
{
    private const string Shop = "B";
    private readonly TownAsk _ask;
    private readonly TimeProvider _wire;
    private readonly Stopwatch _since = Stopwatch.StartNew();
    private readonly List<ChildProcess> _children = [];
    private long _peakMemory;
    private IDisposable? _hold;

    private TownRun(TownAsk ask, TimeProvider wire)
    {
        (_ask, _wire) = (ask, wire);
        // The clocks begin a moment from now, so that all processes stand when the morning shift begins.
        Clock = new ScenarioClock(ask.Scenario.Start, ask.Speed, wire.GetUtcNow() + TimeSpan.FromSeconds(6), wire);
    }

    public ScenarioClock Clock { get; }
    public string Address { get; private set; } = "";
    public double StartedSeconds { get; private set; }
    public TownHttp Node { get; private set; } = null!;
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
        var home = Directory.CreateDirectory(Path.Combine(_ask.Folder, Shop)).FullName;
        var broker = FreePort();

        var simFile = Path.Combine(_ask.Folder, "machines.json");
        await File.WriteAllTextAsync(simFile, TownMachines().ToJsonString(), cancel);
        var sim = Child("simulated machines", Programs.Sim(), ["run", "--config", simFile, "--with-parent", .. Clocks("--")], "machines.log");
        var ready = JsonNode.Parse(await sim.LineAsync(l => l.StartsWith('{'), cancel))!;
        Machines = new TownHttp(ready["control"]!.GetValue<string>());

        var endpoints = ready["machines"]!.AsArray().ToDictionary(m => m!["machine"]!.GetValue<string>(), m => m!["endpoint"]!.GetValue<string>());
        var connections = TownMachine.Solbaram.Select(m => new TownConnection(m.Id, m.NodeProtocol, m.EndpointFor(endpoints[m.Id]))).ToList();
        var configFile = Path.Combine(home, "ieum.json");
        await File.WriteAllTextAsync(configFile, TownNodeConfig.Write(_ask.Scenario, Shop, connections, broker), cancel);
        var node = Child("node of Solbaram", Programs.Node(),
            ["up", "--config", configFile, "--data", Path.Combine(home, "data"), "--port", _ask.Port.ToString(CultureInfo.InvariantCulture), "--json", "--until-stdin-closes", .. Clocks("--clock-")], "node.log");
        Address = JsonNode.Parse(await node.LineAsync(l => l.StartsWith('{'), cancel))!["url"]!.GetValue<string>();
        Node = new TownHttp(Address);
        await Node.UntilReadyAsync("/health/ready", node, _wire, cancel);
        await UntilAliveAsync(cancel);
        StartedSeconds = _since.Elapsed.TotalSeconds;

        JsonObject TownMachines() => TownMachine.SimConfig(TownMachine.Solbaram, _ask.Recordings, broker, _ask.Seed);
    }

    /// <summary>Plays operators until the factory clock shows <paramref name="end"/>, or until cancelled.</summary>
    public async Task PlayAsync(DateTimeOffset? end, CancellationToken cancel)
    {
        var people = new TownOperator(Node, Machines, _ask.Scenario.CalendarOf(Shop), _ask.Seed);
        while (!cancel.IsCancellationRequested && (end is null || Clock.GetUtcNow() < end))
        {
            foreach (var child in _children.Where(c => c.HasExited))
                throw new InvalidOperationException($"{child.Name} ended with code {child.ExitCode}; its log: {child.LogFile}");
            _peakMemory = Math.Max(_peakMemory, _children.Sum(c => c.Memory) + Environment.WorkingSet);
            var status = await Machines.GetAsync("/status", cancel);
            foreach (var machine in TownMachine.Solbaram) await people.LookAsync(machine.Id, Clock.GetUtcNow().ToOffset(_ask.Scenario.Start.Offset), status, cancel);
            await Task.Delay(TimeSpan.FromMilliseconds(250), _wire, cancel);
        }
    }

    /// <summary>Stops the machines, waits until the node has drained what was sent, and reads every figure.</summary>
    public Task<TownReport> ReportAsync(CancellationToken cancel) =>
        new TownReader(_ask, Clock, Node, Machines, _wire).ReadAsync(StartedSeconds, PeakMemoryMb, cancel);

    public async ValueTask DisposeAsync()
    {
        Node?.Dispose();
        Machines?.Dispose();
        // The node first: a machine that vanishes would be told as a fault of the last second.
        foreach (var child in Enumerable.Reverse(_children)) await child.DisposeAsync();
        _hold?.Dispose();
    }

    /// <summary>Every machine is connected and has delivered a value.</summary>
    private async Task UntilAliveAsync(CancellationToken cancel)
    {
        while (true)
        {
            if (await Node.GetAsync("/api/v1/sources", cancel) is JsonArray sources && sources.Count == TownMachine.Solbaram.Count
                && sources.All(s => string.Equals(s!["link"]!.GetValue<string>(), "connected", StringComparison.OrdinalIgnoreCase) && s["received"]!.GetValue<long>() > 0)) return;
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
