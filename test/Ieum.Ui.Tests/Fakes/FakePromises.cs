using System.Collections.Immutable;
using Ieum.Model;
using Ieum.Node.Views;
using Ieum.Plan;

namespace Ieum.Ui.Tests.Fakes;

/// <summary>Promises over a <see cref="FakePlan"/>: three offers for whatever is asked, chains through the fake plan.</summary>
internal sealed class FakePromises(FakeFloor floor, FakePlan plan) : IPromiseDesk
{
    public event Action? Changed;

    public ImmutableArray<Product> Products { get; } = [.. plan.Orders.DistinctBy(o => o.Item).Select(o => new Product(o.Item, LocalName.Same(o.Item.Value), o.Routing))];
    public ImmutableArray<Reservation> Reservations { get; private set; } =
        [.. plan.Orders.Take(1).Select(o => new Reservation(new Order(new("Q-2611-7"), o.Routing, 12, o.Release, o.Due), FakeFloor.Noon.AddHours(5), "kim", []))];
    public List<(string Quote, PromiseWay Way, OrderId Order, TimeSpan? Hold, string By)> Taken { get; } = [];
    public string? Refuse { get; set; }

    public ImmutableArray<LateOrder> WhyLate() => plan.InForce is not { } p ? [] :
        [.. p.Late.OrderByDescending(l => l.Lateness).Select(l => new LateOrder(l, Why(p.Operations.Where(o => o.Order == l.Order).MaxBy(o => o.End)!.Operation)))];

    public ImmutableArray<BindingLink> Why(OperationId operation)
    {
        if (plan.InForce?.Operations.FirstOrDefault(o => o.Operation == operation) is not { } op) return [];
        var other = plan.InForce.Operations.First(o => o.Order != op.Order);
        return
        [
            new(op, BindingCause.Busy, op.Start.AddHours(-2), other.Operation, null) { Closed = 2.Hours, Paused = 40.Minutes },
            new(other, BindingCause.Material, other.Start, null, "SEAL-20A") { Kept = 30.Minutes },
        ];
    }

    public Task<ImmutableArray<PlanFix>> FixesAsync(OrderId order, CancellationToken cancel)
    {
        var promise = plan.InForce!.Promises.First(p => p.Order == order);
        var op = plan.InForce.Operations.First(o => o.Order == order);
        return Task.FromResult<ImmutableArray<PlanFix>>(
        [
            new(FixKind.Overtime, null, null, promise.Due.AddHours(-1), promise.Lateness + 1.Hours, 6.Hours, 1860, [], plan.InForce),
            new(FixKind.Machine, op.Operation, floor.Company.Machines.Last().Id, promise.Due.AddHours(2), promise.Lateness - 2.Hours, TimeSpan.Zero, null, Pushed(order), plan.InForce),
            new(FixKind.Sooner, op.Operation, null, promise.Due.AddHours(3), 4.Hours, TimeSpan.Zero, 0, [], plan.InForce) { What = "material:" + order },
            new(FixKind.Outside, op.Operation, null, promise.Due.AddHours(4), 3.Hours, TimeSpan.Zero, 0, [], plan.InForce) { What = "S-GRIND", OutsideCost = 380_000 },
            new(FixKind.Split, op.Operation, floor.Company.Machines.Last().Id, promise.Due.AddHours(5), 2.Hours, TimeSpan.Zero, 0, Pushed(order), plan.InForce),
        ]);
    }

    public Task<PromiseClash> ClashAsync(OrderId order, CancellationToken cancel) => Task.FromResult(new PromiseClash([order, .. plan.Orders.Where(o => o.Id != order).Take(2).Select(o => o.Id)], true));

    public Task<PromiseQuote> AskAsync(ItemId item, int quantity, DateTimeOffset? release, CancellationToken cancel)
    {
        var at = floor.Now.AddDays(6);
        PromiseOffer Offer(PromiseWay way, int earlier, TimeSpan overtime, double? cost, bool pushes) => new(way, at.AddHours(-earlier), overtime, cost, pushes ? Pushed(null) : [], [], plan.InForce!);
        return Task.FromResult(new PromiseQuote("q1", item, quantity, 7, TimeSpan.FromSeconds(3.4), new([Offer(PromiseWay.Free, 0, TimeSpan.Zero, 0, false), Offer(PromiseWay.Overtime, 20, 9.Hours, null, false), Offer(PromiseWay.Rush, 60, TimeSpan.Zero, 0, true)], [])));
    }

    public Task<PromiseTaken> ReserveAsync(string quote, PromiseWay way, OrderId order, TimeSpan hold, string by) => Take(quote, way, order, hold, by);
    public Task<PromiseTaken> OrderAsync(string quote, PromiseWay way, OrderId order, string by) => Take(quote, way, order, null, by);
    public Task<PromiseTaken> OrderAsync(OrderId reserved, string by) => ReleaseAsync(reserved, by);

    public Task<PromiseTaken> ReleaseAsync(OrderId reserved, string by)
    {
        Reservations = Reservations.RemoveAll(r => r.Order.Id == reserved);
        Changed?.Invoke();
        return Task.FromResult(new PromiseTaken(null, "", null));
    }

    private Task<PromiseTaken> Take(string quote, PromiseWay way, OrderId order, TimeSpan? hold, string by)
    {
        if (Refuse is { } rule) return Task.FromResult(PromiseTaken.No(rule));
        Taken.Add((quote, way, order, hold, by));
        return Task.FromResult(new PromiseTaken(null, "", floor.Now.AddDays(6)));
    }

    private ImmutableArray<PromiseChange> Pushed(OrderId? but) =>
        [.. plan.InForce!.Promises.Where(p => p.Order != but).Take(6).Select((p, i) => new PromiseChange(p.Order, p.Finish, p.Finish.AddHours(3 + i), i == 0 ? p.Finish.AddHours(1) : p.Due.AddDays(9)))];
}
