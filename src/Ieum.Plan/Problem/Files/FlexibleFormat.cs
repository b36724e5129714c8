using System.Collections.Immutable;

namespace Ieum.Plan;

/// <summary>
/// Flexible job shop: <c>jobs machines [average]</c>; per job the number of operations, and per operation the number of machines
/// and that many pairs of machine and time. Set-up tables may follow: machines × operations rows of one number per operation.
/// </summary>
internal static class FlexibleFormat
{
    public static JobShop Parse(string name, NumberLines lines, NumberLines.Line[] numeric)
    {
        var header = numeric[0];
        var jobCount = lines.Whole(header.Values[0], header.Number, 100_000, "the number of jobs");
        var machines = lines.Whole(header.Values[1], header.Number, 100_000, "the number of machines");
        if (numeric.Length == jobCount + 1) CheckRows(lines, numeric, jobCount, machines);
        var words = new Reader(lines, [.. numeric.Skip(1)]);
        List<List<(List<ShopOption> Options, int Line)>> jobs = [];
        for (var j = 0; j < jobCount; j++)
        {
            var operations = words.Next(100_000, $"the number of operations of job {j}");
            List<(List<ShopOption>, int)> job = [];
            for (var o = 0; o < operations; o++)
            {
                var count = words.Next(machines, $"the number of machines of job {j}, operation {o}");
                if (count == 0) throw lines.Fault(PlanRules.FileNoMachine, words.Line, $"job {j}, operation {o} names no machine that can do it; name at least one");
                List<ShopOption> options = [];
                for (var k = 0; k < count; k++)
                {
                    var machine = words.Next(machines, $"a machine of job {j}, operation {o}");
                    var time = words.Next(JobShopFile.LongestTime, $"the duration of job {j}, operation {o} on machine {machine}", "take a coarser unit");
                    if (options.Exists(x => x.Machine == machine))
                        throw lines.Fault(PlanRules.FileMachineTwice, words.Line, $"job {j}, operation {o} names machine {machine} twice; leave one");
                    options.Add(new(machine, time));
                }
                job.Add((options, words.Line));
            }
            jobs.Add(job);
        }
        var first = JobShopFile.FirstMachine(lines, jobs.SelectMany(j => j.SelectMany(o => o.Options.Select(x => (x.Machine, o.Line)))), machines);
        var setUps = SetUps(lines, words, machines, jobs.Sum(j => j.Count));
        if (!words.AtEnd) throw lines.Fault(PlanRules.FileTooLong, words.Line, $"more numbers follow than {jobCount} jobs need; check the counts before them");
        var made = jobs.Select(j => (IReadOnlyList<ImmutableArray<ShopOption>>)[.. j.Select(o => o.Options.Select(x => x with { Machine = x.Machine - first }).ToImmutableArray())]).ToList();
        var flexible = jobs.Any(j => j.Any(o => o.Options.Count > 1));
        return JobShopFile.Chains(name, !setUps.IsEmpty ? JobShopKind.FlexibleWithSetUps : flexible ? JobShopKind.Flexible : JobShopKind.Classic, machines, made, setUps);
    }

    /// <summary>Where every job has a line of its own, a slip in one is told there, not at the end of the file to which it would carry on.</summary>
    private static void CheckRows(NumberLines lines, NumberLines.Line[] numeric, int jobs, int machines)
    {
        for (var j = 0; j < jobs; j++)
        {
            var (row, at) = (numeric[j + 1].Values, 1);
            for (var o = 0; o < row[0] && at <= row.Length; o++)
            {
                // A count that is none is told by the reading that follows.
                if (at < row.Length && !(row[at] >= 0 && row[at] <= machines)) return;
                at += at < row.Length ? 1 + 2 * (int)row[at] : 1;
            }
            if (at > row.Length)
                throw lines.Fault(PlanRules.FileTooShort, numeric[j + 1].Number, $"job {j} ends after {row.Length} numbers; its {row[0]} operations with their counts of machines ask for more. Add what is missing, or correct the counts");
            if (at < row.Length)
                throw lines.Fault(PlanRules.FileTooLong, numeric[j + 1].Number, $"job {j} has {row.Length} numbers; its {row[0]} operations with their counts of machines use {at}. Remove the rest, or correct the counts");
        }
    }

    private static ImmutableArray<ImmutableArray<int>> SetUps(NumberLines lines, Reader words, int machines, int operations)
    {
        if (words.AtEnd || machines == 0) return [];
        var (left, wanted) = (words.Left, (long)machines * operations * operations);
        if (left != wanted)
            throw lines.Fault(PlanRules.FileRowCount, words.NextLine,
                $"{left} numbers follow the jobs; set-up tables of {machines} machines and {operations} operations would be {wanted}. Fill the hole, or correct the counts before it");
        var tables = ImmutableArray.CreateBuilder<ImmutableArray<int>>(machines);
        for (var m = 0; m < machines; m++)
        {
            var table = ImmutableArray.CreateBuilder<int>(operations * operations);
            for (var i = 0; i < operations * operations; i++) table.Add(words.Next(JobShopFile.LongestTime, $"a set-up of machine {m}"));
            tables.Add(table.MoveToImmutable());
        }
        return tables.MoveToImmutable();
    }

    /// <summary>Numbers one after another, whatever the line breaks.</summary>
    private sealed class Reader(NumberLines lines, NumberLines.Line[] rest)
    {
        private int _line, _word;

        /// <summary>Line of the number read last.</summary>
        public int Line { get; private set; } = rest.Length > 0 ? rest[0].Number : 0;
        public int NextLine => _line < rest.Length ? rest[_line].Number : Line;
        public bool AtEnd => _line >= rest.Length;
        public long Left => rest.Skip(_line).Sum(l => (long)l.Values.Length) - _word;

        public int Next(int most, string what, string remedy = "")
        {
            if (AtEnd) throw lines.Fault(PlanRules.FileTooShort, Line, $"the file ends before {what}; add what is missing, or correct the counts before it");
            Line = rest[_line].Number;
            var value = lines.Whole(rest[_line].Values[_word], Line, most, what, remedy);
            if (++_word == rest[_line].Values.Length) (_line, _word) = (_line + 1, 0);
            return value;
        }
    }
}
