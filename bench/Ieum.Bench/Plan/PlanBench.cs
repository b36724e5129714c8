using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Ieum.Bench.Harness;
using Ieum.Plan;

namespace Ieum.Bench.Plan;

/// <summary>Quality of plans on the published instances and on a big shop: gaps to best known values, plain CP-SAT beside it.</summary>
internal static class PlanBench
{
    /// <summary>The parts by name; without --only all of them are run.</summary>
    public static string[] Parts { get; } = ["flexible", "classic", "setups", "first", "big", "replan", "tardiness"];

    /// <param name="options">As in <see cref="PlanVerb.Words"/>.</param>
    /// <param name="sheet">The sheet of each part.</param>
    public static void Run(Func<string, FigureSheet> sheet, IReadOnlyDictionary<string, string> options, Action<string> note)
    {
        var data = Path.Combine(Environment.GetEnvironmentVariable("IEUM_SHARED") ?? "../shared", "data/planning");
        if (!Directory.Exists(data)) throw new DirectoryNotFoundException($"'{data}' is not there; set IEUM_SHARED to the folder of the reference data.");
        var (seconds, longSeconds) = (Number(options, "--seconds", 30), Number(options, "--long-seconds", 60));
        var (threads, seed) = ((int)Number(options, "--threads", 2), (int)Number(options, "--seed", 1));
        var progress = new PlanProgress(Path.Combine(".build", "bench-plan.jsonl"), options.ContainsKey("--fresh"), note);
        var best = BestKnown(data);
        foreach (var part in options.TryGetValue("--only", out var only) ? [only] : Parts)
            switch (part)
            {
                case "flexible":
                    var sample = options.ContainsKey("--full") ? PlanSample.All(data) : PlanSample.Flexible;
                    Gaps(sheet(part), "flexible", sample, data, best, seconds, threads, seed, !options.ContainsKey("--no-peer"), progress);
                    break;
                case "classic": Gaps(sheet(part), "jobShop", PlanSample.Classic, data, best, seconds, threads, seed, false, progress); break;
                case "setups": SetUpBench.Run(sheet(part), data, seconds, threads, seed, longSeconds, shortToo: true, progress, note); break;
                case "setups-long": SetUpBench.Run(sheet(part), data, seconds, threads, seed, longSeconds, shortToo: false, progress, note); break;
                case "first": First(sheet(part), note); break;
                case "big": Big(sheet(part), options.ContainsKey("--full") ? 600 : 120, note); break;
                case "replan": ReplanBench.Run(sheet(part), note); break;
                case "tardiness": TardinessBench.Run(sheet(part), data, options.TryGetValue("--instances", out var names) ? names.Split(',') : null, seconds, threads, seed, progress, note); break;
            }
    }

    private static double Number(IReadOnlyDictionary<string, string> options, string name, double otherwise) =>
        options.TryGetValue(name, out var text) ? double.Parse(text, CultureInfo.InvariantCulture) : otherwise;

    private static Dictionary<string, long> BestKnown(string data)
    {
        Dictionary<string, long> best = [];
        foreach (var file in new[] { "fjsp-bks.json", "jsp-bks.json" })
            using (var document = JsonDocument.Parse(File.ReadAllText(Path.Combine(data, "scheduleopt", file))))
                foreach (var e in document.RootElement.EnumerateArray()) best.TryAdd(e.GetProperty("instance").GetString()!, e.GetProperty("upper_bound").GetInt64());
        // The table names Fisher and Thompson's ft where Hurink's files say mt.
        foreach (var (name, value) in best.Where(b => b.Key.StartsWith("ft", StringComparison.Ordinal)).ToArray()) best.TryAdd($"mt{name[2..]}", value);
        return best;
    }

