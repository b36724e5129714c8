using Ieum.Act;
using Ieum.Model;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Ieum.Conformance.Writes;

/// <summary>The guard as a node has it, over the writer of one real source; audit, rules and ledger in memory.</summary>
internal sealed class GuardRig : IMachineWriters, IWriteScene, IWriteAuditStore, IWriteRuleStore, ILoopStore, IDisposable
{
    private readonly Func<IMachineWriter?> _writer;
    private readonly ISignalDirectory _signals;
    private readonly IReadOnlyList<WriteRule> _rules;
    private readonly LoopLedger _ledger;
    private readonly List<LoopEntry> _loops = [];
    private readonly List<AuditEntry> _links = [];
    private readonly Dictionary<string, string> _addresses;

    private GuardRig(Func<IMachineWriter?> writer, ISignalDirectory signals, IReadOnlyList<WriteRule> rules, Dictionary<string, string> addresses)
    {
        (_writer, _signals, _rules, _addresses) = (writer, signals, rules, addresses);
        _ledger = new(this, Microsoft.Extensions.Options.Options.Create(new ActOptions()), Clocks.Real, NullLogger<LoopLedger>.Instance);
        Desk = new(this, this, this, this, _ledger, Options.Create(new WriteBackOptions { AnswerLimit = TimeSpan.FromMinutes(1), ReadBackLimit = TimeSpan.FromMinutes(1) }), Clocks.Real, NullLogger<GuardedWrites>.Instance);
    }

    public GuardedWrites Desk { get; }
    public List<AuditEntry> Audit { get; } = [];

    /// <param name="writable">Name, address and unit of each signal of machine <c>m</c> that stands on the list, commands included.</param>
    public static async Task<GuardRig> StartAsync(Func<IMachineWriter?> writer, ISignalDirectory signals, params (string Name, string Address, string Unit)[] writable)
    {
        var rules = writable.Select(w => new WriteRule(new(new("m"), w.Name))
        {
            Unit = w.Unit, Min = -1000, Max = 1000, SecondPerson = false, Hours = WriteHours.Always, Writes = 1000, Per = TimeSpan.FromHours(1), Role = PersonRole.Operator,
        }).ToList();
        var rig = new GuardRig(writer, signals, rules, writable.ToDictionary(w => w.Name, w => w.Address));
        await rig.Desk.InitialiseAsync(CancellationToken.None);
        return rig;
    }

    public Task<WriteOutcome> AskAsync(string signal, SampleValue value) =>
        Desk.RequestAsync(new(new(new("m"), signal), value, "kim", "test"), TestContext.Current.CancellationToken);

    /// <summary>Confirmed by the machine itself, limits kept, commands refused, and all of it in an unbroken audit.</summary>
    public async Task ProveAsync(string signal, SampleValue value, params string[] commands)
    {
        var done = await AskAsync(signal, value);
        Assert.True(done.State == WriteState.Confirmed, $"{done.State} {done.Rule}: {done.Message}");
        Assert.Equal(value.Number, done.ReadBack!.Value.Number, 3);
        Assert.Equal(WriteBackRules.AboveMax, (await AskAsync(signal, SampleValue.Of(1001.0))).Rule);
        foreach (var command in commands)
        {
            var refused = await AskAsync(command, SampleValue.Of(1.0));
            Assert.Equal((WriteState.Refused, WriteBackRules.Command), (refused.State, refused.Rule));
        }
        Assert.Null((await Desk.VerifyAsync(TestContext.Current.CancellationToken)).BrokenAt);
        Assert.Contains(Audit, a => a.Kind == "receipt");
    }

    public WriteLine? Find(SignalId signal) => _writer() is { } writer && _addresses.TryGetValue(signal.Name, out var address) ? new(writer, address) : null;
    public Signal? SignalOf(SignalId signal) => _signals.Find(signal) is { } n ? _signals.Find(n) : new(signal, Unit.One, ValueKind.Real);
    public Sample? LastOf(SignalId signal) => null;
    public MachineState StateOf(MachineId machine) => MachineState.Idle;
    public WorkCalendar CalendarOf(MachineId machine) => new(TimeSpan.FromHours(9), new Dictionary<DayOfWeek, IReadOnlyList<Shift>>());
    public ValueTask<PersonRole?> RoleOfAsync(string person, CancellationToken cancel) => new(PersonRole.Operator);

    public Task AppendAsync(AuditEntry entry, CancellationToken cancel) { lock (Audit) Audit.Add(entry); return Task.CompletedTask; }
    public async IAsyncEnumerable<AuditEntry> ReadAsync(long after, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel)
    {
        foreach (var e in Audit.ToArray().Where(e => e.Number > after)) yield return e;
        await Task.CompletedTask;
    }
    public Task<IReadOnlyList<AuditEntry>> NewestAsync(int most, CancellationToken cancel) => Task.FromResult<IReadOnlyList<AuditEntry>>([.. Audit.AsEnumerable().Reverse().Take(most)]);
    public Task<(long Number, string Hash)?> HeadAsync(CancellationToken cancel) => Task.FromResult<(long, string)?>(Audit.Count == 0 ? null : (Audit[^1].Number, Audit[^1].Hash));
    public Task<IReadOnlyList<WriteRule>> AllAsync(CancellationToken cancel) => Task.FromResult(_rules);
    public Task SaveAsync(IReadOnlyList<WriteRule> rules, string by, CancellationToken cancel) => Task.CompletedTask;

    public Task<LoopMark> MarkAsync(CancellationToken cancel) => Task.FromResult(new LoopMark(_loops.Count, _links.Count, _links.Count == 0 ? "" : _links[^1].Hash));
    public Task WriteAsync(LoopEntry entry, AuditEntry link, CancellationToken cancel)
    {
        lock (_loops)
        {
            _links.Add(link);
            if (entry.Number > _loops.Count) _loops.Add(entry);
            else _loops[(int)entry.Number - 1] = entry;
        }
        return Task.CompletedTask;
    }
    public IAsyncEnumerable<AuditEntry> ChainAsync(CancellationToken cancel) => _links.ToAsyncEnumerable();
    public Task<LoopEntry?> FindAsync(long number, CancellationToken cancel) { lock (_loops) return Task.FromResult(number >= 1 && number <= _loops.Count ? _loops[(int)number - 1] : null); }
    public Task<IReadOnlyList<LoopEntry>> ListAsync(int most, CancellationToken cancel) { lock (_loops) return Task.FromResult<IReadOnlyList<LoopEntry>>([.. _loops.AsEnumerable().Reverse().Take(most)]); }

    public void Dispose()
    {
        Desk.Dispose();
        _ledger.Dispose();
    }
}
