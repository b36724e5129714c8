using System.Collections.Concurrent;
using System.Collections.Immutable;
using Ieum.Model;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Ieum.Act;

/// <summary>
/// The one way to a machine's memory: request → guard → (second person) → audit → write → receipt → ledger. The entry that
/// says "sending" is on the disk before the first byte leaves, so a write that nobody knows of cannot exist.
/// </summary>
internal sealed partial class GuardedWrites(
    IMachineWriters writers, IWriteScene scene, IWriteAuditStore store, IWriteRuleStore ruleStore, ILoopLedger ledger,
    IOptions<WriteBackOptions> options, Clocks clocks, ILogger<GuardedWrites> log) : IWriteDesk, IDisposable
{
    // Judging and the entry that follows from it are one step: two requests must not both find room in the same rate.
    private readonly SemaphoreSlim _gate = new(1, 1);
    // One act per signal at a time, from reading the old value to the receipt, so that a step is measured against what is there.
    private readonly ConcurrentDictionary<SignalId, SemaphoreSlim> _acts = [];
    private readonly WriteMemory _memory = new();
    private WriteStop? _stopped;
    private bool _ready;

    public event Action? Changed;

    public ImmutableArray<WriteRule> Rules { get; private set; } = [];
    public WriteStop? Stop => Pressed;

    private WriteStop? Pressed
    {
        get => Volatile.Read(ref _stopped);
        set => Volatile.Write(ref _stopped, value);
    }

    public ImmutableArray<WriteRecord> Waiting => Read(m => m.Records.Where(r => r.State == WriteState.Waiting).OrderBy(r => r.Number).ToImmutableArray());
    public ImmutableArray<WriteRecord> Recent(int most) => Read(m => m.Records.OrderByDescending(r => r.Number).Take(most).ToImmutableArray());
    public WriteRecord? Find(long number) => Read(m => m.Find(number));
    public ImmutableArray<WriteRecord> OfEntry(long entry) => Read(m => m.OfEntry(entry));

    public bool IsWritable(SignalId signal) =>
        RuleOf(signal) is not null && ControllerCommands.Why(signal, scene.SignalOf(signal)?.Role ?? SignalRole.None, writers.Find(signal)?.Address ?? "") is null;

    public Task<WriteOutcome> RequestAsync(WriteRequest request, CancellationToken cancel) => ActAsync(request, null, null, cancel);

    public async Task<WriteOutcome> ApproveAsync(long number, string by, CancellationToken cancel)
    {
        await SweepAsync(cancel).ConfigureAwait(false);
        if (Find(number) is not { State: WriteState.Waiting } waiting) return NotWaiting(number);
        var role = await scene.RoleOfAsync(by, cancel).ConfigureAwait(false);
        // Who may not decide leaves the request waiting for somebody who may.
        if (!waiting.Request.ByMachine && string.Equals(by, waiting.Request.By, StringComparison.OrdinalIgnoreCase))
            return NotDecided(waiting, WriteBackRules.SamePerson, $"'{by}' asked for it; another person has to approve.");
        if (role is not { } r || r < PersonRole.Operator || RuleOf(waiting.Request.Signal) is { } rule && r < rule.Role)
            return NotDecided(waiting, WriteBackRules.Role, $"'{by}' may not approve this signal.");
        return await ActAsync(waiting.Request, waiting, new(by, role), cancel).ConfigureAwait(false);
    }

    public async Task<WriteOutcome> DeclineAsync(long number, string by, string reason, CancellationToken cancel)
    {
        await SweepAsync(cancel).ConfigureAwait(false);
        var role = await scene.RoleOfAsync(by, cancel).ConfigureAwait(false);
        await _gate.WaitAsync(cancel).ConfigureAwait(false);
        try
        {
            if (_memory.Find(number) is not { State: WriteState.Waiting } waiting) return NotWaiting(number);
            if (role is not { } r || r < PersonRole.Operator) return NotDecided(waiting, WriteBackRules.Role, $"'{by}' may not decide.");
            await AppendAsync(AuditKinds.Declined, number, by, new() { Rule = WriteBackRules.Declined, Message = $"Declined by {by}.", Reason = reason }).ConfigureAwait(false);
            return _memory.Find(number)!.Outcome();
        }
        finally
        {
            Leave();
        }
    }

    public async Task<WriteOutcome> UndoAsync(long number, string by, string through, bool byMachine, CancellationToken cancel)
    {
        if (Find(number) is not { Old: { } old } write)
            return new(0, WriteState.Refused, WriteBackRules.UndoUnknown, WriteBackRules.All[WriteBackRules.UndoUnknown], []);
        return await RequestAsync(new(write.Request.Signal, old, by, through) { ByMachine = byMachine, Undoes = number, Reason = $"undo {number}" }, cancel).ConfigureAwait(false);
    }

    public async Task SweepAsync(CancellationToken cancel)
    {
        var now = clocks.Factory.GetUtcNow();
        if (!Waiting.Any(IsLate)) return;
        await _gate.WaitAsync(cancel).ConfigureAwait(false);
        try
        {
            foreach (var late in _memory.Records.Where(r => r.State == WriteState.Waiting && IsLate(r)).ToArray())
                await AppendAsync(AuditKinds.Expired, late.Number, "node", new() { Rule = WriteBackRules.ApprovalLate, Message = $"Nobody approved until {late.ApproveBefore:O}." }).ConfigureAwait(false);
            _memory.Prune(now);
        }
        finally
        {
            Leave();
        }

        // A clock set back would keep an approval open for longer than anybody meant; before its own begin it counts as over.
        bool IsLate(WriteRecord r) => now > r.ApproveBefore || now < r.At;
    }

    public void Dispose() => _gate.Dispose();

    /// <summary>The way of every write; <paramref name="waiting"/> and <paramref name="second"/> when it comes from an approval.</summary>
    private async Task<WriteOutcome> ActAsync(WriteRequest request, WriteRecord? waiting, GuardSecond? second, CancellationToken cancel)
    {
        if (!_ready) return new(0, WriteState.Refused, WriteBackRules.AuditClosed, "The node is still starting.", []);
        await SweepAsync(cancel).ConfigureAwait(false);
        var act = _acts.GetOrAdd(request.Signal, static _ => new(1, 1));
        await act.WaitAsync(cancel).ConfigureAwait(false);
        try
        {
            // A first look without the machine: who is refused anyway makes no question go out to it.
            var look = await FactsAsync(request, null, false, waiting, second, cancel).ConfigureAwait(false);
            var (old, from, asked) = ((SampleValue?)null, "", false);
            if (WriteGuard.Judge(look).Refusal is null)
            {
                (old, from) = await HeldAsync(look.Line!, request.Signal, cancel).ConfigureAwait(false);
                asked = true;
            }
            var facts = await FactsAsync(request, old, asked, waiting, second, cancel).ConfigureAwait(false);
            WriteRecord record;
            await _gate.WaitAsync(cancel).ConfigureAwait(false);
            try
            {
                record = await DecideAsync(facts, from, waiting).ConfigureAwait(false);
            }
            finally
            {
                Leave();
            }
            if (record.State != WriteState.Sending) return record.Outcome();
            return (await SendAsync(record, facts.Line!, facts.Rule!).ConfigureAwait(false)).Outcome();
        }
        finally
        {
            act.Release();
        }
    }

    /// <summary>Judges with what holds at this moment and appends what follows. Inside the gate.</summary>
    private async Task<WriteRecord> DecideAsync(GuardFacts gathered, string oldFrom, WriteRecord? waiting)
    {
        // Somebody else may have decided or written since the facts were gathered.
        if (waiting is not null && _memory.Find(waiting.Number) is not { State: WriteState.Waiting })
            return waiting with { State = WriteState.Refused, Rule = WriteBackRules.NotWaiting, Message = WriteBackRules.All[WriteBackRules.NotWaiting] };
        var facts = Fresh(gathered, waiting);
        var (request, judged) = (facts.Request, WriteGuard.Judge(facts));
        var body = AuditBody.Of(request) with
        {
            Unit = facts.Signal?.Unit.Code, Sent = AuditValue.Of(judged.Send), Old = AuditValue.Of(facts.Old), OldFrom = oldFrom.Length > 0 ? oldFrom : null,
            Checks = AuditBody.Of(judged.Checks), Rule = judged.Refusal?.Rule, Message = judged.Refusal?.Message, Second = facts.Second?.By,
        };
        var number = waiting?.Number ?? 0;
        try
        {
            if (request.DryRun)
                return await AppendAsync(AuditKinds.DryRun, 0, request.By, judged is { Refusal: null, NeedsSecond: true }
                    ? body with { Rule = WriteBackRules.WaitsForSecond, Message = WriteBackRules.All[WriteBackRules.WaitsForSecond] } : body).ConfigureAwait(false);
            if (judged.Refusal is not null || judged.Send is null) return await AppendAsync(AuditKinds.Refused, number, request.By, body).ConfigureAwait(false);
            if (judged.NeedsSecond)
            {
                var (full, most) = (_memory.Records.Count(r => r.State == WriteState.Waiting) >= options.Value.MostWaiting, options.Value.MostWaiting);
                return full
                    ? await AppendAsync(AuditKinds.Refused, 0, request.By, body with { Rule = WriteBackRules.TooManyWaiting, Message = $"{most} requests wait already." }).ConfigureAwait(false)
                    : await AppendAsync(AuditKinds.Asked, 0, request.By, body with
                    {
                        Rule = WriteBackRules.WaitsForSecond, Message = WriteBackRules.All[WriteBackRules.WaitsForSecond], ApproveBefore = facts.Now + facts.Rule!.ApproveWithin,
                    }).ConfigureAwait(false);
            }
            if (facts.Second is { } second) await AppendAsync(AuditKinds.Approved, number, second.By, new()).ConfigureAwait(false);
            return await AppendAsync(AuditKinds.Sending, number, request.By, body).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // No audit, no write: nothing has left the node at this point.
            Log.AuditFailed(log, e, request.Signal.Name);
            return new(0, request, facts.Now, WriteState.Refused) { Rule = WriteBackRules.AuditClosed, Message = WriteBackRules.All[WriteBackRules.AuditClosed], Checks = judged.Checks };
        }
    }

    /// <summary>The facts with everything that may have changed while the machine was asked.</summary>
    private GuardFacts Fresh(GuardFacts f, WriteRecord? waiting)
    {
        var (signal, undoes) = (f.Request.Signal, f.Request.Undoes);
        return f with
        {
            Now = clocks.Factory.GetUtcNow(), Stop = Pressed, Rule = RuleOf(signal), State = scene.StateOf(signal.Machine), SentTimes = _memory.SentTimes(signal),
            Signal = scene.SignalOf(signal), Undone = undoes is { } u ? _memory.Find(u) : null, UndoTaken = undoes is { } taken && _memory.IsTakenBack(taken, waiting?.Number ?? 0),
        };
    }

    private async Task<GuardFacts> FactsAsync(WriteRequest request, SampleValue? old, bool asked, WriteRecord? waiting, GuardSecond? second, CancellationToken cancel)
    {
        var role = request.ByMachine ? null : await scene.RoleOfAsync(request.By, cancel).ConfigureAwait(false);
        await _gate.WaitAsync(cancel).ConfigureAwait(false);
        try
        {
            return Fresh(new(request, default, null, null, role, null, writers.Find(request.Signal), MachineState.Unknown, scene.CalendarOf(request.Signal.Machine),
                [], old, asked, null, false, second), waiting);
        }
        finally
        {
            _gate.Release();
        }
    }

    private WriteRule? RuleOf(SignalId signal) => Rules.FirstOrDefault(r => r.Signal == signal);

    private static WriteOutcome NotWaiting(long number) => new(number, WriteState.Refused, WriteBackRules.NotWaiting, $"Request {number} does not wait for approval.", []);

    private static WriteOutcome NotDecided(WriteRecord waiting, string rule, string message) => new(waiting.Number, WriteState.Waiting, rule, message, waiting.Checks);
}
