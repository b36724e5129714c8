using System.Collections.Concurrent;
using System.Collections.Immutable;
using Ieum.Act;
using Ieum.Model;
using Ieum.Node.Views;
using Ieum.Record;
using Microsoft.Extensions.Options;

namespace Ieum.Node.Loop;

/// <summary>
/// The loop over signals that go wrong: a limit passed or an anomaly → a set point to write → a decision at the loop's level →
/// one guarded write → its receipt, read back from the machine → how much nearer the signal came to where it should be.
/// </summary>
/// <remarks>
/// Looks, decisions and acts take turns. A write carries the number of its entry in the audit, which is on the disk before the first
/// byte leaves: after a crash the audit tells whether the act was begun, and what was begun is never begun again.
/// </remarks>
internal sealed class CorrectionLoop : IDisposable
{
    private ImmutableArray<Correction> _corrections;   // changed as a whole, in turn
    private readonly IRecorder _recorder;
    private readonly ILoopLedger _ledger;
    private readonly LoopEntries _entries;
    private readonly IWriteDesk _writes;
    private readonly ActOptions _act;
    private readonly Clocks _clocks;
    private readonly ILogger<CorrectionLoop> _log;
    private readonly SemaphoreSlim _turn = new(1, 1);
    // Since when the limit is passed, by correction; and what the anomaly watch found and nobody has looked at here.
    private readonly Dictionary<string, DateTimeOffset> _since = [];
    private readonly ConcurrentDictionary<SignalId, AnomalyFinding> _found = [];

    /// <summary>What speaks for a correction at this moment.</summary>
    private sealed record Case(double Value, string Unit, DateTimeOffset Since, AnomalyFinding? Anomaly);

    public CorrectionLoop(NodeSetup setup, IRecorder recorder, ILoopLedger ledger, LoopEntries entries, IWriteDesk writes, AnomalyWatch anomalies, IOptions<ActOptions> act, Clocks clocks, ILogger<CorrectionLoop> log)
    {
        (_corrections, _recorder, _ledger, _entries, _writes, _act, _clocks, _log) = (setup.Config.Corrections, recorder, ledger, entries, writes, act.Value, clocks, log);
        anomalies.Found += f =>
        {
            if (_corrections.Any(c => c.When == CorrectionTrigger.Anomaly && c.Watch == SignalOf(f))) _found[SignalOf(f)] = f;
        };
    }

    public void Dispose() => _turn.Dispose();

    public ImmutableArray<Correction> Corrections => _corrections;

    /// <summary>What people changed in an earlier run stands before the file; nothing is closed by it. Before the first look.</summary>
    public void Begin(ImmutableArray<Correction> kept) => _corrections = kept;

    /// <summary>Other corrections hold from now on. What was advised by one that is another now, or gone, is not done any more; what was done stays, and can be taken back.</summary>
    public async Task UseAsync(ImmutableArray<Correction> corrections)
    {
        await _turn.WaitAsync(CancellationToken.None);
        try
        {
            foreach (var old in _corrections.Where(o => !corrections.Contains(o)))
            {
                _since.Remove(old.Id);
                foreach (var e in await MineAsync(old, CancellationToken.None))
                    if (e.Decision is null) await _ledger.DecideAsync(e.Number, false, LoopDecision.NewFacts, LoopText.Of(LoopTexts.NoteChanged, old.Id).ToString(), CancellationToken.None);
                    else if (e is { Receipt.Done: true, Effect: null, Undo: null })
                        await _ledger.EffectAsync(e.Number, new(CorrectionWatch.Measure, 0, 0, _clocks.Factory.GetUtcNow()) { Basis = LoopText.Of(LoopTexts.BasisChanged).ToString() }, CancellationToken.None);
            }
            _corrections = corrections;
        }
        finally
        {
            _turn.Release();
        }
    }

    private static SignalId SignalOf(AnomalyFinding f) => new(f.Machine, f.SignalName);

