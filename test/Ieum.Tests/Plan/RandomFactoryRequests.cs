using System.Collections.Immutable;
using Ieum.Model;
using Ieum.Plan;

namespace Ieum.Tests.Plan;

/// <summary>Requests with everything that a factory can state, drawn by seed.</summary>
internal static class RandomFactoryRequests
{
    private static readonly MachineId[] Machines = [new("M1"), new("M2"), new("F1")];
    private static readonly string[] Families = ["red", "blue", "green"];

    public static PlanRequest Make(int seed)
    {
        var r = new Random(seed);
        var now = Shop.At(4, 9, r.Next(3) * 7);
        var orders = Enumerable.Range(0, r.Next(1, 6)).Select(i => Order(r, i, now)).ToImmutableArray();
        var times = from a in Families from b in Families where a != b && r.Next(8) > 0 select new SetUpTime(a, b, TimeSpan.FromSeconds(r.Next(0, 3000)));
        var factory = new FactoryData
        {
            SetUpTables = [new("T", [.. times])],
            Machines = [new(Machines[0], r.Next(2) == 0 ? "T" : null, r.Next(2) == 0 ? "setter" : null, 0, r.Next(2) == 0 ? "red" : ""), new(Machines[2], BatchCapacity: 6)],
            Resources =
            [
                new("kim", LocalName.Same("Kim"), ["setter", "turner"], r.Next(2) == 0 ? null : Shop.TwoShifts, r.Next(2) == 0 ? [] : [new(now.AddHours(r.Next(20)), now.AddHours(20 + r.Next(30)))]),
                new("lee", LocalName.Same("Lee"), ["turner"], Shop.TwoShifts, []),
                new("vice", LocalName.Same("Vice"), ["fixture"], null, []),
            ],
            Materials = [new(new("bar"), LocalName.Same("bar"), r.Next(60), false, [new(now.AddHours(r.Next(60)), 5000)])],
            Transport = [new("truck", LocalName.Same("truck"), Shop.Korea, TimeSpan.FromMinutes(r.Next(120)), [.. Enum.GetValues<DayOfWeek>().Where(d => r.Next(3) > 0 || d == DayOfWeek.Monday).Select(d => new Departure(d, TimeSpan.FromHours(16), TimeSpan.FromHours(r.Next(5, 40))))], [])],
            Overtime = [.. Enumerable.Range(4, 3).Select(d => new OvertimeOffer(Machines[r.Next(2)], new(Shop.At(d, 18), Shop.At(d, 20, 30)), r.Next(200)))],
            Maintenance = [new(Machines[r.Next(3)], new(now.AddHours(r.Next(50)), now.AddHours(50 + r.Next(9))))],
        };
        return new(now, orders, ImmutableDictionary<MachineId, WorkCalendar>.Empty.Add(Machines[0], Shop.TwoShifts).Add(Machines[1], Shop.TwoShifts).Add(Machines[2], WorkCalendar.Always(Shop.Korea)),
            r.Next(3) == 0 ? [(Machines[1], new TimeRange(now.AddHours(-1), now.AddHours(r.Next(1, 30))))] : [], [.. orders.SelectMany(o => Actuals(r, o, now))], [], null, "first")
        { Factory = factory, Trials = 30, Limit = TimeSpan.Zero };
    }

    private static Order Order(Random r, int i, DateTimeOffset now)
    {
        var item = new ItemId($"ITEM-{r.Next(3)}");
        var routings = Enumerable.Range(0, r.Next(4) == 0 ? 2 : 1).Select(_ => new Routing(item, [.. Steps(r)])).ToArray();
        var release = now.AddMinutes(r.Next(-2000, 1500));
        var due = release.AddMinutes(r.Next(6000));
        return new(new($"O{i}"), routings[0], r.Next(1, 14), release, due, r.Next(1, 5), deadline: r.Next(4) == 0 ? due.AddDays(1) : null, alternatives: [.. routings.Skip(1)]);
    }

    private static IEnumerable<RoutingStep> Steps(Random r)
    {
        var number = 0;
        for (var k = r.Next(1, 4); k > 0; k--)
        {
            if (number > 0 && r.Next(3) == 0)
            {
                var wait = TimeSpan.FromMinutes(r.Next(300));
                yield return new RoutingStep.Wait(number += 10, "wait", wait, r.Next(3) == 0 ? wait + TimeSpan.FromMinutes(r.Next(3000)) : null);
            }
            if (number > 0 && r.Next(4) == 0) yield return new RoutingStep.Transport(number += 10, "away", "truck");
            yield return r.Next(4) == 0
                ? new RoutingStep.Work(number += 10, "harden", [new(Machines[2], TimeSpan.Zero, TimeSpan.FromMinutes(240)) { Unbroken = true }]) { Batch = new(r.Next(2) == 0 ? "920" : "850", r.Next(1, 5)) }
                : new RoutingStep.Work(number += 10, "cut", [.. Machines.Take(2).Where(_ => r.Next(2) == 0).DefaultIfEmpty(Machines[r.Next(2)])
                    .Select(m => new MachineOption(m, TimeSpan.FromSeconds(r.Next(3600)), r.Next(5) == 0 ? TimeSpan.Zero : TimeSpan.FromSeconds(r.Next(1, 900))) { Unbroken = r.Next(4) == 0 })])
                {
                    Family = r.Next(3) == 0 ? "" : Families[r.Next(3)],
                    Needs = r.Next(3) switch { 0 => [new("turner", r.Next(2) == 0)], 1 => [new("fixture"), new("turner", true)], _ => [] },
                    Takes = r.Next(3) == 0 ? [new(new("bar"), r.Next(1, 9))] : [],
                    Transfer = r.Next(3) == 0 ? r.Next(1, 6) : 0,
                };
        }
        if (r.Next(4) == 0) yield return new RoutingStep.Transport(number + 10, "to the customer", "truck");
    }

    /// <summary>The first step of an order: waiting, running, paused or finished.</summary>
    private static IEnumerable<OperationActual> Actuals(Random r, Order order, DateTimeOffset now)
    {
        if (order.Alternatives.Length > 0 || order.Routing.WorkSteps.FirstOrDefault() is not { } work) yield break;
        var (id, started, machine) = (OperationId.Of(order.Id, work.Number), now.AddMinutes(-r.Next(1, 300)), work.Options[^1].Machine);
        var good = r.Next(order.Quantity);
        switch (r.Next(8))
        {
            case 0: yield return new(id, OperationStatus.Running, machine, started, null, work.Batch is null ? good : 0, 0); break;
            case 1 when work.Batch is null: yield return new(id, OperationStatus.Paused, machine, started, null, 0, 0, [new(started, started.AddSeconds(20))], started.AddMinutes(1)); break;
            case 2: yield return new(id, OperationStatus.Finished, machine, started, now.AddSeconds(-r.Next(9000)), good, order.Quantity - good); break;
        }
    }
}
