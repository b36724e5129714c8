using System.Collections.Immutable;
using System.Text.Json;
using Ieum.Act;
using Ieum.Model;

namespace Ieum.Node.Store.Config;

/// <summary>Reads <c>corrections</c>: which set point is written when a signal goes wrong. What it may be written to stands in <c>writes</c>.</summary>
internal static class CorrectionSection
{
    private static readonly TimeSpan Day = TimeSpan.FromDays(1), Least = TimeSpan.FromSeconds(10);

    public static ImmutableArray<Correction> Read(ConfigObject root, HashSet<MachineId> machines)
    {
        var found = ImmutableArray.CreateBuilder<Correction>();
        foreach (var c in root.Children("corrections"))
        {
            var id = c.Need<string?>("id", Config.Read.Id);
            var machine = c.Need<string?>("machine", Config.Read.Id);
            var watch = c.Need<string?>("watch", Config.Read.Text!);
            var set = c.Need<string?>("set", Config.Read.Text!);
            var number = Config.Read.Number(-1e12, 1e12);
            var (to, target) = (c.Need("to", number), c.Need("target", number));
            var when = c.Optional<CorrectionTrigger?>("when", CorrectionTrigger.Anomaly, Word) ?? CorrectionTrigger.Anomaly;
            var limit = c.Optional("limit", null, number);
            var d = new Correction(id ?? "?", new(new(machine ?? "?"), watch ?? ""), new(new(machine ?? "?"), set ?? ""), to ?? 0, target ?? 0);
            d = d with
            {
                When = when, Limit = limit ?? 0,
                For = c.Optional<TimeSpan?>("for", d.For, Config.Read.Duration) ?? d.For, Settle = c.Optional<TimeSpan?>("settle", d.Settle, Config.Read.Duration) ?? d.Settle,
            };
            c.Close();
            if (id is null || machine is null || watch is null || set is null || to is null || target is null) continue;
            if (!machines.Contains(d.Set.Machine)) c.Tell(c.PathOf("machine"), ConfigRules.UnknownName, $"machine '{machine}' does not stand in company. {CalendarSection.Known(machines)}");
            else if (when != CorrectionTrigger.Anomaly && limit is null) c.Tell(c.PathOf("limit"), ConfigRules.WrongValue, "\"above\" and \"below\" need a limit.");
            else if (watch == set) c.Tell(c.PathOf("set"), ConfigRules.WrongValue, $"'{set}' would be corrected by itself; watch another signal.");
            else if (d.For > Day) c.Tell(c.PathOf("for"), ConfigRules.OutOfRange, "for lies between 0 s and 1 d.");
            else if (d.Settle < Least || d.Settle > Day) c.Tell(c.PathOf("settle"), ConfigRules.OutOfRange, "settle lies between 10 s and 1 d.");
            else if (found.Any(f => f.Id == id)) c.Tell(c.PathOf("id"), ConfigRules.WrongValue, $"'{id}' stands twice.");
            else found.Add(d);
        }
        return found.ToImmutable();
    }

    private static bool Word(JsonElement e, out CorrectionTrigger? value, out string rule, out string why)
    {
        value = e.ValueKind == JsonValueKind.String ? e.GetString() switch { "anomaly" => CorrectionTrigger.Anomaly, "above" => CorrectionTrigger.Above, "below" => CorrectionTrigger.Below, _ => null } : null;
        (rule, why) = (ConfigRules.WrongValue, $"{ConfigObject.Name(e)} is no reason to correct; write \"anomaly\", \"above\" or \"below\".");
        return value is not null;
    }
}
