using System.Text.Json;

namespace Ieum.Node.Store.Config;

/// <summary>One JSON object of the configuration, read key by key; a key nobody asked for is an error.</summary>
internal sealed class ConfigObject
{
    private readonly List<ConfigProblem> _problems;
    private readonly Dictionary<string, JsonElement> _values = new(StringComparer.Ordinal);
    private readonly List<string> _asked = [];

    public ConfigObject(List<ConfigProblem> problems, string path, JsonElement element)
    {
        (_problems, Path) = (problems, path);
        if (element.ValueKind != JsonValueKind.Object)
        {
            Tell(path, ConfigRules.WrongType, $"an object {{ … }} is expected here, not {Name(element)}.");
            Broken = true;
            return;
        }
        foreach (var p in element.EnumerateObject())
            if (!_values.TryAdd(p.Name, p.Value))
                Tell(PathOf(p.Name), ConfigRules.DoubleKey, $"key '{p.Name}' stands twice; keep one of them.");
    }

    public string Path { get; }

    /// <summary>Not an object at all; its keys are not asked for again.</summary>
    public bool Broken { get; }

    public string PathOf(string key) => $"{Path}.{key}";

    public void Tell(string path, string rule, string message) => _problems.Add(new(path, rule, message));

    public bool Has(string key)
    {
        Ask(key);
        return _values.TryGetValue(key, out var v) && v.ValueKind != JsonValueKind.Null;
    }

    public JsonElement? Find(string key) => Has(key) ? _values[key] : null;

    public JsonElement? Need(string key)
    {
        if (Find(key) is { } value) return value;
        if (!Broken) Tell(PathOf(key), ConfigRules.MissingKey, $"key '{key}' is missing; it is required here.");
        return null;
    }

    /// <summary>Reads a required value with <paramref name="read"/>; the default of T when it cannot, the problem is told.</summary>
    public T? Need<T>(string key, ConfigRead<T> read) => Need(key) is { } e ? Read(key, e, read) : default;

    public T Optional<T>(string key, T fallback, ConfigRead<T> read) => Find(key) is { } e ? Read(key, e, read) ?? fallback : fallback;

    private T? Read<T>(string key, JsonElement e, ConfigRead<T> read)
    {
        if (read(e, out var value, out var rule, out var why)) return value;
        Tell(PathOf(key), rule, why);
        return default;
    }

    /// <summary>A child object; null when the key is absent.</summary>
    public ConfigObject? Child(string key) => Find(key) is { } e ? new ConfigObject(_problems, PathOf(key), e) : null;

    /// <summary>The objects of an array; nothing when the key is absent.</summary>
    public IEnumerable<ConfigObject> Children(string key)
    {
        if (Find(key) is not { } e) yield break;
        if (e.ValueKind != JsonValueKind.Array)
        {
            Tell(PathOf(key), ConfigRules.WrongType, $"a list [ … ] is expected here, not {Name(e)}.");
            yield break;
        }
        var i = 0;
        foreach (var item in e.EnumerateArray()) yield return new ConfigObject(_problems, $"{PathOf(key)}[{i++}]", item);
    }

    /// <summary>All keys with their values, for objects whose keys are names.</summary>
    public IEnumerable<(string Key, JsonElement Value)> Entries()
    {
        foreach (var (key, value) in _values)
        {
            Ask(key);
            yield return (key, value);
        }
    }

    /// <summary>A part of this object read by another hand: its problems are told here.</summary>
    public ConfigObject Open(string key, JsonElement value) => new(_problems, PathOf(key), value);

    /// <summary>Tells every key that nobody asked for.</summary>
    public void Close()
    {
        foreach (var key in _values.Keys.Where(k => !_asked.Contains(k) && !k.StartsWith('$')))
        {
            var near = Nearest.To(key, _asked);
            Tell(PathOf(key), ConfigRules.UnknownKey,
                $"unknown key '{key}'. {(near is null ? "" : $"Did you mean '{near}'? ")}Allowed here: {string.Join(", ", _asked)}.");
        }
    }

    private void Ask(string key)
    {
        if (!_asked.Contains(key)) _asked.Add(key);
    }

    internal static string Name(JsonElement e) => e.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "a list",
        JsonValueKind.String => $"the text \"{e.GetString()}\"",
        JsonValueKind.Number => $"the number {e.GetRawText()}",
        JsonValueKind.True => "true",
        JsonValueKind.False => "false",
        _ => "null",
    };
}

/// <summary>Reads one JSON value; false with rule and reason when it cannot.</summary>
internal delegate bool ConfigRead<T>(JsonElement element, out T? value, out string rule, out string why);

/// <summary>Finds the allowed word that was probably meant.</summary>
internal static class Nearest
{
    /// <summary>The candidate at most a third of the word's letters away (added, dropped, changed or swapped), case aside; null when all are further.</summary>
    public static string? To(string word, IEnumerable<string> candidates)
    {
        var best = candidates.Select(c => (Word: c, Away: Distance(word.ToUpperInvariant(), c.ToUpperInvariant()))).OrderBy(c => c.Away).FirstOrDefault();
        return best.Word is not null && best.Away <= Math.Max(1, word.Length / 3) ? best.Word : null;
    }

    /// <summary>Letters added, dropped, changed, or swapped with their neighbour.</summary>
    private static int Distance(string a, string b)
    {
        var cost = new int[a.Length + 1, b.Length + 1];
        for (var i = 0; i <= a.Length; i++)
            for (var j = 0; j <= b.Length; j++)
            {
                if (i == 0 || j == 0)
                {
                    cost[i, j] = i + j;
                    continue;
                }
                var best = Math.Min(Math.Min(cost[i - 1, j], cost[i, j - 1]) + 1, cost[i - 1, j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1));
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) best = Math.Min(best, cost[i - 2, j - 2] + 1);
                cost[i, j] = best;
            }
        return cost[a.Length, b.Length];
    }
}
