using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Ieum.Act;
using Ieum.Model;
using Microsoft.Extensions.Time.Testing;

namespace Ieum.Ui.Tests.Fakes;

/// <summary>Machines in memory under the real guard: what the pages show of a write is what the product would do.</summary>
internal sealed class FakeWrites(FakeFloor floor, FakePlan plan) : IMachineWriters, IWriteScene, IMachineWriter, IWriteAuditStore, IWriteRuleStore, ILoopLedger
{
    public static readonly SignalId Oven = new(new("B-MC3"), "S1temp"), Load = new(new("B-HONE"), "Sload"), Recipe = new(new("B-MC3"), "recipe");

    private readonly ConcurrentDictionary<SignalId, SampleValue> _held = new();
    private readonly List<AuditEntry> _audit = [];
    private List<WriteRule> _rules =
    [
        new(Oven) { Unit = "CEL", Min = 15, Max = 60, MaxStep = 10, Role = PersonRole.Operator, SecondPerson = false, Hours = WriteHours.Always },
        new(Recipe) { Words = ["fine", "rough"], Hours = WriteHours.Between, From = 22.Hours, To = 6.Hours, Automatic = true },
        new(Load) { Unit = "P1", Min = 0, Max = 80 },
    ];

    public FakeTimeProvider Clock { get; } = new(floor.Now);
    public Dictionary<string, PersonRole> People { get; } = new()
    {
        ["owner"] = PersonRole.Owner, ["kim"] = PersonRole.Owner, ["반장"] = PersonRole.Planner, ["operator-1"] = PersonRole.Operator,
    };

    /// <summary>What machines were sent, in order.</summary>
    public ConcurrentQueue<(SignalId Signal, SampleValue Value)> Sent { get; } = [];
    public SampleValue Held(SignalId signal) => _held.TryGetValue(signal, out var v) ? v : floor.Values(signal.Machine).FirstOrDefault(x => x.Signal.Id == signal)?.Sample.Value ?? SampleValue.Of("rough");

    /// <summary>Starts the desk and lets it live through a morning: a write, a refusal, and a request that waits.</summary>
    public static async Task BeginAsync(IWriteDesk desk)
    {
        await desk.InitialiseAsync(CancellationToken.None);
        await desk.RequestAsync(new(Oven, SampleValue.Of(41.5), "owner", "page") { Reason = "warm up" }, CancellationToken.None);
        await desk.RequestAsync(new(Oven, SampleValue.Of(75.0), "operator-1", "api"), CancellationToken.None);
        await desk.RequestAsync(new(Load, SampleValue.Of(55.0), "반장", "page") { Reason = "새 소재" }, CancellationToken.None);
    }

    /// <summary>Changes an entry behind the node's back.</summary>
    public void Tamper(int number)
    {
        lock (_audit) _audit[number - 1] = _audit[number - 1] with { By = "somebody else" };
    }

    public WriteLine? Find(SignalId signal) => floor.Card(signal.Machine) is { Link: LinkState.Connected } ? new(this, "") : null;
    public Signal? SignalOf(SignalId signal) => signal == Recipe ? new(Recipe, Unit.One, ValueKind.Text) : floor.Values(signal.Machine).FirstOrDefault(v => v.Signal.Id == signal)?.Signal;
    public Sample? LastOf(SignalId signal) => floor.Values(signal.Machine).FirstOrDefault(v => v.Signal.Id == signal)?.Sample;
    public MachineState StateOf(MachineId machine) => floor.Card(machine)?.State ?? MachineState.Unknown;
    public WorkCalendar CalendarOf(MachineId machine) => plan.CalendarOf(machine);
    public ValueTask<PersonRole?> RoleOfAsync(string person, CancellationToken cancel) => new(People.TryGetValue(person, out var role) ? role : null);

    public Task<WriteAnswer> WriteAsync(SignalId signal, SampleValue value, CancellationToken cancel)
    {
        Sent.Enqueue((signal, value));
        _held[signal] = value;
        return Task.FromResult(new WriteAnswer(true, null, ""));
    }

