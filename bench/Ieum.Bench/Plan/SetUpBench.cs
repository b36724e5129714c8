using System.Globalization;
using Ieum.Bench.Harness;
using Ieum.Plan;

namespace Ieum.Bench.Plan;

/// <summary>Flexible shops with set-ups. No best known values are published for these files, so the reference is the best of ten long runs; where one of them proves its schedule the rest is left out.</summary>
internal static class SetUpBench
{
    private const string File = "bench/results/plan-setups.jsonl";
    private const int Runs = 10;

    /// <param name="shortToo">False: only the long runs that are missing, for the background.</param>
    /// <param name="longSeconds">Processor seconds of one long run on one thread; they do not shrink when the machine has other things to do.</param>
    public static void Run(FigureSheet sheet, string data, double seconds, int threads, int seed, double longSeconds, bool shortToo, PlanProgress progress, Action<string> note)
    {
        var references = new PlanProgress(File, fresh: false, note);
        List<(PlanRow Ours, long Reference, bool Proved)> rows = [];
        // Run by run over all instances: broken off, each instance has about as many. What is proved needs no further run.
        var runs = PlanSample.SetUps.ToDictionary(e => e.Name, _ => new List<PlanRow>());
        foreach (var k in Enumerable.Range(0, Runs))
            foreach (var e in PlanSample.SetUps.Where(e => runs[e.Name].All(r => r.Bound < r.Makespan)))
                runs[e.Name].Add(references.Do(e.Name, "ieum long", longSeconds, 1, 100 + k, () => Long(e, data, longSeconds, 100 + k)));
        if (!shortToo) return;
        foreach (var entry in PlanSample.SetUps)
        {
            var ours = progress.Do(entry.Name, "ieum", seconds, threads, seed, () => PlanBench.Ours(entry, data, 1, seconds, threads, seed));
            var bound = Math.Max(ours.Bound, runs[entry.Name].Max(r => r.Bound));
            rows.Add((ours, Math.Min(ours.Makespan, runs[entry.Name].Min(r => r.Makespan)), bound >= ours.Makespan));
            note(string.Create(CultureInfo.InvariantCulture, $"{entry.Name}: {ours.Makespan} in {seconds} s, {runs[entry.Name].Count} long runs {string.Join(' ', runs[entry.Name].Select(r => r.Makespan))}, no schedule is shorter than {bound}"));
        }
        sheet.Add("setUpsMeanGapToLongRunsPercent", rows.Average(r => 100.0 * (r.Ours.Makespan - r.Reference) / r.Reference));
        sheet.Add("setUpsWorstGapToLongRunsPercent", rows.Max(r => 100.0 * (r.Ours.Makespan - r.Reference) / r.Reference));
        sheet.Add("setUpsReached", rows.Count(r => r.Ours.Makespan <= r.Reference));
        sheet.Add("setUpsProved", rows.Count(r => r.Proved));
        sheet.Add("setUpsRefused", rows.Count(r => !r.Ours.Verified));
        sheet.Add("setUpsLongRuns", Runs);
        sheet.Add("setUpsLongRunProcessorSeconds", longSeconds);
    }

    private static PlanRow Long(PlanSample.Entry entry, string data, double seconds, int seed)
    {
        var shop = JobShopFile.Read(Path.Combine(data, entry.File));
        // CP-SAT inside, so that its time counts too.
        var solution = new ShopSolver(new ProcessorClock(), () => new CpInProcess()).Solve(shop, new(seconds, 1, seed, null), CancellationToken.None);
        return new(entry.Family, entry.Name, "ieum long", seconds, 1, seed, solution.Schedule.Makespan, solution.Bound, solution.Schedule.Makespan, ShopScheduleCheck.Faults(shop, solution.Schedule).Count == 0);
    }

    /// <summary>Counts the processor's time of this process instead of the wall's.</summary>
    private sealed class ProcessorClock : TimeProvider
    {
        public override long TimestampFrequency => TimeSpan.TicksPerSecond;
        public override long GetTimestamp() => Environment.CpuUsage.TotalTime.Ticks;
    }
}
