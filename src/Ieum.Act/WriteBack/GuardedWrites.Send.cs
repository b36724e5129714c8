using System.Globalization;
using Ieum.Model;

namespace Ieum.Act;

/// <summary>Sending and receipt. From here on nobody's waiting decides: what was begun is seen through.</summary>
internal sealed partial class GuardedWrites
{
    /// <summary>Between two looks at the machine while it does not hold yet what was sent.</summary>
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(250);

    private async Task<WriteRecord> SendAsync(WriteRecord record, WriteLine line, WriteRule rule)
    {
        var (state, broken, message, held) = await WriteAndReadBackAsync(record, line, rule).ConfigureAwait(false);
        var undo = state is WriteState.Confirmed or WriteState.Unconfirmed or WriteState.Differs && record.Old is not null && rule.UndoWithin > TimeSpan.Zero
            ? clocks.Factory.GetUtcNow() + rule.UndoWithin : (DateTimeOffset?)null;
        await _gate.WaitAsync(CancellationToken.None).ConfigureAwait(false);
        try
        {
            record = await AppendAsync(AuditKinds.Receipt, record.Number, "node", new()
            {
                Outcome = state.ToString(), Rule = broken, Message = message, ReadBack = AuditValue.Of(held), UndoBefore = undo,
            }).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // The machine was written and the disk says no: told loudly here, and at the next start as interrupted.
            Log.ReceiptFailed(log, e, record.Number, state);
            record = record with { State = state, Rule = broken, Message = message, ReadBack = held };
        }
        finally
        {
            Leave();
        }
        Log.Written(log, record.Number, record.Request.Signal, state, message);
        await EnterLedgerAsync(record).ConfigureAwait(false);
        return record;
    }

    private async Task<(WriteState State, string? Rule, string Message, SampleValue? Held)> WriteAndReadBackAsync(WriteRecord record, WriteLine line, WriteRule rule)
    {
        var (signal, sent, late) = (record.Request.Signal, record.Sent!.Value, false);
        // The last look before the first byte: the switch needs no lock and no disk to hold.
        if (Pressed is { } stop) return (WriteState.Failed, WriteBackRules.Stopped, $"Stopped by {stop.By} before anything was sent.", null);
        try
        {
            using var limit = new CancellationTokenSource(options.Value.AnswerLimit, clocks.Wire);
            var answer = await line.Writer.WriteAsync(signal, sent, limit.Token).WaitAsync(options.Value.AnswerLimit, clocks.Wire).ConfigureAwait(false);
            if (!answer.Done) return (WriteState.Failed, answer.Rule ?? WriteBackRules.NotTaken, answer.Message, null);
        }
        catch (Exception e) when (e is OperationCanceledException or TimeoutException)
        {
            late = true;   // it may have arrived all the same: the machine itself is asked
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            Log.WriterFailed(log, e, signal);
            late = true;
        }
        var held = await ReadBackAsync(line, signal, sent, rule.Tolerance).ConfigureAwait(false);
        return held switch
        {
            { } h when WriteGuard.Same(h, sent, rule.Tolerance) => (WriteState.Confirmed, null, $"The machine holds {h}.", h),
            { } h => (late ? WriteState.Failed : WriteState.Differs, late ? WriteBackRules.NoAnswer : WriteBackRules.Differs, $"The machine holds {h}, not {sent}.", h),
            null when late => (WriteState.Failed, WriteBackRules.NoAnswer, WriteBackRules.All[WriteBackRules.NoAnswer], null),
            null => (WriteState.Unconfirmed, WriteBackRules.NotReadBack, WriteBackRules.All[WriteBackRules.NotReadBack], null),
        };
    }