    /// <summary>What an earlier run of the node left between decision and receipt: the audit of writes tells what became of it. Nothing is sent here.</summary>
    public async Task RecoverAsync(CancellationToken cancel)
    {
        foreach (var e in (await _ledger.ListAsync(1000, cancel)).Where(e => e is { Loop: CorrectionWatch.Loop, Decision.Accepted: true, Receipt: null }))
        {
            var write = WriteOf(e.Number);
            if (write is { State: WriteState.Waiting }) continue;   // a second person still may say yes
            var (done, what) = write is null ? (false, LoopText.Of(LoopTexts.ReceiptInterrupted)) : CorrectionWatch.ReceiptOf(write) ?? (false, LoopText.Of(LoopTexts.ReceiptUnknown, write.Request.Signal, write.Number));
            await _ledger.ReceiptAsync(e.Number, done, what.ToString(), cancel);
            Log.LoopRecovered(_log, e.Number, done);
        }
    }

    /// <summary>One look at the watched signals, at the advices that wait, at writes under way, and at those whose effect is due.</summary>
    public async Task LookAsync(CancellationToken cancel)
    {
        await _turn.WaitAsync(cancel);
        try
        {
            var all = (await _entries.AllAsync(cancel)).Where(e => e is { Loop: CorrectionWatch.Loop, Change: null, Decision.Accepted: true, Undo: null } && e.Receipt is null or { Done: true }).ToArray();
            foreach (var e in all)
                if (e.Receipt is null) await FollowAsync(e, null);
                else await FollowUndoAsync(e);
            foreach (var c in _corrections)
            {
                var now = _clocks.Factory.GetUtcNow();
                var seen = See(c, now);
                var mine = await MineAsync(c, cancel);
                foreach (var e in mine.Where(e => e.Decision is null)) await TendAsync(c, e, seen, now, cancel);
                foreach (var e in await MineAsync(c, cancel))
                    if (e is { Receipt.Done: true, Effect: null, Undo: null } && now >= e.Receipt.At + 2 * c.Settle) await MeasureAsync(c, e, now, cancel);
                if (seen is not null && IsFree(await MineAsync(c, cancel), now)) await ProposeAsync(c, seen, now, cancel);
            }
        }
        finally
        {
            _turn.Release();
        }
    }

    private async Task<LoopEntry[]> MineAsync(Correction c, CancellationToken cancel) =>
        [.. (await _entries.AllAsync(cancel)).Where(e => e is { Loop: CorrectionWatch.Loop, Change: null } && e.Subject == c.Id)];

    /// <summary>The act of an entry in the audit of writes; null when none was begun.</summary>
    private WriteRecord? WriteOf(long entry) => _writes.OfEntry(entry).FirstOrDefault(r => r.Request is { Undoes: null, DryRun: false });

    private Case? See(Correction c, DateTimeOffset now)
    {
        if (_recorder.Find(c.Watch) is not { } number || _recorder.Find(number) is not { } signal) return null;
        if (c.When == CorrectionTrigger.Anomaly)
            return _found.TryRemove(c.Watch, out var found) ? new(found.Value, signal.Unit.Symbol, found.From, found) : null;
        // What cannot be trusted says nothing, and begins the time anew.
        if (_recorder.Last(number) is not { Quality: Quality.Good or Quality.Uncertain } last || last.Value.Figure is not { } value || !c.IsPast(value))
        {
            _since.Remove(c.Id);
            return null;
        }
        if (!_since.TryGetValue(c.Id, out var since)) _since[c.Id] = since = last.SourceTime < now ? last.SourceTime : now;
        return now - since >= c.For ? new(value, signal.Unit.Symbol, since, null) : null;
    }

