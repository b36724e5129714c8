using System.Collections.Immutable;
using CsCheck;
using Ieum.Model;
using Ieum.Plan;

namespace Ieum.Tests.Plan;

/// <summary>Small random workshops: machines with different calendars, breakdowns, waits, alternatives, begun and finished work.</summary>
internal static class RandomShop
{
    private static readonly MachineId[] Machines = [new("M1"), new("M2"), new("M3")];

    private static readonly WorkCalendar[] Calendars =
    [
        Shop.TwoShifts,
        WorkCalendar.Always(Shop.Korea),
        // Nights over midnight in two shifts, and a start that is not on the full hour.
        new(Shop.Korea, Enum.GetValues<DayOfWeek>().ToDictionary(d => d, _ => (IReadOnlyList<Shift>)
            [new Shift(TimeSpan.Zero, new TimeSpan(5, 17, 30)), new Shift(new TimeSpan(20, 40, 20), 24.Hours)])),
    ];

    public static Gen<PlanRequest> Requests(int mostOrders, int mostSteps) =>
        from calendars in Gen.Int[0, Calendars.Length - 1].Array[Machines.Length]
        from orders in Order(mostSteps).Array[1, mostOrders]
        from down in Gen.Select(Gen.Int[0, Machines.Length - 1], Gen.Int[0, 3000], Gen.Int[1, 2000]).List[0, 2]
        from begun in Gen.Select(Gen.Int[0, 3], Gen.Int[-600, 0], Gen.Int[0, 5]).Array[orders.Length]
        let now = Shop.At(4, 9)
        let book = orders.Select((o, i) => o(i)).ToArray()
        select new PlanRequest(now, [.. book],
            Machines.Select((m, i) => (m, Calendars[calendars[i]])).ToImmutableDictionary(x => x.m, x => x.Item2),
            [.. down.Select(d => (Machines[d.Item1], new TimeRange(now.AddMinutes(d.Item2 - 600), now.AddMinutes(d.Item2 - 600 + d.Item3))))],
            [.. book.SelectMany((o, i) => Actuals(o, begun[i], now))], [], null, "first");

    private static Gen<Func<int, Order>> Order(int mostSteps) =>
        from steps in Step.Array[1, mostSteps]
        from quantity in Gen.Int[1, 12]
        from release in Gen.Int[-2000, 2000]
        from due in Gen.Int[0, 6000]
        from weight in Gen.Int[1, 5]
        from item in Gen.Int[1, 2]
        select new Func<int, Order>(i => Shop.Order($"O{i}", $"ITEM-{item}", quantity, Shop.At(4, 9).AddMinutes(release), Shop.At(4, 9).AddMinutes(release + due), weight,
            [.. steps.Select((s, k) => s((k + 1) * 10))]));

    private static readonly Gen<Func<int, RoutingStep>> Step = Gen.Frequency(
        (5, from first in Gen.Int[0, 2] from more in Gen.Int[1, 3] from setUp in Gen.Int[0, 60] from seconds in Gen.Int[0, 900]
            select new Func<int, RoutingStep>(n => Shop.Work(n, [.. Enumerable.Range(first, more).Select(m => Machines[m % 3]).Distinct()
                .Select((m, k) => (m, TimeSpan.FromMinutes(setUp + k * 7), TimeSpan.FromSeconds(seconds + k * 40)))]))),
        (1, Gen.Int[0, 1500].Select(w => new Func<int, RoutingStep>(n => new RoutingStep.Wait(n, "wait", TimeSpan.FromMinutes(w))))));

    /// <summary>The first step of an order: waiting, running, paused or finished.</summary>
    private static IEnumerable<OperationActual> Actuals(Order order, (int Status, int At, int Good) begun, DateTimeOffset now)
    {
        if (order.Routing.Steps.OfType<RoutingStep.Work>().FirstOrDefault() is not { } work || begun.Status == 0) yield break;
        var id = OperationId.Of(order.Id, work.Number);
        var started = now.AddMinutes(begun.At - 1);
        var machine = work.Options[^1].Machine;
        yield return begun.Status switch
        {
            1 => new(id, OperationStatus.Running, machine, started, null, Math.Min(begun.Good, order.Quantity - 1), 0),
            2 => new(id, OperationStatus.Paused, machine, started, null, 0, 0, [new(started, started.AddSeconds(20))], started.AddMinutes(1)),
            _ => new(id, OperationStatus.Finished, machine, started, now.AddMinutes(begun.At / 2), Math.Min(begun.Good, order.Quantity), 0),
        };
    }
}
