using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using Ieum.Bench.Harness;
using Ieum.Model;
using Ieum.Plan;
using Microsoft.Extensions.DependencyInjection;

namespace Ieum.Bench.Plan;

/// <summary>
/// Weighted tardiness: the planner of the node against plain CP-SAT with the same seconds and threads, and against what a foreman does with a list (earliest due date, apparent tardiness cost).
/// Published instances with due dates and weights by the usual rule (total work content; Singer and Pinedo 1998): due = 1.3 × the job's mean work, the first fifth of the jobs weighs 4, the last 1, the rest 2.
/// Every schedule is checked, and its lateness counted, from the instance alone.
/// </summary>
internal static class TardinessBench
{
    private const double Tightness = 1.3;
    private static readonly DateTimeOffset Now = new(2026, 11, 2, 0, 0, 0, TimeSpan.Zero);

    /// <summary>An instance with what the rule adds to it.</summary>
    private sealed record Late(string Name, JobShop Shop, long[] Due, int[] Weight)
    {
        public static Late Of(PlanSample.Entry entry, string data)
        {
            var shop = JobShopFile.Read(Path.Combine(data, entry.File));
            var work = new double[shop.Jobs];
            foreach (var o in shop.Operations) work[o.Job] += o.Options.Average(x => x.Time);
            return new(entry.Name, shop, [.. work.Select(w => (long)Math.Floor(Tightness * w))], [.. Enumerable.Range(0, shop.Jobs).Select(j => j < shop.Jobs / 5 ? 4 : j >= shop.Jobs - shop.Jobs / 5 ? 1 : 2)]);
        }

        public long Of(ShopSchedule schedule) => Enumerable.Range(0, Shop.Jobs).Sum(j =>
            Weight[j] * Math.Max(0, Enumerable.Range(0, Shop.Operations.Length).Where(i => Shop.Operations[i].Job == j).Max(i => schedule.Slots[i].End) - Due[j]));

        /// <summary>The same as an order book of a factory that never closes; one unit of the instance is a minute.</summary>
        public PlanRequest Request(double seconds)
        {
            var orders = Enumerable.Range(0, Shop.Jobs).Select(j => new Order(new($"J{j:000}"),
                new(new($"J{j:000}"), [.. Shop.Operations.Where(o => o.Job == j).Select(o => (RoutingStep)new RoutingStep.Work((o.Number + 1) * 10, "work",
                    [.. o.Options.Select(x => new MachineOption(new($"M{x.Machine:000}"), TimeSpan.Zero, TimeSpan.FromMinutes(x.Time)))]))]), 1, Now, Now.AddMinutes(Due[j]), Weight[j]));
            return new(Now, [.. orders], Enumerable.Range(0, Shop.Machines).ToImmutableDictionary(m => new MachineId($"M{m:000}"), _ => WorkCalendar.Always(TimeSpan.Zero)), [], [], [], null, "tardiness")
            { Limit = TimeSpan.FromSeconds(seconds), Trials = 1_000_000, Goal = PlanGoal.Default with { Makespan = 0, Flow = 0, SetUp = 0 } };
        }

        public ShopSchedule ScheduleOf(PlanVersion plan)
        {
            var at = plan.Operations.ToDictionary(o => o.Operation);
            return new([.. Shop.Operations.Select(o => at[OperationId.Of(new($"J{o.Job:000}"), (o.Number + 1) * 10)])
                .Select(p => new ShopSlot(int.Parse(p.Machine.Value[1..], CultureInfo.InvariantCulture), (long)(p.Start - Now).TotalMinutes, (long)(p.End - Now).TotalMinutes))]);
        }

        /// <summary>What stands for a solver that found nothing in its time.</summary>
        public ShopSchedule OneAfterAnother()
        {
            var at = 0L;
            return new([.. Shop.Operations.Select(o => new ShopSlot(o.Options[0].Machine, at, at += o.Options[0].Time))]);
        }

        /// <summary>What a dispatching rule makes of it.</summary>
        public ShopSchedule ScheduleBy(FactoryDispatch.Rule rule)
        {
            var layout = new FactoryLayout(FactoryBuilder.Build(Request(0), new PlanOptions()).Problem);
            var decoder = new FactoryDecoder(layout);
            var plan = decoder.Decode(FactoryDispatch.Build(layout, decoder, rule));
            var slots = new ShopSlot[Shop.Operations.Length];
            foreach (var s in plan.Slots)
            {
                var mode = layout.Problem.Orders[s.Order].Routings[0].Operations[s.Operation].Modes[s.Mode];
                var i = Enumerable.Range(0, slots.Length).First(k => Shop.Operations[k].Job == s.Order && Shop.Operations[k].Number == s.Operation);
                slots[i] = new(int.Parse(layout.Problem.Machines[mode.Machine].Id[1..], CultureInfo.InvariantCulture), s.Start, s.End);
            }
            return new([.. slots]);
        }
    }

