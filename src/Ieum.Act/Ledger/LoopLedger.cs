using Ieum.Model;
using Microsoft.Extensions.Logging;

namespace Ieum.Act;

/// <summary>The loop ledger over its store. An entry grows in one direction only: advice, decision, receipt, effect; each once.</summary>
internal sealed class LoopLedger(ILoopStore store, Clocks clocks, ILogger<LoopLedger> log) : ILoopLedger, IDisposable
{
    // Read, check and replace must not be torn apart by a second decision.
    private readonly SemaphoreSlim _gate = new(1, 1);

    public void Dispose() => _gate.Dispose();

    public async Task<LoopEntry> AdviseAsync(string loop, AutonomyLevel level, string finding, string advice, string model, double confidence, CancellationToken cancel)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(loop);
        ArgumentException.ThrowIfNullOrWhiteSpace(finding);
        ArgumentException.ThrowIfNullOrWhiteSpace(advice);
        ArgumentException.ThrowIfNullOrWhiteSpace(model);
        if (!Enum.IsDefined(level)) throw new ArgumentOutOfRangeException(nameof(level), level, "There are five levels, 0 to 4.");
        if (!(confidence is >= 0 and <= 1)) throw new ArgumentOutOfRangeException(nameof(confidence), confidence, "Confidence lies between 0 and 1.");
        await _gate.WaitAsync(cancel);
        try
        {
            var entry = await store.AddAsync(new(0, loop, clocks.Factory.GetUtcNow(), level, finding, advice, model, confidence), cancel);
            Log.Ledger(log, entry.Loop, entry.Number, "advice", entry.Advice);
            return entry;
        }
        finally
        {
            _gate.Release();
        }
    }

    public Task<LoopEntry> DecideAsync(long number, bool accepted, string by, string? note, CancellationToken cancel)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(by);
        return GrowAsync(number, e => e.Decision is { } d
            ? throw Broken(e, $"was {(d.Accepted ? "accepted" : "declined")} by {d.By} already; an advice is decided once.")
            : (e with { Decision = new(accepted, by, clocks.Factory.GetUtcNow(), note) }, "decision", $"{(accepted ? "accepted" : "declined")} by {by}"), cancel);
    }

    public Task<LoopEntry> ReceiptAsync(long number, bool done, string what, CancellationToken cancel)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(what);
        return GrowAsync(number, e => e switch
        {
            { Decision: null } => throw Broken(e, "is not decided; nothing may be done before."),
            { Decision.Accepted: false } => throw Broken(e, $"was declined by {e.Decision.By}; nothing may be done."),
            { Receipt: not null } => throw Broken(e, "has its receipt already; an act is done once."),
            _ => (e with { Receipt = new(done, what, clocks.Factory.GetUtcNow()) }, "receipt", what),
        }, cancel);
    }

    public Task<LoopEntry> EffectAsync(long number, string measure, double before, double after, CancellationToken cancel)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(measure);
        if (!double.IsFinite(before) || !double.IsFinite(after)) throw new ArgumentOutOfRangeException(nameof(after), after, "An effect is measured in finite numbers.");
        return GrowAsync(number, e => e switch
        {
            { Receipt: null } => throw Broken(e, "has no receipt; what was not done has no effect."),
            { Receipt.Done: false } => throw Broken(e, "was not done; what was not done has no effect."),
            { Effect: not null } => throw Broken(e, "has its effect already; it is measured once."),
            _ => (e with { Effect = new(measure, before, after, clocks.Factory.GetUtcNow()) }, "effect", measure),
        }, cancel);
    }

    public Task<IReadOnlyList<LoopEntry>> ListAsync(int most, CancellationToken cancel)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(most);
        return store.ListAsync(most, cancel);
    }

    private async Task<LoopEntry> GrowAsync(long number, Func<LoopEntry, (LoopEntry Grown, string Part, string Text)> grow, CancellationToken cancel)
    {
        await _gate.WaitAsync(cancel);
        try
        {
            var entry = await store.FindAsync(number, cancel) ?? throw new InvalidOperationException($"The loop ledger has no entry {number}.");
            var (grown, part, text) = grow(entry);
            await store.ReplaceAsync(grown, cancel);
            Log.Ledger(log, grown.Loop, grown.Number, part, text);
            return grown;
        }
        finally
        {
            _gate.Release();
        }
    }

    private static InvalidOperationException Broken(LoopEntry e, string what) => new($"Entry {e.Number} of loop '{e.Loop}' {what}");
}
