using System.Threading.Channels;
using Ieum.Act;
using Ieum.Analyze;
using Ieum.Model;
using Microsoft.Extensions.Options;

namespace Ieum.Node.Loop;

/// <summary>The loops that run by themselves: plan what is new, replan what is late, learn what things really take.</summary>
internal sealed class LoopService(
    PlanDesk plans, ShopFloor floor, FactoryState factory, IDispatcher dispatcher, ILoopLedger ledger, BreakdownLoop breakdowns, CorrectionLoop corrections, IWriteDesk writes,
    IOptions<LoopOptions> options, IOptions<ActOptions> act, Clocks clocks, ILogger<LoopService> log) : BackgroundService
{
    private readonly Channel<Order> _newOrders = Channel.CreateUnbounded<Order>();
    private readonly SemaphoreSlim _looking = new(1, 1);
    private ReplanMemory _memory = ReplanMemory.Empty;

    protected override Task ExecuteAsync(CancellationToken stoppingToken)
    {
        plans.OrderAdded += o => _newOrders.Writer.TryWrite(o);
        return Task.WhenAll(
            TurnAsync(PlanDesk.ReplanLoop, NewOrdersAsync, stoppingToken),
            EveryAsync(PlanDesk.ReplanLoop, options.Value.WatchEvery, WatchLateAsync, stoppingToken),
            EveryAsync(BreakdownWatch.Loop, options.Value.WatchEvery, breakdowns.LookAsync, stoppingToken),
            EveryAsync(CorrectionWatch.Loop, options.Value.WatchEvery, corrections.LookAsync, stoppingToken),
            EveryAsync(PlanDesk.LearnedTimeLoop, options.Value.LearnEvery, LearnAsync, stoppingToken));
    }

    private async Task NewOrdersAsync(CancellationToken cancel)
    {
        var known = plans.InForce?.Promises.Select(p => p.Order).ToHashSet() ?? [];
        var unknown = plans.Orders.Count(o => !known.Contains(o.Id));
        if (unknown > 0) await TurnAsync(PlanDesk.ReplanLoop, c => plans.PlanNewOrdersAsync(unknown, c), cancel);
        while (await _newOrders.Reader.WaitToReadAsync(cancel))
        {
            var fresh = 0;   // orders that came while the last plan was made go into one
            while (_newOrders.Reader.TryRead(out _)) fresh++;
            if (fresh > 0) await TurnAsync(PlanDesk.ReplanLoop, c => plans.PlanNewOrdersAsync(fresh, c), cancel);
        }
    }

    internal Task WatchLateAsync(CancellationToken cancel) => LookAsync([], cancel);

    internal async Task LearnAsync(CancellationToken cancel)
    {
        var now = clocks.Factory.GetUtcNow();
        var items = plans.Orders.Select(o => o.Item).ToHashSet();
        var drifts = new List<TimeDrift>();
        foreach (var machine in factory.Company.Machines)
            foreach (var cycles in await floor.CyclesAsync(machine.Id, new(now - options.Value.LearnWindow, now), cancel))
                if (Identifier.IsValid(cycles.Subject) && items.Contains(new(cycles.Subject))
                    && cycles.ToMeasured(new(cycles.Subject), act.Value.DriftSamples) is { } measured
                    && plans.PerPieceInUse(machine.Id, measured.Item) is { } used)
                    drifts.Add(new(measured, used));
        await LookAsync(drifts, cancel);
    }

    /// <summary>One look of the watch, and what its advice leads to at the loop's autonomy level.</summary>
    private async Task LookAsync(IReadOnlyList<TimeDrift> drifts, CancellationToken cancel)
    {
        await _looking.WaitAsync(cancel);
        try
        {
            if (plans.InForce is not { } plan) return;
            var now = clocks.Factory.GetUtcNow();
            // What is late because a machine stands is the breakdown loop's: one standstill, one advice.
            LateOperation[] late = [.. dispatcher.Late(now, act.Value.LateTolerance).Where(l => !breakdowns.Covers(l.Planned.Machine))];
            (var advices, _memory) = ReplanWatch.Look(new(now, plan.Number, plan.Made, late, drifts), _memory, act.Value);
            foreach (var advice in advices)
            {
                var level = (await ledger.StandingAsync(advice.Loop, cancel)).Level;
                if (writes.Stop is not null && level > AutonomyLevel.Ask) level = AutonomyLevel.Ask;   // the stop switch stops every loop's own hand
                await plans.AdviseAsync(advice.Loop == ReplanWatch.LearnedTimeLoop ? advice with { Window = new(now - options.Value.LearnWindow, now) } : advice, level, cancel);
            }
        }
        finally
        {
            _looking.Release();
        }
    }

    public override void Dispose()
    {
        _looking.Dispose();
        base.Dispose();
    }

    private async Task EveryAsync(string loop, TimeSpan period, Func<CancellationToken, Task> turn, CancellationToken cancel)
    {
        using var timer = new PeriodicTimer(period, clocks.Factory);
        try
        {
            while (await timer.WaitForNextTickAsync(cancel)) await TurnAsync(loop, turn, cancel);
        }
        catch (OperationCanceledException)
        {
            // the node stops
        }
    }

    private async Task TurnAsync(string loop, Func<CancellationToken, Task> turn, CancellationToken cancel)
    {
        try
        {
            await turn(cancel);
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            // the node stops
        }
        catch (Exception e)
        {
            Log.TurnFailed(log, e, loop);
        }
    }
}
