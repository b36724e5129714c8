using System.Text.Json;
using Ieum.Model;

namespace Ieum.Act;

/// <summary>Start, stop switch, list and audit.</summary>
internal sealed partial class GuardedWrites
{
    /// <summary>Name of the turns in the loop ledger.</summary>
    public const string LoopName = "write";

    public async Task InitialiseAsync(CancellationToken cancel)
    {
        await _gate.WaitAsync(cancel).ConfigureAwait(false);
        try
        {
            Rules = [.. await ruleStore.AllAsync(cancel).ConfigureAwait(false)];
            long? brokenAt = null;
            await foreach (var e in store.ReadAsync(0, cancel).ConfigureAwait(false))
            {
                if (brokenAt is null && AuditChain.Wrong(_memory.Head, e) is { } wrong)
                {
                    brokenAt = e.Number;
                    Log.AuditBroken(log, wrong);
                }
                lock (_memory) _memory.Apply(e);
                if (e.Number % 1000 == 0) lock (_memory) _memory.Prune(clocks.Factory.GetUtcNow());
            }
            if (await CutOffAsync(cancel).ConfigureAwait(false) is { } cut)
            {
                brokenAt ??= _memory.Head.Number + 1;
                Log.AuditBroken(log, cut);
            }
            Pressed = _memory.Stop;
            foreach (var open in _memory.Records.Where(r => r.State == WriteState.Sending).ToArray())
                await AppendAsync(AuditKinds.Interrupted, open.Number, "node", new()
                {
                    Rule = WriteBackRules.Interrupted, Message = WriteBackRules.All[WriteBackRules.Interrupted],
                    UndoBefore = open.Old is not null && RuleOf(open.Request.Signal) is { } rule ? clocks.Factory.GetUtcNow() + rule.UndoWithin : null,
                }).ConfigureAwait(false);
            // A break that an owner has seen and released does not stop the factory again at each start.
            if (brokenAt > _memory.KnownBreak && Pressed is null)
            {
                Pressed = new("node", WriteBackRules.AuditBroken, clocks.Factory.GetUtcNow());
                await AppendAsync(AuditKinds.Stopped, 0, "node", new() { Reason = WriteBackRules.AuditBroken, Rule = WriteBackRules.AuditBroken, BrokenAt = brokenAt }).ConfigureAwait(false);
            }
            _ready = true;
        }
        finally
        {
            Leave();
        }
    }

    public async Task<WriteDeskAnswer> StopAllAsync(string reason, string by, CancellationToken cancel)
    {
        if (await scene.RoleOfAsync(by, cancel).ConfigureAwait(false) is not { } role || role < PersonRole.Operator) return No(WriteBackRules.Role);
        if (string.IsNullOrWhiteSpace(reason)) return No(WriteBackRules.NoReason);
        var at = clocks.Factory.GetUtcNow();
        // First in memory, where every write looks last; then on the disk, so that it holds over a restart.
        Pressed = new(by, reason, at);
        await _gate.WaitAsync(CancellationToken.None).ConfigureAwait(false);
        try
        {
            await AppendAsync(AuditKinds.Stopped, 0, by, new() { Reason = reason }).ConfigureAwait(false);
            Log.StopSet(log, by, reason);
            return new(true);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            Log.AuditFailed(log, e, "stop");
            return new(false, WriteBackRules.AuditClosed, "Writing is stopped, but this could not be kept on the disk; it will not hold over a restart.");
        }
        finally
        {
            Leave();
        }
    }

    public async Task<WriteDeskAnswer> ReleaseAsync(string reason, string by, CancellationToken cancel)
    {
        if (await scene.RoleOfAsync(by, cancel).ConfigureAwait(false) != PersonRole.Owner) return No(WriteBackRules.OwnerOnly);
        if (string.IsNullOrWhiteSpace(reason)) return No(WriteBackRules.NoReason);
        if (Pressed is not { } seen) return new(true);
        var verdict = seen.Reason == WriteBackRules.AuditBroken ? await VerifyAsync(cancel).ConfigureAwait(false) : null;
        await _gate.WaitAsync(cancel).ConfigureAwait(false);
        try
        {
            await AppendAsync(AuditKinds.Released, 0, by, new() { Reason = reason, BrokenAt = verdict?.BrokenAt }).ConfigureAwait(false);
            // Whoever pressed the switch anew in between keeps it pressed; its entry follows this one.
            Interlocked.CompareExchange(ref _stopped, null, seen);
            Log.StopReleased(log, by, reason);
            return new(true);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            Log.AuditFailed(log, e, "release");
            return No(WriteBackRules.AuditClosed);
        }
        finally
        {
            Leave();
        }
    }

    public async Task<WriteDeskAnswer> SaveRuleAsync(WriteRule rule, string by, CancellationToken cancel)
    {
        if (await scene.RoleOfAsync(by, cancel).ConfigureAwait(false) != PersonRole.Owner) return No(WriteBackRules.OwnerOnly);
        if (WriteRuleCheck.Wrong(rule, scene.SignalOf(rule.Signal), writers.Find(rule.Signal)?.Address ?? "") is { } wrong) return new(false, wrong.Rule, wrong.Message);
        return await KeepRulesAsync(rule.Signal, rule, by, cancel).ConfigureAwait(false);
    }

