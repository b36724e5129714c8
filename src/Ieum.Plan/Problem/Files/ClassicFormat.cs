using System.Collections.Immutable;

namespace Ieum.Plan;

/// <summary>Standard JSP text: <c>jobs machines</c>, then one line per job with machine and time in turn, every machine once.</summary>
internal static class ClassicFormat
{
    /// <summary>Every job visits every machine exactly once: no flexible file looks like that by chance.</summary>
    public static bool Fits(NumberLines.Line[] lines)
    {
        var (jobs, machines) = (lines[0].Values[0], lines[0].Values[1]);
        if (machines < 1 || lines.Length != jobs + 1) return false;
        foreach (var line in lines.Skip(1))
        {
            if (line.Values.Length != 2 * machines) return false;
            var visited = Enumerable.Range(0, (int)machines).Select(i => line.Values[2 * i]).Order().ToArray();
            var first = visited[0];
            if (first is not (0 or 1)) return false;
            for (var i = 0; i < visited.Length; i++)
                if (visited[i] != first + i) return false;
        }
        return true;
    }

    public static JobShop Parse(string name, NumberLines lines, NumberLines.Line[] numeric)
    {
        var machines = (int)numeric[0].Values[1];
        var first = numeric.Skip(1).Min(l => l.Values.Where((_, i) => i % 2 == 0).Min());
        List<IReadOnlyList<ImmutableArray<ShopOption>>> jobs = [];
        foreach (var line in numeric.Skip(1))
            jobs.Add([.. Enumerable.Range(0, machines).Select(i => ImmutableArray.Create(new ShopOption(
                (int)(line.Values[2 * i] - first), lines.Whole(line.Values[2 * i + 1], line.Number, JobShopFile.LongestTime, "a duration", "take a coarser unit"))))]);
        return JobShopFile.Chains(name, JobShopKind.Classic, machines, jobs, []);
    }
}

/// <summary>Taillard's own layout: a block of times and a block of machines, one row per job; machines from 1.</summary>
internal static class TaillardFormat
{
    public static bool Fits(NumberLines lines) => lines.Lines.Any(l => Is(l, "times")) && lines.Lines.Any(l => Is(l, "machines"));

    private static bool Is(NumberLines.Line line, string word) => line.Word is { } w && w.StartsWith(word, StringComparison.OrdinalIgnoreCase);

    public static JobShop Parse(string name, NumberLines lines)
    {
        var all = lines.Lines;
        var header = all.TakeWhile(l => !Is(l, "times")).FirstOrDefault(l => l.Word is null && l.Values.Length >= 2)
            ?? throw lines.Fault(PlanRules.FileHeader, 0, "no line tells the numbers of jobs and of machines");
        var jobs = lines.Whole(header.Values[0], header.Number, 100_000, "the number of jobs");
        var machines = lines.Whole(header.Values[1], header.Number, 100_000, "the number of machines");
        var times = Block(lines, "times", jobs, machines);
        var visits = Block(lines, "machines", jobs, machines);
        var first = JobShopFile.FirstMachine(lines, visits.SelectMany(l => l.Values.Select(v => (lines.Whole(v, l.Number, machines, "a machine"), l.Number))), machines);
        List<IReadOnlyList<ImmutableArray<ShopOption>>> made = [];
        for (var j = 0; j < jobs; j++)
            made.Add([.. Enumerable.Range(0, machines).Select(i => ImmutableArray.Create(new ShopOption(
                (int)visits[j].Values[i] - first, lines.Whole(times[j].Values[i], times[j].Number, JobShopFile.LongestTime, "a duration", "take a coarser unit"))))]);
        return JobShopFile.Chains(name, JobShopKind.Classic, machines, made, []);
    }

    private static NumberLines.Line[] Block(NumberLines lines, string word, int jobs, int machines)
    {
        // "Nb of jobs, Nb of Machines, …" is a heading of the header, not the block of machines.
        var at = Array.FindLastIndex(lines.Lines, l => Is(l, word));
        var block = lines.Lines.Skip(at + 1).TakeWhile(l => l.Word is null).ToArray();
        if (block.Length != jobs)
            throw lines.Fault(PlanRules.FileRowCount, lines.Lines[at].Number, $"the block '{word}' has {block.Length} rows; there are {jobs} jobs");
        if (block.FirstOrDefault(l => l.Values.Length != machines) is { } bad)
            throw lines.Fault(PlanRules.FileRowLength, bad.Number, $"the row has {bad.Values.Length} numbers; there are {machines} machines");
        return block;
    }
}
