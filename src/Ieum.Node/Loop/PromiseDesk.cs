using System.Collections.Immutable;
using System.Globalization;
using Ieum.Model;
using Ieum.Node.Views;
using Ieum.Plan;

namespace Ieum.Node.Loop;

/// <summary>Asks the planner for promises and takes them: a reservation is planned like an order, but nobody is told to work on it.</summary>
internal sealed class PromiseDesk(IPlanAdvisor advisor, PlanDesk desk, ReservationBook book, FactoryState factory, Clocks clocks, ILogger<PromiseDesk> log)
    : IHostedService, IPromiseDesk, IDisposable
{
    private const int QuotesKept = 50;
    private static readonly TimeSpan ShortestHold = TimeSpan.FromMinutes(1), LongestHold = TimeSpan.FromDays(30);
    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _taking = new(1, 1);
    private ImmutableList<(PromiseQuote Quote, OrderId Order, Order Wanted)> _quotes = [];
    private long _number;
    private ITimer? _timer;

    // Enough for a date at nine tenths (± 3 %), and under half a second for 500 operations.
    private const int PromiseRuns = 400;

    public event Action? Changed;

    public ImmutableArray<Product> Products => factory.Products;
    public ImmutableArray<Reservation> Reservations => book.Held;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        book.Changed += OnBook;
        _timer = clocks.Factory.CreateTimer(_ => Task.Run(SweepAsync), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        OnBook();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        book.Changed -= OnBook;
        _timer?.Dispose();
        return Task.CompletedTask;
    }

    private void OnBook()
    {
        // Wakes at the next end; one that ended while the node was off ends at once.
        if (book.Held is [var next, ..]) _timer?.Change(next.Until > desk.Now ? next.Until - desk.Now : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
        Changed?.Invoke();
    }

    internal async Task SweepAsync()
    {
        try
        {
            var ended = await book.TakeAsync(r => r.Until <= desk.Now, "clock");
            foreach (var r in ended) Log.ReservationEnded(log, r.Order.Id, r.By);
            if (ended.Length > 0) await RepairAsync("clock");
        }
        catch (Exception e)
        {
            Log.TurnFailed(log, e, "promise");
        }
    }

    public ImmutableArray<LateOrder> WhyLate() => advisor.WhyLate(Request());
    public ImmutableArray<BindingLink> Why(OperationId operation) => advisor.Why(Request(), operation);
    public Task<ImmutableArray<PlanFix>> FixesAsync(OrderId order, CancellationToken cancel) => advisor.FixesAsync(Request(), order, cancel);
    public Task<PromiseClash> ClashAsync(OrderId order, CancellationToken cancel) => advisor.ClashAsync(Request(), order, cancel);

    public async Task<PromiseQuote> AskAsync(ItemId item, int quantity, DateTimeOffset? release, CancellationToken cancel)
    {
        if (factory.Products.FirstOrDefault(p => p.Id == item) is not { } product || quantity is < 1 or > 1_000_000)
            return new("", item, quantity, 0, TimeSpan.Zero, new([], [new(PromiseRules.NoItem, PromiseRules.All[PromiseRules.NoItem], null)]));
        var (begun, now) = (clocks.Wire.GetTimestamp(), desk.Now);
        var name = new OrderId(string.Create(CultureInfo.InvariantCulture, $"Q-{Interlocked.Increment(ref _number)}-{now:yyMMddHHmmss}"));
        var from = release > now ? release.Value : now;
        var wanted = new Order(name, product.Routing, quantity, from, from, alternatives: product.Alternatives);
        var request = Request(product);
        var answer = await advisor.PromiseAsync(request, wanted, cancel);
        // A date without its spread is half an answer: the offered plans are worked by chance too.
        var (book, lots) = (request with { Orders = request.Orders.Add(wanted) }, LotTimes.Of(desk.Orders, desk.Actuals, desk.CalendarOf, desk.PerPieceInUse));
        answer = answer with
        {
            Offers = [.. answer.Offers.Select(o => o with { Cautious = PlanRisk.Of(book, o.Plan, lots, PromiseRuns).Orders.FirstOrDefault(r => r.Order == name)?.Cautious })],
        };
        var quote = new PromiseQuote(Guid.NewGuid().ToString("N"), item, quantity, desk.InForce?.Number ?? 0, clocks.Wire.GetElapsedTime(begun), answer);
        lock (_gate) _quotes = [.. _quotes.TakeLast(QuotesKept - 1), (quote, name, wanted)];
        return quote;
    }

    public async Task<PromiseTaken> ReserveAsync(string quote, PromiseWay way, OrderId order, TimeSpan hold, string by)
    {
        if (hold < ShortestHold || hold > LongestHold) return PromiseTaken.No(PromiseRules.HoldRange);
        return await TakeAsync(quote, way, order, async (made, plan, offer) =>
        {
            await book.AddAsync(new(made, desk.Now + hold, by, [.. offer.Bought]));
            var taken = Told(made, await desk.AdoptAsync(by, plan, default, desk.Locks));
            if (taken.Rule is not null) await book.TakeAsync(r => r.Order.Id == made.Id, by);
            return taken;
        });
    }

    public Task<PromiseTaken> OrderAsync(string quote, PromiseWay way, OrderId order, string by) => TakeAsync(quote, way, order, async (made, plan, offer) =>
    {
        if (offer.Bought.Length > 0) await book.AgreeAsync(made.Id, offer.Bought, by);
        return Told(made, await desk.AdoptAsync(by, plan, desk.Orders.Add(made), desk.Locks));
    });

    public async Task<PromiseTaken> OrderAsync(OrderId reserved, string by)
    {
        await _taking.WaitAsync(CancellationToken.None);
        try
        {
            if (desk.InForce is not { } plan || book.Held.FirstOrDefault(r => r.Order.Id == reserved && r.Until > desk.Now) is not { } held) return PromiseTaken.No(PromiseRules.NoReservation);
            if (held.Overtime.Length > 0) await book.AgreeAsync(reserved, held.Overtime, by);
            await book.TakeAsync(r => r.Order.Id == reserved, by);
            // Its work stands in the plan already; it only becomes real.
            return Told(held.Order, await desk.AdoptAsync(by, plan, desk.Orders.Add(held.Order), desk.Locks));
        }
        finally
        {
            _taking.Release();
        }
    }

    public async Task<PromiseTaken> ReleaseAsync(OrderId reserved, string by)
    {
        if ((await book.TakeAsync(r => r.Order.Id == reserved, by)).IsEmpty) return PromiseTaken.No(PromiseRules.NoReservation);
        await RepairAsync(by);
        return new(null, "", null);
    }

    private async Task<PromiseTaken> TakeAsync(string quote, PromiseWay way, OrderId name, Func<Order, PlanVersion, PromiseOffer, Task<PromiseTaken>> take)
    {
        await _taking.WaitAsync(CancellationToken.None);
        try
        {
            if (_quotes.FirstOrDefault(q => q.Quote.Id == quote) is not { Quote: not null } known || known.Quote.Plan != (desk.InForce?.Number ?? 0)) return PromiseTaken.No(PromiseRules.QuoteGone);
            if (known.Quote.Answer.Offers.FirstOrDefault(o => o.Way == way) is not { } offer) return PromiseTaken.No(PromiseRules.NoOffer);
            if (desk.Orders.Any(o => o.Id == name) || book.Held.Any(r => r.Order.Id == name)) return PromiseTaken.No(PromiseRules.NameTaken);
            var w = known.Wanted;
            var made = new Order(name, w.Routing, w.Quantity, w.Release, offer.Finish > w.Release ? offer.Finish : w.Release, alternatives: w.Alternatives);
            return await take(made, Renamed(offer.Plan, known.Order, name), offer);
        }
        finally
        {
            _taking.Release();
        }
    }

    private static PromiseTaken Told(Order made, PlanOutcome outcome) => outcome is PlanOutcome.Planned p && p.Plan.Promises.FirstOrDefault(x => x.Order == made.Id) is { } promise
        ? new(null, "", promise.Finish) : PromiseTaken.No(PromiseRules.NotPlanned);

    private static PlanVersion Renamed(PlanVersion plan, OrderId from, OrderId to) => plan with
    {
        Operations = [.. plan.Operations.Select(o => o.Order == from ? o with { Order = to, Operation = OperationId.Of(to, o.Step) } : o)],
        Promises = [.. plan.Promises.Select(p => p.Order == from ? p with { Order = to } : p)],
    };

    /// <summary>The plan in force without what is no longer held; its order of work stays.</summary>
    private async Task RepairAsync(string by)
    {
        if (desk.InForce is { } plan) await desk.AdoptAsync(by, plan, default, desk.Locks);
    }

    private PlanRequest Request(Product? product = null)
    {
        var request = desk.Request("asked", desk.Orders);
        foreach (var machine in product?.Alternatives.Prepend(product.Routing).SelectMany(r => r.WorkSteps).SelectMany(s => s.Options).Select(o => o.Machine) ?? [])
            if (!request.Calendars.ContainsKey(machine)) request = request with { Calendars = request.Calendars.Add(machine, factory.CalendarOf(machine)) };
        return request;
    }

    public void Dispose()
    {
        _timer?.Dispose();
        _taking.Dispose();
    }
}
