using System.Text.Json.Serialization;
using Ieum.Model;

namespace Ieum.Act;

/// <summary>A line of the list as the audit keeps it.</summary>
internal sealed record RuleFacts(
    string Unit, double? Min, double? Max, double? MaxStep, string[] Words, int Writes, double PerSeconds, string Role, bool SecondPerson, double ApproveWithinSeconds,
    bool Automatic, string Hours, double FromSeconds, double ToSeconds, string[] States, double Tolerance, double UndoWithinSeconds)
{
    public static RuleFacts Of(WriteRule r) => new(r.Unit, r.Min, r.Max, r.MaxStep, [.. r.Words], r.Writes, r.Per.TotalSeconds, r.Role.ToString(), r.SecondPerson,
        r.ApproveWithin.TotalSeconds, r.Automatic, r.Hours.ToString(), r.From.TotalSeconds, r.To.TotalSeconds, [.. r.States.Select(s => s.ToString())], r.Tolerance, r.UndoWithin.TotalSeconds);
}

[JsonSourceGenerationOptions(System.Text.Json.JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(RuleFacts))]
internal sealed partial class RuleFactsJson : JsonSerializerContext;
