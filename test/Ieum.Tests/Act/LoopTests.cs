using CsCheck;
using Ieum.Act;
using Ieum.Model;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Ieum.Tests.Act;

public sealed class LoopTests : IDisposable
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;
    private readonly LoopLedger _own;
    private ILoopLedger _ledger => _own;

    public LoopTests()
    {
        var clock = new FakeTimeProvider(Floor.At(8)) { AutoAdvanceAmount = 1.Minutes };
        _own = new LoopLedger(new MemoryLoops(), Microsoft.Extensions.Options.Options.Create(new ActOptions()), new(clock, clock), NullLogger<LoopLedger>.Instance);
    }

    public void Dispose() => _own.Dispose();

    private Task<LoopEntry> AdviseAsync() => _ledger.AdviseAsync("replan", AutonomyLevel.Ask, "late", "plan anew", "late watch 1", 0.75, Cancel);

    [Fact]
    public async Task An_entry_grows_from_advice_to_effect_and_keeps_what_it_had()
    {
        var advice = await AdviseAsync();
        await _ledger.DecideAsync(advice.Number, true, "planner", "good", Cancel);
        await _ledger.ReceiptAsync(advice.Number, true, "plan 2", Cancel);
        await _ledger.EffectAsync(advice.Number, "tardiness h", 5, 1.5, Cancel);
        var entry = Assert.Single(await _ledger.ListAsync(10, Cancel));
        Assert.Equal(advice with { Decision = entry.Decision, Receipt = entry.Receipt, Effect = entry.Effect }, entry);
        Assert.Equal((true, "planner", "good"), (entry.Decision!.Accepted, entry.Decision.By, entry.Decision.Note));
        Assert.Equal((true, "plan 2"), (entry.Receipt!.Done, entry.Receipt.What));
        Assert.Equal(("tardiness h", 5, 1.5), (entry.Effect!.Measure, entry.Effect.Before, entry.Effect.After));
        Assert.True(entry.At < entry.Decision.At && entry.Decision.At < entry.Receipt.At && entry.Receipt.At < entry.Effect.At);
    }

    [Fact]
    public async Task An_advice_is_decided_once_even_when_two_people_press_at_once()
    {
        var advice = await AdviseAsync();
        var tries = await Task.WhenAll(Enumerable.Range(0, 20).Select(async i =>
        {
            try { await _ledger.DecideAsync(advice.Number, i % 2 == 0, $"user-{i}", null, Cancel); return true; }
            catch (InvalidOperationException) { return false; }
        }));
        Assert.Single(tries, t => t);
    }

    [Fact]
    public async Task Nothing_is_done_before_the_decision_nor_after_a_no()
    {
        var open = await AdviseAsync();
        await Assert.ThrowsAsync<InvalidOperationException>(() => _ledger.ReceiptAsync(open.Number, true, "plan 2", Cancel));
        var declined = await AdviseAsync();
        await _ledger.DecideAsync(declined.Number, false, "planner", null, Cancel);
        await Assert.ThrowsAsync<InvalidOperationException>(() => _ledger.ReceiptAsync(declined.Number, true, "plan 2", Cancel));
    }

    [Fact]
    public async Task What_was_not_done_has_no_effect_and_each_part_comes_once()
    {
        var advice = await AdviseAsync();
        await _ledger.DecideAsync(advice.Number, true, "planner", null, Cancel);
        await Assert.ThrowsAsync<InvalidOperationException>(() => _ledger.EffectAsync(advice.Number, "h", 1, 0, Cancel));
        await _ledger.ReceiptAsync(advice.Number, false, "no plan", Cancel);
        await Assert.ThrowsAsync<InvalidOperationException>(() => _ledger.ReceiptAsync(advice.Number, true, "plan 2", Cancel));
        await Assert.ThrowsAsync<InvalidOperationException>(() => _ledger.EffectAsync(advice.Number, "h", 1, 0, Cancel));
        await Assert.ThrowsAsync<InvalidOperationException>(() => _ledger.DecideAsync(99, true, "planner", null, Cancel));
    }

    [Theory]
    [InlineData(1.1), InlineData(-0.1), InlineData(double.NaN)]
    public async Task A_confidence_outside_zero_to_one_is_refused(double confidence) =>
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => _ledger.AdviseAsync("replan", AutonomyLevel.Ask, "f", "a", "m", confidence, Cancel));

    private static readonly string[] Awkward = ["\\", "|", "\\p", "\n", "", "축 | 軸", "-1.5", "a\\|b\\n"];

    [Fact]
    public void A_loop_text_comes_back_as_it_was_whatever_its_arguments_hold() =>
        Gen.Select(
            Gen.Int[0, LoopTexts.All.Count - 1].Select(i => LoopTexts.All.Keys.ElementAt(i)),
            Gen.OneOf(Gen.String, Gen.Int[0, Awkward.Length - 1].Select(i => Awkward[i])).List[0, 6])
            .Sample((key, args) =>
            {
                var text = new LoopText(key, args);
                return LoopText.TryParse(text.ToString(), out var back) && back == text;
            });

    [Fact]
    public void Plain_sentences_are_not_taken_for_loop_texts()
    {
        Assert.False(LoopText.TryParse("2 operations are late | see list", out _));
        Assert.False(LoopText.TryParse("", out _));
        Assert.False(LoopText.TryParse(null, out _));
    }

    [Fact]
    public void A_loop_text_reads_as_an_english_sentence_with_invariant_numbers()
    {
        var text = LoopText.Of(LoopTexts.FindingDrift, new ItemId("BODY"), new MachineId("B-MC1"), 981.5, 40, 930.0, 5.5);
        Assert.Equal("finding-drift|BODY|B-MC1|981.5|40|930|5.5", text.ToString());
        Assert.Equal("BODY on B-MC1 takes 981.5 s a piece (median of 40 cycles); planned with 930 s (5.5 %)", text.English());
        Assert.Equal("2 operations are late; the worst, ? on ?, by ? min", new LoopText(LoopTexts.FindingLate, ["2"]).English());
    }
}
