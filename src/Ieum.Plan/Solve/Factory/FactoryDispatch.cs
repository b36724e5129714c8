namespace Ieum.Plan;

/// <summary>Dispatching rules: of what could start before the earliest possible end, the most urgent goes first.</summary>
internal static class FactoryDispatch
{
    /// <summary>Urgency of an operation at a minute; larger goes first.</summary>
    internal delegate double Rule(in Candidate candidate);

    /// <param name="Start">When it could start.</param>
    /// <param name="Left">Minutes of work from it to the end of its order.</param>
    internal readonly record struct Candidate(long Start, long Work, int SetUp, long Left, FactoryOrder Order);

    /// <summary>Earliest due date; least slack; apparent tardiness cost with set-ups (Lee, Bhaskaran and Pinedo 1997); least set-up.</summary>
    public static Rule[] Rules { get; } =
    [
        (in Candidate c) => -c.Order.Due,
        (in Candidate c) => -(c.Order.Due - c.Start - c.Left) * (c.Order.Due - c.Start > c.Left ? 1 : c.Order.Weight),
        (in Candidate c) => c.Order.Weight / Math.Max(1, c.Work) * Math.Exp(-Math.Max(0, c.Order.Due - c.Left - c.Start) / (3.0 * Math.Max(1, c.Work))) * Math.Exp(-c.SetUp / 30.0) + 1e-9 * c.Left,
        (in Candidate c) => -1e6 * c.SetUp - c.Order.Due,
    ];

    public static string[] Names { get; } = ["earliest due date", "least slack", "apparent tardiness cost with set-ups", "least set-up"];

    public static FactoryVector Build(FactoryLayout layout, FactoryDecoder decoder, Rule rule)
    {
        var vector = FactoryVector.Plain(layout);
        decoder.Start(vector);
        var left = Left(layout);
        var machines = layout.Problem.Machines.Length;
        List<int> sequence = [], open = [];
        // What an operation could do depends on its machines alone once it is ready, so only those of machines that changed are looked at again.
        var known = new (int Mode, Candidate C)[layout.Count];
        var state = new (bool Opened, bool Done)[layout.Count];
        var onMachine = new List<int>[machines];
        for (var m = 0; m < machines; m++) onMachine[m] = [];
        var seen = new (long Free, int Family)[machines];
        for (var m = 0; m < machines; m++) seen[m] = (decoder.MachineFree(m), decoder.FamilyOn(m));
        for (var i = 0; i < layout.Count; i++) TryOpen(i);
        while (open.Count > 0)
        {
            var (limit, chosen, urgency) = (long.MaxValue, -1, double.NegativeInfinity);
            foreach (var i in open) limit = Math.Min(limit, known[i].C.Start + known[i].C.SetUp + known[i].C.Work);
            for (var at = 0; at < open.Count; at++)
            {
                var c = known[open[at]].C;
                if (c.Start >= limit && c.Start + c.Work + c.SetUp > limit) continue;
                var u = rule(c);
                if (u > urgency || chosen < 0) (chosen, urgency) = (at, u);
            }
            var next = open[chosen];
            open[chosen] = open[^1];
            open.RemoveAt(open.Count - 1);
            state[next].Done = true;
            sequence.Add(next);
            decoder.SetMode(next, known[next].Mode);
            // What does not fit is told by the decoding that follows; here its followers are simply not reached.
            if (!decoder.IsPlaced(next) && !decoder.Place(next)) continue;
            for (var m = 0; m < machines; m++)
            {
                if (seen[m] == (decoder.MachineFree(m), decoder.FamilyOn(m))) continue;
                seen[m] = (decoder.MachineFree(m), decoder.FamilyOn(m));
                onMachine[m].RemoveAll(i => state[i].Done);
                foreach (var i in onMachine[m]) known[i] = Best(i);
            }
            foreach (var e in layout.After[next]) TryOpen(e.To);
        }
        var reached = sequence.ToHashSet();
        return vector with { Sequence = [.. sequence, .. Enumerable.Range(0, layout.Count).Where(i => !reached.Contains(i))] };

        void TryOpen(int i)
        {
            if (state[i].Opened || layout.Operations[i].Done || !decoder.IsWanted(i)) return;
            foreach (var e in layout.Before[i])
                if (!layout.Operations[e.From].Done && !decoder.IsPlaced(e.From)) return;
            state[i].Opened = true;
            open.Add(i);
            known[i] = Best(i);
            foreach (var m in layout.Operations[i].Modes) onMachine[m.Machine].Add(i);
        }

        (int Mode, Candidate C) Best(int i)
        {
            var order = layout.Problem.Orders[layout.Places[i].Order];
            var ready = decoder.ReadyOf(i) ?? layout.Problem.Horizon;
            var best = (Mode: 0, C: default(Candidate), End: long.MaxValue);
            for (var k = 0; k < layout.Operations[i].Modes.Length; k++)
            {
                var machine = layout.Operations[i].Modes[k].Machine;
                var start = Math.Max(ready, decoder.MachineFree(machine));
                var setUp = layout.SetUpOf(i, k, decoder.FamilyOn(machine));
                var work = layout.WorkOf(i, k);
                if (setUp is null && best.End < long.MaxValue) continue;
                if (start + (setUp ?? 0) + work < best.End) best = (k, new(start, work, setUp ?? 0, left[i], order), start + (setUp ?? 0) + work);
            }
            return layout.Operations[i].Begun is { } begun ? (begun.Mode, best.C) : (best.Mode, best.C);
        }
    }

    /// <summary>Minutes of work from each operation to the end of its routing, itself included, waits and travel too.</summary>
    private static long[] Left(FactoryLayout layout)
    {
        var left = new long[layout.Count];
        Array.Fill(left, -1);
        for (var i = 0; i < layout.Count; i++) Of(i);
        return left;

        long Of(int i)
        {
            if (left[i] >= 0) return left[i];
            long rest = 0;
            foreach (var e in layout.After[i]) rest = Math.Max(rest, Of(e.To) + e.Link.MinWait + (e.Link.Lane >= 0 ? layout.Problem.Lanes[e.Link.Lane].Travel : 0));
            return left[i] = rest + Enumerable.Range(0, layout.Operations[i].Modes.Length).Select(k => layout.WorkOf(i, k)).DefaultIfEmpty(0).Min();
        }
    }
}
