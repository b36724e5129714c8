using System.Collections.Immutable;

namespace Ieum.Analyze;

/// <summary>One report of a recording that bears on the state.</summary>
/// <param name="Line">Number among the usable lines, 0 and up; tells the head from events.</param>
internal readonly record struct RecordingEntry(long Ticks, int Line, int Item, bool IsCondition, string Value);

/// <summary>A recording, read: <c>time|item|value</c>, several pairs per line, or <c>time|item|LEVEL|code|severity|qualifier|text</c>.</summary>
internal sealed class Recording
{
    private readonly Dictionary<string, int> _numbers = new(StringComparer.Ordinal);
    private readonly List<RecordingItem> _items = [];
    private readonly List<RecordingEntry> _entries = [];
    private readonly List<long> _stamps = [];
    private readonly SnapshotHead _head = new();
    private readonly Dictionary<string, (long Count, long First)> _problems = [];
    private readonly List<int> _inLine = [];
    private string? _assetEnd;
    private long _inFile;

    private Recording(string file) => (File, Name) = (file, RecordingName.Of(file));

    public string File { get; }
    public RecordingName Name { get; }
    public IReadOnlyList<RecordingItem> Items => _items;
    public IReadOnlyList<RecordingEntry> Entries => _entries;
    /// <summary>Stamps of all usable lines, in the order of the file.</summary>
    public IReadOnlyList<long> Stamps => _stamps;
    public int HeadLines => _head.Count(Name.First, Name.Last);
    public long Lines { get; private set; }
    public long BrokenLines => Lines - _stamps.Count;
    public ImmutableArray<RecordingProblem> Problems =>
        [.. _problems.OrderBy(p => p.Value.First).Select(p => new RecordingProblem(p.Key, p.Value.Count, p.Value.First, AnalyzeRules.All[p.Key]))];

    /// <exception cref="RecordingException">The file cannot be opened, or not one line of it can be used.</exception>
    public static async Task<Recording> ReadAsync(string file, CancellationToken cancel)
    {
        var recording = new Recording(file);
        await RecordingLines.ReadAsync(file, recording.Take, cancel).ConfigureAwait(false);
        return recording._stamps.Count > 0 ? recording : throw RecordingException.Empty(file, recording.Lines);
    }

    public void Tell(string rule, long line)
    {
        var known = _problems.GetValueOrDefault(rule, (0, line));
        _problems[rule] = (known.Item1 + 1, known.Item2);
    }

    private void Take(ReadOnlySpan<char> text, bool tooLong)
    {
        _inFile++;
        if (_assetEnd is not null)
        {
            if (text.Trim().SequenceEqual(_assetEnd)) _assetEnd = null;
            return;
        }
        // Blank lines and what adapters say to agents ('* PONG 10000', '* device: …') carry no data.
        if (!tooLong && (text.IsWhiteSpace() || text[0] == '*')) return;
        Lines++;
        if (tooLong) { Tell(AnalyzeRules.LineTooLong, _inFile); return; }
        if (text.Contains('\uFFFD')) Tell(AnalyzeRules.NotUtf8, _inFile);
        var bar = text.IndexOf('|');
        if (bar <= 0 || text[(bar + 1)..].IndexOf('|') is not (> 0 and var second)) { Tell(AnalyzeRules.LineBroken, _inFile); return; }
        if (!RecordingTime.TryParse(text[..bar], out var ticks)) { Tell(AnalyzeRules.TimeBroken, _inFile); return; }
        var name = text.Slice(bar + 1, second);
        if (name[0] == '@') { SkipAsset(text); return; }
        _inLine.Clear();
        TakeFields(ticks, name, text[(bar + second + 2)..]);
        _head.Read(ticks, System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_inLine));
        _stamps.Add(ticks);
    }

    private void SkipAsset(ReadOnlySpan<char> text)
    {
        Lines--;
        const string Marker = "--multiline--";
        if (text.IndexOf(Marker) is >= 0 and var at) _assetEnd = Marker + text[(at + Marker.Length)..].Trim().ToString();
    }

    private void TakeFields(long ticks, ReadOnlySpan<char> name, ReadOnlySpan<char> rest)
    {
        if (IsCondition(rest))
        {
            Keep(ticks, name, rest, isCondition: true);
            return;
        }
        while (true)
        {
            var bar = rest.IndexOf('|');
            Keep(ticks, name, bar < 0 ? rest : rest[..bar], isCondition: false);
            if (bar < 0) return;
            rest = rest[(bar + 1)..];
            // A last field without a partner is a text of the pair before it.
            if (rest.IndexOf('|') is not (> 0 and var next)) return;
            name = rest[..next];
            rest = rest[(next + 1)..];
        }
    }

    private void Keep(long ticks, ReadOnlySpan<char> name, ReadOnlySpan<char> value, bool isCondition)
    {
        var number = NumberOf(name.Trim());
        _inLine.Add(number);
        value = value.Trim();
        var item = _items[number];
        if (!isCondition) item.See(value);
        if (isCondition || item.IsKept) _entries.Add(new(ticks, _stamps.Count, number, isCondition, value.ToString()));
    }

    private int NumberOf(ReadOnlySpan<char> name)
    {
        if (_numbers.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(name, out var number)) return number;
        number = _items.Count;
        _items.Add(new(name.ToString()));
        _numbers.Add(_items[number].Name, number);
        return number;
    }

    /// <summary>A level followed by four more fields, as adapters write conditions, or by a number of fields that cannot be pairs.</summary>
    private static bool IsCondition(ReadOnlySpan<char> rest)
    {
        var bar = rest.IndexOf('|');
        if (bar < 0) return false;
        var level = rest[..bar].Trim();
        if (!level.Equals("Fault", StringComparison.OrdinalIgnoreCase) && !level.Equals("Warning", StringComparison.OrdinalIgnoreCase)
            && !level.Equals("Normal", StringComparison.OrdinalIgnoreCase) && !level.Equals("Unavailable", StringComparison.OrdinalIgnoreCase)) return false;
        var bars = rest.Count('|');
        return bars >= 4 || bars % 2 == 1;
    }
}
