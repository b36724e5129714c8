using Google.OrTools.Sat;

namespace Ieum.Plan;

/// <summary>Leaves out set-ups between operations of one family: per machine one tour through its operations.</summary>
internal static class CpSetUps
{
    public static void Add(CpModel model, PlanProblem p, Layout known, CpModelOfShop.Choice[] choices, HashSet<(int, int)> families)
    {
        for (var m = 0; m < p.Machines.Length; m++)
        {
            var here = choices.Where(c => c.Data.Machine == m).ToArray();
            if (here.Any(c => families.Contains((m, p.Tasks[c.Task].Family)))) AddTour(model, p, known, m, here);
        }
    }

    private static void AddTour(CpModel model, PlanProblem p, Layout known, int m, CpModelOfShop.Choice[] here)
    {
        // Node 0 is the state in which planning finds the machine: after the last operation that was begun on it.
        var begun = p.Machines[m].Held is [.., var last] ? p.Tasks[last].Family : -1;
        var order = Enumerable.Range(0, here.Length).Where(i => known.Option[here[i].Task] == here[i].Option)
            .OrderBy(i => known.Place[here[i].Task]).ToArray();
        var follows = new HashSet<(int, int)>();
        for (var k = 0; k <= order.Length; k++)
            follows.Add((k == 0 ? 0 : order[k - 1] + 1, k == order.Length ? 0 : order[k] + 1));

        var tour = model.AddCircuit();
        var saved = here.Select(_ => new List<BoolVar>()).ToArray();
        for (var i = 0; i <= here.Length; i++)
            for (var j = 0; j <= here.Length; j++)
            {
                if (i == j)
                {
                    if (i > 0 && here[i - 1].Chosen is { } chosen) tour.AddArc(i, i, chosen.Not());
                    else if (i == 0) tour.AddArc(0, 0, Arc(0, 0));
                    continue;
                }
                var arc = Arc(i, j);
                tour.AddArc(i, j, arc);
                if (j == 0) continue;
                if (i > 0) model.Add(here[i - 1].End <= here[j - 1].Place).OnlyEnforceIf(arc);
                if ((i == 0 ? begun : p.Tasks[here[i - 1].Task].Family) == p.Tasks[here[j - 1].Task].Family) saved[j - 1].Add(arc);
            }
        for (var j = 0; j < here.Length; j++)
            if (here[j].Size is { } size)
                model.Add(size == here[j].Data.Work - (here[j].Data.Work - here[j].Data.WorkNoSetUp) * LinearExpr.Sum(saved[j]));

        BoolVar Arc(int i, int j)
        {
            var arc = model.NewBoolVar($"f{m}.{i}.{j}");
            model.AddHint(arc, follows.Contains((i, j)));
            return arc;
        }
    }
}
