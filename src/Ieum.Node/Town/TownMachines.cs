using System.Globalization;
using System.Text.Json.Nodes;

namespace Ieum.Node.Town;

/// <summary>How a machine of the town is simulated: which protocol it speaks and where its data come from.</summary>
/// <param name="Protocol">Word of the simulator.</param>
/// <param name="NodeProtocol">Key of the node's protocol.</param>
/// <param name="Recording">First letters of recordings to play when a folder of recordings is given; null always generates.</param>
/// <param name="Model">Machine type of the generator.</param>
internal sealed record TownMachine(string Id, string Protocol, string NodeProtocol, string? Recording, string Model)
{
    /// <remarks>
    /// No recording of a lathe is public, so with recordings the lathe plays those of a five-axis machine. There is no
    /// model of a grinder either: the grinder runs the honing machine's, which is the nearest.
    /// </remarks>
    private static readonly IReadOnlyList<TownMachine> All =
    [
        new("B-MC1", "mtconnect", "mtconnect", "Mazak01", "mill"),
        new("B-MC2", "retrofit", "sparkplug", null, "mill"),
        new("B-L1", "mtconnect", "mtconnect", "GFAgie01-20161013", "lathe"),
        new("B-HON", "modbus", "modbus", null, "hone"),
        new("D-OD1", "slmp", "slmp", null, "hone"),
        new("D-GAUGE", "mqtt", "mqtt", null, "hone"),
        new("D-CL1", "opcua", "opcua", null, "hone") { IsBesideScenario = true },
        new("D-BENCH", "", "manual", null, "") { IsBesideScenario = true },
    ];

    /// <summary>The scenario names the machines its routings need; a shop has more. These stand there too, take no order of the network and run a day of their own.</summary>
    public bool IsBesideScenario { get; private init; }

    /// <summary>Nothing is simulated: a person enters on a tablet what was measured by hand.</summary>
    public bool IsTablet => NodeProtocol == "manual";

    /// <summary>The machines of a company that the scenario has and the town can play, and those beside it.</summary>
    public static IReadOnlyList<TownMachine> Of(TownScenario scenario, string company) =>
        [.. All.Where(m => m.Id.StartsWith(company + "-", StringComparison.Ordinal) && (scenario.Machines.ContainsKey(m.Id) || m.IsBesideScenario))];

    /// <summary>Ids of the machines of a company beside the scenario.</summary>
    public static IEnumerable<string> Beside(string company) => All.Where(m => m.IsBesideScenario && m.Id.StartsWith(company + "-", StringComparison.Ordinal)).Select(m => m.Id);

    /// <summary>Options of the node's connection. Registers are asked ten times a second, because the factory's clock runs fast; for the same reason the queues of an OPC UA server are asked to be long.</summary>
    public IReadOnlyDictionary<string, string> Options => NodeProtocol switch
    {
        "modbus" or "slmp" => new Dictionary<string, string> { ["period"] = "0.1" },
        "mqtt" => new Dictionary<string, string> { ["time"] = "ts" },
        "opcua" => new Dictionary<string, string> { ["security"] = "None", ["sampling"] = "0", ["publishing"] = "0.1", ["queue"] = "10000" },
        _ => new Dictionary<string, string>(),
    };

    /// <summary>The configuration of the simulated machines.</summary>
    /// <param name="recordings">Folder given by the user; null generates everything.</param>
    public static JsonObject SimConfig(IEnumerable<(TownMachine Machine, int BrokerPort)> machines, string? recordings, long seed)
    {
        var list = new JsonArray();
        foreach (var ((machine, broker), i) in machines.Where(m => !m.Machine.IsTablet).Select((m, i) => (m, i)))
        {
            var m = new JsonObject { ["id"] = machine.Id, ["protocol"] = machine.Protocol, ["broker"] = string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{broker}") };
            // Its server does not count what nobody heard before the first client came; it begins with the client.
            if (machine.NodeProtocol == "opcua") m["waitForClient"] = true;
            if (machine.NodeProtocol == "sparkplug")
            {
                m["group"] = Group;
                m["node"] = machine.Id;
                m["device"] = machine.Id;
                m["primaryHost"] = "ieum";
            }
            m["source"] = machine.Recording is { } prefix && FolderWith(recordings, prefix) is { } folder
                ? new JsonObject { ["recordings"] = folder, ["prefix"] = prefix, ["from"] = "first-run" }
                : new JsonObject { ["generated"] = machine.Model, ["seed"] = seed + i, ["onlyWork"] = !machine.IsBesideScenario };
            list.Add(m);
        }
        return new JsonObject { ["machines"] = list };
    }

    /// <summary>The endpoint as the node's connection names it.</summary>
    public string EndpointFor(string reported) => NodeProtocol switch { "sparkplug" => $"{Group}/{Id}/{Id}", "mqtt" => "node", _ => reported };

    private const string Group = "town";

    private static string? FolderWith(string? top, string prefix) =>
        top is null || !Directory.Exists(top) ? null
        : Directory.EnumerateFiles(top, prefix + "*.txt*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
            .Select(Path.GetDirectoryName).FirstOrDefault();
}
