using System.Text.Json;
using System.Text.Json.Serialization;
using Ieum.Sim.Feeds;
using Ieum.Sim.Recordings;

namespace Ieum.Sim.Machines;

/// <summary>One data item of a machine, as its probe tells it.</summary>
/// <param name="Name">Name in recordings and on SHDR; unique in the machine.</param>
/// <param name="Category"><c>SAMPLE</c>, <c>EVENT</c> or <c>CONDITION</c>.</param>
/// <param name="At">Path of components, each <c>Element:name</c>; empty for the device itself.</param>
/// <param name="Since">First schema version that knows <paramref name="Type"/>; before it the item is a <c>MESSAGE</c>.</param>
internal sealed record DataItem(
    string Name, string Category, string Type, string At = "", string? SubType = null, string? Units = null, string? Since = null)
{
    public bool IsCondition => Category == "CONDITION";
    public bool IsSample => Category == "SAMPLE";
}

/// <summary>What kind of machine it is and which items it has.</summary>
internal sealed record DeviceDescription(string Type, string Title, IReadOnlyList<DataItem> Items)
{
    private static readonly string[] Known = ["mill", "fiveaxis", "vmc", "lathe", "hone", "retrofit"];

    /// <summary>The item that says whether the machine is there at all; null when it has none.</summary>
    [JsonIgnore]
    public string? Availability => Items.FirstOrDefault(i => i.Type == "AVAILABILITY")?.Name;

    /// <summary>The machine types that come with the simulator.</summary>
    public static IReadOnlyList<string> Types => Known;

    /// <exception cref="InvalidDataException">No such machine type.</exception>
    public static DeviceDescription Of(string type)
    {
        if (!Known.Contains(type)) throw new InvalidDataException($"Machine type '{type}' is not known. Known: {string.Join(", ", Known)}.");
        using var stream = typeof(DeviceDescription).Assembly.GetManifestResourceStream($"Ieum.Sim.Machines.{type}.json")
            ?? throw new InvalidDataException($"Machine type '{type}' has no description in this build.");
        return JsonSerializer.Deserialize(stream, DescriptionJson.Default.DeviceDescription)!;
    }

    /// <summary>The description that fits a recording: the known type sharing most items, else one made from the recording itself.</summary>
    public static DeviceDescription For(string recording)
    {
        var conditions = new Dictionary<string, bool>(StringComparer.Ordinal);
        foreach (var line in new RecordingReader(recording).Lines().Take(2000))
            conditions[line.Item] = line.Value.Contains('|', StringComparison.Ordinal) || conditions.GetValueOrDefault(line.Item);
        var best = Known.Where(k => k != "retrofit").Select(Of).MaxBy(d => d.Items.Count(i => conditions.ContainsKey(i.Name)))!;
        if (best.Items.Count(i => conditions.ContainsKey(i.Name)) * 2 >= best.Items.Count) return best;
        // What the values mean is not known, so every item is told as the plainest thing MTConnect has.
        return new("unknown", "Machine of a recording", [.. conditions.Select(c => c.Value
            ? new DataItem(c.Key, "CONDITION", "SYSTEM")
            : ItemRoles.IsExecution(c.Key) ? new DataItem(c.Key, "EVENT", "EXECUTION")
            : ItemRoles.IsPartCount(c.Key) ? new DataItem(c.Key, "EVENT", "PART_COUNT", SubType: "ALL")
            : c.Key == "avail" ? new DataItem(c.Key, "EVENT", "AVAILABILITY")
            : new DataItem(c.Key, "EVENT", "MESSAGE"))]);
    }
}

[JsonSerializable(typeof(DeviceDescription))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
internal sealed partial class DescriptionJson : JsonSerializerContext;
