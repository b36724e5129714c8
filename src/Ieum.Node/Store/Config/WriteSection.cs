using System.Collections.Immutable;
using System.Text.Json;
using Ieum.Act;
using Ieum.Model;

namespace Ieum.Node.Store.Config;

/// <summary>Reads <c>writes</c>: what may be written, and within which bounds. What is not listed cannot be written.</summary>
internal static class WriteSection
{
    public static ImmutableArray<WriteRule> Read(ConfigObject root, HashSet<MachineId> machines)
    {
        var found = ImmutableArray.CreateBuilder<WriteRule>();
        foreach (var w in root.Children("writes"))
        {
            var machine = w.Need<string?>("machine", Config.Read.Id);
            var signal = w.Need<string?>("signal", Config.Read.Text!);
            var d = new WriteRule(new(new(machine ?? "?"), signal ?? ""));
            var hours = w.Optional<string?>("hours", "working", Config.Read.Text!) ?? "working";
            var rule = d with
            {
                Unit = w.Optional<string?>("unit", d.Unit, Config.Read.Text!) ?? d.Unit,
                Min = w.Optional<double?>("min", null, Number), Max = w.Optional<double?>("max", null, Number), MaxStep = w.Optional<double?>("maxStep", null, Number),
                Words = w.Optional<string[]?>("words", [], Texts) is { } words ? [.. words] : [],
                Writes = (int)(w.Optional<double?>("writes", d.Writes, Number) ?? d.Writes),
                Per = w.Optional<TimeSpan?>("per", d.Per, Config.Read.Duration) ?? d.Per,
                Role = w.Optional<PersonRole?>("role", d.Role, Word) ?? d.Role,
                SecondPerson = w.Optional<bool?>("secondPerson", d.SecondPerson, Flag) ?? d.SecondPerson,
                ApproveWithin = w.Optional<TimeSpan?>("approveWithin", d.ApproveWithin, Config.Read.Duration) ?? d.ApproveWithin,
                Automatic = w.Optional<bool?>("automatic", d.Automatic, Flag) ?? d.Automatic,
                States = w.Optional<string[]?>("states", ["idle"], Texts) is { } states ? States(w, states) : d.States,
                Tolerance = w.Optional<double?>("tolerance", d.Tolerance, Number) ?? d.Tolerance,
                UndoWithin = w.Optional<TimeSpan?>("undoWithin", d.UndoWithin, Config.Read.Duration) ?? d.UndoWithin,
            };
            w.Close();
            if (hours is "working" or "always") rule = rule with { Hours = hours == "always" ? WriteHours.Always : WriteHours.Working };
            else if (TryBetween(hours) is { } between) rule = rule with { Hours = WriteHours.Between, From = between.From, To = between.To };
            else w.Tell(w.PathOf("hours"), ConfigRules.WrongValue, $"'{hours}' is not a time to write; write \"working\", \"always\" or \"22:00-06:00\".");
            if (machine is null || signal is null) continue;
            if (!machines.Contains(new(machine))) w.Tell(w.PathOf("machine"), ConfigRules.UnknownName, $"machine '{machine}' does not stand in company. {CalendarSection.Known(machines)}");
            if (WriteRuleCheck.Wrong(rule, null, "") is { } wrong) w.Tell(w.Path, ConfigRules.WrongValue, wrong.Message);
            else if (found.Any(r => r.Signal == rule.Signal)) w.Tell(w.PathOf("signal"), ConfigRules.WrongValue, $"'{rule.Signal}' stands twice.");
            else found.Add(rule);
        }
        return found.ToImmutable();
    }

    private static ImmutableArray<MachineState> States(ConfigObject w, string[] words)
    {
        var states = words.Select(s => Enum.TryParse<MachineState>(s, ignoreCase: true, out var state) && Enum.IsDefined(state) && !char.IsAsciiDigit(s[0]) ? state : (MachineState?)null).ToArray();
        if (states.Contains(null)) w.Tell(w.PathOf("states"), ConfigRules.WrongValue, $"states are {string.Join(", ", Enum.GetNames<MachineState>())}.");
        return [.. states.OfType<MachineState>()];
    }

    internal static (TimeSpan From, TimeSpan To)? TryBetween(string text)
    {
        var parts = text.Split('-');
        return parts.Length == 2 && TimeOnly.TryParseExact(parts[0].Trim(), "HH:mm", out var from) && TimeOnly.TryParseExact(parts[1].Trim(), "HH:mm", out var to)
            ? (from.ToTimeSpan(), to.ToTimeSpan()) : null;
    }

    private static bool Number(JsonElement e, out double? value, out string rule, out string why)
    {
        value = e.ValueKind == JsonValueKind.Number && e.TryGetDouble(out var n) && double.IsFinite(n) ? n : null;
        (rule, why) = (ConfigRules.WrongType, $"a number is expected here, not {ConfigObject.Name(e)}.");
        return value is not null;
    }

    private static bool Flag(JsonElement e, out bool? value, out string rule, out string why)
    {
        value = e.ValueKind is JsonValueKind.True or JsonValueKind.False ? e.GetBoolean() : null;
        (rule, why) = (ConfigRules.WrongType, $"true or false is expected here, not {ConfigObject.Name(e)}.");
        return value is not null;
    }

    private static bool Word(JsonElement e, out PersonRole? value, out string rule, out string why)
    {
        value = e.ValueKind == JsonValueKind.String ? e.GetString() switch { "operator" => PersonRole.Operator, "planner" => PersonRole.Planner, "owner" => PersonRole.Owner, _ => null } : null;
        (rule, why) = (ConfigRules.WrongValue, $"{ConfigObject.Name(e)} is not a role; write operator, planner or owner.");
        return value is not null;
    }

    private static bool Texts(JsonElement e, out string[]? value, out string rule, out string why)
    {
        value = e.ValueKind == JsonValueKind.Array && e.EnumerateArray().All(i => i.ValueKind == JsonValueKind.String) ? [.. e.EnumerateArray().Select(i => i.GetString()!)] : null;
        (rule, why) = (ConfigRules.WrongType, $"a list of texts is expected here, not {ConfigObject.Name(e)}.");
        return value is not null;
    }
}
