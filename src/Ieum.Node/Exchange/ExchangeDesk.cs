using System.Collections.Immutable;
using System.Text.Json;
using Ieum.Model;
using Ieum.Node.Loop;
using Ieum.Node.Store;
using Ieum.Node.Views;

namespace Ieum.Node.Exchange;

/// <summary>Takes tables and documents in, all through the same checks, and hands them out.</summary>
internal sealed class ExchangeDesk(PlanDesk plans, FactoryState factory, DocumentStore documents, Clocks clocks, ILogger<ExchangeDesk> log) : IExchangeDesk, IDisposable
{
    /// <summary>A calendar that does not open within this is taken to never open.</summary>
    private static readonly TimeSpan Horizon = TimeSpan.FromDays(731);
    private readonly SemaphoreSlim _adding = new(1, 1);
    // Orders that were told to stand by a former routing, with that routing; kept, so that a yes still counts after a restart. Only under _adding.
    private ImmutableDictionary<OrderId, string>? _behind;

    public IReadOnlyList<string> Kinds { get; } = [.. TableKind.All.Select(k => k.Name)];

    public async Task<ExchangeReport> AddAsync(string kind, ReadOnlyMemory<byte> bytes, bool check, string by, CancellationToken cancel)
    {
        var problems = new List<ExchangeProblem>();
        var found = KindOf(kind);
        return TableIn.Read(found, bytes.Span, problems) is { } table ? await TakeAsync(found, table, problems, check, by, cancel) : new(kind, 0, 0, 0, 0, 0, problems, [], check);
    }

    public async Task<ExchangeReport> AddAsync(string kind, JsonElement rows, bool check, string by, CancellationToken cancel)
    {
        var problems = new List<ExchangeProblem>();
        var found = KindOf(kind);
        return TableIn.Read(found, rows, problems) is { } table ? await TakeAsync(found, table, problems, check, by, cancel) : new(kind, 0, 0, 0, 0, 0, problems, [], check);
    }

    /// <summary>An ISA-95 document; a report for each kind that it holds.</summary>
    public async Task<IReadOnlyList<ExchangeReport>> AddIsa95Async(JsonElement document, bool check, string by, CancellationToken cancel)
    {
        var problems = new List<ExchangeProblem>();
        var tables = Isa95In.Read(document, problems);
        if (problems.Count > 0) return [new("isa95", 0, 0, 0, 0, 0, problems, [], check)];
        var reports = new List<ExchangeReport>();
        foreach (var (kind, table) in tables.Where(t => t.Table.Rows.Count > 0)) reports.Add(await TakeAsync(kind, table, [], check, by, cancel));
        return reports;
    }

    public async Task<IReadOnlyList<string>> FollowAsync(IReadOnlyCollection<string> orders, string by, CancellationToken cancel)
    {
        await _adding.WaitAsync(cancel);
        try
        {
            // Looked at once more: since the question was put work may have begun, or somebody may have given the order steps of its own.
            var (state, asked, behind) = (State(), orders.ToHashSet(StringComparer.Ordinal), await BehindAsync(cancel));
            var items = state.Products.ToDictionary(p => p.Id);
            var follow = state.Orders.Where(o => asked.Contains(o.Id.Value) && behind.TryGetValue(o.Id, out var former) && former == Way(o.Routings) && !state.Begun(o.Id) && items.ContainsKey(o.Item))
                .Select(o => o.By(items[o.Item])).ToImmutableArray();
            if (follow.Length > 0) await plans.SaveOrdersAsync([], follow, by, cancel);
            if (follow.Length > 0) await KeepAsync(behind.RemoveRange(follow.Select(o => o.Id)), by);
            Log.OrdersFollow(log, follow.Length, by);
            return [.. follow.Select(o => o.Id.Value)];
        }
        finally
        {
            _adding.Release();
        }
    }

    /// <summary>Orders of these items on which nothing was begun and that stand by the item's former routing, with it. Lots split off and orders with steps of their own are none of them.</summary>
    private static Dictionary<OrderId, string> Behind(ExchangeState state, ImmutableArray<Product> updated, ImmutableDictionary<OrderId, string> known)
    {
        var now = updated.ToDictionary(p => p.Id, p => Way(p.Alternatives.Prepend(p.Routing)));
        var before = state.Products.Where(p => now.ContainsKey(p.Id)).ToDictionary(p => p.Id, p => Way(p.Alternatives.Prepend(p.Routing)));
        return state.Orders.Where(o => now.ContainsKey(o.Item) && !state.Begun(o.Id)).Select(o => (o.Id, o.Item, Way: Way(o.Routings)))
            .Where(o => o.Way != now[o.Item] && (o.Way == before[o.Item] || known.GetValueOrDefault(o.Id) == o.Way)).ToDictionary(o => o.Id, o => o.Way);
    }

