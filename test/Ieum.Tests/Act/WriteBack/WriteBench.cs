using Ieum.Act;
using Ieum.Model;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace Ieum.Tests.Act.WriteBack;

/// <summary>A desk over a machine in memory; a restart makes a new desk over the same disk.</summary>
internal sealed class WriteBench : IMachineWriters, IWriteScene, IMachineWriter, IWriteAuditStore, IWriteRuleStore, IDisposable
{
    public static readonly SignalId Speed = new(new("M1"), "ovenTemperature");
    private readonly LoopLedger _ledger;
    private List<WriteRule> _rules = [];

    public WriteBench(WriteRule? rule = null)
    {
        _rules = [rule ?? Rule];
        _ledger = new(new MemoryLoops(), Microsoft.Extensions.Options.Options.Create(new ActOptions()), new(Clock, Clock), NullLogger<LoopLedger>.Instance);
        Desk = Start();
    }

    public static WriteRule Rule => new(Speed)
    {
        Unit = "CEL", Min = 0, Max = 200, SecondPerson = false, Hours = WriteHours.Always, Writes = 100, Per = 1.Hours, Role = PersonRole.Operator,
    };

    public FakeTimeProvider Clock { get; } = new(new DateTimeOffset(2026, 11, 2, 10, 0, 0, TimeSpan.FromHours(9)));
    public GuardedWrites Desk { get; private set; }
    public Dictionary<string, PersonRole> People { get; } = new() { ["kim"] = PersonRole.Operator, ["sato"] = PersonRole.Operator, ["owner"] = PersonRole.Owner, ["guest"] = PersonRole.Viewer };
    public List<AuditEntry> Disk { get; } = [];
    public List<SampleValue> Sent { get; } = [];
    public SampleValue Held { get; set; } = SampleValue.Of(20.0);
    public MachineState State { get; set; } = MachineState.Idle;
    public SignalRole SignalRole { get; set; }
    public bool Takes { get; set; } = true;
    public bool Readable { get; set; } = true;
    public bool DiskFull { get; set; }
    public Action? OnWrite { get; set; }

    /// <summary>Ends the desk as a killed process does, and starts another over the same disk.</summary>
    public GuardedWrites Start()
    {
        Desk = new(this, this, this, this, _ledger, Options.Create(new WriteBackOptions { ReadBackLimit = TimeSpan.FromMilliseconds(10) }), new(Clock, TimeProvider.System), NullLogger<GuardedWrites>.Instance);
        Desk.InitialiseAsync(CancellationToken.None).GetAwaiter().GetResult();
        return Desk;
    }

    public Task<WriteOutcome> AskAsync(double value, string by = "kim", bool dryRun = false) =>
        Desk.RequestAsync(new(Speed, SampleValue.Of(value), by, "page") { DryRun = dryRun }, TestContext.Current.CancellationToken);

    public WriteLine? Find(SignalId signal) => signal.Machine == Speed.Machine ? new(this, "") : null;
    public Signal? SignalOf(SignalId signal) => new(signal, Unit.Celsius, ValueKind.Real, SignalRole);
    public Sample? LastOf(SignalId signal) => null;
    public MachineState StateOf(MachineId machine) => State;
    public WorkCalendar CalendarOf(MachineId machine) => new(TimeSpan.FromHours(9), new Dictionary<DayOfWeek, IReadOnlyList<Shift>> { [DayOfWeek.Monday] = [new(8.Hours, 17.Hours)] });
    public ValueTask<PersonRole?> RoleOfAsync(string person, CancellationToken cancel) => new(People.TryGetValue(person, out var r) ? r : null);

    public Task<WriteAnswer> WriteAsync(SignalId signal, SampleValue value, CancellationToken cancel)
    {
        Sent.Add(value);
        OnWrite?.Invoke();
        if (Takes) Held = value;
        return Task.FromResult(new WriteAnswer(Takes, Takes ? null : "machine-says-no", "answer"));
    }

    public Task<Sample?> ReadBackAsync(SignalId signal, CancellationToken cancel) =>
        Task.FromResult<Sample?>(Readable ? new Sample(new(1), 0, 0, Held, Quality.Good) : null);

    public Task AppendAsync(AuditEntry entry, CancellationToken cancel)
    {
        if (DiskFull) throw new IOException("no space left");
        Disk.Add(entry);
        return Task.CompletedTask;
    }

    public async IAsyncEnumerable<AuditEntry> ReadAsync(long after, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel)
    {
        foreach (var e in Disk.ToArray().Where(e => e.Number > after)) yield return e;
        await Task.CompletedTask;
    }

    public Task<IReadOnlyList<AuditEntry>> NewestAsync(int most, CancellationToken cancel) => Task.FromResult<IReadOnlyList<AuditEntry>>([.. Disk.AsEnumerable().Reverse().Take(most)]);
    public (long, string)? KeptHead { get; set; }
    public Task<(long Number, string Hash)?> HeadAsync(CancellationToken cancel) => Task.FromResult<(long, string)?>(KeptHead ?? (Disk.Count == 0 ? null : (Disk[^1].Number, Disk[^1].Hash)));
    public Task<IReadOnlyList<WriteRule>> AllAsync(CancellationToken cancel) => Task.FromResult<IReadOnlyList<WriteRule>>(_rules);
    public Task SaveAsync(IReadOnlyList<WriteRule> rules, string by, CancellationToken cancel)
    {
        _rules = [.. rules];
        return Task.CompletedTask;
    }

    public void Dispose()
    {
        Desk.Dispose();
        _ledger.Dispose();
    }
}
