using Ieum.Model;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Ieum.Act;

/// <summary>The loop ledger over its store. An entry grows in one direction only: advice, decision, receipt, effect; each once.</summary>
internal sealed partial class LoopLedger(ILoopStore store, IOptions<ActOptions> options, Clocks clocks, ILogger<LoopLedger> log) : ILoopLedger, IDisposable
{
    // Read, check and write must not be torn apart by a second decision.
    private readonly SemaphoreSlim _gate = new(1, 1);
    private LoopMark? _mark;

    public void Dispose() => _gate.Dispose();

    public Task<LoopEntry> AdviseAsync(LoopAdvice advice, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(advice);
        ArgumentException.ThrowIfNullOrWhiteSpace(advice.Loop, nameof(advice));
        ArgumentException.ThrowIfNullOrWhiteSpace(advice.Finding, nameof(advice));
        ArgumentException.ThrowIfNullOrWhiteSpace(advice.Advice, nameof(advice));
        ArgumentException.ThrowIfNullOrWhiteSpace(advice.Model, nameof(advice));
        if (!Enum.IsDefined(advice.Level)) throw new ArgumentOutOfRangeException(nameof(advice), advice.Level, "There are five levels, 0 to 4.");
        if (!(advice.Confidence is >= 0 and <= 1)) throw new ArgumentOutOfRangeException(nameof(advice), advice.Confidence, "Confidence lies between 0 and 1.");
        if (advice.Expected is { } x && !(double.IsFinite(x.Before) && double.IsFinite(x.After))) throw new ArgumentOutOfRangeException(nameof(advice), x, "What is promised are finite numbers.");
        return AtTheGateAsync(async () =>
        {
            var mark = await MarkAsync(cancel);
            var entry = LoopEntry.Of(mark.Entries + 1, clocks.Factory.GetUtcNow(), advice);
            return await WriteAsync(entry, LoopLinks.Advice, advice.Loop, LoopBody.Of(entry), advice.Advice, cancel);
        }, cancel);
    }

    public Task<LoopEntry> DecideAsync(long number, bool accepted, string by, string? note, CancellationToken cancel) => DecideAsync(number, accepted, by, note, null, cancel);

