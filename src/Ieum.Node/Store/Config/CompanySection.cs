using System.Collections.Immutable;
using System.Text.Json;
using Ieum.Model;

namespace Ieum.Node.Store.Config;

/// <summary>Reads <c>company</c>: the ISA-95 hierarchy from the enterprise down to the machine.</summary>
internal static class CompanySection
{
    public static Company Read(ConfigObject root)
    {
        if (root.Child("company") is not { } c) return NodeConfig.Empty.Company;
        var id = c.Need<string?>("id", Config.Read.Id);
        var name = c.Optional("name", LocalName.Same(id ?? "?"), Config.Read.Name);
        var country = c.Optional("country", "KR", Country);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var sites = c.Children("sites").Select(s =>
        {
            var areas = s.Children("areas").Select(a =>
            {
                var lines = a.Children("lines").Select(l =>
                {
                    var machines = l.Children("machines").Select(m => MachineOf(m, seen)).ToList();
                    return new ProductionLine(Id(l), NameOf(l), [.. machines.OfType<Machine>()]).Closing(l);
                }).ToImmutableArray();
                return new Area(Id(a), NameOf(a), lines).Closing(a);
            }).ToImmutableArray();
            return new Site(Id(s), NameOf(s), areas).Closing(s);
        }).ToImmutableArray();
        c.Close();
        return new Company(new(id ?? "?"), name, country!, sites);
    }

    private static Machine? MachineOf(ConfigObject m, HashSet<string> seen)
    {
        var id = m.Need<string?>("id", Config.Read.Id);
        var name = m.Optional("name", LocalName.Same(id ?? "?"), Config.Read.Name);
        var kind = m.Optional("kind", "machine", Config.Read.Text);
        m.Close();
        if (id is null) return null;
        if (seen.Add(id)) return new Machine(new(id), name, kind);
        m.Tell(m.PathOf("id"), ConfigRules.WrongValue, $"machine '{id}' stands twice; machine ids are unique in a company.");
        return null;
    }

    private static string Id(ConfigObject o) => o.Need<string?>("id", Config.Read.Id) ?? "?";
    private static LocalName NameOf(ConfigObject o) => o.Optional("name", LocalName.Same("?"), Config.Read.Name) is { En: not "?" } n
        ? n : LocalName.Same(o.Find("id") is { ValueKind: JsonValueKind.String } e ? e.GetString()! : "?");

    private static T Closing<T>(this T value, ConfigObject o)
    {
        o.Close();
        return value;
    }

    private static bool Country(JsonElement e, out string value, out string rule, out string why)
    {
        if (!Config.Read.Text(e, out value, out rule, out why)) return false;
        if (value is { Length: 2 } && value.All(char.IsAsciiLetterUpper)) return true;
        (rule, why) = (ConfigRules.WrongValue, $"\"{value}\" is not a country; write two capitals after ISO 3166-1, for example \"KR\" or \"JP\".");
        return false;
    }
}
