using System.Collections.Immutable;
using System.Text.Json;
using Ieum.Act;
using Ieum.Model;

namespace Ieum.Node.Store.Config;

/// <summary>Reads <c>corrections</c>: which set point is written when a signal goes wrong. What it may be written to stands in <c>writes</c>.</summary>
internal static class CorrectionSection
{
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
                When = when, Limit = limit ?? (when == CorrectionTrigger.Anomaly ? 0 : double.NaN),
                For = c.Optional<TimeSpan?>("for", d.For, Config.Read.Duration) ?? d.For, Settle = c.Optional<TimeSpan?>("settle", d.Settle, Config.Read.Duration) ?? d.Settle,
            };
            c.Close();
            if (id is null || machine is null || watch is null || set is null || to is null || target is null) continue;
            if (found.Any(f => f.Id == id)) c.Tell(c.PathOf("id"), ConfigRules.WrongValue, $"'{id}' stands twice.");
            else if (CorrectionRules.Wrong(d, machines) is [var fault, ..]) c.Tell(c.PathOf(fault.Field), RuleOf(fault), fault.Rule == CorrectionRules.Machine ? $"{fault.Message} {CalendarSection.Known(machines)}" : fault.Message);
            else found.Add(d);
        }
        return found.ToImmutable();
    }

    private static string RuleOf(CorrectionFault fault) => fault.Rule switch
    {
        CorrectionRules.Machine => ConfigRules.UnknownName,
        CorrectionRules.For or CorrectionRules.Settle => ConfigRules.OutOfRange,
        _ => ConfigRules.WrongValue,
    };

    private static bool Word(JsonElement e, out CorrectionTrigger? value, out string rule, out string why)
    {
        value = e.ValueKind == JsonValueKind.String ? e.GetString() switch { "anomaly" => CorrectionTrigger.Anomaly, "above" => CorrectionTrigger.Above, "below" => CorrectionTrigger.Below, _ => null } : null;
        (rule, why) = (ConfigRules.WrongValue, $"{ConfigObject.Name(e)} is no reason to correct; write \"anomaly\", \"above\" or \"below\".");
        return value is not null;
    }
}
