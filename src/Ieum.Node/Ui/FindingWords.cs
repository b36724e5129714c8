using Ieum.Plan;

namespace Ieum.Node.Ui;

/// <summary>What the planner finds wrong with its data, in the language of the page; ids and names stay as they are.</summary>
internal static class FindingWords
{
    // What a row can be of, as the planner names it; the longer first, where one begins like another.
    private static readonly string[] Parts = ["set-up matrix", "operation", "machine", "routing", "order", "unit", "step", "from"];
    private const string Tail = "after the last step";

    /// <summary><c>order A-17, routing 2, step 20</c>; a part that is none of ours is an id with a comma in it and stays.</summary>
    public static string Row(Texts t, PlanConflict finding)
    {
        if (finding.Row.Length == 0) return finding.Order?.Value ?? "–";
        return string.Join(", ", finding.Row.Split(", ").Select(part => part == Tail ? t[Key("row", Tail)]
            : Parts.FirstOrDefault(p => part.StartsWith(p + " ", StringComparison.Ordinal)) is { } known ? t[Key("row", known), part[(known.Length + 1)..]] : part));
    }

    /// <summary>The field; a name of the factory (a family, a skill) stays as it is.</summary>
    public static string Field(Texts t, PlanConflict finding) => t.Has(Key("field", finding.Field)) ? t[Key("field", finding.Field)] : finding.Field;

    /// <summary>What stands there and what to do; in English where nobody has said it in other words.</summary>
    public static string Detail(Texts t, PlanConflict finding) => t.Has(Key(finding.Rule, finding.Detail))
        ? t[Key(finding.Rule, finding.Detail), [.. finding.Arguments]] : finding.Message;

    private static string Key(string of, string name) => $"finding.{of}.{name.Replace(' ', '-')}";
}
