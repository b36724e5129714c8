using System.Globalization;
using Ieum.Model;

namespace Ieum.Connect;

/// <summary>Reads the options of one connection, checks each, and refuses names nobody asked for.</summary>
/// <remarks>Call <see cref="Finish"/> after the last option: what was not read by then is unknown.</remarks>
internal sealed class OptionReader(ConnectionSettings settings)
{
    private readonly SortedSet<string> _known = new(StringComparer.Ordinal);

    public string? Text(string key)
    {
        _known.Add(key);
        return settings.Options.TryGetValue(key, out var text) && text.Trim().Length > 0 ? text.Trim() : null;
    }

    public string Text(string key, string otherwise) => Text(key) ?? otherwise;

    public int Whole(string key, int otherwise, int min, int max)
    {
        if (Text(key) is not { } text) return otherwise;
        return int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var n) && n >= min && n <= max
            ? n : throw Wrong(key, text, $"a whole number from {min} to {max}");
    }

    /// <summary>A duration in seconds, decimals allowed.</summary>
    public TimeSpan Seconds(string key, TimeSpan otherwise, TimeSpan min, TimeSpan max)
    {
        if (Text(key) is not { } text) return otherwise;
        return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var n)
            && n >= min.TotalSeconds && n <= max.TotalSeconds
            ? TimeSpan.FromSeconds(n)
            : throw Wrong(key, text, string.Create(CultureInfo.InvariantCulture, $"seconds from {min.TotalSeconds} to {max.TotalSeconds}"));
    }

    public bool Flag(string key, bool otherwise) => Text(key) switch
    {
        null => otherwise,
        "true" => true,
        "false" => false,
        var text => throw Wrong(key, text, "true or false"),
    };

    public T Choice<T>(string key, T otherwise) where T : struct, Enum
    {
        if (Text(key) is not { } text) return otherwise;
        return EnumOf<T>(key, text);
    }

    /// <summary>Every option whose name begins with <paramref name="prefix"/>: the rest of the name and the value.</summary>
    public IReadOnlyDictionary<string, string> Prefixed(string prefix)
    {
        var found = new Dictionary<string, string>(StringComparer.Ordinal);
        _prefixes.Add(prefix);
        foreach (var (key, value) in settings.Options)
        {
            if (!key.StartsWith(prefix, StringComparison.Ordinal) || key.Length == prefix.Length) continue;
            _known.Add(key);
            found[key[prefix.Length..]] = value.Trim();
        }
        return found;
    }

    /// <summary>Options <c>role.NAME=ROLE</c>: what a signal means, by its name.</summary>
    public IReadOnlyDictionary<string, SignalRole> Roles() =>
        Prefixed("role.").ToDictionary(p => p.Key, p => EnumOf<SignalRole>("role." + p.Key, p.Value), StringComparer.Ordinal);

    /// <summary>Options <c>unit.NAME=CODE</c>: the unit of a signal, by its name, as a UN/ECE common code.</summary>
    public IReadOnlyDictionary<string, Unit> Units() =>
        Prefixed("unit.").ToDictionary(p => p.Key, p => Unit.TryFind(p.Value, out var unit)
            ? unit : throw Wrong("unit." + p.Key, p.Value, "a common code of UN/ECE Recommendation 20 such as CEL, MMT, RPM, P1"), StringComparer.Ordinal);

    /// <exception cref="ConnectionSettingsException">An option nobody asked for.</exception>
    public void Finish()
    {
        foreach (var key in settings.Options.Keys.Order(StringComparer.Ordinal))
        {
            if (_known.Contains(key)) continue;
            var known = _known.Where(k => !_prefixes.Any(p => k.StartsWith(p, StringComparison.Ordinal))).Concat(_prefixes.Select(p => p + "NAME"));
            throw new ConnectionSettingsException(ConnectRules.OptionUnknown,
                $"Connection '{settings.Source}' ({settings.Protocol}): unknown option '{key}'. Known: {string.Join(", ", known)}.");
        }
    }

    public ConnectionSettingsException Wrong(string key, string value, string allowed) => new(ConnectRules.OptionWrong,
        $"Connection '{settings.Source}' ({settings.Protocol}): option '{key}' is '{value}'; allowed: {allowed}.");

    public ConnectionSettingsException WrongEndpoint(string allowed) => new(ConnectRules.EndpointWrong,
        $"Connection '{settings.Source}' ({settings.Protocol}): cannot read the address '{settings.Endpoint}'; expected {allowed}.");

    private readonly SortedSet<string> _prefixes = new(StringComparer.Ordinal);

    private T EnumOf<T>(string key, string text) where T : struct, Enum =>
        Enum.TryParse<T>(text, ignoreCase: true, out var value) && Enum.IsDefined(value) && !char.IsAsciiDigit(text[0])
            ? value : throw Wrong(key, text, string.Join(", ", Enum.GetNames<T>()));
}
