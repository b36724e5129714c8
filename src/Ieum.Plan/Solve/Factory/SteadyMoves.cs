namespace Ieum.Plan;

/// <summary>Small changes of a standing plan that touch what was hit and leave the rest: one late order, or one operation of it, goes ahead or elsewhere.</summary>
/// <remarks>Whatever else it pushes is priced by the goal's stability, and may be put back by a later change.</remarks>
internal sealed class SteadyMoves(FactoryLayout layout, Luck luck)
{
    private readonly List<int> _hit = [];
    private FactoryPlan? _seen;

    /// <returns>False when it has nothing to say: a general change is tried instead.</returns>
    public bool Vary(FactoryVector v, FactoryPlan plan)
    {
        if (_seen != plan) Look(plan);
        var what = luck.Next(10);
        if (what == 9) return PutBack(v, plan);
        if (_hit.Count == 0 || what == 8) return false;
        var s = plan.Slots[_hit[luck.Next(_hit.Count)]];
        switch (what)
        {
            case 0 or 1: Order(v, s.Order); return true;
            case 2 or 3 or 4 or 5: Ahead(v, Index(s)); return true;
            default: return Elsewhere(v, Index(s));
        }
    }

    private int Index(FactorySlot s) => layout.Index[(s.Order, s.Routing, s.Operation)];

    /// <summary>Operations of orders that are late, and those that end later than they stood.</summary>
    private void Look(FactoryPlan plan)
    {
        _seen = plan;
        _hit.Clear();
        var late = plan.Slots.GroupBy(s => s.Order).Where(g => FactoryScoring.FinishOf(layout.Problem, layout.Problem.Orders[g.Key].Routings[g.First().Routing], g.Max(s => s.End)) > layout.Problem.Orders[g.Key].Due)
            .Select(g => g.Key).ToHashSet();
        for (var n = 0; n < plan.Slots.Length; n++)
            if (late.Contains(plan.Slots[n].Order) && layout.Operations[Index(plan.Slots[n])].Begun is null) _hit.Add(n);
    }

    /// <summary>All that is left of an order goes ahead by the same part of its way.</summary>
    private void Order(FactoryVector v, int order)
    {
        var part = luck.Next(100) / 100.0;
        for (var at = 0; at < v.Sequence.Length; at++)
        {
            if (layout.Places[v.Sequence[at]].Order != order) continue;
            v.Held[v.Sequence[at]] = false;
            FactoryMoves.Move(v.Sequence, at, (int)(at * part));
        }
    }

    /// <summary>One operation goes before one to four others of its machine.</summary>
    private void Ahead(FactoryVector v, int i)
    {
        var machine = layout.Operations[i].Modes[v.Mode[i]].Machine;
        var from = Array.IndexOf(v.Sequence, i);
        var (to, passes) = (from, 1 + luck.Next(4));
        for (var at = from - 1; at >= 0 && passes > 0; at--)
        {
            var other = v.Sequence[at];
            if (layout.Operations[other].Modes is not { Length: > 0 } modes || modes[Math.Min(v.Mode[other], modes.Length - 1)].Machine != machine) continue;
            (to, passes) = (at, passes - 1);
        }
        v.Held[i] = false;
        FactoryMoves.Move(v.Sequence, from, to);
    }

    /// <summary>One operation goes to another machine, at its place in the sequence or somewhat ahead.</summary>
    private bool Elsewhere(FactoryVector v, int i)
    {
        if (layout.Operations[i].Modes.Length < 2) return false;
        (v.Mode[i], v.Held[i]) = (luck.Next(layout.Operations[i].Modes.Length), false);
        if (luck.Next(2) == 0) return true;
        var from = Array.IndexOf(v.Sequence, i);
        FactoryMoves.Move(v.Sequence, from, Math.Max(0, from - luck.Next(60)));
        return true;
    }

    /// <summary>Something that was moved goes where it stood.</summary>
    private bool PutBack(FactoryVector v, FactoryPlan plan)
    {
        for (var tries = 0; tries < 12; tries++)
        {
            var s = plan.Slots[luck.Next(plan.Slots.Length)];
            var i = Index(s);
            if (layout.Standing[i] is not { } old || layout.Operations[i].Begun is not null || !FactoryScoring.IsChange(layout.Problem, old, s)) continue;
            (v.Mode[i], v.Held[i]) = (old.Mode, true);
            return true;
        }
        return false;
    }
}
