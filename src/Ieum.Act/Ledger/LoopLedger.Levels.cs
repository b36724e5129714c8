using Ieum.Model;

namespace Ieum.Act;

// What the entries earn their loops, and whether they are what was written.
internal sealed partial class LoopLedger
{
    /// <summary>Entries of the loops with a level since its last change; null until the store was read.</summary>
    private Dictionary<string, SortedDictionary<long, LoopEntry>>? _since;

    private IReadOnlyDictionary<string, AutonomyLevel> Starts => new Dictionary<string, AutonomyLevel>
    {
        [ReplanWatch.ReplanLoop] = options.Value.ReplanLevel,
        [ReplanWatch.LearnedTimeLoop] = options.Value.LearnedTimeLevel,
        [BreakdownWatch.Loop] = options.Value.BreakdownLevel,
        [CorrectionWatch.Loop] = options.Value.CorrectionLevel,
    };

    public Task<IReadOnlyList<LoopStanding>> StandingsAsync(CancellationToken cancel) => AtTheGateAsync<IReadOnlyList<LoopStanding>>(async () =>
    {
        await RecallAsync(cancel);
        return [.. Starts.Keys.Order(StringComparer.Ordinal).Select(Standing)];
    }, cancel);

    public Task<LoopStanding> StandingAsync(string loop, CancellationToken cancel)
    {
        if (!Starts.ContainsKey(loop)) throw new ArgumentException($"Loop '{loop}' has no level of its own; loops with one: {string.Join(", ", Starts.Keys)}.", nameof(loop));
        return AtTheGateAsync(async () =>
        {
            await RecallAsync(cancel);
            return Standing(loop);
        }, cancel);
    }

