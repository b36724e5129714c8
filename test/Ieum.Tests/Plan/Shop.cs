using System.Collections.Immutable;
using Ieum.Model;
using Ieum.Plan;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Ieum.Tests.Plan;

/// <summary>A small workshop like Solbaram: four machines, two shifts a day, Saturday morning.</summary>
internal static class Shop
{
    public static readonly TimeSpan Korea = 9.Hours;
    public static readonly MachineId Mc1 = new("B-MC1"), Mc2 = new("B-MC2"), L1 = new("B-L1"), Hon = new("B-HON");

    public static readonly WorkCalendar TwoShifts = new(Korea,
        new[] { DayOfWeek.Monday, DayOfWeek.Tuesday, DayOfWeek.Wednesday, DayOfWeek.Thursday, DayOfWeek.Friday }
            .ToDictionary(d => d, _ => (IReadOnlyList<Shift>)[new Shift(8.Hours, 12.Hours), new Shift(13.Hours, 18.Hours)])
            .Append(new(DayOfWeek.Saturday, [new Shift(8.Hours, 12.Hours)])).ToDictionary());

    /// <summary>November 2026; the 2nd is a Monday.</summary>
    public static DateTimeOffset At(int day, int hour, int minute = 0) => new(2026, 11, day, hour, minute, 0, Korea);

    public static RoutingStep.Work Work(int step, params (MachineId Machine, TimeSpan SetUp, TimeSpan PerPiece)[] options) =>
        new(step, $"step {step}", [.. options.Select(o => new MachineOption(o.Machine, o.SetUp, o.PerPiece))]);

    public static Order Order(string id, int quantity, DateTimeOffset release, DateTimeOffset due, params RoutingStep[] steps) =>
        Order(id, "ITEM-" + id, quantity, release, due, 1, steps);

    public static Order Order(string id, string item, int quantity, DateTimeOffset release, DateTimeOffset due, int weight, params RoutingStep[] steps) =>
        new(new(id), new(new(item), [.. steps]), quantity, release, due, weight);

    public static PlanRequest Request(DateTimeOffset now, params Order[] orders) => new(now, [.. orders],
        orders.SelectMany(o => o.Routing.Steps.OfType<RoutingStep.Work>()).SelectMany(w => w.Options).Select(o => o.Machine).Distinct()
            .ToImmutableDictionary(m => m, _ => TwoShifts), [], [], [], null, "first");

    /// <summary>Solbaram's part of lots 1 to 4 and its private load, released at 2 November.</summary>
    public static PlanRequest Solbaram()
    {
        List<Order> orders = [];
        for (var lot = 1; lot <= 4; lot++)
        {
            orders.Add(Order($"PO-2611-031-{lot}-BODY", "BODY", 60, At(4 + (lot - 1) / 2, 9), At(13 + lot, 18), 2,
                Work(50, (Mc1, 90.Minutes, 930.Seconds), (Mc2, 2.Hours, 21.Minutes)), Work(60, (Hon, 30.Minutes, 2.Minutes))));
            orders.Add(Order($"PO-2611-031-{lot}-SPOOL", "SPOOL", 63, At(2, 8), At(5 + lot, 18), 2, Work(10, (L1, 1.Hours, 252.Seconds))));
        }
        orders.Add(Order("own-1", "OWN-1", 1, At(2, 8), At(4, 18), 1, Work(10, (Mc1, 11.Hours, TimeSpan.Zero))));
        orders.Add(Order("own-2", "OWN-2", 1, At(2, 8), At(6, 18), 1, Work(10, (Mc2, 30.Hours, TimeSpan.Zero))));
        orders.Add(Order("own-3", "OWN-3", 1, At(9, 8), At(12, 18), 1, Work(10, (Mc2, 16.Hours, TimeSpan.Zero))));
        orders.Add(Order("own-4", "OWN-4", 1, At(11, 8), At(18, 18), 1, Work(10, (Mc2, 40.Hours, TimeSpan.Zero))));
        orders.Add(Order("own-5", "OWN-5", 1, At(2, 8), At(4, 18), 1, Work(10, (L1, 10.Hours, TimeSpan.Zero))));
        return Request(At(2, 8), [.. orders]);
    }

    public static PlanOptions Quick(Action<PlanOptions>? change = null)
    {
        // The deterministic effort ends the search; the wall clock only guards a stuck machine.
        var options = new PlanOptions { SolveLimit = 60.Seconds, Effort = 0.5, Trials = 500 };
        change?.Invoke(options);
        return options;
    }

    public static IPlanner Planner(PlanOptions? options = null) =>
        new Planner(new Fixed(options ?? Quick()), Clocks.Real, NullLogger<Planner>.Instance);

    public static IReplanner Replanner(PlanOptions options) => new Replanner(Planner(options), new Fixed(options));

    public static IPlanAdvisor Advisor(PlanOptions options) => new PlanAdvisor(Planner(options), new Fixed(options), Clocks.Real);

    public static async Task<PlanOutcome.Planned> PlanAsync(PlanRequest request, PlanOptions? options = null) =>
        Assert.IsType<PlanOutcome.Planned>(await Planner(options).PlanAsync(request, TestContext.Current.CancellationToken));

    public static PlannedOperation Find(this PlanOutcome.Planned outcome, string operation) =>
        Assert.Single(outcome.Plan.Operations, o => o.Operation == new OperationId(operation));

    private sealed class Fixed(PlanOptions options) : IOptionsMonitor<PlanOptions>
    {
        public PlanOptions CurrentValue => options;
        public PlanOptions Get(string? name) => options;
        public IDisposable? OnChange(Action<PlanOptions, string?> listener) => null;
    }
}
