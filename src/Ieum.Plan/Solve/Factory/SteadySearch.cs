namespace Ieum.Plan;

/// <summary>Looks for the few operations that should go ahead of their place, with all else matched up behind them.</summary>
internal static class SteadySearch
{
    /// <summary>Operations that may go ahead; more is no repair any more.</summary>
    private const int Most = 40;

    public static (FactoryVector Vector, FactoryPlan Plan) Improve(FactoryLayout layout, FactoryDecoder decoder, FactoryVector vector, FactoryPlan plan, long trials, Luck luck, Func<bool>? until)
    {
        List<int> now = [];
        for (long t = 0; t < trials && until?.Invoke() != true; t++)
        {
            var late = Late(layout, plan);
            if (late.Count == 0 && now.Count == 0) break;
            List<int> next = [.. now];
            if (next.Count > 0 && (late.Count == 0 || luck.Next(4) == 0)) next.RemoveAt(luck.Next(next.Count));
            else
            {
                // One late order: its operations from one of them on, or one alone.
                var order = late[luck.Next(late.Count)];
                int[] steps = [.. plan.Slots.Where(s => s.Order == order).OrderBy(s => s.Start).Select(s => layout.Index[(s.Order, s.Routing, s.Operation)]).Where(i => layout.Operations[i].Begun is null)];
                if (steps.Length == 0) continue;
                var from = luck.Next(steps.Length);
                var more = steps.Skip(from).Take(luck.Next(2) == 0 ? steps.Length : 1).Except(next).ToArray();
                if (luck.Next(2) == 0) next.AddRange(more); else next.InsertRange(0, more);
                if (next.Count > Most) continue;
            }
            var tried = FactoryMatchUp.Of(layout, next);
            if (decoder.Score(tried).Total > plan.Score.Total) continue;
            (now, vector, plan) = (next, tried, decoder.Finish());
        }
        return (vector, plan);
    }

    private static List<int> Late(FactoryLayout layout, FactoryPlan plan)
    {
        var end = new Dictionary<int, (long End, int Routing)>();
        foreach (var s in plan.Slots)
            if (!end.TryGetValue(s.Order, out var e) || s.End > e.End) end[s.Order] = (s.End, s.Routing);
        return [.. end.Where(e => FactoryScoring.FinishOf(layout.Problem, layout.Problem.Orders[e.Key].Routings[e.Value.Routing], e.Value.End) > layout.Problem.Orders[e.Key].Due).Select(e => e.Key).Order()];
    }
}