    /// <summary>Asks until the machine holds what was sent or the time is over; the last value it told, null when it told none.</summary>
    private async Task<SampleValue?> ReadBackAsync(WriteLine line, SignalId signal, SampleValue sent, double tolerance)
    {
        SampleValue? last = null;
        using var limit = new CancellationTokenSource(options.Value.ReadBackLimit, clocks.Wire);
        while (!limit.IsCancellationRequested)
        {
            try
            {
                last = Trusted(await line.Writer.ReadBackAsync(signal, limit.Token).WaitAsync(limit.Token).ConfigureAwait(false)) ?? last;
                if (last is { } held && WriteGuard.Same(held, sent, tolerance)) return held;
                await Task.Delay(LookAgain, clocks.Wire, limit.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                break;
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                Log.WriterFailed(log, e, signal);
                break;
            }
        }
        return last;
    }

    /// <summary>What the machine holds now: asked, else the newest recorded value that can be trusted.</summary>
    private async Task<(SampleValue? Value, string From)> HeldAsync(WriteLine line, SignalId signal, CancellationToken cancel)
    {
        try
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
            if (Trusted(await line.Writer.ReadBackAsync(signal, limit.Token).WaitAsync(options.Value.AnswerLimit, clocks.Wire, cancel).ConfigureAwait(false)) is { } asked) return (asked, "machine");
        }
        catch (Exception e) when (e is TimeoutException || e is OperationCanceledException && !cancel.IsCancellationRequested)
        {
            // It does not answer a question; then what it told last counts.
        }
        catch (Exception e) when (e is not OperationCanceledException and not OutOfMemoryException)
        {
            Log.WriterFailed(log, e, signal);
        }
        return scene.LastOf(signal) is { Quality: Quality.Good } last && Trusted(last) is { } recorded ? (recorded, "record") : (null, "");
    }

    private static SampleValue? Trusted(Sample? sample) =>
        sample is { Quality: Quality.Good or Quality.Uncertain, Value.Kind: not ValueKind.None } s ? s.Value : null;

    /// <summary>The turn in the loop ledger: found, advised, decided, done, effect. The audit has it already; the ledger is for reading.</summary>
    private async Task EnterLedgerAsync(WriteRecord r)
    {
        if (r.Request.Entry is not null) return;   // the turn of the loop that asked, and its to close
        try
        {
            var unit = Unit.TryFind(r.Unit, out var u) ? u.ToString() : r.Unit;
            var entry = await ledger.AdviseAsync(LoopName, r.Request.ByMachine ? AutonomyLevel.ActInsideLimits : AutonomyLevel.Advise,
                LoopText.Of(r.Request.Undoes is null ? LoopTexts.FindingWrite : LoopTexts.FindingUndo, r.Request.By, r.Request.Undoes ?? r.Number).ToString(),
                LoopText.Of(LoopTexts.AdviceWrite, r.Request.Signal, $"{r.Sent} {unit}".TrimEnd(), r.Old is { } old ? $"{old} {unit}".TrimEnd() : "?").ToString(),
                $"write {r.Number.ToString(CultureInfo.InvariantCulture)}", 1, CancellationToken.None).ConfigureAwait(false);
            await ledger.DecideAsync(entry.Number, true, r.Second ?? r.Request.By, null, CancellationToken.None).ConfigureAwait(false);
            var done = r.State is WriteState.Confirmed or WriteState.Unconfirmed;
            await ledger.ReceiptAsync(entry.Number, done, LoopText.Of(r.State switch
            {
                WriteState.Confirmed => LoopTexts.ReceiptConfirmed,
                WriteState.Unconfirmed => LoopTexts.ReceiptUnconfirmed,
                WriteState.Differs => LoopTexts.ReceiptDiffers,
                _ => LoopTexts.ReceiptNotWritten,
            }, r.ReadBack?.ToString() ?? "?", r.Rule ?? "").ToString(), CancellationToken.None).ConfigureAwait(false);
            if (done && Number(r.Old) is { } before && Number(r.ReadBack) is { } after)
                await ledger.EffectAsync(entry.Number, r.Request.Signal.Name, before, after, CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            Log.LedgerFailed(log, e, r.Number);
        }

        static double? Number(SampleValue? v) => v?.Kind switch { ValueKind.Real when double.IsFinite(v.Value.Number) => v.Value.Number, ValueKind.Integer => v.Value.Integer, _ => null };
    }
}
