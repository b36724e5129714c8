using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Ieum.Model;

namespace Ieum.Act;

/// <summary>What follows from the audit: which requests wait, what was sent, whether the stop switch is set. Made by the same steps while running and when read back.</summary>
internal sealed class WriteMemory
{
    private const int KeptQuiet = 500, KeptSent = 500;
    private static readonly TimeSpan Kept = TimeSpan.FromDays(1);
    private readonly Dictionary<long, WriteRecord> _records = [];
    // Numbers of requests by the entry of the loop ledger that they belong to, oldest first: loops ask at every look.
    private readonly Dictionary<long, List<long>> _ofEntry = [];

    public (long Number, string Hash) Head { get; private set; } = (0, AuditChain.Begin);
    public WriteStop? Stop { get; private set; }

    /// <summary>Breaks of the audit up to this entry were known to the owner who released the switch.</summary>
    public long KnownBreak { get; private set; }

    public IEnumerable<WriteRecord> Records => _records.Values;
    public WriteRecord? Find(long number) => _records.GetValueOrDefault(number);
    public ImmutableArray<WriteRecord> OfEntry(long entry) => _ofEntry.TryGetValue(entry, out var numbers) ? [.. numbers.AsEnumerable().Reverse().Select(n => _records[n])] : [];

    public IReadOnlyList<DateTimeOffset> SentTimes(SignalId signal) =>
        [.. _records.Values.Where(r => r.Request.Signal == signal && r.SentAt is not null).Select(r => r.SentAt!.Value)];

    /// <summary>Whether another request takes this write back: it waits, is under way, or was sent and not plainly refused by the machine.</summary>
    public bool IsTakenBack(long number, long but) => _records.Values.Any(r => r.Request.Undoes == number && r.Number != but
        && r.State is not (WriteState.Refused or WriteState.DryRun or WriteState.Declined or WriteState.Expired or WriteState.Failed));

    public void Apply(AuditEntry e)
    {
        Head = (e.Number, e.Hash);
        var body = AuditBody.Read(e.Body) ?? new();
        switch (e.Kind)
        {
            case AuditKinds.Stopped:
                Stop = new(e.By, body.Reason ?? "", e.At);
                break;
            case AuditKinds.Released:
                Stop = null;
                KnownBreak = Math.Max(KnownBreak, body.BrokenAt ?? 0);
                break;
            case AuditKinds.Asked or AuditKinds.Refused or AuditKinds.DryRun or AuditKinds.Sending:
                Open(e, body);
                break;
            case AuditKinds.Approved or AuditKinds.Declined or AuditKinds.Expired or AuditKinds.Receipt or AuditKinds.Interrupted:
                if (_records.TryGetValue(e.Request, out var known)) _records[e.Request] = Grown(known, e, body);
                break;
        }
    }

    private void Open(AuditEntry e, AuditBody body)
    {
        var number = e.Request == 0 ? e.Number : e.Request;
        var state = e.Kind switch
        {
            AuditKinds.Asked => WriteState.Waiting,
            AuditKinds.Refused => WriteState.Refused,
            AuditKinds.DryRun => WriteState.DryRun,
            _ => WriteState.Sending,
        };
        if (!_records.TryGetValue(number, out var record))
        {
            if (body.Request(e.By, state == WriteState.DryRun) is not { } request) return;
            record = new(number, request, e.At, state);
            if (request.Entry is { } entry) (CollectionsMarshal.GetValueRefOrAddDefault(_ofEntry, entry, out _) ??= []).Add(number);
        }
        _records[number] = record with
        {
            State = state, Rule = body.Rule, Message = body.Message ?? "", Checks = body.ToChecks(), Unit = body.Unit ?? record.Unit,
            Sent = body.Sent?.ToValue() ?? record.Sent, Old = body.Old?.ToValue() ?? record.Old, OldFrom = body.OldFrom ?? record.OldFrom,
            Second = body.Second ?? record.Second, ApproveBefore = body.ApproveBefore ?? record.ApproveBefore,
            SentAt = state == WriteState.Sending ? e.At : record.SentAt, FinishedAt = state == WriteState.Refused ? e.At : null,
        };
    }

    private WriteRecord Grown(WriteRecord r, AuditEntry e, AuditBody body)
    {
        var grown = r with { Rule = body.Rule, Message = body.Message ?? "" };
        switch (e.Kind)
        {
            case AuditKinds.Approved:
                return r with { Second = e.By };
            case AuditKinds.Declined:
                return grown with { State = WriteState.Declined, Second = e.By, FinishedAt = e.At };
            case AuditKinds.Expired:
                return grown with { State = WriteState.Expired, FinishedAt = e.At };
            case AuditKinds.Interrupted:
                return grown with { State = WriteState.Interrupted, FinishedAt = e.At, UndoBefore = body.UndoBefore };
            default:
                var state = Enum.TryParse<WriteState>(body.Outcome, out var s) ? s : WriteState.Unconfirmed;
                if (r.Request.Undoes is { } undone && state != WriteState.Failed && _records.TryGetValue(undone, out var old))
                    _records[undone] = old with { UndoneBy = r.Number };
                return grown with { State = state, ReadBack = body.ReadBack?.ToValue(), FinishedAt = e.At, UndoBefore = body.UndoBefore };
        }
    }

    /// <summary>Forgets what nothing depends on any more; the audit keeps everything.</summary>
    public void Prune(DateTimeOffset now)
    {
        Drop(_records.Values.Where(r => r.State is WriteState.Refused or WriteState.DryRun or WriteState.Declined or WriteState.Expired).OrderByDescending(r => r.Number).Skip(KeptQuiet));
        // Rates and undo look back one day at most; by two clocks' worth of doubt those of the last two days stay.
        Drop(_records.Values.Where(r => r.State > WriteState.Sending && r.FinishedAt < now - 2 * Kept).OrderByDescending(r => r.Number).Skip(KeptSent));

        void Drop(IEnumerable<WriteRecord> many)
        {
            foreach (var r in many.ToArray())
            {
                _records.Remove(r.Number);
                if (r.Request.Entry is { } entry && _ofEntry.TryGetValue(entry, out var numbers) && numbers.Remove(r.Number) && numbers.Count == 0) _ofEntry.Remove(entry);
            }
        }
    }
}

/// <summary>Kinds of audit entries; words that stand in stored data and are never renamed.</summary>
public static class AuditKinds
{
    public const string Asked = "asked", Refused = "refused", DryRun = "dry-run", Approved = "approved", Declined = "declined", Expired = "expired",
        Sending = "sending", Receipt = "receipt", Interrupted = "interrupted", Stopped = "stopped", Released = "released", Rule = "rule", Settings = "settings";
}