    private async Task<ImmutableDictionary<OrderId, string>> BehindAsync(CancellationToken cancel) => _behind ??=
        (await documents.FindAsync<Dictionary<string, string>>(DocumentStore.OrdersBehind, cancel) ?? []).ToImmutableDictionary(b => new OrderId(b.Key), b => b.Value);

    private async Task KeepAsync(ImmutableDictionary<OrderId, string> behind, string by)
    {
        await documents.SaveAsync(DocumentStore.OrdersBehind, behind.ToDictionary(b => b.Key.Value, b => b.Value), by, CancellationToken.None);
        _behind = behind;
    }

    private static string Way(IEnumerable<Routing> routings) => DomainJson.Write(routings.ToArray());

    public OutFile Template(string kind, string format, string language) => TableOut.Template(KindOf(kind), format, language);

    public OutFile? Export(string kind, string format, string language)
    {
        var offset = factory.Calendar.Offset;
        return kind switch
        {
            "orders" => TableOut.Orders(plans.Orders, plans.InForce, format, language, offset),
            "routings" => TableOut.Routings(factory.Products, format, language),
            "stock" => TableOut.Stock(factory.Planning.Materials, format, language, offset),
            "setups" => TableOut.SetUps(factory.Planning.SetUpTables, factory.Planning.Machines, format, language),
            "plan" => plans.InForce is { } plan ? TableOut.Plan(plan, plans.Actuals.ToDictionary(a => a.Operation), format, offset) : null,
            _ => throw new ArgumentException($"'{kind}' is no table; there are {string.Join(", ", Kinds)} and plan.", nameof(kind)),
        };
    }

    private static TableKind KindOf(string name) => TableKind.Find(name) ?? throw new ArgumentException($"'{name}' is no table; there are {string.Join(", ", TableKind.All.Select(k => k.Name))}.", nameof(name));

    private async Task<ExchangeReport> TakeAsync(TableKind kind, TableIn table, List<ExchangeProblem> problems, bool check, string by, CancellationToken cancel)
    {
        // One file at a time: what it is compared with must still stand when it is kept.
        await _adding.WaitAsync(cancel);
        try
        {
            var state = State();
            ExchangeReport Report<T>(Incoming<T> x) => new(kind.Name, table.Rows.Count, x.Created.Length, x.Updated.Length, x.Unchanged, x.LeftOut, [.. problems.OrderBy(p => p.Line)], table.Ignored, check);
            ExchangeReport report;
            if (kind == TableKind.Orders)
            {
                var orders = OrderImport.Read(table, state, problems);
                report = Report(orders);
                if (!check && orders.Created.Length + orders.Updated.Length > 0) await plans.SaveOrdersAsync(orders.Created, orders.Updated, by, cancel);
            }
            else if (kind == TableKind.Routings)
            {
                var products = RoutingImport.Read(table, state, problems);
                var known = await BehindAsync(cancel);
                var behind = Behind(state, products.Updated, known);
                report = Report(products) with { Waiting = [.. behind.Keys.Select(o => o.Value).Order(StringComparer.Ordinal)] };
                // Before the routings themselves: the other way round, a node that ends in between would never ask.
                if (!check && behind.Count > 0) await KeepAsync(known.SetItems(behind), by);
                if (!check) await factory.SaveProductsAsync([.. products.Created, .. products.Updated], by, cancel);
            }
            else if (kind == TableKind.Stock)
            {
                var stock = StockImport.Read(table, state, problems);
                report = Report(stock);
                if (!check) await factory.SaveStockAsync([.. stock.Created, .. stock.Updated], by, cancel);
            }
            else
            {
                var (tables, uses) = SetUpImport.Read(table, state, problems);
                report = Report(tables);
                if (!check) await factory.SaveSetUpsAsync([.. tables.Created, .. tables.Updated], uses, by, cancel);
            }
            Log.TableTaken(log, kind.Name, report.Rows, report.Created, report.Updated, report.LeftOut, check);
            return report;
        }
        finally
        {
            _adding.Release();
        }
    }

    private ExchangeState State()
    {
        var now = clocks.Factory.GetUtcNow();
        var begun = plans.Actuals.Where(a => a.Status != OperationStatus.Waiting).Select(a => Cluster.OrderGrain.OrderOf(a.Operation)).ToHashSet();
        var opens = new Dictionary<MachineId, bool>();
        return new([.. factory.Company.Machines.Select(m => m.Id)],
            m => opens.TryGetValue(m, out var known) ? known : opens[m] = factory.CalendarOf(m).WorkingTime(new TimeRange(now, now + Horizon)).Any(),
            factory.Products, plans.Orders, factory.Planning, begun.Contains, now, factory.Calendar.Offset);
    }

    public void Dispose() => _adding.Dispose();
}
