using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Ieum.Bench.Harness;

/// <summary>What one benchmark measured, in the shape that others read: machine, commit, figures, peers.</summary>
internal sealed class FigureSheet
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };
    private readonly SortedDictionary<string, double> _figures = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, SortedDictionary<string, double>> _peers = new(StringComparer.Ordinal);

    public void Add(string name, double figure) => _figures[name] = Math.Round(figure, figure >= 100 ? 0 : 3);
    public void AddPeer(string peer, string name, double figure) =>
        (_peers.TryGetValue(peer, out var figures) ? figures : _peers[peer] = new(StringComparer.Ordinal))[name] = figure;

    public string ToJson() => JsonSerializer.Serialize(new
    {
        machine = Machine(),
        commit = Commit(),
        figures = _figures,
        peers = _peers,
    }, Indented);

    /// <summary>Takes in the figures and peers of another sheet.</summary>
    public void Take(FigureSheet other)
    {
        foreach (var (name, figure) in other._figures) _figures[name] = figure;
        foreach (var (peer, figures) in other._peers)
            foreach (var (name, figure) in figures) AddPeer(peer, name, figure);
    }

    /// <summary>Writes the figures of one part of a benchmark into a file of results and leaves those of other parts as they stand; which commit each part is of stands in <c>commits</c>.</summary>
    public void MergeInto(string file, string part)
    {
        var result = File.Exists(file) ? JsonNode.Parse(File.ReadAllText(file))!.AsObject() : new JsonObject { ["machine"] = "", ["figures"] = new JsonObject(), ["peers"] = new JsonObject(), ["commits"] = new JsonObject() };
        result["machine"] = Machine();
        result["figures"] = Sorted(result["figures"], _figures);
        var peers = result["peers"] as JsonObject ?? [];
        result["peers"] = peers;
        foreach (var (peer, figures) in _peers) peers[peer] = Sorted(peers[peer], figures);
        (result["commits"] ??= new JsonObject())[part] = Commit();
        File.WriteAllText(file, result.ToJsonString(Indented) + "\n");
    }

    private static JsonObject Sorted(JsonNode? known, SortedDictionary<string, double> added)
    {
        var all = new SortedDictionary<string, double>(StringComparer.Ordinal);
        foreach (var (name, value) in known as JsonObject ?? []) all[name] = value!.GetValue<double>();
        foreach (var (name, value) in added) all[name] = value;
        return JsonSerializer.SerializeToNode(all)!.AsObject();
    }

    public IEnumerable<string> Lines() => _figures.Select(f => string.Create(CultureInfo.InvariantCulture, $"{f.Key,-32} {f.Value,16:#,0.###}"));

    /// <summary>Enough to judge a figure by: cores, model, memory, system. No names of hosts or people.</summary>
    private static string Machine()
    {
        var model = File.Exists("/proc/cpuinfo")
            ? File.ReadLines("/proc/cpuinfo").FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal))?.Split(':')[1].Trim()
            : null;
        var memory = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / (1024 * 1024 * 1024);
        return $"{Environment.ProcessorCount} cores, {model ?? RuntimeInformation.ProcessArchitecture.ToString()}, {memory} GiB, {RuntimeInformation.OSDescription}, {RuntimeInformation.FrameworkDescription}";
    }

    private static string Commit()
    {
        try
        {
            using var git = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo("git", "rev-parse --short HEAD") { RedirectStandardOutput = true });
            return git?.StandardOutput.ReadToEnd().Trim() ?? "unknown";
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return "unknown";
        }
    }
}
