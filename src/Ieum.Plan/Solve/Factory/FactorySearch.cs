namespace Ieum.Plan;

/// <summary>Plans a factory: dispatching rules first, then late acceptance over sequences, modes, routings and overtime; any-time.</summary>
internal static class FactorySearch
{
    /// <summary>Length of the memory of late acceptance (Burke and Bykov).</summary>
    private const int Memory = 30;

    /// <param name="trials">Plans tried; the same seed and number give the same plan.</param>
    /// <param name="until">Asked before every trial; true ends the search with the best plan so far.</param>
    /// <param name="told">Told each better plan.</param>
    public static FactoryPlan Solve(FactoryProblem problem, long trials, int seed, Func<bool>? until = null, Action<FactoryPlan>? told = null)
    {
        var layout = new FactoryLayout(problem);
        var decoder = new FactoryDecoder(layout);
        var (vector, best, _) = Start(layout, decoder, until, told);
        return Improve(layout, decoder, vector, best, trials, new Luck(seed), until, told).Plan;
    }

    /// <summary>The best of the dispatching rules and, where there is one, of the standing plan carried on.</summary>
    /// <returns>Its number among <see cref="FactoryDispatch.Names"/>; -1 for the standing plan.</returns>
    /// <param name="steady">Only the standing plan carried on, with and without what could begin earlier.</param>
    public static (FactoryVector Vector, FactoryPlan Plan, int Rule) Start(FactoryLayout layout, FactoryDecoder decoder, Func<bool>? until = null, Action<FactoryPlan>? told = null, bool steady = false)
    {
        (FactoryVector Vector, FactoryPlan Plan, int Rule)? best = null;
        if (!layout.Problem.Standing.IsEmpty) Try(FactoryRepair.Carry(layout), -1);
        if (!layout.Problem.Standing.IsEmpty && steady)
        {
            Try(FactoryRepair.Carry(layout, hold: true), -1);
            Try(FactoryMatchUp.Of(layout), -1);
            return best!.Value;
        }
        for (var r = 0; r < FactoryDispatch.Rules.Length; r++)
        {
            if (best is not null && until?.Invoke() == true) break;
            Try(FactoryDispatch.Build(layout, decoder, FactoryDispatch.Rules[r]), r);
        }
        return best!.Value;

        void Try(FactoryVector vector, int rule)
        {
            var plan = decoder.Decode(vector);
            if (best is not null && plan.Score.Total >= best.Value.Plan.Score.Total) return;
            best = (vector, plan, rule);
            told?.Invoke(plan);
        }
    }

    public static (FactoryVector Vector, FactoryPlan Plan) Improve(FactoryLayout layout, FactoryDecoder decoder, FactoryVector now, FactoryPlan best, long trials, Luck luck,
        Func<bool>? until, Action<FactoryPlan>? told = null, bool steady = false)
    {
        var kept = now;
        if (layout.Count == 0) return (kept, best);
        var score = best.Score.Total;
        var past = new double[Memory];
        Array.Fill(past, score);
        var moves = new FactoryMoves(layout, luck);
        var calm = steady ? new SteadyMoves(layout, luck) : null;
        var plan = best;
        for (long i = 0; i < trials && until?.Invoke() != true; i++)
        {
            var trial = now.Copy();
            if (calm?.Vary(trial, plan) != true) moves.Vary(trial, plan);
            var made = decoder.Score(trial).Total;
            var slot = (int)(i % Memory);
            if (made <= score || made <= past[slot])
            {
                (now, plan, score) = (trial, decoder.Finish(), made);
                if (score < best.Score.Total)
                {
                    (kept, best) = (trial, plan);
                    told?.Invoke(best);
                }
            }
            past[slot] = score;
        }
        return (kept, best);
    }
}

/// <summary>Small changes that have a reason: pull a late order forward, follow the same family, take another machine, buy or save overtime.</summary>
internal sealed class FactoryMoves(FactoryLayout layout, Luck luck)
{
    private readonly int[] _flexible = [.. Enumerable.Range(0, layout.Count).Where(i => layout.Operations[i].Modes.Length > 1 && layout.Operations[i].Begun is null)];
    private readonly int[] _routed = [.. Enumerable.Range(0, layout.Problem.Orders.Length).Where(o => layout.Problem.Orders[o].Routings.Length > 1 && layout.KeptRouting[o] < 0
        && layout.Problem.Orders[o].Routings.All(r => r.Operations.All(x => !x.Done && x.Begun is null)))];

    public void Vary(FactoryVector v, FactoryPlan plan)
    {
        switch (luck.Next(10))
        {
            case 0 or 1 or 2: PullLate(v, plan); break;
            case 3 or 4: JoinFamily(v); break;
            case 5 or 6 when _flexible.Length > 0: var i = _flexible[luck.Next(_flexible.Length)]; v.Mode[i] = luck.Next(layout.Operations[i].Modes.Length); break;
            case 7 when v.Overtime.Length > 0: v.Overtime[luck.Next(v.Overtime.Length)] ^= true; break;
            case 8 when _routed.Length > 0: var o = _routed[luck.Next(_routed.Length)]; v.Routing[o] = luck.Next(layout.Problem.Orders[o].Routings.Length); break;
            default: Move(v.Sequence, luck.Next(v.Sequence.Length), Near(luck.Next(v.Sequence.Length), v.Sequence.Length)); break;
        }
    }

    private int Near(int at, int length) => Math.Clamp(at + luck.Next(41) - 20, 0, length - 1);

    /// <summary>Moves the operations of a late order forward in the sequence, all by the same part of their way.</summary>
    private void PullLate(FactoryVector v, FactoryPlan plan)
    {
        if (plan.Slots.IsEmpty) return;
        var order = plan.Slots[luck.Next(plan.Slots.Length)].Order;
        for (var tries = 0; tries < 8; tries++)
        {
            var s = plan.Slots[luck.Next(plan.Slots.Length)];
            if (s.End <= layout.Problem.Orders[s.Order].Due) continue;
            order = s.Order;
            break;
        }
        var part = luck.Next(100) / 100.0;
        for (var at = 0; at < v.Sequence.Length; at++)
            if (layout.Places[v.Sequence[at]].Order == order && luck.Next(4) > 0) Move(v.Sequence, at, (int)(at * part));
    }

    /// <summary>Puts an operation behind another of its family.</summary>
    private void JoinFamily(FactoryVector v)
    {
        var at = luck.Next(v.Sequence.Length);
        var family = layout.FamilyOf[v.Sequence[at]];
        for (var tries = 0; tries < 30; tries++)
        {
            var other = Math.Clamp(at + luck.Next(401) - 200, 0, v.Sequence.Length - 1);
            if (other == at || layout.FamilyOf[v.Sequence[other]] != family) continue;
            Move(v.Sequence, at, other < at ? other + 1 : other);
            return;
        }
    }

    internal static void Move(int[] sequence, int from, int to)
    {
        var x = sequence[from];
        if (from < to) Array.Copy(sequence, from + 1, sequence, from, to - from);
        else Array.Copy(sequence, to, sequence, to + 1, from - to);
        sequence[to] = x;
    }
}
