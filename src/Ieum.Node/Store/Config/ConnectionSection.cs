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
            c.Close();
            if (machine is null || protocol is null || endpoint is null || source is null) continue;
            if (!machines.Contains(new(machine)))
                c.Tell(c.PathOf("machine"), ConfigRules.UnknownName, $"machine '{machine}' does not stand in company. {CalendarSection.Known(machines)}");
            if (!seen.Add(source))
                c.Tell(c.PathOf("source"), ConfigRules.WrongValue, $"source '{source}' stands twice; give each connection its own \"source\".");
            else found.Add(new(new(source), new(machine), protocol, endpoint, options.ToImmutable()));
        }
        return found.ToImmutable();
    }
}
