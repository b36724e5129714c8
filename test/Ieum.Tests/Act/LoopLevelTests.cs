using Ieum.Act;
using Ieum.Model;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace Ieum.Tests.Act;

/// <summary>What loops earn and lose, and whether the ledger can be changed unseen.</summary>
public sealed class LoopLevelTests : IDisposable
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;
    private readonly FakeTimeProvider _clock = new(Floor.At(8)) { AutoAdvanceAmount = 1.Minutes };
    private readonly MemoryLoops _store = new();
    private readonly LoopLedger _ledger;

    public LoopLevelTests() => _ledger = Ledger(new() { RiseAfter = 2, MostLevel = AutonomyLevel.ActInsideLimits });

    public void Dispose() => _ledger.Dispose();

    private LoopLedger Ledger(ActOptions options) => new(_store, Options.Create(options), new(_clock, _clock), NullLogger<LoopLedger>.Instance);

    private async Task<LoopEntry> ActAsync(double before, double after, int orders = 3, AutonomyLevel level = AutonomyLevel.Ask, LoopLedger? by = null)
    {
        var ledger = by ?? _ledger;
        var e = await ledger.AdviseAsync(new LoopAdvice(BreakdownWatch.Loop, level, "stands", "move", "watch", 0.5), Cancel);
        await ledger.DecideAsync(e.Number, true, "kim", null, Cancel);
        await ledger.ActingAsync(e.Number, (int)e.Number, Cancel);
        await ledger.ReceiptAsync(e.Number, true, "plan", Cancel);
        return await ledger.EffectAsync(e.Number, new LoopEffect("tardiness h", before, after, default) { Orders = orders, Finished = Math.Min(orders, 1) }, Cancel);
    }

    private async Task<AutonomyLevel> LevelAsync() => (await _ledger.StandingAsync(BreakdownWatch.Loop, Cancel)).Level;

    [Fact]
    public async Task A_loop_rises_by_measured_benefit_alone_and_not_past_what_the_settings_allow()
    {
        await ActAsync(5, 1);
        Assert.Equal(AutonomyLevel.Ask, await LevelAsync());
        await ActAsync(5, 5);              // no benefit
        await ActAsync(5, 1, orders: 0);   // only reckoned
        Assert.Equal(AutonomyLevel.Ask, await LevelAsync());
        await ActAsync(5, 4.9);
        Assert.Equal(AutonomyLevel.ActInsideLimits, await LevelAsync());
        await ActAsync(5, 1);
        await ActAsync(5, 1);
        await ActAsync(5, 1);
        Assert.Equal(AutonomyLevel.ActInsideLimits, await LevelAsync());   // MostLevel
        var change = Assert.Single(_store.Entries, e => e.Change is not null);
        Assert.Equal((AutonomyLevel.Ask, AutonomyLevel.ActInsideLimits, LoopDecision.Rule), (change.Change!.From, change.Change.To, change.Decision!.By));
    }

    [Fact]
    public async Task Nothing_acts_by_itself_before_a_person_has_allowed_it_once_and_what_was_earned_meanwhile_is_not_lost()
    {
        using var ledger = Ledger(new() { RiseAfter = 2 });
        for (var i = 0; i < 4; i++) await ActAsync(5, 1, by: ledger);
        var standing = await ledger.StandingAsync(BreakdownWatch.Loop, Cancel);
        Assert.Equal((AutonomyLevel.Ask, AutonomyLevel.Ask, true, 4), (standing.Level, standing.Most, standing.IsAtTop, standing.Benefits));

        standing = await ledger.AllowAsync(BreakdownWatch.Loop, AutonomyLevel.ActInsideLimits, "owner", Cancel);
        Assert.Equal((AutonomyLevel.Ask, AutonomyLevel.ActInsideLimits, 4), (standing.Level, standing.Most, standing.Benefits));   // allowed is not lifted
        await ActAsync(5, 1, by: ledger);
        Assert.Equal(AutonomyLevel.ActInsideLimits, (await ledger.StandingAsync(BreakdownWatch.Loop, Cancel)).Level);
        Assert.Equal(AutonomyLevel.Ask, (await ledger.StandingAsync(ReplanWatch.ReplanLoop, Cancel)).Most);   // said for one loop alone
        await ActAsync(5, 1, by: ledger);
        await ActAsync(5, 1, by: ledger);
        Assert.Equal(AutonomyLevel.ActInsideLimits, (await ledger.StandingAsync(BreakdownWatch.Loop, Cancel)).Level);

        // Read back by another ledger: the word stands over a restart, and is taken back at once.
        using var again = Ledger(new() { RiseAfter = 2 });
        Assert.Equal((AutonomyLevel.ActInsideLimits, AutonomyLevel.ActInsideLimits), ((await again.StandingAsync(BreakdownWatch.Loop, Cancel)).Level, (await again.StandingAsync(BreakdownWatch.Loop, Cancel)).Most));
        standing = await again.AllowAsync(BreakdownWatch.Loop, AutonomyLevel.Ask, "owner", Cancel);
        Assert.Equal((AutonomyLevel.Ask, AutonomyLevel.Ask), (standing.Level, standing.Most));
        await Assert.ThrowsAsync<ArgumentException>(() => again.AllowAsync(BreakdownWatch.Loop, AutonomyLevel.Watch, "owner", Cancel));
        await Assert.ThrowsAsync<ArgumentException>(() => again.AllowAsync("write", AutonomyLevel.Ask, "owner", Cancel));
        Assert.Null((await again.VerifyAsync(Cancel)).BrokenAt);
    }

    [Fact]
    public async Task One_breach_takes_one_level_whatever_was_earned_and_one_entry_costs_one_level()
    {
        await ActAsync(5, 1);
        var harm = await ActAsync(1, 5);
        Assert.Equal(AutonomyLevel.Advise, await LevelAsync());
        Assert.Equal(0, (await _ledger.StandingAsync(BreakdownWatch.Loop, Cancel)).Benefits);
        await _ledger.UndoAsync(harm.Number, true, "kim", "back", Cancel);   // the same entry once more
        await ActAsync(1, 5);
        Assert.Equal(AutonomyLevel.Advise, await LevelAsync());              // a rule does not silence a loop; a person may
        Assert.Equal(AutonomyLevel.Watch, (await _ledger.LowerAsync(BreakdownWatch.Loop, "kim", Cancel)).Level);
        await Assert.ThrowsAsync<InvalidOperationException>(() => _ledger.LowerAsync(BreakdownWatch.Loop, "kim", Cancel));
        await Assert.ThrowsAsync<ArgumentException>(() => _ledger.LowerAsync("write", "kim", Cancel));
    }

    [Theory]
    [InlineData("kim", AutonomyLevel.Ask), InlineData(LoopDecision.NobodyAnswered, AutonomyLevel.ActInsideLimits), InlineData(LoopDecision.NewFacts, AutonomyLevel.ActInsideLimits)]
    public async Task A_veto_is_a_breach_and_silence_is_none(string by, AutonomyLevel expected)
    {
        using var ledger = Ledger(new() { BreakdownLevel = AutonomyLevel.ActInsideLimits });
        var e = await ledger.AdviseAsync(new LoopAdvice(BreakdownWatch.Loop, AutonomyLevel.ActInsideLimits, "f", "a", "m", 0.5) { ActsAt = Floor.At(9) }, Cancel);
        await ledger.DecideAsync(e.Number, false, by, null, Cancel);
        Assert.Equal(expected, (await ledger.StandingAsync(BreakdownWatch.Loop, Cancel)).Level);
    }

    [Theory]
    [InlineData(LoopTexts.ReceiptNoPlan, AutonomyLevel.Ask)]
    [InlineData(LoopTexts.ReceiptInterrupted, AutonomyLevel.ActInsideLimits)]   // a power cut says nothing about the loop
    public async Task What_failed_is_a_breach_and_a_stop_of_the_node_is_none(string receipt, AutonomyLevel expected)
    {
        using var ledger = Ledger(new() { BreakdownLevel = AutonomyLevel.ActInsideLimits });
        var e = await ledger.AdviseAsync(new LoopAdvice(BreakdownWatch.Loop, AutonomyLevel.ActInsideLimits, "f", "a", "m", 0.5), Cancel);
        await ledger.DecideAsync(e.Number, true, "level 3", null, Cancel);
        await ledger.ReceiptAsync(e.Number, false, LoopText.Of(receipt, "x").ToString(), Cancel);
        Assert.Equal(expected, (await ledger.StandingAsync(BreakdownWatch.Loop, Cancel)).Level);
    }

    [Fact]
    public async Task What_was_earned_is_there_after_a_restart_until_the_settings_say_otherwise()
    {
        await ActAsync(5, 1);
        await ActAsync(5, 1);
        using var again = Ledger(new() { RiseAfter = 2, MostLevel = AutonomyLevel.ActInsideLimits });
        Assert.Equal(AutonomyLevel.ActInsideLimits, (await again.StandingAsync(BreakdownWatch.Loop, Cancel)).Level);
        using var decided = Ledger(new() { RiseAfter = 2, BreakdownLevel = AutonomyLevel.Advise });
        Assert.Equal(AutonomyLevel.Advise, (await decided.StandingAsync(BreakdownWatch.Loop, Cancel)).Level);
        Assert.Null((await again.VerifyAsync(Cancel)).BrokenAt);
    }

    [Fact]
    public async Task Every_way_of_changing_the_ledger_from_outside_is_seen()
    {
        await _ledger.AdviseAsync(new LoopAdvice(BreakdownWatch.Loop, AutonomyLevel.Ask, "서다|止まる", "a", "m", 1 / 3.0)
        {
            Machine = new("B-MC1"), Window = new(Floor.At(7), Floor.At(8)), Samples = 4, Plan = 7, ExpiresAt = Floor.At(12), ActsAt = Floor.At(9), Expected = new("tardiness h", 1e-9, -0.0, 2, 3),
        }, Cancel);
        await ActAsync(5, 1);
        await ActAsync(5, 1);
        Assert.Null((await _ledger.VerifyAsync(Cancel)).BrokenAt);
        for (var i = 0; i < _store.Links.Count; i++)
        {
            var link = _store.Links[i];
            foreach (var changed in (AuditEntry[])[link with { Body = link.Body + " " }, link with { By = "mallory" }, link with { At = link.At.AddTicks(1) }, link with { Request = link.Request + 1 }, link with { Kind = "x" }])
            {
                _store.Links[i] = changed;
                Assert.Equal(i + 1, (await _ledger.VerifyAsync(Cancel)).BrokenAt);
            }
            _store.Links[i] = link;
        }
        var last = _store.Links[^1];
        _store.Links.RemoveAt(_store.Links.Count - 1);
        Assert.NotNull((await Ledger(new()).VerifyAsync(Cancel)).BrokenAt);   // the entry of that link is more than its links say
        _store.Links.Add(last);
        for (var i = 0; i < _store.Entries.Count; i++)
        {
            var entry = _store.Entries[i];
            _store.Entries[i] = entry with { Confidence = 0.99 };
            Assert.NotNull((await _ledger.VerifyAsync(Cancel)).BrokenAt);
            _store.Entries[i] = entry;
        }
        Assert.Null((await _ledger.VerifyAsync(Cancel)).BrokenAt);
    }

    [Fact]
    public async Task An_act_is_done_once_and_taken_back_once()
    {
        var e = await ActAsync(5, 1);
        await Assert.ThrowsAsync<InvalidOperationException>(() => _ledger.ActingAsync(e.Number, 9, Cancel));
        await _ledger.UndoAsync(e.Number, true, "kim", "back", Cancel);
        await Assert.ThrowsAsync<InvalidOperationException>(() => _ledger.UndoAsync(e.Number, true, "kim", "back", Cancel));
        var open = await _ledger.AdviseAsync(new LoopAdvice("replan", AutonomyLevel.Ask, "f", "a", "m", 1), Cancel);
        await Assert.ThrowsAsync<InvalidOperationException>(() => _ledger.ActingAsync(open.Number, 2, Cancel));
        await Assert.ThrowsAsync<InvalidOperationException>(() => _ledger.UndoAsync(open.Number, true, "kim", "back", Cancel));
    }

    [Fact]
    public void A_standstill_is_judged_by_those_that_lasted_as_long()
    {
        TimeSpan[] past = [2.Minutes, 3.Minutes, 40.Minutes, 60.Minutes, 5.Hours];
        // After half an hour three of the five are left: 40 min, 60 min, 5 h; two of them last 15 min longer.
        Assert.Equal(new(60.Minutes, 0.6, 3, true), BreakdownWatch.Guess(30.Minutes, past, 4.Hours, 15.Minutes));
        // After 50 min two are left: too few for a length.
        Assert.Equal(new(4.Hours, 0.5, 2, false), BreakdownWatch.Guess(50.Minutes, past, 4.Hours, 15.Minutes));
        Assert.Equal(new(4.Hours, 0.5, 0, false), BreakdownWatch.Guess(10.Minutes, [], 4.Hours, 15.Minutes));
        // Longer than allowed for: half of it more, as often as it takes.
        Assert.Equal(8.Hours, BreakdownWatch.Guess(7.Hours, [], 4.Hours, 15.Minutes).Total);
    }
}