    public Task<LoopEntry> DecideAsync(long number, bool accepted, string by, string? note, string? way, CancellationToken cancel)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(by);
        return GrowAsync(number, LoopLinks.Decision, by, new() { Yes = accepted, What = note, Way = way }, $"{(accepted ? "accepted" : "declined")} by {by}", e => e switch
        {
            { Decision: { } d } => $"was {(d.Accepted ? "accepted" : "declined")} by {d.By} already; an advice is decided once.",
            _ when way is not null && e.Ways.Find(way) is null => $"has no way '{way}'.",
            _ => null,
        }, cancel);
    }

    public Task<LoopEntry> ActingAsync(long number, int plan, CancellationToken cancel) =>
        GrowAsync(number, LoopLinks.Acting, "node", new() { Plan = plan }, $"plan {plan}", e => e switch
        {
            { Acting: not null } => "is being acted on already; an act is done once.",
            _ => NotToBeDone(e),
        }, cancel);

    public Task<LoopEntry> ReceiptAsync(long number, bool done, string what, CancellationToken cancel)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(what);
        return GrowAsync(number, LoopLinks.Receipt, "node", new() { Yes = done, What = what }, what, NotToBeDone, cancel);
    }

    public Task<LoopEntry> EffectAsync(long number, LoopEffect effect, CancellationToken cancel)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(effect.Measure, nameof(effect));
        if (!double.IsFinite(effect.Before) || !double.IsFinite(effect.After)) throw new ArgumentOutOfRangeException(nameof(effect), effect.After, "An effect is measured in finite numbers.");
        ArgumentOutOfRangeException.ThrowIfNegative(effect.Finished, nameof(effect));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(effect.Finished, effect.Orders, nameof(effect));
        ArgumentOutOfRangeException.ThrowIfNegative(effect.Samples, nameof(effect));
        return GrowAsync(number, LoopLinks.Effect, "node", new()
        {
            Measure = effect.Measure, Before = effect.Before, After = effect.After,
            Orders = effect.Orders, Finished = effect.Finished, Values = effect.Samples > 0 ? effect.Samples : null, Basis = effect.Basis,
        }, effect.Measure, e => e switch
        {
            { Receipt: null } => "has no receipt; what was not done has no effect.",
            { Receipt.Done: false } => "was not done; what was not done has no effect.",
            { Effect: not null } => "has its effect already; it is measured once.",
            _ => null,
        }, cancel);
    }

    public Task<LoopEntry> UndoAsync(long number, bool done, string by, string what, CancellationToken cancel)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(by);
        ArgumentException.ThrowIfNullOrWhiteSpace(what);
        return GrowAsync(number, LoopLinks.Undo, by, new() { Yes = done, What = what }, what, e => e switch
        {
            { Receipt: not { Done: true } } => "was not done; there is nothing to take back.",
            { Undo: not null } => "was taken back already; that is done once.",
            _ => null,
        }, cancel);
    }

    public Task<LoopEntry?> FindAsync(long number, CancellationToken cancel) => store.FindAsync(number, cancel);

    public Task<IReadOnlyList<LoopEntry>> ListAsync(int most, CancellationToken cancel)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(most);
        return store.ListAsync(most, cancel);
    }

    private static string? NotToBeDone(LoopEntry e) => e switch
    {
        { Decision: null } => "is not decided; nothing may be done before.",
        { Decision.Accepted: false } => $"was declined by {e.Decision.By}; nothing may be done.",
        { Receipt: not null } => "has its receipt already; an act is done once.",
        _ => null,
    };

    private Task<LoopEntry> GrowAsync(long number, string kind, string by, LoopBody body, string text, Func<LoopEntry, string?> wrong, CancellationToken cancel) => AtTheGateAsync(async () =>
    {
        var entry = await store.FindAsync(number, cancel) ?? throw new InvalidOperationException($"The loop ledger has no entry {number}.");
        if (wrong(entry) is { } why) throw new InvalidOperationException($"Entry {entry.Number} of loop '{entry.Loop}' {why}");
        var grown = await WriteAsync(entry, kind, by, body, text, cancel);
        await MoveLevelAsync(entry, grown, cancel);
        return grown;
    }, cancel);

    /// <summary>Appends a link and keeps the entry that it makes. Inside the gate.</summary>
    private async Task<LoopEntry> WriteAsync(LoopEntry entry, string kind, string by, LoopBody body, string text, CancellationToken cancel)
    {
        var mark = await MarkAsync(cancel);
        var link = AuditChain.Next((mark.Links, mark.Links == 0 ? AuditChain.Begin : mark.Hash), clocks.Factory.GetUtcNow(), entry.Number, kind, by, body.Write());
        // The entry is what its links make of it, at writing as at checking.
        var isNew = kind is LoopLinks.Advice or LoopLinks.Level;
        var grown = LoopBody.Grow(isNew ? null : entry, link) ?? throw new InvalidOperationException($"Link '{kind}' makes nothing of entry {entry.Number}.");
        _mark = null;   // read again should the store fail half-way
        await store.WriteAsync(grown, link, cancel);
        _mark = new(isNew ? grown.Number : mark.Entries, link.Number, link.Hash);
        Remember(grown);
        Log.Ledger(log, grown.Loop, grown.Number, kind, text);
        return grown;
    }

    private async Task<LoopMark> MarkAsync(CancellationToken cancel) => _mark ??= await store.MarkAsync(cancel);

    private async Task<T> AtTheGateAsync<T>(Func<Task<T>> work, CancellationToken cancel)
    {
        await _gate.WaitAsync(cancel);
        try
        {
            return await work();
        }
        finally
        {
            _gate.Release();
        }
    }
}
