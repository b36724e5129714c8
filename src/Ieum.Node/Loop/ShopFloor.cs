using System.Collections.Concurrent;
using System.Collections.Immutable;
using Ieum.Act;
using Ieum.Analyze;
using Ieum.Model;
using Ieum.Node.Cluster;
using Ieum.Node.Views;
using Ieum.Record;
using Microsoft.Extensions.Options;

namespace Ieum.Node.Loop;

/// <summary>The machines for the pages: cards from memory, rebuilt at most four times a second; histories from the rooms.</summary>
internal sealed class ShopFloor(
    FactoryState factory, TwinBoard board, Intake intake, PlanDesk plans, IDispatcher dispatcher, IRecorder recorder, IAnalyst analyst, IGrainFactory grains,
    IOptions<LoopOptions> options, Clocks clocks, ILogger<ShopFloor> log) : BackgroundService, IShopFloor
{
    private static readonly TimeSpan Beat = TimeSpan.FromMilliseconds(250);
    private readonly ConcurrentDictionary<MachineId, double?> _oee = [];
    private readonly PiecesSince _pieces = new(recorder, recorder);
    private readonly Dictionary<MachineId, int?> _counted = [];   // of the beat alone
    private volatile IReadOnlyDictionary<MachineId, MachineCard> _byMachine = ImmutableDictionary<MachineId, MachineCard>.Empty;
    private int _stale = 1;

    public event Action? Changed;

    public DateTimeOffset Now => clocks.Factory.GetUtcNow().ToOffset(factory.Calendar.Offset);
    public Company Company => factory.Company;
    public ImmutableArray<MachineCard> Cards { get; private set; } = [];
    public MachineCard? Card(MachineId machine) => _byMachine.GetValueOrDefault(machine);
    public IReadOnlyList<LastValue> Values(MachineId machine) => recorder.LastOf(machine);

    public Task<ImmutableArray<StateSpan>> TimelineAsync(MachineId machine, TimeRange range, CancellationToken cancel) => analyst.TimelineAsync(machine, range, cancel);

    public Task<OeeAnswer> OeeAsync(MachineId machine, TimeRange range, CancellationToken cancel) =>
        analyst.OeeAsync(machine, range, factory.CalendarOf(machine), Work(machine, range), cancel);

    public Task<ImmutableArray<AlarmLine>> AlarmsAsync(MachineId machine, TimeRange range, CancellationToken cancel) => analyst.AlarmsAsync(machine, range, cancel);

    public Task<ImmutableArray<CycleStatistics>> CyclesAsync(MachineId machine, TimeRange range, CancellationToken cancel) =>
        analyst.CyclesAsync(machine, range, Work(machine, range), cancel);

    public Task<IReadOnlyList<Bucket>> TrendAsync(SignalNumber signal, TimeRange range, TimeSpan step, CancellationToken cancel) =>
        recorder.DownsampleAsync(signal, range, step, cancel);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        factory.Changed += Spoil;
        plans.Changed += Spoil;
        intake.Changed += Spoil;
        await Task.WhenAll(BeatAsync(stoppingToken), ScoreAsync(stoppingToken));
    }

    private void Spoil() => Interlocked.Exchange(ref _stale, 1);

    private async Task BeatAsync(CancellationToken cancel)
    {
        using var timer = new PeriodicTimer(Beat, clocks.Wire);
        var (seen, quiet) = (-1L, 0);
        do
        {
            await PassTimeAsync();
            var version = board.Version;
            // Once a second even without news: ages, links and lateness move with the clock alone.
            if (version == seen && Interlocked.Exchange(ref _stale, 0) == 0 && ++quiet < 4) continue;
            Interlocked.Exchange(ref _stale, 0);
            (seen, quiet) = (version, 0);
            try
            {
                await CountAsync(cancel);
                Cards = Build();
                _byMachine = Cards.ToDictionary(c => c.Machine.Id);
                Changed?.Invoke();
            }
            catch (OperationCanceledException) when (cancel.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                Log.TurnFailed(log, e, "cards");
            }
        }
        while (await NextAsync(timer, cancel));
    }

    /// <summary>A lamp that went dark says nothing more; the twin learns by the clock that it stayed dark.</summary>
    private async Task PassTimeAsync()
    {
        var now = clocks.Factory.GetUtcNow();
        foreach (var m in Company.Machines)
        {
            if (board.Find(m.Id) is not { Due: { } due } || due > now) continue;
            try
            {
                await grains.GetGrain<IMachineTwin>(m.Id.Value).PassAsync(now);
            }
            catch (Exception e)
            {
                Log.TurnFailed(log, e, "twin");
            }
        }
    }

    private async Task CountAsync(CancellationToken cancel)
    {
        foreach (var m in Company.Machines)
        {
            try
            {
                _counted[m.Id] = await _pieces.ReadAsync(m.Id, ShopWork.Current(dispatcher.For(m.Id))?.Dispatch.Actual, cancel);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                _counted[m.Id] = null;   // a counter that cannot be read takes no card from the wall
                Log.TurnFailed(log, e, "pieces");
            }
        }
    }

    private async Task ScoreAsync(CancellationToken cancel)
    {
        using var timer = new PeriodicTimer(options.Value.OeeEvery, clocks.Wire);
        do
        {
            var now = clocks.Factory.GetUtcNow();
            foreach (var m in Company.Machines)
            {
                try
                {
                    _oee[m.Id] = (await OeeAsync(m.Id, new(factory.DayBegin(now), now), cancel)).Oee;
                }
                catch (OperationCanceledException)
                {
                    return;
                }
                catch (Exception e)
                {
                    Log.TurnFailed(log, e, "oee");
                }
            }
            Spoil();
        }
        while (await NextAsync(timer, cancel));
    }

    private static async ValueTask<bool> NextAsync(PeriodicTimer timer, CancellationToken cancel)
    {
        try
        {
            return await timer.WaitForNextTickAsync(cancel);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private ImmutableArray<MachineCard> Build()
    {
        var now = clocks.Factory.GetUtcNow();
        var orders = plans.Orders.ToDictionary(o => o.Id);
        var late = plans.Late.Select(l => l.Planned.Operation).ToHashSet();
        return [.. Company.Machines.Select(m => CardOf(m, now, orders, late))];
    }

    private MachineCard CardOf(Machine machine, DateTimeOffset now, Dictionary<OrderId, Order> orders, HashSet<OperationId> late)
    {
        var link = intake.LinkOf(machine.Id);
        var current = ShopWork.Current(dispatcher.For(machine.Id));
        var work = current?.With(orders, late.Contains(current.Dispatch.Operation.Operation), _counted.GetValueOrDefault(machine.Id));
        var oee = _oee.GetValueOrDefault(machine.Id);
        if (board.Find(machine.Id) is not { } twin)
            return new(machine, MachineState.Unknown, MachineOverlay.None, now, null, link, oee, work, null, null, []);
        var ribbon = twin.Past;
        if (twin.Since < now) ribbon = ribbon.Add(new(new(twin.Since, now), twin.State, twin.Overlay, twin.Cause));
        return new(machine, twin.State, twin.Overlay, twin.Since, twin.LastData, link, oee, work, twin.Program, twin.PartCount, Cut(ribbon, now - TwinState.Memory));
    }

    private static ImmutableArray<StateSpan> Cut(ImmutableArray<StateSpan> ribbon, DateTimeOffset from) =>
        [.. ribbon.Where(s => s.Range.To > from).Select(s => s.Range.From < from ? s with { Range = new(from, s.Range.To) } : s)];

    private ImmutableArray<OrderWork> Work(MachineId machine, TimeRange range) =>
        ShopWork.At(machine, range, clocks.Factory.GetUtcNow(), plans.Orders, plans.Actuals);
}
