using System.Collections.Immutable;
using Ieum.Act;
using Ieum.Model;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace Ieum.Tests.Act;

/// <summary>A shop floor with one order of two steps and one of one step, and a verified plan for them.</summary>
internal sealed class Floor : IDisposable
{
    public static readonly TimeSpan Korea = 9.Hours;
    public static readonly MachineId Mc1 = new("B-MC1"), Mc2 = new("B-MC2"), Hon = new("B-HON");
    public static readonly OperationId A10 = new("A.10"), A20 = new("A.20"), B10 = new("B.10");
    private readonly Dispatcher _dispatcher;

    public Floor(MemoryShopEvents? store = null, bool orders = true, bool plan = true)
    {
        Store = store ?? new();
        Clock = new(At(8)) { AutoAdvanceAmount = TimeSpan.Zero };
        _dispatcher = new Dispatcher(Store, new Fixed(), new(Clock, Clock), NullLogger<Dispatcher>.Instance);
        if (orders) Dispatcher.SetOrders(Orders);
        if (plan) Dispatcher.PutIntoForce(FirstPlan);
    }

    public FakeTimeProvider Clock { get; }
    public MemoryShopEvents Store { get; }
    public IDispatcher Dispatcher => _dispatcher;

    public void Dispose() => _dispatcher.Dispose();

    public static DateTimeOffset At(int hour, int minute = 0) => new(2026, 11, 2, hour, minute, 0, Korea);

    public static ImmutableArray<Order> Orders { get; } =
    [
        new(new("A"), new(new("BODY"),
        [
            new RoutingStep.Work(10, "mill", [new(Mc1, 1.Hours, 6.Minutes), new(Mc2, 1.Hours, 9.Minutes)]),
            new RoutingStep.Wait(15, "cool", 1.Hours),
            new RoutingStep.Work(20, "hone", [new(Hon, 30.Minutes, 1.Minutes)]),
        ]), 10, At(8), At(18)),
        new(new("B"), new(new("SPOOL"), [new RoutingStep.Work(10, "mill", [new(Mc1, TimeSpan.Zero, 6.Minutes)])]), 10, At(8), At(18)),
    ];

    /// <summary>A.10 08-10 and B.10 10-11 on MC1, A.20 11-11:40 on the hone.</summary>
    public static PlanVersion FirstPlan { get; } = new(1, null, At(8), "first",
    [
        new(A10, new("A"), 10, Mc1, 10, At(8), At(10), 1.Hours, 2.Hours),
        new(B10, new("B"), 10, Mc1, 10, At(10), At(11), TimeSpan.Zero, 1.Hours),
        new(A20, new("A"), 20, Hon, 10, At(11), At(11, 40), 30.Minutes, 40.Minutes),
    ],
    [new(new("A"), At(11, 40), At(18)), new(new("B"), At(11), At(18))], true, "test");

    public Task<ShopAnswer> ReportAsync(ShopEvent e) => Dispatcher.ReportAsync(e, TestContext.Current.CancellationToken);

    public async Task<ShopAnswer> AcceptAsync(ShopEvent e)
    {
        Clock.SetUtcNow(e.At);
        var answer = await ReportAsync(e);
        Assert.True(answer.Accepted, answer.Message);
        Assert.Null(answer.Rule);
        return answer;
    }

    public async Task RefuseAsync(string rule, ShopEvent e)
    {
        var before = Dispatcher.Actuals;
        var answer = await ReportAsync(e);
        Assert.False(answer.Accepted);
        Assert.Equal(rule, answer.Rule);
        Assert.Contains(rule, ShopRules.All.Keys);
        Assert.Contains(e.Operation.Value, answer.Message, StringComparison.Ordinal);
        Assert.Equal(before, Dispatcher.Actuals);
        Assert.DoesNotContain(e, Store.Events);
    }

    public static ShopEvent Start(OperationId o, MachineId m, DateTimeOffset at) => new ShopEvent.Started(Guid.NewGuid(), o, m, "op-1", at);
    public static ShopEvent Pause(OperationId o, MachineId m, DateTimeOffset at, string reason = "tool") => new ShopEvent.Paused(Guid.NewGuid(), o, m, "op-1", at, reason);
    public static ShopEvent Resume(OperationId o, MachineId m, DateTimeOffset at) => new ShopEvent.Resumed(Guid.NewGuid(), o, m, "op-1", at);
    public static ShopEvent Finish(OperationId o, MachineId m, DateTimeOffset at, int good = 10, int scrap = 0) => new ShopEvent.Finished(Guid.NewGuid(), o, m, "op-1", at, good, scrap);

    private sealed class Fixed : IOptionsMonitor<ActOptions>
    {
        public ActOptions CurrentValue { get; } = new();
        public ActOptions Get(string? name) => CurrentValue;
        public IDisposable? OnChange(Action<ActOptions, string?> listener) => null;
    }
}

/// <summary>Keeps reports in memory; can be told to fail.</summary>
internal sealed class MemoryShopEvents : IShopEventStore
{
    private readonly Lock _gate = new();
    private readonly List<ShopEvent> _events = [];

    public bool Fails { get; set; }
    public IReadOnlyList<ShopEvent> Events { get { lock (_gate) return [.. _events]; } }

    public async Task<bool> AddAsync(ShopEvent e, CancellationToken cancel)
    {
        await Task.Yield();
        if (Fails) throw new IOException("disk full");
        lock (_gate)
        {
            if (_events.Any(x => x.Id == e.Id)) return false;
            _events.Add(e);
            return true;
        }
    }

    public Task<IReadOnlyList<ShopEvent>> AllAsync(CancellationToken cancel) => Task.FromResult(Events);
}

/// <summary>Keeps the loop ledger in memory; can be tampered with.</summary>
internal sealed class MemoryLoops : ILoopStore
{
    private readonly Lock _gate = new();

    public List<LoopEntry> Entries { get; } = [];
    public List<AuditEntry> Links { get; } = [];

    public Task<LoopMark> MarkAsync(CancellationToken cancel)
    {
        lock (_gate) return Task.FromResult(new LoopMark(Entries.Count, Links.Count, Links.Count == 0 ? "" : Links[^1].Hash));
    }

    public Task WriteAsync(LoopEntry entry, AuditEntry link, CancellationToken cancel)
    {
        lock (_gate)
        {
            if (link.Number != Links.Count + 1) throw new InvalidOperationException($"Link {link.Number} does not follow link {Links.Count}.");
            Links.Add(link);
            if (entry.Number > Entries.Count) Entries.Add(entry);
            else Entries[(int)entry.Number - 1] = entry;
        }
        return Task.CompletedTask;
    }

    public Task<LoopEntry?> FindAsync(long number, CancellationToken cancel)
    {
        lock (_gate) return Task.FromResult(number >= 1 && number <= Entries.Count ? Entries[(int)number - 1] : null);
    }

    public Task<IReadOnlyList<LoopEntry>> ListAsync(int most, CancellationToken cancel)
    {
        lock (_gate) return Task.FromResult<IReadOnlyList<LoopEntry>>([.. Enumerable.Reverse(Entries).Take(most)]);
    }

    public IAsyncEnumerable<AuditEntry> ChainAsync(CancellationToken cancel) => Links.ToArray().ToAsyncEnumerable();
}
