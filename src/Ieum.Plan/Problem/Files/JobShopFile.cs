using System.Collections.Immutable;

namespace Ieum.Plan;

/// <summary>Reads the text formats in which job shop instances are published, and tells them apart by their content.</summary>
/// <remarks>
/// Standard JSP (<c>jobs machines</c>, then machine and time in turn), Taillard's (<c>Times</c> and <c>Machines</c> blocks), flexible
/// (<c>.fjs</c>, <c>.txt</c>), flexible with set-up tables per machine behind the jobs, and assembly (<c>operations arcs machines</c>).
/// Machines may count from 0 or from 1; where a file leaves both open, <c>.fjs</c> is read from 1 and others from 0.
/// </remarks>
internal static class JobShopFile
{
    /// <summary>Largest duration or set-up; a longer one is a unit mixed up, and sums must stay inside 32 bits of a solver.</summary>
    public const int LongestTime = 10_000_000;
    private const int MostOperations = 200_000;

    /// <exception cref="JobShopFileException">The file is not there, or breaks its format.</exception>
    public static JobShop Read(string path)
    {
        string text;
        try
        {
            if (new FileInfo(path).Length > 200_000_000) throw new JobShopFileException(PlanRules.FileUnreadable, 0, $"{path}: larger than 200 MB; this is no job shop file.");
            text = File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            throw new JobShopFileException(PlanRules.FileUnreadable, 0, $"{path}: cannot be read: {e.Message} Check the path and your rights.");
        }
        return Parse(path, text);
    }

    /// <param name="path">Only for the name of the instance, for messages, and for <c>.fjs</c>.</param>
    public static JobShop Parse(string path, string text)
    {
        var lines = NumberLines.Of(path, text);
        var numeric = lines.Numeric;
        if (numeric.Length == 0) throw lines.Fault(PlanRules.FileEmpty, 0, "holds no numbers; the first line must tell jobs and machines");
        var name = Path.GetFileNameWithoutExtension(path);
        if (TaillardFormat.Fits(lines)) return Checked(lines, TaillardFormat.Parse(name, lines));
        if (numeric[0].Values.Length < 2)
            throw lines.Fault(PlanRules.FileHeader, numeric[0].Number, "the first line must hold the numbers of jobs and of machines");
        if (AssemblyFormat.Fits(numeric)) return Checked(lines, AssemblyFormat.Parse(name, lines, numeric));
        if (ClassicFormat.Fits(numeric)) return Checked(lines, ClassicFormat.Parse(name, lines, numeric));
        return Checked(lines, FlexibleFormat.Parse(name, lines, numeric));
    }

    private static JobShop Checked(NumberLines lines, JobShop shop)
    {
        if (shop.Operations.IsEmpty) throw lines.Fault(PlanRules.FileEmpty, 0, "has no operation");
        if (shop.Operations.Length > MostOperations) throw lines.Fault(PlanRules.FileOutOfRange, 0, $"has {shop.Operations.Length} operations; at most {MostOperations} are read");
        // Every solver here adds durations in 32 bits.
        var sum = shop.Operations.Sum(o => (long)o.Options.Max(x => x.Time))
            + (shop.SetUps.IsEmpty ? 0 : shop.SetUps.SelectMany(s => s).Where(s => s < ForbiddenSetUp).DefaultIfEmpty().Max() * (long)shop.Operations.Length);
        if (sum > 1_000_000_000) throw lines.Fault(PlanRules.FileOutOfRange, 0, $"all work and set-ups together may last {sum}; at most 1,000,000,000 is planned. Use a coarser unit");
        return shop;
    }

    /// <summary>Published set-up tables write this, or more, where two operations can never follow each other on the machine.</summary>
    public const int ForbiddenSetUp = 1_000_000;

    /// <summary>Whether a file counts its machines from 0 or from 1.</summary>
    /// <exception cref="JobShopFileException">Both 0 and the number of machines occur, or a number lies beyond.</exception>
    internal static int FirstMachine(NumberLines lines, IEnumerable<(int Machine, int Line)> used, int machines)
    {
        var (low, high, highLine) = (int.MaxValue, -1, 0);
        foreach (var (m, line) in used)
        {
            low = Math.Min(low, m);
            if (m > high) (high, highLine) = (m, line);
        }
        if (high > machines || high == machines && low == 0)
            throw lines.Fault(PlanRules.FileMachineUnknown, highLine, $"machine {high} is named, but the first line tells of {machines} machines "
                + (low == 0 ? $"and the file counts from 0, so the last is {machines - 1}" : $"; the last is {machines}"));
        if (low == 0) return 0;
        return high == machines || Path.GetExtension(lines.File).Equals(".fjs", StringComparison.OrdinalIgnoreCase) ? 1 : 0;
    }

    /// <summary>Jobs as chains of operations.</summary>
    internal static JobShop Chains(string name, JobShopKind kind, int machines, IReadOnlyList<IReadOnlyList<ImmutableArray<ShopOption>>> jobs,
        ImmutableArray<ImmutableArray<int>> setUps)
    {
        var operations = ImmutableArray.CreateBuilder<ShopOperation>();
        for (var j = 0; j < jobs.Count; j++)
            for (var o = 0; o < jobs[j].Count; o++)
                operations.Add(new(j, o, jobs[j][o], o == 0 ? [] : [operations.Count - 1]));
        return new(name, kind, machines, jobs.Count, operations.DrainToImmutable(), setUps);
    }
}
