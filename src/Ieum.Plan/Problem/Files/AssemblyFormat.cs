using System.Collections.Immutable;

namespace Ieum.Plan;

/// <summary>
/// Flexible job shop with assembly (Birgin et al. 2014): <c>operations arcs machines</c>, one line <c>before after</c> per arc,
/// one line per operation: number of machines, then pairs of machine and time. A job is what arcs hold together.
/// </summary>
internal static class AssemblyFormat
{
    public static bool Fits(NumberLines.Line[] lines)
    {
        if (lines[0].Values is not [var operations, var arcs, var machines] || operations < 1 || arcs < 0 || machines < 1) return false;
        if (lines.Length != 1 + arcs + operations) return false;
        for (var i = 1; i <= arcs; i++)
            if (lines[i].Values is not [var a, var b] || a < 0 || b < 0 || a >= operations || b >= operations) return false;
        return lines.Skip(1 + (int)arcs).All(l => l.Values.Length == 1 + 2 * l.Values[0]);
    }

    public static JobShop Parse(string name, NumberLines lines, NumberLines.Line[] numeric)
    {
        var (n, arcs, machines) = ((int)numeric[0].Values[0], (int)numeric[0].Values[1], (int)numeric[0].Values[2]);
        var before = Enumerable.Range(0, n).Select(_ => new List<int>()).ToArray();
        // Union-find: operations joined by an arc are one job.
        var joined = Enumerable.Range(0, n).ToArray();
        foreach (var line in numeric.Skip(1).Take(arcs))
        {
            var (a, b) = ((int)line.Values[0], (int)line.Values[1]);
            if (!before[b].Contains(a)) before[b].Add(a);
            joined[Root(a)] = Root(b);
        }
        var rows = numeric.Skip(1 + arcs).ToArray();
        var first = JobShopFile.FirstMachine(lines, rows.SelectMany(l => l.Values.Where((_, i) => i % 2 == 1).Select(v => (lines.Whole(v, l.Number, machines, "a machine"), l.Number))), machines);
        var jobOf = new Dictionary<int, int>();
        var made = new int[n];
        var operations = ImmutableArray.CreateBuilder<ShopOperation>(n);
        for (var i = 0; i < n; i++)
        {
            var row = rows[i];
            if (row.Values[0] < 1) throw lines.Fault(PlanRules.FileNoMachine, row.Number, $"operation {i} names no machine that can do it; name at least one");
            var options = Enumerable.Range(0, (int)row.Values[0]).Select(k => new ShopOption((int)row.Values[1 + 2 * k] - first,
                lines.Whole(row.Values[2 + 2 * k], row.Number, JobShopFile.LongestTime, "a duration", "take a coarser unit"))).ToImmutableArray();
            if (options.DistinctBy(o => o.Machine).Count() != options.Length) throw lines.Fault(PlanRules.FileMachineTwice, row.Number, $"operation {i} names a machine twice; leave one");
            var job = jobOf.TryGetValue(Root(i), out var known) ? known : jobOf[Root(i)] = jobOf.Count;
            operations.Add(new(job, made[job]++, options, [.. before[i]]));
        }
        if (HasCircle(before)) throw lines.Fault(PlanRules.FileCircle, 0, "the arcs form a circle, so no operation of it can ever be first; remove one arc");
        return new(name, JobShopKind.FlexibleAssembly, machines, jobOf.Count, operations.MoveToImmutable(), []);

        int Root(int i)
        {
            while (joined[i] != i) i = joined[i] = joined[joined[i]];
            return i;
        }
    }

    private static bool HasCircle(List<int>[] before)
    {
        var after = Enumerable.Range(0, before.Length).Select(_ => new List<int>()).ToArray();
        var waiting = before.Select(b => b.Count).ToArray();
        for (var i = 0; i < before.Length; i++) foreach (var b in before[i]) after[b].Add(i);
        var free = new Stack<int>(Enumerable.Range(0, before.Length).Where(i => waiting[i] == 0));
        var seen = 0;
        while (free.TryPop(out var i))
        {
            seen++;
            foreach (var a in after[i]) if (--waiting[a] == 0) free.Push(a);
        }
        return seen < before.Length;
    }
}