    internal static SolverProgram? Program() =>
        SolverProgram.Beside(AppContext.BaseDirectory) ?? SolverProgram.Beside(Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", "..", "Ieum.Node", "release")));

    internal static PlanRow Ours(PlanSample.Entry entry, string data, long best, double seconds, int threads, int seed)
    {
        var shop = JobShopFile.Read(Path.Combine(data, entry.File));
        var program = Program();
        var solution = new ShopSolver(TimeProvider.System, program is null ? () => new CpInProcess() : () => new CpProcess(program)).Solve(shop, new(seconds, threads, seed, null), CancellationToken.None);
        return new(entry.Family, entry.Name, "ieum", seconds, threads, seed, solution.Schedule.Makespan, solution.Bound, best, ShopScheduleCheck.Faults(shop, solution.Schedule).Count == 0);
    }

    private static void Gaps(FigureSheet sheet, string name, PlanSample.Entry[] sample, string data, Dictionary<string, long> best,
        double seconds, int threads, int seed, bool peer, PlanProgress progress)
    {
        List<PlanRow> ours = [], plain = [];
        foreach (var entry in sample)
        {
            if (!best.TryGetValue(entry.Name, out var known)) continue;
            ours.Add(progress.Do(entry.Name, "ieum", seconds, threads, seed, () => Ours(entry, data, known, seconds, threads, seed)));
            if (peer)
                plain.Add(progress.Do(entry.Name, "cp-sat", seconds, threads, seed, () =>
                {
                    var (makespan, bound) = PlainCpSat.Makespan(JobShopFile.Read(Path.Combine(data, entry.File)), seconds, threads, seed);
                    return new(entry.Family, entry.Name, "cp-sat", seconds, threads, seed, makespan, bound, known, true);
                }));
        }
        sheet.Add($"{name}Instances", ours.Count);
        sheet.Add($"{name}MeanGapPercent", ours.Average(r => r.GapPercent!.Value));
        sheet.Add($"{name}WorstGapPercent", ours.Max(r => r.GapPercent!.Value));
        sheet.Add($"{name}BestKnownReached", ours.Count(r => r.Makespan <= r.Best));
        sheet.Add($"{name}Proved", ours.Count(r => r.Bound >= r.Makespan));
        sheet.Add($"{name}Refused", ours.Count(r => !r.Verified));
        foreach (var family in ours.GroupBy(r => r.Family)) sheet.Add($"{name}.{family.Key}.MeanGapPercent", family.Average(r => r.GapPercent!.Value));
        if (plain.Count == 0) return;
        sheet.AddPeer("plain CP-SAT", $"{name}MeanGapPercent", Math.Round(plain.Average(r => r.GapPercent!.Value), 3));
        sheet.AddPeer("plain CP-SAT", $"{name}WorstGapPercent", Math.Round(plain.Max(r => r.GapPercent!.Value), 3));
    }

    /// <summary>From the raw problem of 5,000 operations to the first plan that the checker has accepted, five times; the first of them on cold code.</summary>
    private static void First(FigureSheet sheet, Action<string> note)
    {
        var raw = BigShop.Make(5_000, seed: 1);
        List<double> wall = [];
        for (var run = 0; run < 5; run++)
        {
            var begun = Stopwatch.GetTimestamp();
            var (problem, findings) = FactoryCheck.Sift(raw);
            if (findings.Length > 0) throw new InvalidOperationException(findings[0].Message);
            var (layout, sifted) = (new FactoryLayout(problem), Stopwatch.GetElapsedTime(begun).TotalSeconds);
            var decoder = new FactoryDecoder(layout);
            var vector = FactoryDispatch.Build(layout, decoder, FactoryDispatch.Rules[0]);
            var built = Stopwatch.GetElapsedTime(begun).TotalSeconds;
            var plan = decoder.Decode(vector);
            var decoded = Stopwatch.GetElapsedTime(begun).TotalSeconds;
            if (FactoryVerifier.Faults(problem, plan) is { Count: > 0 } faults) throw new InvalidOperationException(faults[0]);
            wall.Add(Stopwatch.GetElapsedTime(begun).TotalSeconds);
            note(string.Create(CultureInfo.InvariantCulture, $"first verified plan of {plan.Slots.Length} operations: {wall[^1]:0.00} s (checked {sifted:0.00}, dispatched {built - sifted:0.00}, placed {decoded - built:0.00}, verified {wall[^1] - decoded:0.00})"));
        }
        sheet.Add("firstVerifiedPlan5000ColdSeconds", wall[0]);
        sheet.Add("firstVerifiedPlan5000MedianSeconds", wall.Order().ElementAt(2));
    }

    private static void Big(FigureSheet sheet, double seconds, Action<string> note)
    {
        var (problem, findings) = FactoryCheck.Sift(BigShop.Make(5_000, seed: 1));
        if (findings.Length > 0) throw new InvalidOperationException(findings[0].Message);
        var (begun, cpu, firstCpu) = (Stopwatch.GetTimestamp(), Environment.CpuUsage.TotalTime, 0.0);
        double Elapsed() => Stopwatch.GetElapsedTime(begun).TotalSeconds;
        var (first, at60, told) = (0.0, 0.0, 0.0);
        var best = FactorySearch.Solve(problem, long.MaxValue, 1, () => Elapsed() >= seconds, plan =>
        {
            if (first == 0) (first, firstCpu) = (Elapsed(), (Environment.CpuUsage.TotalTime - cpu).TotalSeconds);
            if (Elapsed() <= 60) at60 = plan.Score.Total;
            if (Elapsed() < told) return;
            note(string.Create(CultureInfo.InvariantCulture, $"big shop: {plan.Score.Total:0} after {Elapsed():0.0} s"));
            told = Elapsed() + 10;
        });
        var faults = FactoryVerifier.Faults(problem, best);
        if (faults.Count > 0) note(faults[0]);
        sheet.Add("bigShopFirstPlanSeconds", first);
        // On a machine that is busy with other things the processor's own time says more than the clock.
        sheet.Add("bigShopFirstPlanProcessorSeconds", firstCpu);
        sheet.Add($"bigShopOver{seconds.ToString("0", CultureInfo.InvariantCulture)}SecondsPlanAfter60Percent", 100 * (at60 - best.Score.Total) / best.Score.Total);
        sheet.Add("bigShopFaults", faults.Count);
    }
}
