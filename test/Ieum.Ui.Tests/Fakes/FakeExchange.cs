using System.Collections.Immutable;
using Ieum.Model;
using Ieum.Node.Exchange;
using Ieum.Node.Views;

namespace Ieum.Ui.Tests.Fakes;

/// <summary>Reads tables of orders with the real reader against the items of a <see cref="FakePlan"/>; what was read is kept for the test.</summary>
internal sealed class FakeExchange(FakeFloor floor, FakePlan plan) : IExchangeDesk
{
    public IReadOnlyList<string> Kinds { get; } = [.. TableKind.All.Select(k => k.Name)];
    public List<Order> Taken { get; } = [];
    public List<string> Followed { get; } = [];

    /// <summary>Orders that the next report names as waiting by a former routing.</summary>
    public IReadOnlyList<string> Waiting { get; set; } = [];

    public Task<ExchangeReport> AddAsync(string kind, ReadOnlyMemory<byte> bytes, bool check, string by, CancellationToken cancel)
    {
        var problems = new List<ExchangeProblem>();
        if (TableIn.Read(TableKind.Orders, bytes.Span, problems) is not { } table) return Task.FromResult(new ExchangeReport(kind, 0, 0, 0, 0, 0, problems, [], check));
        var products = plan.Orders.Select(o => o.Routing).DistinctBy(r => r.Item).Select(r => new Product(r.Item, LocalName.Same(r.Item.Value), r)).ToImmutableArray();
        var orders = OrderImport.Read(table, new([.. floor.Company.Machines.Select(m => m.Id)], _ => true, products, plan.Orders, FactoryData.None, _ => false, floor.Now, TimeSpan.FromHours(9)), problems);
        if (!check) Taken.AddRange(orders.Created);
        return Task.FromResult(new ExchangeReport(kind, table.Rows.Count, orders.Created.Length, orders.Updated.Length, orders.Unchanged, orders.LeftOut, problems, table.Ignored, check) { Waiting = Waiting });
    }

    public Task<IReadOnlyList<string>> FollowAsync(IReadOnlyCollection<string> orders, string by, CancellationToken cancel)
    {
        Followed.AddRange(orders);
        return Task.FromResult<IReadOnlyList<string>>([.. orders]);
    }

    public OutFile Template(string kind, string format, string language) => TableOut.Template(TableKind.Find(kind)!, format, language);
    public OutFile? Export(string kind, string format, string language) => TableOut.Orders(plan.Orders, plan.InForce, format, language, TimeSpan.FromHours(9));
}