    /// <summary>An advice is open, an act is under way or not measured yet, or somebody has just judged it: then nothing is advised.</summary>
    private bool IsFree(LoopEntry[] newestFirst, DateTimeOffset now)
    {
        if (newestFirst is not [var last, ..]) return true;
        if (last.Decision is not { } decision || decision.Accepted && last.Receipt is null || last is { Receipt.Done: true, Effect: null, Undo: null }) return false;
        var person = !decision.Accepted && decision.By is not (LoopDecision.NobodyAnswered or LoopDecision.NewFacts) || last.Undo is not null;
        return now - (last.Undo?.At ?? last.Effect?.At ?? decision.At) >= (person ? _act.AdviceLife : _act.AdviceInterval);
    }

    private async Task TendAsync(Correction c, LoopEntry e, Case? seen, DateTimeOffset now, CancellationToken cancel)
    {
        if (c.When != CorrectionTrigger.Anomaly && seen is null)
            await _ledger.DecideAsync(e.Number, false, LoopDecision.NewFacts, LoopText.Of(LoopTexts.NoteBack, c.Watch).ToString(), cancel);
        else if (e.ActsAt <= now && e.ExpiresAt > now && _writes.Stop is null)
            await ActAsync(c, e, $"level {(int)e.Level}", null, byMachine: true);
    }

    private async Task ProposeAsync(Correction c, Case seen, DateTimeOffset now, CancellationToken cancel)
    {
        var standing = await _ledger.StandingAsync(CorrectionWatch.Loop, cancel);
        var rule = _writes.Rules.FirstOrDefault(r => r.Signal == c.Set);
        // Nobody knows what the machine holds since an interrupted write: then a person looks first.
        var unknown = (await MineAsync(c, cancel)).FirstOrDefault() is { } last && CorrectionWatch.IsUnknown(last);
        var level = standing.Level > AutonomyLevel.Ask && (rule is not { Automatic: true } || _writes.Stop is not null || unknown) ? AutonomyLevel.Ask : standing.Level;
        var held = _recorder.Find(c.Set) is { } set && _recorder.Last(set) is { } h ? h.Value : (SampleValue?)null;
        var unit = _recorder.Find(c.Set) is { } s ? _recorder.Find(s)!.Unit.Symbol : "";
        var note = held is { } holds && holds.Figure == c.To ? LoopText.Of(LoopTexts.NoteHeldAlready, c.Set, c.To) : await HindranceAsync(c, rule, cancel);
        var window = new TimeRange(seen.Since < now ? seen.Since : now, now);
        var past = seen.Anomaly is null ? await ValuesAsync(c.Watch, new(now - (c.For > c.Settle ? c.For : c.Settle), now.AddTicks(1)), cancel) : [];
        var entry = await _ledger.AdviseAsync(new LoopAdvice(CorrectionWatch.Loop, level,
            (seen.Anomaly is { } a ? LoopText.Of(LoopTexts.FindingAnomaly, a.SignalName, a.Machine, a.Kind.ToString().ToLowerInvariant(), Math.Round(a.Value, 3), a.Unit)
                : LoopText.Of(LoopTexts.FindingPast, c.Watch, Math.Round(seen.Value, 3), seen.Unit, Math.Round(window.Duration.TotalMinutes, 1), c.Limit, c.Id)).ToString(),
            LoopText.Of(LoopTexts.AdviceSet, c.Set, $"{c.To} {unit}".TrimEnd(), held is { } v ? $"{v} {unit}".TrimEnd() : "?", c.Target).ToString(),
            seen.Anomaly is { } f ? $"{f.Model} {f.Version}" : CorrectionWatch.Model, seen.Anomaly?.Confidence ?? CorrectionWatch.Confidence(past.Count(c.IsPast), past.Count))
        {
            Subject = c.Id, Machine = c.Set.Machine, Window = window, Samples = seen.Anomaly is { } n ? (int)Math.Min(n.Samples, int.MaxValue) : past.Count,
            ExpiresAt = note is null ? now + _act.AdviceLife : null, ActsAt = note is null && level == AutonomyLevel.ActInsideLimits ? now + _act.VetoTime : null,
        }, cancel);
        if (note is not null) await _ledger.DecideAsync(entry.Number, false, LoopDecision.NewFacts, note.ToString(), cancel);
        else if (level == AutonomyLevel.Watch) await _ledger.DecideAsync(entry.Number, false, "level 0", LoopText.Of(LoopTexts.NoteOnlyWatches).ToString(), cancel);
        else if (level == AutonomyLevel.ActAndReport) await ActAsync(c, entry, $"level {(int)level}", null, byMachine: true);
    }

