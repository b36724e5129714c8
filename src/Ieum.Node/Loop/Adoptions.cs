using Ieum.Model;
using Ieum.Node.Views;
using Ieum.Plan;

namespace Ieum.Node.Loop;

/// <summary>Makes of a plan that was tried out what is put into force: the order book it needs, and nothing that only holds for a time.</summary>
internal sealed class Adoptions(PlanDesk desk, ReservationBook reservations, FactoryState factory)
{
    /// <summary>The facts of now, with the calendars of all machines that a change may bring in.</summary>
    /// <param name="reason">As in <see cref="PlanVersion.Reason"/>.</param>
    public PlanRequest Request(string reason = "asked")
    {
        var request = desk.Request(reason, desk.Orders);
        var makes = factory.Products.SelectMany(p => p.Alternatives.Prepend(p.Routing)).SelectMany(r => r.WorkSteps).SelectMany(s => s.Options).Select(o => o.Machine).ToHashSet();
        return request with { Calendars = request.Calendars.SetItems(makes.Where(m => !request.Calendars.ContainsKey(m)).Select(m => KeyValuePair.Create(m, factory.CalendarOf(m)))) };
    }

    /// <param name="request">What the plan was made from.</param>
    public Adoption Of(PlanRequest request, PlanVersion plan, string by)
    {
        var now = desk.Request("asked", desk.Orders).Orders.ToDictionary(o => o.Id);
        var book = desk.Orders.ToDictionary(o => o.Id);
        var held = reservations.Orders.Select(o => o.Id).ToHashSet();
        var made = request.Orders.Where(o => !held.Contains(o.Id)).ToArray();
        return new(plan, [.. made.Select(o => book.TryGetValue(o.Id, out var was) && now.TryGetValue(o.Id, out var there) && Same(there, o) ? was : PlanChanges.Unfed(o))], desk.Locks, by)
        {
            // An order that came in while this was looked at is in the book of now, but was not in the one of then: the desk plans it with it.
            Steady = true, Gone = [.. book.Keys.Where(id => request.Parent is not null && made.All(o => o.Id != id) && request.Parent.Promises.Any(p => p.Order == id))],
        };
    }

    /// <summary>Whether two orders say the same but for what they wait for; then the one of the book stays.</summary>
    public static bool Same(Order a, Order b) => ReferenceEquals(a, b)
        || (a.Quantity, a.Release, a.Due, a.Deadline, a.Weight, a.Alternatives.Length, a.Routing.Steps.Length) == (b.Quantity, b.Release, b.Due, b.Deadline, b.Weight, b.Alternatives.Length, b.Routing.Steps.Length)
        && a.Routing.Steps.Zip(b.Routing.Steps).All(s => s.First.Number == s.Second.Number && s.First.GetType() == s.Second.GetType() && s.First.Name == s.Second.Name)
        && a.Routing.WorkSteps.Zip(b.Routing.WorkSteps).All(s => s.First.Options.SequenceEqual(s.Second.Options));

    /// <summary>Why a change cannot be told; null when it can.</summary>
    public string? Fault(PlanChange c)
    {
        bool Machine(MachineId id) => factory.Company.Machines.Any(m => m.Id == id);
        bool Stock(ItemId id) => factory.Planning.Materials.Any(m => m.Item == id);
        Order? Order(OrderId id) => desk.Orders.FirstOrDefault(o => o.Id == id);
        return c switch
        {
            PlanChange.MachineDown d => !Machine(d.Machine) ? ReplanRules.Unknown : Ahead(d.Range.To),
            PlanChange.ExtraTime e => !Machine(e.Machine) ? ReplanRules.Unknown : Ahead(e.Range.To),
            PlanChange.Away a => (a.Machines.IsEmpty ? factory.Planning.Resources.All(r => r.Id != a.Resource) : !a.Machines.All(Machine)) ? ReplanRules.Unknown : Ahead(a.Range.To),
            PlanChange.MaterialLate m => !Stock(m.Item) ? ReplanRules.Unknown : Ahead(m.Until),
            PlanChange.StockIs s => !Stock(s.Item) ? ReplanRules.Unknown : s.OnHand < 0 ? ReplanRules.NotSo : null,
            PlanChange.OrderWaits w => Order(w.Order) is null ? ReplanRules.Unknown : Ahead(w.Until),
            PlanChange.OrderGone g => Order(g.Order) is null ? ReplanRules.Unknown : null,
            PlanChange.Scrapped s => Order(s.Order) is not { } o ? ReplanRules.Unknown : s.Pieces < 1 || s.Pieces > o.Quantity ? ReplanRules.NotSo : null,
            _ => null,
        };
    }

    // Two years are as far as a plan reaches.
    private string? Ahead(DateTimeOffset end) => end > desk.Now && end < desk.Now.AddDays(700) ? null : ReplanRules.NotSo;
}
