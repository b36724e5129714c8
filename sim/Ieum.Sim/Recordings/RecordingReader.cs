using System.IO.Compression;
using System.Text;
using Ieum.Sim.Feeds;

namespace Ieum.Sim.Recordings;

/// <summary>One line of a recording with its own (not shifted) time.</summary>
/// <param name="Head">It belongs to the snapshot at the head of the file: a state from before, not an event.</param>
internal readonly record struct RecordedLine(long Ticks, string Item, string Value, bool Head);

/// <summary>Reads recordings: text or gzip, one SHDR line each (<c>time|item|value</c> or a five-part condition).</summary>
/// <remarks>Streaming; a day of 100,000 lines never stands in memory as a whole. Lines that cannot be read are counted.</remarks>
internal sealed class RecordingReader(string path)
{
    private readonly Dictionary<string, string> _names = new(StringComparer.Ordinal);

    public string Path { get; } = path;

    /// <summary>Lines without a readable time or without an item, since this reader was made.</summary>
    public int Unreadable { get; private set; }

    /// <exception cref="IOException">The file cannot be opened or its gzip stream is damaged.</exception>
    public IEnumerable<RecordedLine> Lines()
    {
        using var file = File.OpenRead(Path);
        using Stream plain = Path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase)
            ? new GZipStream(file, CompressionMode.Decompress) : file;
        using var reader = new StreamReader(plain, new UTF8Encoding(false, false), false, 1 << 16);
        var head = true;
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var previous = long.MinValue;
        while (reader.ReadLine() is { } line)
        {
            if (line.Length == 0 || line[0] == '*') continue;
            var bar = line.IndexOf('|', StringComparison.Ordinal);
            if (bar < 0 || !WireTime.TryParse(line.AsSpan(0, bar), out var ticks)) { Unreadable++; continue; }
            foreach (var (item, value) in Pairs(line, bar + 1))
            {
                // The head tells each item once, oldest first. The first item told again at a later time is the first event.
                if (head && !seen.Add(item) && ticks > previous) head = false;
                yield return new(ticks, item, value, head);
            }
            previous = ticks;
        }
    }

    private IEnumerable<(string Item, string Value)> Pairs(string line, int from)
    {
        if (from >= line.Length) { Unreadable++; yield break; }
        var parts = line[from..].Split('|');
        if (parts.Length == 6 && IsLevel(parts[1]))
        {
            yield return (Name(parts[0]), string.Join('|', parts, 1, 5));
            yield break;
        }
        if (parts.Length == 1) { Unreadable++; yield break; }
        for (var i = 0; i + 1 < parts.Length; i += 2)
            if (parts[i].Length > 0) yield return (Name(parts[i]), parts[i + 1]);
    }

    private static bool IsLevel(string text) =>
        text.Equals("Normal", StringComparison.OrdinalIgnoreCase) || text.Equals("Warning", StringComparison.OrdinalIgnoreCase) ||
        text.Equals("Fault", StringComparison.OrdinalIgnoreCase) || text.Equals("Unavailable", StringComparison.OrdinalIgnoreCase);

    // Item names repeat a hundred thousand times a day; one string each keeps the reader out of the collector's way.
    private string Name(string item)
    {
        if (_names.TryGetValue(item, out var known)) return known;
        _names[item] = item;
        return item;
    }
}
