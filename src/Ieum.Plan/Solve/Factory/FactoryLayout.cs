namespace Ieum.Plan;

/// <summary>Flat numbers for the operations of every routing of every order, and who waits for whom.</summary>
internal sealed class FactoryLayout
{
    public FactoryLayout(FactoryProblem problem)
    {
        Problem = problem;
        List<(int, int, int)> places = [];
        for (var o = 0; o < problem.Orders.Length; o++)
            for (var r = 0; r < problem.Orders[o].Routings.Length; r++)
                for (var k = 0; k < problem.Orders[o].Routings[r].Operations.Length; k++) places.Add((o, r, k));
        Places = [.. places];
        Index = Places.Select((p, i) => (p, i)).ToDictionary(x => x.p, x => x.i);
        (Before, After) = (new Edge[Count][], new Edge[Count][]);
        Operations = [.. Places.Select(p => problem.Orders[p.Order].Routings[p.Routing].Operations[p.Operation])];
        for (var i = 0; i < Count; i++)
        {
            var (o, r, k) = Places[i];
            var links = problem.Orders[o].Routings[r].Links;
            Before[i] = [.. links.Where(l => l.To == k).Select(l => new Edge(i - k + l.From, i, l))];
            After[i] = [.. links.Where(l => l.From == k).Select(l => new Edge(i, i - k + l.To, l))];
        }
        Standing = new FactorySlot?[Count];
        foreach (var s in problem.Standing)
            if (Index.TryGetValue((s.Order, s.Routing, s.Operation), out var i) && s.Mode < Operations[i].Modes.Length) Standing[i] = s;
        KeptRouting = [.. Enumerable.Repeat(-1, problem.Orders.Length)];
        foreach (var s in problem.Standing)
            if (s.Start >= 0 && s.Start < problem.FrozenUntil && Index.ContainsKey((s.Order, s.Routing, s.Operation))) KeptRouting[s.Order] = s.Routing;
        Families = [.. problem.Machines.Select(m => m.Family).Concat(Operations.Select(o => o.Family)).Distinct()];
        var families = Families.Select((f, i) => (f, i)).ToDictionary(x => x.f, x => x.i, StringComparer.Ordinal);
        FamilyOf = [.. Operations.Select(o => families[o.Family])];
        TiedAfter = [.. After.Select((a, i) => a.Where(e => e.Link.MaxWait is not null && !Operations[e.To].Done).ToArray())];
        BegunInOrder = [.. Enumerable.Range(0, Count).Where(i => Operations[i] is { Begun: not null, Done: false }).OrderBy(i => Operations[i].Begun!.Rank).ThenBy(i => i)];
        FrozenInOrder = FreezeOrder();
        WindowFrom = new int[problem.Machines.Length + 1];
        for (var m = 0; m < problem.Machines.Length; m++) WindowFrom[m + 1] = WindowFrom[m] + problem.Machines[m].Overtime.Length;
    }

    internal readonly record struct Edge(int From, int To, FactoryLink Link);

    public FactoryProblem Problem { get; }
    public int Count => Places.Length;
    public (int Order, int Routing, int Operation)[] Places { get; }
    public Dictionary<(int Order, int Routing, int Operation), int> Index { get; }
    public FactoryOperation[] Operations { get; }
    public Edge[][] Before { get; }
    public Edge[][] After { get; }
    /// <summary>Those that must follow within a longest wait.</summary>
    public Edge[][] TiedAfter { get; }
    public FactorySlot?[] Standing { get; }
    /// <summary>Routing of each order that has work in the frozen zone: on another way that work would be gone; -1 where the way is free.</summary>
    public int[] KeptRouting { get; }
    public string[] Families { get; }
    public int[] FamilyOf { get; }
    /// <summary>Work that was begun, in the order in which it goes on.</summary>
    public int[] BegunInOrder { get; }
    /// <summary>Work in the frozen zone by its standing begin, each after what it waits for: a step that is fed lot by lot may be set up before the one that feeds it begins.</summary>
    public int[] FrozenInOrder { get; }
    /// <summary>First flat number of the overtime windows of each machine.</summary>
    public int[] WindowFrom { get; }

    private int[] FreezeOrder()
    {
        List<int> waiting = [.. Enumerable.Range(0, Count).Where(i => Standing[i] is { Start: >= 0 } s && s.Start < Problem.FrozenUntil && Operations[i] is { Done: false, Begun: null })
            .OrderBy(i => Standing[i]!.Start).ThenBy(i => i)];
        var (open, order) = (waiting.ToHashSet(), new int[waiting.Count]);
        for (var at = 0; at < order.Length; at++)
        {
            var next = Math.Max(0, waiting.FindIndex(i => Before[i].All(e => !open.Contains(e.From))));
            order[at] = waiting[next];
            open.Remove(order[at]);
            waiting.RemoveAt(next);
        }
        return order;
    }

    /// <summary>Minutes of work: what is left of begun work, a load's own time in a furnace, else pieces times minutes.</summary>
    public long WorkOf(int i, int mode)
    {
        var operation = Operations[i];
        if (operation.Begun is { } begun) return begun.Remaining;
        var per = operation.Modes[mode].PerPiece;
        return operation.Recipe.Length > 0 ? (long)Math.Ceiling(per) : (long)Math.Ceiling(per * Problem.Orders[Places[i].Order].Quantity - 1e-9);
    }

    /// <returns>Null when the machine can never be set up that way.</returns>
    public int? SetUpOf(int i, int mode, int family)
    {
        if (Operations[i].Begun is not null) return 0;
        var m = Operations[i].Modes[mode];
        var machine = Problem.Machines[m.Machine];
        if (machine.Matrix >= 0 && Problem.Matrices[machine.Matrix] is var matrix && matrix.Families.Contains(Families[family]) && matrix.Families.Contains(Operations[i].Family))
            return matrix.Between(Families[family], Operations[i].Family);
        // A family that the matrix does not know is set up as the routing says.
        return family == FamilyOf[i] && Operations[i].Family.Length > 0 ? 0 : m.SetUp;
    }
}

/// <summary>What a search varies: in which order operations are placed, how each is done, which overtime is bought, and what stays where it stands.</summary>
/// <param name="Held">Operations that do not begin before their standing start, though they could.</param>
internal sealed record FactoryVector(int[] Sequence, int[] Mode, int[] Routing, bool[] Overtime, bool[] Held)
{
    public FactoryVector Copy() => new([.. Sequence], [.. Mode], [.. Routing], [.. Overtime], [.. Held]);

    public static FactoryVector Plain(FactoryLayout layout) => new([.. Enumerable.Range(0, layout.Count)],
        [.. layout.Operations.Select(o => o.Begun?.Mode ?? 0)], [.. layout.KeptRouting.Select(r => Math.Max(0, r))], new bool[layout.WindowFrom[^1]], new bool[layout.Count]);
}
