using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using Ieum.Bench.Harness;
using Ieum.Model;
using Ieum.Plan;
using Microsoft.Extensions.DependencyInjection;

namespace Ieum.Bench.Plan;

/// <summary>How long a planner waits at a standing plan of 500 operations: a breakdown, one more order, a drag. Wall time, and processor time for loaded machines.</summary>
internal static class ReplanBench
{
    private static readonly TimeSpan Zone = TimeSpan.FromHours(9);
    private static readonly DateTimeOffset Now = new(2026, 11, 2, 8, 0, 0, Zone);

    public static void Run(FigureSheet sheet, Action<string> note)
    {
        using var services = new ServiceCollection().AddLogging().AddSingleton(Clocks.Real).AddPlan().BuildServiceProvider();
        var planner = services.GetRequiredService<IPlanner>();
        var request = Shop(seed: 1) with { Limit = TimeSpan.FromSeconds(10) };
        PlanVersion Timed(string name, PlanRequest r)
        {
            var (begun, cpu) = (Stopwatch.GetTimestamp(), Environment.CpuUsage.TotalTime);
            var outcome = planner.PlanAsync(r, CancellationToken.None).GetAwaiter().GetResult();
            var (wall, used) = (Stopwatch.GetElapsedTime(begun).TotalSeconds, (Environment.CpuUsage.TotalTime - cpu).TotalSeconds);
            if (outcome is not PlanOutcome.Planned p) throw new InvalidOperationException($"{name}: {outcome}");
            sheet.Add($"{name}Seconds", wall);
            sheet.Add($"{name}ProcessorSeconds", used);
            sheet.Add($"{name}Changes", p.Plan.Score!.Changes);
            note(string.Create(CultureInfo.InvariantCulture, $"{name}: {p.Plan.Operations.Length} operations, {p.Plan.Score!.Changes} moved, {p.Plan.Late.Count()} late, {wall:0.00} s, {used:0.00} s of processor, {p.Plan.Solver}"));
            return p.Plan;
        }
        var plan = Timed("first500", request);
        // A thousand runs by chance, on warm code: the second of two.
        PlanRisk.Of(request, plan, []);
        var (drawn, drawnCpu) = (Stopwatch.GetTimestamp(), Environment.CpuUsage.TotalTime);
        var risk = PlanRisk.Of(request, plan, []);
        sheet.Add("risk500Runs", risk.Runs);
        sheet.Add("risk500Seconds", Stopwatch.GetElapsedTime(drawn).TotalSeconds);
        sheet.Add("risk500ProcessorSeconds", (Environment.CpuUsage.TotalTime - drawnCpu).TotalSeconds);
        // Two hours later, and everything went as planned.
        var actuals = plan.Operations.Where(o => o.Start < Now.AddHours(2)).Select(o => o.End <= Now.AddHours(2)
            ? new OperationActual(o.Operation, OperationStatus.Finished, o.Machine, o.Start, o.End, o.Quantity, 0)
            : new OperationActual(o.Operation, OperationStatus.Running, o.Machine, o.Start, null, 0, 0)).ToImmutableArray();
        var standing = request with { Parent = plan, Actuals = actuals, Now = Now.AddHours(2), Goal = PlanGoal.Default with { Stability = PlanGoal.Steady }, FrozenUntil = Now.AddHours(3) };
        var dragged = standing.Parent!.Operations.First(o => o.Start > Now.AddDays(1));
        Timed("drag500", standing with { FrozenUntil = null, KeepSequence = true, Locks = [new(dragged.Operation, dragged.Machine, dragged.Start.AddHours(3))] });
        Timed("steadyRepair500", standing with { Steady = true, KeepSequence = true, Down = [(dragged.Machine, new TimeRange(Now, Now.AddHours(30)))] });
        Timed("matchUp500", standing with { Steady = true, Trials = 0, Down = [(dragged.Machine, new TimeRange(Now, Now.AddHours(30)))] });
        Timed("breakdown500", standing with { Steady = true, Limit = TimeSpan.FromSeconds(4), Down = [(dragged.Machine, new TimeRange(Now, Now.AddHours(30)))] });
        // Each thing that can happen: the ranked ways out, from the question to the answer.
        var soon = standing.Parent!.Operations.Where(o => o.Start > standing.Now && actuals.All(x => x.Operation != o.Operation)).OrderBy(o => o.Start).ToArray();
        foreach (var (what, change) in new (string, PlanChange)[]
        {
            ("breakdown", new PlanChange.MachineDown(dragged.Machine, new TimeRange(standing.Now, Now.AddHours(30)))),
            ("absent", new PlanChange.MachineDown(soon[3].Machine, new TimeRange(standing.Now, Now.AddHours(14)))),
            ("lateMaterial", new PlanChange.OrderWaits(soon[0].Order, Now.AddDays(2))),
            ("scrap", new PlanChange.Scrapped(soon[5].Order, 5)),
            ("rush", new PlanChange.OrderIs(Order(new Random(5), 8_888, standing.Now) is var o ? new(o.Id, o.Routing, o.Quantity, o.Release.AddDays(-9), standing.Now.AddDays(1), 20) : throw new InvalidOperationException())),
        })
        {
            var (asked, used) = (Stopwatch.GetTimestamp(), Environment.CpuUsage.TotalTime);
            var answer = services.GetRequiredService<IReplanner>().AlternativesAsync(standing with { Goal = PlanGoal.Default, FrozenUntil = null, Limit = null }, [change], CancellationToken.None).GetAwaiter().GetResult();
            sheet.Add($"{what}500Seconds", Stopwatch.GetElapsedTime(asked).TotalSeconds);
            sheet.Add($"{what}500ProcessorSeconds", (Environment.CpuUsage.TotalTime - used).TotalSeconds);
            sheet.Add($"{what}500BestMoved", answer.Alternatives[0].Figures.Moved);
            sheet.Add($"{what}500BestWorsePromises", answer.Alternatives[0].Figures.Worse);
            sheet.Add($"{what}500NothingMoved", answer.Alternatives.First(x => x.Kind == AlternativeKind.Nothing).Figures.Moved);
            note($"{what}: {Stopwatch.GetElapsedTime(asked).TotalSeconds:0.0} s");
            foreach (var x in answer.Alternatives)
                note(string.Create(CultureInfo.InvariantCulture, $"  {x.Rank}. {x.Kind}: {x.Figures.Late} late, {x.Figures.Tardiness.TotalHours:0.0} h x weight, {x.Figures.Moved} moved, {x.Figures.Shifted} shifted, {x.Figures.Worse} promises worse, overtime {x.Figures.Overtime.TotalHours:0.0} h, until {x.Until}"));
        }
        var more = Order(new Random(7), 9_999, standing.Now);
        Timed("breakdownAnew500", standing with { Limit = TimeSpan.FromSeconds(4), Down = [(dragged.Machine, new TimeRange(Now, Now.AddHours(30)))] });
        Timed("oneMore500", standing with { Steady = true, Limit = TimeSpan.FromSeconds(8), Orders = standing.Orders.Add(more) });
        var (promised, promiseCpu) = (Stopwatch.GetTimestamp(), Environment.CpuUsage.TotalTime);
        var quote = services.GetRequiredService<IPlanAdvisor>().PromiseAsync(standing with { Goal = PlanGoal.Default, FrozenUntil = null, Limit = null }, more, CancellationToken.None).GetAwaiter().GetResult();
        sheet.Add("promise500Seconds", Stopwatch.GetElapsedTime(promised).TotalSeconds);
        sheet.Add("promise500ProcessorSeconds", (Environment.CpuUsage.TotalTime - promiseCpu).TotalSeconds);
        sheet.Add("promise500Offers", quote.Offers.Length);
        foreach (var x in quote.Offers) note(string.Create(CultureInfo.InvariantCulture, $"promise {x.Way}: {x.Finish}, overtime {x.Overtime.TotalHours:0.0} h, pushes {x.Pushes.Length}"));
    }

