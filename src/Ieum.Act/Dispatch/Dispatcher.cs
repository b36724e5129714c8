using System.Collections.Immutable;
using Ieum.Model;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Ieum.Act;

/// <summary>Dispatch lists from the plan in force and the reports of the shop floor; the reports are the truth, all else is computed.</summary>
internal sealed class Dispatcher(IShopEventStore store, IOptionsMonitor<ActOptions> options, Clocks clocks, ILogger<Dispatcher> log) : IDispatcher, IDisposable
{
    // Reports are checked and stored one at a time; readers take the present state without waiting.
    private readonly SemaphoreSlim _gate = new(1, 1);
    private ShopState _state = ShopState.Empty;

    public event Action? Changed;

    public PlanVersion? InForce => Volatile.Read(ref _state).Plan;

    public ImmutableArray<OperationActual> Actuals =>
        [.. Volatile.Read(ref _state).Actuals.Values.OrderBy(a => a.Operation.Value, StringComparer.Ordinal)];

    public (long Issued, long Acknowledged) Counts
    {
        get
        {
            var s = Volatile.Read(ref _state);
            return (s.Issued.Count, s.Issued.Count(i => s.ActualOf(i.Item1).Machine == i.Item2));
        }
    }

    public void Dispose() => _gate.Dispose();

    public void PutIntoForce(PlanVersion plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        if (!plan.Verified) throw new InvalidOperationException($"Plan {plan.Number} is not verified; only a verified plan may be put into force.");
        Change(s => s.WithPlan(plan));
        var (number, operations) = (plan.Number, plan.Operations.Length);
        Log.InForce(log, number, operations);
    }

    public void SetOrders(ImmutableArray<Order> orders) => Change(s => s.WithOrders(orders));

    public async Task InitialiseAsync(CancellationToken cancel)
    {
        var events = await store.AllAsync(cancel);
        var left = 0;
        Change(s =>
        {
            left = 0;
            foreach (var e in events)
            {
                if (s.Known.Contains(e.Id)) continue;
                // What was accepted once is told again; only what cannot follow from it, a damaged store, is left out.
                if (ReportCheck.Lasting(s, e) is null) s = s.After(e);
                else left++;
            }
            return s;
        });
        Log.Replayed(log, events.Count, left);
    }

    public async Task<ShopAnswer> ReportAsync(ShopEvent e, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(e);
        await _gate.WaitAsync(cancel);
        try
        {
            var s = Volatile.Read(ref _state);
            if (s.Known.Contains(e.Id)) return new(true, null, "This report is known already.", s.ActualOf(e.Operation), Repeated: true);
            if (ReportCheck.Check(s, e, clocks.Factory.GetUtcNow() + options.CurrentValue.ReportAhead) is var (rule, message))
            {
                Log.Refused(log, rule, message);
                return new(false, rule, message, s.ActualOf(e.Operation));
            }
            // Stored first: what is not durable has not happened.
            if (!await store.AddAsync(e, cancel)) return new(true, null, "This report is known already.", s.ActualOf(e.Operation), Repeated: true);
            Swap(now => now.After(e));
        }
        finally
        {
            _gate.Release();
        }
        Changed?.Invoke();
        return new(true, null, "Taken.", Volatile.Read(ref _state).ActualOf(e.Operation));
    }

    public ImmutableArray<Dispatch> For(MachineId machine)
    {
        var s = Volatile.Read(ref _state);
        if (s.Plan is not { } plan) return [];
        return
        [
            .. plan.Operations.Where(o => !plan.Reserved.Contains(o.Order)).Select(o => (Planned: o, Actual: s.ActualOf(o.Operation)))
                // Begun work stands where it was begun, the rest where it is planned.
                .Where(o => o.Actual.Status != OperationStatus.Finished && (o.Actual.Machine ?? o.Planned.Machine) == machine)
                .OrderBy(o => o.Actual.Status switch { OperationStatus.Running => 0, OperationStatus.Paused => 1, _ => 2 })
                .ThenBy(o => o.Planned.Start).ThenBy(o => o.Planned.Operation.Value, StringComparer.Ordinal)
                .Select((o, i) => new Dispatch(plan.Number, i + 1, o.Planned, o.Actual)),
        ];
    }

    public ImmutableArray<LateOperation> Late(DateTimeOffset now, TimeSpan tolerance)
    {
        var s = Volatile.Read(ref _state);
        if (s.Plan is not { } plan) return [];
        return
        [
            .. plan.Operations.Where(o => !plan.Reserved.Contains(o.Order)).Select(o => (Planned: o, Actual: s.ActualOf(o.Operation)))
                .Select(o => new LateOperation(o.Planned, o.Actual, Lateness.Of(plan, o.Planned, o.Actual, now)))
                .Where(l => l.By > tolerance)
                .OrderByDescending(l => l.By).ThenBy(l => l.Planned.Operation.Value, StringComparer.Ordinal),
        ];
    }

    private void Change(Func<ShopState, ShopState> change)
    {
        Swap(change);
        Changed?.Invoke();
    }

    private void Swap(Func<ShopState, ShopState> change)
    {
        ShopState seen;
        do seen = Volatile.Read(ref _state);
        while (!ReferenceEquals(Interlocked.CompareExchange(ref _state, change(seen), seen), seen));
    }
}
