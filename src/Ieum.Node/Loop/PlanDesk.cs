using System.Collections.Immutable;
using Ieum.Act;
using Ieum.Model;
using Ieum.Node.Store;
using Ieum.Node.Telemetry;
using Ieum.Node.Views;
using Ieum.Plan;
using Microsoft.Extensions.Options;

namespace Ieum.Node.Loop;

/// <summary>Plans, puts plans into force and writes every turn into the loop ledger.</summary>
internal sealed partial class PlanDesk(
    IPlanner planner, IDispatcher dispatcher, ILoopLedger ledger, PlanStore store, DocumentStore documents, IShopEventStore events, FactoryState factory, ReservationBook reservations, ChangeBook changes,
    IHostApplicationLifetime life, IOptions<LoopOptions> options, IOptions<ActOptions> act, Clocks clocks, ILogger<PlanDesk> log) : IPlanDesk, IDisposable
{
    public const string ReplanLoop = ReplanWatch.ReplanLoop, LearnedTimeLoop = ReplanWatch.LearnedTimeLoop;
    private const int Shown = 50;
    private readonly SemaphoreSlim _solving = new(1, 1);
    private readonly SemaphoreSlim _keeping = new(1, 1);
    private readonly Lock _gate = new();
    private Breakdowns _breakdowns = Breakdowns.None;
    private Crew _crew = Crew.None;
    private ImmutableDictionary<MachineId, TimeRange> _standing = ImmutableDictionary<MachineId, TimeRange>.Empty;
    // Cycle times that are advised, by the number of their ledger entry; they count once that entry is accepted.
    private ImmutableDictionary<long, ImmutableArray<MeasuredCycle>> _proposed = ImmutableDictionary<long, ImmutableArray<MeasuredCycle>>.Empty;

    public event Action? Changed;

    /// <summary>An order came in and no plan knows it yet.</summary>
    public event Action<Order>? OrderAdded;

    public PlanVersion? InForce => dispatcher.InForce;
    public ImmutableArray<PlanVersion> History { get; private set; } = [];
    public ImmutableArray<Order> Orders { get; private set; } = [];
    public ImmutableArray<OperationActual> Actuals => dispatcher.Actuals;
    public ImmutableArray<LateOperation> Late => dispatcher.Late(clocks.Factory.GetUtcNow(), act.Value.LateTolerance);
    public ImmutableArray<TimeUsed> TimesUsed { get; private set; } = [];
    public ImmutableArray<PlanConflict> Findings { get; private set; } = [];
    public DateTimeOffset? SolvingSince { get; private set; }

    /// <summary>Cycle times that were accepted; the next plan uses them.</summary>
    public ImmutableArray<MeasuredCycle> Measured { get; private set; } = [];

    /// <summary>Machines reported broken and not yet going again.</summary>
    public Breakdowns Broken
    {
        get { lock (_gate) return _breakdowns; }
    }

    /// <summary>Who ran which machine.</summary>
    public Crew Crew
    {
        get { lock (_gate) return _crew; }
    }

    /// <summary>A machine stands, and is taken to stand until the end of the range; null: it works again. Every plan knows it from now on.</summary>
    public void Stands(MachineId machine, TimeRange? range)
    {
        lock (_gate) _standing = range is { } r ? _standing.SetItem(machine, r) : _standing.Remove(machine);
    }

    /// <summary>Stretches in which machines do not work: reported by people, or seen by the node itself.</summary>
    public ImmutableArray<(MachineId Machine, TimeRange Range)> Down(DateTimeOffset now)
    {
        lock (_gate) return [.. _breakdowns.Ranges(now, options.Value.BreakdownAllowance), .. _standing.Where(s => s.Value.To > now).Select(s => (s.Key, s.Value))];
    }

    public WorkCalendar CalendarOf(MachineId machine) => factory.CalendarOf(machine);

    public async Task LoadAsync(CancellationToken cancel)
    {
        History = [.. await store.PlansAsync(Shown, cancel)];
        if (await documents.FindAsync<PlanRest>(DocumentStore.PlanRest, cancel) is { IsDone: false } rest && rest.Plan == History.FirstOrDefault()?.Number) await DoRestAsync(rest);
        Orders = [.. await store.OrdersAsync(cancel)];
        Measured = [.. await documents.FindAsync<MeasuredCycle[]>(DocumentStore.LearnedTimes, cancel) ?? []];
        _proposed = (await documents.FindAsync<Dictionary<long, MeasuredCycle[]>>(DocumentStore.ProposedTimes, cancel) ?? [])
            .ToImmutableDictionary(p => p.Key, p => p.Value.ToImmutableArray());
        foreach (var e in await events.AllAsync(cancel)) Told(e);
        Findings = [.. await documents.FindAsync<PlanConflict[]>(DocumentStore.PlanFindings, cancel) ?? []];
        await LoadLocksAsync(cancel);
        dispatcher.SetOrders(Orders);
        dispatcher.Changed += () => Changed?.Invoke();
        if (History.FirstOrDefault() is { Verified: true } last) dispatcher.PutIntoForce(last);
    }

    public async Task AddOrderAsync(Order order, string by, CancellationToken cancel)
    {
        if (!await store.AddOrderAsync(order, by, cancel))
            throw new InvalidOperationException($"Order '{order.Id}' is there already; give the new one its own number.");
        lock (_gate) Orders = Orders.Add(order);
        dispatcher.SetOrders(Orders);
        Changed?.Invoke();
        OrderAdded?.Invoke(order);
    }

    /// <summary>A person asks: the advice is decided by asking.</summary>
    public async Task<PlanOutcome> ReplanAsync(string reason, string by, CancellationToken cancel)
    {
        var entry = await ledger.AdviseAsync(ReplanLoop, AutonomyLevel.Advise, LoopText.Of(LoopTexts.FindingAsked, by).ToString(), AdviceText, "person", 1, cancel);
        await ledger.DecideAsync(entry.Number, true, by, null, cancel);
        return await CarryOutAsync(entry.Number, reason);
    }

    /// <summary>Orders that stand in no plan are planned at once at whatever level: nobody works by a list they are not on yet.</summary>
    public async Task PlanNewOrdersAsync(int count, CancellationToken cancel)
    {
        var entry = await ledger.AdviseAsync(ReplanLoop, AutonomyLevel.ActAndReport, LoopText.Of(LoopTexts.FindingNewOrders, count).ToString(), AdviceText, "order book", 1, cancel);
        await ledger.DecideAsync(entry.Number, true, $"level {(int)AutonomyLevel.ActAndReport}", null, cancel);
        await CarryOutAsync(entry.Number, InForce is null ? "first" : "new-order");
    }

    /// <summary>A loop found something: what happens next is up to its autonomy level.</summary>
    public async Task AdviseAsync(ReplanAdvice advice, AutonomyLevel level, CancellationToken cancel)
    {
        var entry = await ledger.AdviseAsync(new LoopAdvice(advice.Loop, level, advice.Finding.ToString(), advice.Advice.ToString(), advice.Model, advice.Confidence)
        {
            Samples = advice.Learn.Length > 0 ? advice.Learn.Sum(m => m.Samples) : null, Window = advice.Window,
            ExpiresAt = level < AutonomyLevel.ActInsideLimits ? clocks.Factory.GetUtcNow() + act.Value.AdviceLife : null,
        }, cancel);
        if (advice.Learn.Length > 0) await ProposeAsync(p => p.SetItem(entry.Number, advice.Learn));
        if (level == AutonomyLevel.Watch)
        {
            await ledger.DecideAsync(entry.Number, false, "level 0", LoopText.Of(LoopTexts.NoteOnlyWatches).ToString(), cancel);
            await SettledAsync(entry.Number);
        }
        if (level < AutonomyLevel.ActInsideLimits) return;
        await ledger.DecideAsync(entry.Number, true, $"level {(int)level}", null, cancel);
        await CarryOutAsync(entry.Number, advice.PlanReason);
    }

    /// <summary>An advice is settled: what it proposed is proposed no more.</summary>
    public Task SettledAsync(long number) => ProposeAsync(p => p.Remove(number));

    /// <summary>Whether the times that an advice rests on are there.</summary>
    public bool Proposes(long number)
    {
        lock (_gate) return _proposed.ContainsKey(number);
    }

    /// <summary>An advice may be decided after a restart: what it proposes is kept as long as it is open.</summary>
    private async Task ProposeAsync(Func<ImmutableDictionary<long, ImmutableArray<MeasuredCycle>>, ImmutableDictionary<long, ImmutableArray<MeasuredCycle>>> change)
    {
        await _keeping.WaitAsync(CancellationToken.None);
        try
        {
            var next = change(_proposed);
            if (next == _proposed) return;
            await documents.SaveAsync(DocumentStore.ProposedTimes, next.ToDictionary(p => p.Key, p => p.Value.ToArray()), LearnedTimeLoop, CancellationToken.None);
            lock (_gate) _proposed = next;
        }
        finally
        {
            _keeping.Release();
        }
    }

    /// <summary>Time per piece that planning uses now: measured where the plan in force took one, else from the routing; null when the item is not made there.</summary>
    public TimeSpan? PerPieceInUse(MachineId machine, ItemId item) =>
        TimesUsed.FirstOrDefault(t => t.Machine == machine && t.Item == item)?.Used
        ?? Orders.Where(o => o.Item == item).SelectMany(o => o.Routing.Steps.OfType<RoutingStep.Work>()).SelectMany(s => s.Options)
            .FirstOrDefault(o => o.Machine == machine)?.PerPiece;

    private string AdviceText => LoopText.Of(LoopTexts.AdviceReplan, InForce?.Number ?? 0).ToString();

    /// <summary>Solves, puts the plan into force, and writes receipt and effect of a decided advice.</summary>
    /// <remarks>What is decided is carried out whoever still waits for it; only the stop of the node breaks it off, and then the receipt says so.</remarks>
    /// <param name="adopt">A draft made by hand in place of a plan of the search.</param>
    /// <param name="isMeasured">The effect is measured later; none is reckoned now.</param>
    /// <param name="shown">Hours late that were shown with what was chosen; the receipt tells what they come to with the facts of now.</param>
    public async Task<PlanOutcome> CarryOutAsync(long number, string reason, Adoption? adopt = null, bool isMeasured = false, double? shown = null)
    {
        await _solving.WaitAsync(CancellationToken.None);   // a stop ends the solving that is waited for
        var inForce = false;
        try
        {
            var now = clocks.Factory.GetUtcNow();
            SolvingSince = now;
            var (learned, measured) = MeasuredWith(number);
            Changed?.Invoke();
            var before = ExpectedTardiness(now);
            var begun = clocks.Wire.GetTimestamp();
            var request = Snapshot(now, reason, measured, adopt?.BookOf(Orders) ?? Orders);
            var outcome = reservations.Mark(await planner.PlanAsync(adopt?.Of(request) ?? request, life.ApplicationStopping));
            var took = clocks.Wire.GetElapsedTime(begun);
            NodeMeter.PlanSeconds.Record(took.TotalSeconds);
            switch (outcome)
            {
                case PlanOutcome.Planned p:
                    // The row of the plan is the point of no return: before it nothing has changed, after it the rest is done, if need be by the next start.
                    var rest = RestOf(p, adopt, learned ? measured : default);
                    await ledger.ActingAsync(number, p.Plan.Number, CancellationToken.None);
                    await documents.SaveAsync(DocumentStore.PlanRest, rest, rest.By, CancellationToken.None);
                    await store.AddPlanAsync(p.Plan, CancellationToken.None);
                    if (adopt is not null) TakeOver(adopt);
                    dispatcher.PutIntoForce(p.Plan);
                    inForce = true;
                    lock (_gate)
                    {
                        Measured = measured;
                        History = [p.Plan, .. History.Take(Shown - 1)];
                        TimesUsed = p.TimesUsed;
                        Findings = p.Findings;
                    }
                    await DoRestAsync(rest);
                    Log.PlanInForce(log, p.Plan.Number, reason, p.Plan.Late.Count(), p.Plan.Solver, (long)took.TotalMilliseconds);
                    await ledger.ReceiptAsync(number, true, Receipt(p.Plan, shown).ToString(), CancellationToken.None);
                    if (!isMeasured) await ledger.EffectAsync(number, "expected tardiness h", before.TotalHours, Tardiness(p.Plan).TotalHours, CancellationToken.None);
                    break;
                case PlanOutcome.Impossible i:
                    await NoPlanAsync(number, reason, string.Join("; ", i.Conflicts.Select(c => $"{c.Rule}: {c.Message}")));
                    break;
                case PlanOutcome.OutOfTime o:
                    await NoPlanAsync(number, reason, $"no schedule found in {o.Spent.TotalSeconds:0.0} s; the plan in force stays");
                    break;
            }
            return outcome;
        }
        catch (OperationCanceledException) when (!inForce && life.ApplicationStopping.IsCancellationRequested)
        {
            Log.PlanningStopped(log, reason);
            await ledger.ReceiptAsync(number, false, LoopText.Of(LoopTexts.ReceiptInterrupted).ToString(), CancellationToken.None);
            throw;
        }
        catch (Exception e) when (!inForce)
        {
            await NoPlanAsync(number, reason, e.Message);
            throw;
        }
        finally
        {
            await SettledAsync(number);
            SolvingSince = null;
            _solving.Release();
            Changed?.Invoke();
        }
    }

    /// <summary>A report was accepted.</summary>
    public void Told(ShopEvent e)
    {
        lock (_gate) (_breakdowns, _crew) = (_breakdowns.After(e), _crew.After(e));
    }

    /// <summary>The accepted times together with those the advice of that number proposes, which replace older ones of the same machine and item.</summary>
    private (bool Learned, ImmutableArray<MeasuredCycle> Measured) MeasuredWith(long number)
    {
        lock (_gate)
            return _proposed.TryGetValue(number, out var learned)
                ? (true, [.. Measured.Where(m => !learned.Any(l => l.Machine == m.Machine && l.Item == m.Item)), .. learned])
                : (false, Measured);
    }

    /// <summary>Time has passed since a way was shown: where its hours are other ones now, both are told.</summary>
    private static LoopText Receipt(PlanVersion plan, double? shown)
    {
        var late = Math.Round(Tardiness(plan).TotalHours, 1);
        return shown is { } then && Math.Abs(then - late) >= 0.1 ? LoopText.Of(LoopTexts.ReceiptPlanNow, plan.Number, plan.Late.Count(), late, then) : LoopText.Of(LoopTexts.ReceiptPlan, plan.Number, plan.Late.Count());
    }

    private async Task NoPlanAsync(long number, string reason, string why)
    {
        Log.NoPlan(log, reason, why);
        await ledger.ReceiptAsync(number, false, LoopText.Of(LoopTexts.ReceiptNoPlan, why).ToString(), CancellationToken.None);
    }

    private PlanRequest Snapshot(DateTimeOffset now, string reason, ImmutableArray<MeasuredCycle> measured, ImmutableArray<Order> book)
    {
        var orders = book.AddRange(reservations.Orders.Where(r => book.All(o => o.Id != r.Id)));
        var machines = orders.SelectMany(o => o.Routings).SelectMany(r => r.WorkSteps).SelectMany(s => s.Options).Select(o => o.Machine).Distinct();
        return changes.With(new(now, orders, machines.ToImmutableDictionary(m => m, factory.CalendarOf), Down(now),
            dispatcher.Actuals, measured, InForce, reason)
        {
            Factory = reservations.With(factory.Planning), Goal = InForce is null ? factory.Goal : factory.Goal.Calm(), Locks = OpenLocks(), FrozenUntil = FrozenUntil,
            // People work by the plan in force: a new one moves only what must move, and what is worth it.
            Steady = InForce is not null,
        });
    }

    /// <summary>Lateness of the plan in force as it stands, plus what its late operations add to their orders.</summary>
    private TimeSpan ExpectedTardiness(DateTimeOffset now)
    {
        if (InForce is not { } plan) return TimeSpan.Zero;
        var late = dispatcher.Late(now, TimeSpan.Zero).GroupBy(l => l.Planned.Order).ToDictionary(g => g.Key, g => g.Max(l => l.By));
        return plan.Promises.Aggregate(TimeSpan.Zero, (sum, p) =>
            sum + (p with { Finish = p.Finish + late.GetValueOrDefault(p.Order) }).Lateness);
    }

    private static TimeSpan Tardiness(PlanVersion plan) => plan.Promises.Aggregate(TimeSpan.Zero, (sum, p) => sum + p.Lateness);

    public void Dispose()
    {
        _solving.Dispose();
        _keeping.Dispose();
    }
}

/// <summary>Machines that people reported broken and not yet going again.</summary>
internal sealed record Breakdowns(ImmutableDictionary<MachineId, DateTimeOffset> Since)
{
    public static Breakdowns None { get; } = new(ImmutableDictionary<MachineId, DateTimeOffset>.Empty);

    public Breakdowns After(ShopEvent e) => e switch
    {
        ShopEvent.Paused { Reason: "breakdown" } p => new(Since.SetItem(p.Machine, p.At)),
        ShopEvent.LotFinished => this,   // a lot may be counted while the machine stands
        _ => new(Since.Remove(e.Machine)),
    };

    /// <summary>A broken machine stays down for the allowance from its report, and while it is reported broken at least until half of that from now.</summary>
    public ImmutableArray<(MachineId, TimeRange)> Ranges(DateTimeOffset now, TimeSpan allowance) =>
        [.. Since.Select(s => (s.Key, new TimeRange(s.Value < now ? s.Value : now, Later(s.Value + allowance, now + allowance / 2))))];

    private static DateTimeOffset Later(DateTimeOffset a, DateTimeOffset b) => a > b ? a : b;
}