    public async Task<LoopStanding> LowerAsync(string loop, string by, CancellationToken cancel)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(by);
        var known = await StandingAsync(loop, cancel);
        return await AtTheGateAsync(async () =>
        {
            var now = Standing(known.Loop);
            if (now.Level == AutonomyLevel.Watch) throw new InvalidOperationException($"Loop '{loop}' only watches; there is no lower level.");
            await ChangeAsync(now, new(now.Level, now.Level - 1, now.Start), by, LoopText.Of(LoopTexts.FindingLevelLowered, by), cancel);
            return Standing(loop);
        }, cancel);
    }

    public async Task<LoopStanding> AllowAsync(string loop, AutonomyLevel most, string by, CancellationToken cancel)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(by);
        if (most is < AutonomyLevel.Ask or > AutonomyLevel.ActAndReport) throw new ArgumentException($"A loop may rise to {AutonomyLevel.Ask}, {AutonomyLevel.ActInsideLimits} or {AutonomyLevel.ActAndReport}, not {most}.", nameof(most));
        var known = await StandingAsync(loop, cancel);
        return await AtTheGateAsync(async () =>
        {
            var now = Standing(known.Loop);
            if (now.Most == most) return now;
            var why = LoopText.Of(LoopTexts.FindingAllowed, by, (int)most);
            if (now.Level > most) await ChangeAsync(now, new(now.Level, most, now.Start), by, why, cancel);
            await ChangeAsync(now = Standing(loop), new(now.Level, now.Level, now.Start) { Most = most }, by, why, cancel);
            return Standing(loop);
        }, cancel);
    }

    private LoopStanding Standing(string loop) => LoopLevels.Of(loop, Starts[loop], options.Value, _since?.GetValueOrDefault(loop)?.Values ?? (IEnumerable<LoopEntry>)[]);

    private async Task RecallAsync(CancellationToken cancel)
    {
        if (_since is not null) return;
        _since = Starts.Keys.ToDictionary(l => l, _ => new SortedDictionary<long, LoopEntry>());
        foreach (var e in (await store.ListAsync(int.MaxValue, cancel)).Reverse()) Remember(e);
    }

    private void Remember(LoopEntry e)
    {
        if (_since?.GetValueOrDefault(e.Loop) is not { } entries) return;
        // A change of level begins the count anew; how far the loop may rise was said apart from it.
        if (e.Change is { } change)
            foreach (var old in entries.Where(x => change.Most is null ? x.Value.Change?.Most is null : x.Value.Change?.Most is not null).Select(x => x.Key).ToArray()) entries.Remove(old);
        entries[e.Number] = e;
    }

    /// <summary>What an entry that has just grown means for the level of its loop. Inside the gate.</summary>
    private async Task MoveLevelAsync(LoopEntry before, LoopEntry grown, CancellationToken cancel)
    {
        if (!Starts.ContainsKey(grown.Loop)) return;
        await RecallAsync(cancel);
        // An entry from before the last change was counted for that level; a harm of it that shows later still counts.
        var standing = Standing(grown.Loop);
        if (LoopLevels.After(standing, before, grown) is not { } change) return;
        var why = LoopLevels.BreachOf(grown) is { } breach
            ? LoopText.Of(LoopTexts.FindingLevelBreach, grown.Number, breach) : LoopText.Of(LoopTexts.FindingLevelEarned, standing.Benefits);
        await ChangeAsync(standing, change, LoopDecision.Rule, why, cancel);
    }

    private async Task ChangeAsync(LoopStanding standing, LoopLevelChange change, string by, LoopText why, CancellationToken cancel)
    {
        var mark = await MarkAsync(cancel);
        var advice = new LoopAdvice(standing.Loop, change.From, why.ToString(), (change.Most is { } most ? LoopText.Of(LoopTexts.AdviceAllowed, (int)most) : LoopText.Of(LoopTexts.AdviceLevel, (int)change.From, (int)change.To)).ToString(), LoopLevels.Model, 1)
        {
            Samples = standing.Benefits,
        };
        var entry = LoopEntry.Of(mark.Entries + 1, clocks.Factory.GetUtcNow(), advice) with { Receipt = new(true, LoopText.Of(LoopTexts.ReceiptLevel, (int)change.To).ToString(), default) };
        await WriteAsync(entry, LoopLinks.Level, by, LoopBody.Of(entry, change), entry.Advice, cancel);
    }

    public async Task<AuditVerdict> VerifyAsync(CancellationToken cancel)
    {
        // Entries and links are read while nothing grows: what is appended meanwhile is neither missing nor changed.
        return await AtTheGateAsync(async () =>
        {
            var (head, read) = ((Number: 0L, Hash: AuditChain.Begin), 0L);
            var told = new Dictionary<long, LoopEntry>();
            await foreach (var link in store.ChainAsync(cancel))
            {
                if (AuditChain.Wrong(head, link) is { } wrong) return new AuditVerdict(read, link.Number, wrong, head.Hash);
                if (LoopBody.Grow(told.GetValueOrDefault(link.Request), link) is not { } grown)
                    // An entry of a version without a chain grows on without a beginning in it.
                    if (link.Kind is LoopLinks.Advice or LoopLinks.Level || told.ContainsKey(link.Request)) return new AuditVerdict(read, link.Number, $"Link {link.Number} makes nothing of entry {link.Request}.", head.Hash);
                    else grown = null;
                if (grown is not null) told[link.Request] = grown;
                (head, read) = ((link.Number, link.Hash), read + 1);
            }
            var kept = await store.MarkAsync(cancel);
            if ((kept.Links, kept.Links == 0 ? AuditChain.Begin : kept.Hash) != head)
                return new AuditVerdict(read, head.Number + 1, $"The chain ends with link {head.Number}, but link {kept.Links} was written last.", head.Hash);
            var entries = (await store.ListAsync(int.MaxValue, cancel)).ToDictionary(e => e.Number);
            foreach (var (number, entry) in told.OrderBy(t => t.Key))
                if (entries.GetValueOrDefault(number) != entry)
                    return new AuditVerdict(read, read, $"Entry {number} is not what its links say; it was changed from outside.", head.Hash);
            // Entries of a version without a chain lie before all others; among the others none may be without links.
            if (told.Count > 0 && entries.Keys.Where(n => n > told.Keys.Min() && !told.ContainsKey(n)).Order().FirstOrDefault() is > 0 and var strange)
                return new AuditVerdict(read, read, $"Entry {strange} stands in no link; it was put in, or its links were cut off.", head.Hash);
            return new AuditVerdict(read, null, $"{read} links are as they were written, and {told.Count} entries are what they say.", head.Hash);
        }, cancel);
    }
}
