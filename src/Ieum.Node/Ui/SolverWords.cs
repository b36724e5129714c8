using System.Globalization;
using System.Text.RegularExpressions;

namespace Ieum.Node.Ui;

/// <summary>How a plan was found, in the reader's language. The planner's note is one English line; what it does not know stays as it stands.</summary>
internal static partial class SolverWords
{
    private static readonly Dictionary<string, string> Rules = new(StringComparer.Ordinal)
    {
        ["plan before"] = "before", ["earliest due date"] = "due", ["least slack"] = "slack", ["apparent tardiness cost with set-ups"] = "cost", ["least set-up"] = "setup",
    };

    public static string Of(string note, Texts t)
    {
        var m = Note().Match(note);
        if (!m.Success) return note;
        var name = m.Groups["name"].Value switch
        {
            "CP-SAT" => t["solver.cpsat"],
            "tabu search and CP-SAT" => t["solver.both"],
            "tabu search, CP-SAT failed" => t["solver.tabu"] + " · " + t["solver.cpsat.failed"],
            "least disturbance" => t["solver.steady"],
            "repair of the plan before, its sequence kept" => t["solver.repair"],
            "nothing left to plan" => t["solver.nothing"],
            var heuristic when Heuristic().Match(heuristic) is { Success: true } h && Rules.TryGetValue(h.Groups["rule"].Value, out var rule) =>
                t["solver.search", t[$"solver.rule.{rule}"]] + (h.Groups["more"].Value switch { "" => "", ", CP-SAT failed" => " · " + t["solver.cpsat.failed"], _ => " · " + t["solver.cpsat.no"] }),
            var other => other,
        };
        TimeSpan Minutes(string group) => TimeSpan.FromMinutes(double.Parse(m.Groups[group].Value, NumberStyles.Float, CultureInfo.InvariantCulture));
        return $"{name} · {t["solver.figures", t.Span(Minutes("late")), t.Span(Minutes("lateBound")), t.Span(Minutes("end")), t.Span(Minutes("endBound"))]}";
    }

    [GeneratedRegex(@"^(?<name>.+); late (?<late>\d+) weighted min \(bound (?<lateBound>\d+)\), end (?<end>\d+) min \(bound (?<endBound>\d+)\)$", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Note();

    [GeneratedRegex(@"^heuristic \((?<rule>[^)]+)\)(?<more>, CP-SAT (found no better|failed))?$", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Heuristic();
}