    public async Task<WriteDeskAnswer> RemoveRuleAsync(SignalId signal, string by, CancellationToken cancel)
    {
        if (await scene.RoleOfAsync(by, cancel).ConfigureAwait(false) != PersonRole.Owner) return No(WriteBackRules.OwnerOnly);
        return RuleOf(signal) is null ? No(WriteBackRules.NotListed) : await KeepRulesAsync(signal, null, by, cancel).ConfigureAwait(false);
    }

    private async Task<WriteDeskAnswer> KeepRulesAsync(SignalId signal, WriteRule? rule, string by, CancellationToken cancel)
    {
        await _gate.WaitAsync(cancel).ConfigureAwait(false);
        try
        {
            var before = RuleOf(signal);
            if (before == rule) return new(true);
            var next = before is null ? Rules.Add(rule!) : rule is null ? Rules.Remove(before) : Rules.Replace(before, rule);
            await AppendAsync(AuditKinds.Rule, 0, by, new()
            {
                Machine = signal.Machine.Value, Signal = signal.Name, RuleBefore = Json(before), RuleAfter = Json(rule),
            }).ConfigureAwait(false);
            await ruleStore.SaveAsync(next, by, CancellationToken.None).ConfigureAwait(false);
            Rules = next;
            Log.RuleSaved(log, signal, by, rule is not null);
            return new(true);
        }
        finally
        {
            Leave();
        }

        static JsonElement? Json(WriteRule? r) => r is null ? null : JsonSerializer.SerializeToElement(RuleFacts.Of(r), RuleFactsJson.Default.RuleFacts);
    }

    public async Task<WriteDeskAnswer> NoteSettingsAsync(string what, JsonElement before, JsonElement after, string by, CancellationToken cancel)
    {
        if (await scene.RoleOfAsync(by, cancel).ConfigureAwait(false) != PersonRole.Owner) return No(WriteBackRules.OwnerOnly);
        await _gate.WaitAsync(cancel).ConfigureAwait(false);
        try
        {
            await AppendAsync(AuditKinds.Settings, 0, by, new() { Through = what, RuleBefore = before, RuleAfter = after }).ConfigureAwait(false);
            return new(true);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            Log.AuditFailed(log, e, what);
            return No(WriteBackRules.AuditClosed);
        }
        finally
        {
            Leave();
        }
    }

    public IAsyncEnumerable<AuditEntry> AuditAsync(long after, CancellationToken cancel) => store.ReadAsync(after, cancel);
    public Task<IReadOnlyList<AuditEntry>> AuditNewestAsync(int most, CancellationToken cancel) => store.NewestAsync(most, cancel);

    public async Task<AuditVerdict> VerifyAsync(CancellationToken cancel)
    {
        var (head, brokenAt, message, read) = ((Number: 0L, Hash: AuditChain.Begin), (long?)null, "", 0L);
        // Up to where it stood at the begin: what is appended meanwhile is not missing.
        var until = Read(m => m.Head);
        await foreach (var e in store.ReadAsync(0, cancel).ConfigureAwait(false))
        {
            if (e.Number > until.Number) break;
            if (brokenAt is null && AuditChain.Wrong(head, e) is { } wrong) (brokenAt, message) = (e.Number, wrong);
            (head, read) = ((e.Number, e.Hash), read + 1);
        }
        if (brokenAt is null && head != until) (brokenAt, message) = (head.Number + 1, $"The audit ends with entry {head.Number}; this run knows entry {until.Number} with another hash.");
        return new(read, brokenAt, brokenAt is null ? $"{read} entries are as they were written." : message, head.Hash);
    }

    /// <summary>What is wrong when the audit ends before the head that is kept apart from it; null when it does not.</summary>
    private async Task<string?> CutOffAsync(CancellationToken cancel)
    {
        var kept = await store.HeadAsync(cancel).ConfigureAwait(false);
        return kept is null && _memory.Head.Number == 0 || kept == _memory.Head ? null
            : $"The audit ends with entry {_memory.Head.Number}, but entry {kept?.Number ?? 0} was written last.";
    }

    /// <summary>Appends one entry and follows it in memory. Inside the gate. The disk first.</summary>
    private async Task<WriteRecord> AppendAsync(string kind, long request, string by, AuditBody body)
    {
        var entry = AuditChain.Next(_memory.Head, clocks.Factory.GetUtcNow(), request, kind, by, body.Write());
        await store.AppendAsync(entry, CancellationToken.None).ConfigureAwait(false);
        lock (_memory) _memory.Apply(entry);
        return _memory.Find(request == 0 ? entry.Number : request) ?? new(entry.Number, new(default, default, by, ""), entry.At, WriteState.Refused);
    }

    private T Read<T>(Func<WriteMemory, T> read)
    {
        lock (_memory) return read(_memory);
    }

    private void Leave()
    {
        _gate.Release();
        Changed?.Invoke();
    }

    private static WriteDeskAnswer No(string rule) => new(false, rule, WriteBackRules.All[rule]);
}