    private static PlanRequest Shop(int seed)
    {
        var random = new Random(seed);
        var days = new[] { DayOfWeek.Monday, DayOfWeek.Tuesday, DayOfWeek.Wednesday, DayOfWeek.Thursday, DayOfWeek.Friday };
        var calendar = new WorkCalendar(Zone, days.ToDictionary(d => d, _ => (IReadOnlyList<Shift>)[new(TimeSpan.FromHours(8), TimeSpan.FromHours(12)), new(TimeSpan.FromHours(13), TimeSpan.FromHours(22))]));
        var orders = Enumerable.Range(0, 100).Select(i => Order(random, i, Now)).ToImmutableArray();
        return new(Now, orders, Enumerable.Range(0, 12).ToImmutableDictionary(m => new MachineId($"M{m:00}"), _ => calendar), [], [], [], null, "first");
    }

    private static Order Order(Random random, int number, DateTimeOffset now)
    {
        var steps = Enumerable.Range(1, 5).Select(s => (RoutingStep)new RoutingStep.Work(s * 10, "work",
            [.. Enumerable.Range(0, 12).OrderBy(_ => random.Next()).Take(random.Next(1, 4)).Select(m => new MachineOption(new($"M{m:00}"), TimeSpan.FromMinutes(20), TimeSpan.FromSeconds(random.Next(60, 400))))]));
        return new(new($"O{number:0000}"), new(new($"I{number:0000}"), [.. steps]), random.Next(10, 40), now.AddDays(random.Next(5)), now.AddDays(random.Next(6, 16)), 1 + random.Next(4));
    }
}
