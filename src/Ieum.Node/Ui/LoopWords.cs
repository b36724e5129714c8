using System.Globalization;
using Ieum.Act;

namespace Ieum.Node.Ui;

/// <summary>Says what stands in the loop ledger in the reader's language; plain sentences stay as they were written.</summary>
internal static class LoopWords
{
    public static string Sentence(string text, Texts t)
    {
        if (!LoopText.TryParse(text, out var parsed)) return text;
        var key = $"loop.{parsed.Key}";
        if (!t.Has(key)) return parsed.English();
        // A sentence of an older version may carry fewer figures than the text has places.
        return t[key, [.. parsed.Arguments.Select(a => t.Has($"rule.{a}") ? t[$"rule.{a}"] : t.Has($"anomaly.kind.{a}") ? t[$"anomaly.kind.{a}"] : t.Has($"breach.{a}") ? t[$"breach.{a}"] : a), .. Enumerable.Repeat("?", 8)]];
    }

    /// <summary>What an entry's decision came to, as one phrase.</summary>
    public static string Decision(Model.LoopDecision d, Texts t) => d.By switch
    {
        Model.LoopDecision.NobodyAnswered => t["loops.expired"],
        Model.LoopDecision.NewFacts => t["loops.overtaken"],
        Model.LoopDecision.Rule => t["loops.by.level-rule"],
        _ => t[d.Accepted ? "loops.accepted" : "loops.refused", By(d.By, t)],
    };

    public static string LevelKey(Model.AutonomyLevel level) => level switch
    {
        Model.AutonomyLevel.Watch => "loops.level.watch", Model.AutonomyLevel.Advise => "loops.level.advise", Model.AutonomyLevel.Ask => "loops.level.ask",
        Model.AutonomyLevel.ActInsideLimits => "loops.level.inside", _ => "loops.level.report",
    };

    public static string Measure(string name, Texts t) =>
        $"measure.{name.Replace(' ', '-')}" is var key && t.Has(key) ? t[key] : name;

    /// <summary>Who decided: a person by name, or the autonomy level.</summary>
    public static string By(string by, Texts t) =>
        by is Model.LoopDecision.NobodyAnswered or Model.LoopDecision.NewFacts or Model.LoopDecision.Rule ? t[$"loops.by.{by.Replace(' ', '-')}"]
        : by.StartsWith("level ", StringComparison.Ordinal) && int.TryParse(by.AsSpan(6), NumberStyles.None, CultureInfo.InvariantCulture, out var level) ? t["loops.by.level", level] : by;
}