    /// <param name="names">Only these instances, to try something out; null for all, and the shop with everything.</param>
    public static void Run(FigureSheet sheet, string data, string[]? names, double seconds, int threads, int seed, PlanProgress progress, Action<string> note)
    {
        using var services = new ServiceCollection().AddLogging().AddSingleton(Clocks.Real)
            .AddPlan(o => (o.Effort, o.Threads, o.Seed) = (10_000, threads, seed)).BuildServiceProvider();
        var planner = services.GetRequiredService<IPlanner>();
        List<(long Ours, long Plain, long Edd, long Atc)> rows = [];
        foreach (var entry in PlanSample.Tardiness.Where(e => names?.Contains(e.Name) != false))
        {
            var late = Late.Of(entry, data);
            PlanRow Row(string solver, ShopSchedule schedule, long bound) =>
                new(entry.Family, entry.Name, solver, seconds, threads, seed, late.Of(schedule), bound, 0, ShopScheduleCheck.Faults(late.Shop, schedule).Count == 0);
            var ours = progress.Do(entry.Name, "ieum tardiness", seconds, threads, seed, () =>
            {
                var outcome = planner.PlanAsync(late.Request(seconds), CancellationToken.None).GetAwaiter().GetResult();
                var plan = outcome is PlanOutcome.Planned p ? p.Plan : throw new InvalidOperationException($"{entry.Name}: {outcome}");
                note(plan.Solver);
                return Row("ieum tardiness", late.ScheduleOf(plan), (long)(plan.Bound?.Tardiness ?? 0));
            });
            var plain = progress.Do(entry.Name, "cp-sat tardiness", seconds, threads, seed, () =>
            {
                var (schedule, bound) = PlainCpSat.Tardiness(late.Shop, late.Due, late.Weight, seconds, threads, seed);
                return Row("cp-sat tardiness", schedule ?? late.OneAfterAnother(), bound);
            });
            var (edd, atc) = (Row("edd", late.ScheduleBy(FactoryDispatch.Rules[0]), 0), Row("atc", late.ScheduleBy(FactoryDispatch.Rules[2]), 0));
            if (new[] { ours, plain, edd, atc }.FirstOrDefault(r => !r.Verified) is { } bad) throw new InvalidOperationException($"{entry.Name}: the schedule of {bad.Solver} does not hold.");
            rows.Add((ours.Makespan, plain.Makespan, edd.Makespan, atc.Makespan));
            note(string.Create(CultureInfo.InvariantCulture, $"{entry.Name}: weighted tardiness {ours.Makespan}, plain CP-SAT {plain.Makespan} (bound {plain.Bound}), earliest due date {edd.Makespan}, apparent tardiness cost {atc.Makespan}"));
        }
        // Against the better rule: a gap to the best says nothing where that is 0, and sums would be those of the largest instance.
        double OfRule(Func<(long Ours, long Plain, long Edd, long Atc), long> of) => Math.Round(rows.Average(r => 100.0 * of(r) / Math.Max(1, r.Atc)), 1);
        sheet.Add("tardinessInstances", rows.Count);
        sheet.Add("tardinessMeanOfApparentCostPercent", OfRule(r => r.Ours));
        sheet.Add("tardinessBetterThanPlainCpSat", rows.Count(r => r.Ours < r.Plain));
        sheet.Add("tardinessEqualToPlainCpSat", rows.Count(r => r.Ours == r.Plain));
        sheet.Add("tardinessWorseThanPlainCpSat", rows.Count(r => r.Ours > r.Plain));
        sheet.AddPeer("plain CP-SAT", "tardinessMeanOfApparentCostPercent", OfRule(r => r.Plain));
        sheet.AddPeer("earliest due date", "tardinessMeanOfApparentCostPercent", OfRule(r => r.Edd));
        if (names is null) Rich(sheet);
    }

    /// <summary>A shop with calendars, set-ups and furnaces, which the plain model does not know: 10 s of search against the rules it starts from.</summary>
    private static void Rich(FigureSheet sheet)
    {
        var (edd, atc, search) = (0.0, 0.0, 0.0);
        for (var seed = 1; seed <= 5; seed++)
        {
            var problem = FactoryCheck.Sift(BigShop.Make(200, seed)).Problem with { Goal = new(Tardiness: 1, Makespan: 0, SetUp: 0, Overtime: 0) };
            var layout = new FactoryLayout(problem);
            var decoder = new FactoryDecoder(layout);
            edd += decoder.Decode(FactoryDispatch.Build(layout, decoder, FactoryDispatch.Rules[0])).Score.Tardiness;
            atc += decoder.Decode(FactoryDispatch.Build(layout, decoder, FactoryDispatch.Rules[2])).Score.Tardiness;
            var begun = Stopwatch.GetTimestamp();
            search += FactorySearch.Solve(problem, long.MaxValue, seed, () => Stopwatch.GetElapsedTime(begun).TotalSeconds >= 10).Score.Tardiness;
        }
        sheet.Add("tardinessOfDueDateRulePercent", 100 * search / Math.Max(1, edd));
        sheet.Add("tardinessOfApparentCostRulePercent", 100 * search / Math.Max(1, atc));
    }
}
