using System.Collections.Immutable;
using System.Text.Json;
using Ieum.Model;

namespace Ieum.Node.Store.Config;

/// <summary>Reads <c>connections</c>. Protocol, endpoint and options are judged by the Connect room when the connection is opened.</summary>
internal static class ConnectionSection
{
    public static ImmutableArray<ConnectionSettings> Read(ConfigObject root, HashSet<MachineId> machines)
    {
        var found = ImmutableArray.CreateBuilder<ConnectionSettings>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var c in root.Children("connections"))
        {
            var machine = c.Need<string?>("machine", Config.Read.Id);
            var protocol = c.Need<string?>("protocol", Config.Read.Text!);
            var endpoint = c.Need<string?>("endpoint", Config.Read.Text!);
            var source = c.Optional<string?>("source", $"{machine}.{protocol}", Config.Read.Id);
            var options = ImmutableDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
            if (c.Child("options") is { } o)
                foreach (var (key, value) in o.Entries())
                    if (value.ValueKind is JsonValueKind.Object or JsonValueKind.Array or JsonValueKind.Null)
                        o.Tell(o.PathOf(key), ConfigRules.WrongType, $"an option is a text, a number, true or false, not {ConfigObject.Name(value)}.");
                    else options[key] = value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText();
            var points = c.Children("points").Select(PointOf).OfType<PointSettings>().ToImmutableArray();
            c.Close();
            if (machine is null || protocol is null || endpoint is null || source is null) continue;
            if (!machines.Contains(new(machine)))
                c.Tell(c.PathOf("machine"), ConfigRules.UnknownName, $"machine '{machine}' does not stand in company. {CalendarSection.Known(machines)}");
            if (!seen.Add(source))
                c.Tell(c.PathOf("source"), ConfigRules.WrongValue, $"source '{source}' stands twice; give each connection its own \"source\".");
            else found.Add(new(new(source), new(machine), protocol, endpoint, options.ToImmutable()) { Points = points });
        }
        return found.ToImmutable();
    }

    /// <summary>One entry of <c>points</c>; address and type are judged by the protocol.</summary>
    private static PointSettings? PointOf(ConfigObject p)
    {
        var name = p.Need<string?>("name", Config.Read.Text!);
        var address = p.Need<string?>("address", Config.Read.Text!);
        var words = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        if (p.Child("words") is { } w)
            foreach (var (key, value) in w.Entries())
                if (Config.Read.Text(value, out var word, out var rule, out var why)) words[key] = word;
                else w.Tell(w.PathOf(key), rule, why);
        var point = new PointSettings(name ?? "", address ?? "")
        {
            Type = p.Optional<string?>("type", "", Config.Read.Text!) ?? "",
            Unit = p.Optional<string?>("unit", "", Config.Read.Text!) ?? "",
            Role = p.Optional<SignalRole?>("role", SignalRole.None, Role) ?? SignalRole.None,
            Scale = p.Optional<double?>("scale", 1, Number) ?? 1,
            Offset = p.Optional<double?>("offset", 0, Number) ?? 0,
            Deadband = p.Optional<double?>("deadband", 0, Number) ?? 0,
            Period = p.Optional<TimeSpan?>("period", TimeSpan.Zero, Config.Read.Duration) ?? TimeSpan.Zero,
            Words = words.ToImmutable(),
            Description = p.Optional<string?>("text", "", Config.Read.Text!) ?? "",
            Range = RangeOf(p),
        };
        p.Close();
        if (point.Unit.Length > 0 && !Unit.TryFind(point.Unit, out _))
            p.Tell(p.PathOf("unit"), ConfigRules.WrongValue, $"'{point.Unit}' is not a common code of UN/ECE Recommendation 20 that this product knows, such as CEL, MMT, RPM, P1.");
        if (point.Scale == 0 || point.Deadband < 0)
            p.Tell(p.Path, ConfigRules.OutOfRange, "scale must not be 0 and deadband must not be negative.");
        return name is null || address is null ? null : point;
    }

    /// <summary><c>range</c> with <c>low</c> and <c>high</c>: between which values the signal normally lies.</summary>
    private static ValueRange? RangeOf(ConfigObject p)
    {
        if (p.Child("range") is not { } r) return null;
        var (low, high) = (r.Need<double?>("low", Number), r.Need<double?>("high", Number));
        r.Close();
        if (low is not { } from || high is not { } to) return null;
        if (from < to) return new(from, to);
        r.Tell(r.Path, ConfigRules.OutOfRange, "low must be less than high.");
        return null;
    }

    private static bool Role(JsonElement e, out SignalRole? value, out string rule, out string why)
    {
        var known = e.ValueKind == JsonValueKind.String && Enum.TryParse<SignalRole>(e.GetString(), ignoreCase: true, out var role) && Enum.IsDefined(role)
            && !char.IsAsciiDigit(e.GetString()![0]) ? role : (SignalRole?)null;
        (value, rule, why) = (known, ConfigRules.WrongValue, $"{ConfigObject.Name(e)} is not a role; known: {string.Join(", ", Enum.GetNames<SignalRole>())}.");
        return known is not null;
    }

    private static bool Number(JsonElement e, out double? value, out string rule, out string why)
    {
        value = e.ValueKind == JsonValueKind.Number && e.TryGetDouble(out var n) && double.IsFinite(n) ? n : null;
        (rule, why) = (ConfigRules.WrongType, $"a number is expected here, not {ConfigObject.Name(e)}.");
        return value is not null;
    }
}