    public Task<Sample?> ReadBackAsync(SignalId signal, CancellationToken cancel) => Task.FromResult<Sample?>(new Sample(new(1), floor.Now.UtcTicks, floor.Now.UtcTicks, Held(signal), Quality.Good));

    public Task AppendAsync(AuditEntry entry, CancellationToken cancel)
    {
        lock (_audit) _audit.Add(entry);
        return Task.CompletedTask;
    }

    public async IAsyncEnumerable<AuditEntry> ReadAsync(long after, [EnumeratorCancellation] CancellationToken cancel)
    {
        AuditEntry[] all;
        lock (_audit) all = [.. _audit];
        foreach (var e in all.Where(e => e.Number > after)) yield return e;
        await Task.CompletedTask;
    }

    public Task<IReadOnlyList<AuditEntry>> NewestAsync(int most, CancellationToken cancel)
    {
        lock (_audit) return Task.FromResult<IReadOnlyList<AuditEntry>>([.. _audit.AsEnumerable().Reverse().Take(most)]);
    }

    public Task<(long Number, string Hash)?> HeadAsync(CancellationToken cancel)
    {
        lock (_audit) return Task.FromResult<(long Number, string Hash)?>(_audit.Count == 0 ? null : (_audit[^1].Number, _audit[^1].Hash));
    }

    public Task<IReadOnlyList<WriteRule>> AllAsync(CancellationToken cancel) => Task.FromResult<IReadOnlyList<WriteRule>>(_rules);

    public Task SaveAsync(IReadOnlyList<WriteRule> rules, string by, CancellationToken cancel)
    {
        _rules = [.. rules];
        return Task.CompletedTask;
    }

    // The ledger of these tests keeps one turn; what stands in it is another room's concern.
    private static LoopEntry Turn(DateTimeOffset at) => new(1, "write", at, AutonomyLevel.Ask, "", "", "", 1);
    public Task<LoopEntry> AdviseAsync(LoopAdvice advice, CancellationToken cancel) => Task.FromResult(Turn(floor.Now));
    public Task<LoopEntry> ActingAsync(long number, int plan, CancellationToken cancel) => Task.FromResult(Turn(floor.Now));
    public Task<LoopEntry> UndoAsync(long number, bool done, string by, string what, CancellationToken cancel) => Task.FromResult(Turn(floor.Now));
    public Task<LoopEntry?> FindAsync(long number, CancellationToken cancel) => Task.FromResult<LoopEntry?>(null);
    public Task<IReadOnlyList<LoopStanding>> StandingsAsync(CancellationToken cancel) => Task.FromResult<IReadOnlyList<LoopStanding>>([]);
    public Task<LoopStanding> StandingAsync(string loop, CancellationToken cancel) => throw new ArgumentException(loop);
    public Task<LoopStanding> AllowAsync(string loop, AutonomyLevel most, string by, CancellationToken cancel) => throw new ArgumentException(loop);
    public Task<LoopStanding> LowerAsync(string loop, string by, CancellationToken cancel) => throw new ArgumentException(loop);
    Task<AuditVerdict> ILoopLedger.VerifyAsync(CancellationToken cancel) => Task.FromResult(new AuditVerdict(0, null, "", ""));
    public Task<LoopEntry> DecideAsync(long number, bool accepted, string by, string? note, string? way, CancellationToken cancel) => Task.FromResult(Turn(floor.Now));
    public Task<LoopEntry> ReceiptAsync(long number, bool done, string what, CancellationToken cancel) => Task.FromResult(Turn(floor.Now));
    public Task<LoopEntry> EffectAsync(long number, LoopEffect effect, CancellationToken cancel) => Task.FromResult(Turn(floor.Now));
    Task<IReadOnlyList<LoopEntry>> ILoopLedger.ListAsync(int most, CancellationToken cancel) => Task.FromResult<IReadOnlyList<LoopEntry>>([]);
}