    /// <summary>What plainly stands against the write now; null when nothing does. Asked of the guard itself where a loop may ask; it judges again when the write is done.</summary>
    private async Task<LoopText?> HindranceAsync(Correction c, WriteRule? rule, CancellationToken cancel)
    {
        if (rule is null) return LoopText.Of(LoopTexts.NoteNotWritable, WriteBackRules.NotListed);
        if (rule is { Automatic: false }) return c.To < rule.Min ? LoopText.Of(LoopTexts.NoteNotWritable, WriteBackRules.BelowMin) : c.To > rule.Max ? LoopText.Of(LoopTexts.NoteNotWritable, WriteBackRules.AboveMax) : null;
        var tried = await _writes.RequestAsync(new(c.Set, SampleValue.Of(c.To), CorrectionWatch.Loop, "loop") { ByMachine = true, DryRun = true }, cancel);
        return tried.Rule is { } why and not (WriteBackRules.WaitsForSecond or WriteBackRules.Stopped) ? LoopText.Of(LoopTexts.NoteNotWritable, why) : null;
    }

    /// <exception cref="LoopRefusedException">All loops are stopped, or the signal is back within its limit.</exception>
    public async Task<LoopEntry> DecideAsync(long number, bool accepted, string by, string? note, CancellationToken cancel)
    {
        await _turn.WaitAsync(cancel);
        try
        {
            var e = await _ledger.FindAsync(number, cancel) ?? throw new InvalidOperationException($"The loop ledger has no entry {number}.");
            if (e.Decision is not null) throw new LoopRefusedException(LoopRules.Decided, $"by {e.Decision.By}");
            if (!accepted) return await _ledger.DecideAsync(number, false, by, note, cancel);
            if (_writes.Stop is { } stop) throw new LoopRefusedException(LoopRules.Stopped, $"{stop.By}: {stop.Reason}");
            var c = _corrections.FirstOrDefault(c => c.Id == e.Subject);
            if (c is null || c.When != CorrectionTrigger.Anomaly && See(c, _clocks.Factory.GetUtcNow()) is null)
            {
                var why = LoopText.Of(LoopTexts.NoteBack, c?.Watch.ToString() ?? e.Subject ?? "?");
                await _ledger.DecideAsync(number, false, LoopDecision.NewFacts, why.ToString(), CancellationToken.None);
                throw new LoopRefusedException(LoopRules.Overtaken, why.English());
            }
            return await ActAsync(c, e, by, note, byMachine: false);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Decides and writes. In turn; each step is on the disk before the next begins.</summary>
    private async Task<LoopEntry> ActAsync(Correction c, LoopEntry e, string by, string? note, bool byMachine)
    {
        await _ledger.DecideAsync(e.Number, true, by, note, CancellationToken.None);
        await _ledger.ActingAsync(e.Number, 0, CancellationToken.None);
        // A person who says yes asks as that person, with that role; a loop may only where the list says so.
        var outcome = await _writes.RequestAsync(new(c.Set, SampleValue.Of(c.To), byMachine ? CorrectionWatch.Loop : by, "loop")
        {
            ByMachine = byMachine, Entry = e.Number, Reason = FormattableString.Invariant($"{c.Id}: loop entry {e.Number}"),
        }, CancellationToken.None);
        return await FollowAsync(e, outcome);
    }

    /// <summary>Closes an entry with what became of its write; nothing while that still waits for a second person.</summary>
    private async Task<LoopEntry> FollowAsync(LoopEntry e, WriteOutcome? outcome)
    {
        var receipt = WriteOf(e.Number) is { } write ? CorrectionWatch.ReceiptOf(write)
            : outcome is not null ? (false, LoopText.Of(LoopTexts.ReceiptNotWritten, "?", outcome.Rule ?? "")) : (false, LoopText.Of(LoopTexts.ReceiptInterrupted));
        return receipt is var (done, what) ? await _ledger.ReceiptAsync(e.Number, done, what.ToString(), CancellationToken.None) : await _ledger.FindAsync(e.Number, CancellationToken.None) ?? e;
    }

    private async Task MeasureAsync(Correction c, LoopEntry e, DateTimeOffset now, CancellationToken cancel)
    {
        var at = e.Receipt!.At;
        var (before, after) = (await ValuesAsync(c.Watch, new(e.At - c.Settle, e.At.AddTicks(1)), cancel), await ValuesAsync(c.Watch, new(at + c.Settle, at + 2 * c.Settle), cancel));
        var effect = CorrectionWatch.Effect(c.Target, before, after);
        // A signal that says something only when it changes may need longer; in the end it is said that nothing could be measured.
        if (effect is null && now < at + 4 * c.Settle) return;
        await _ledger.EffectAsync(e.Number, (effect ?? new(CorrectionWatch.Measure, 0, 0, default) { Basis = LoopText.Of(LoopTexts.BasisNoValues).ToString() }) with { At = now }, cancel);
    }

    /// <summary>Writes back what the machine held before the act, through the same guard.</summary>
    /// <exception cref="LoopRefusedException">There is nothing to take back, or the guard says no.</exception>
    public async Task<LoopEntry> UndoAsync(long number, string by, CancellationToken cancel)
    {
        await _turn.WaitAsync(cancel);
        try
        {
            var e = await _ledger.FindAsync(number, cancel) ?? throw new InvalidOperationException($"The loop ledger has no entry {number}.");
            if (e is not { Loop: CorrectionWatch.Loop, Receipt.Done: true, Undo: null } || WriteOf(number) is not { Old: { } old } write) throw new LoopRefusedException(LoopRules.NoUndo);
            if (_writes.Stop is { } stop) throw new LoopRefusedException(LoopRules.Stopped, $"{stop.By}: {stop.Reason}");
            if (_clocks.Factory.GetUtcNow() > e.Receipt.At + _act.UndoWithin) throw new LoopRefusedException(LoopRules.UndoLate);
            var outcome = await _writes.RequestAsync(new(write.Request.Signal, old, by, "loop") { Undoes = write.Number, Entry = number, Reason = $"undo {write.Number}" }, CancellationToken.None);
            if (!outcome.Done && outcome.State != WriteState.Waiting) throw new LoopRefusedException(outcome.Rule == WriteBackRules.UndoLate ? LoopRules.UndoLate : LoopRules.NoUndo, $"{outcome.Rule}: {outcome.Message}");
            return await FollowUndoAsync(e);
        }
        finally
        {
            _turn.Release();
        }
    }

    private async Task<LoopEntry> FollowUndoAsync(LoopEntry e) =>
        _writes.OfEntry(e.Number).FirstOrDefault(r => r.Request.Undoes is not null && r.State is WriteState.Confirmed or WriteState.Unconfirmed) is { } back
            ? await _ledger.UndoAsync(e.Number, true, back.Request.By, LoopText.Of(LoopTexts.UndoWrite, back.Request.Signal, back.ReadBack ?? back.Sent!.Value).ToString(), CancellationToken.None) : e;

    private async Task<List<double>> ValuesAsync(SignalId id, TimeRange range, CancellationToken cancel)
    {
        var values = new List<double>();
        if (_recorder.Find(id) is not { } number) return values;
        await foreach (var s in _recorder.RangeAsync(number, range, cancel))
            if (s.Quality is Quality.Good or Quality.Uncertain && s.Value.Figure is { } v) values.Add(v);
        return values;
    }
}
