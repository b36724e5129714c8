using System.Text.Json.Nodes;

namespace Ieum.Node.Town;

/// <summary>How each machine of the machine shop is simulated: which protocol it speaks and where its data come from.</summary>
/// <param name="Recording">First letters of recordings to play when a folder of recordings is given; null always generates.</param>
/// <param name="Model">Machine type of the generator.</param>
internal sealed record TownMachine(string Id, string Protocol, string NodeProtocol, string? Recording, string Model)
{
    /// <remarks>
    /// The honing machine speaks Sparkplug until the node reads Modbus. No recording of a lathe is public, so with
    /// recordings the lathe plays those of a five-axis machine.
    /// </remarks>
    public static IReadOnlyList<TownMachine> Solbaram { get; } =
    [
        new("B-MC1", "mtconnect", "mtconnect", "Mazak01", "mill"),
        new("B-MC2", "retrofit", "sparkplug", null, "mill"),
        new("B-L1", "mtconnect", "mtconnect", "GFAgie01-20161013", "lathe"),
        new("B-HON", "sparkplug", "sparkplug", null, "hone"),
    ];

    /// <summary>The configuration of the simulated machines.</summary>
    /// <param name="recordings">Folder given by the user; null generates everything.</param>
    public static JsonObject SimConfig(IEnumerable<TownMachine> machines, string? recordings, int brokerPort, long seed)
    {
        var list = new JsonArray();
        foreach (var (machine, i) in machines.Select((m, i) => (m, i)))
        {
            var m = new JsonObject { ["id"] = machine.Id, ["protocol"] = machine.Protocol };
            if (machine.NodeProtocol == "sparkplug")
            {
                m["group"] = "solbaram";
                m["node"] = machine.Id;
                m["device"] = machine.Id;
                m["primaryHost"] = "ieum";
            }
            m["source"] = machine.Recording is { } prefix && FolderWith(recordings, prefix) is { } folder
                ? new JsonObject { ["recordings"] = folder, ["prefix"] = prefix, ["from"] = "first-run" }
                : new JsonObject { ["generated"] = machine.Model, ["seed"] = seed + i, ["onlyWork"] = true };
            list.Add(m);
        }
        return new JsonObject { ["broker"] = $"127.0.0.1:{brokerPort}", ["machines"] = list };
    }

    /// <summary>The endpoint as the node's connection names it.</summary>
    public string EndpointFor(string reported) => NodeProtocol == "sparkplug" ? $"solbaram/{Id}/{Id}" : reported;

    private static string? FolderWith(string? top, string prefix) =>
        top is null || !Directory.Exists(top) ? null
        : Directory.EnumerateFiles(top, prefix + "*.txt*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
            .Select(Path.GetDirectoryName).FirstOrDefault();
}
