using Ieum.Model;
using Ieum.Record.Tend;
using Microsoft.Extensions.Time.Testing;

namespace Ieum.Tests.Record;

/// <summary>Whose turn it is in upkeep, piece by piece, and how long it rests between two.</summary>
public sealed class TendTests
{
    private static RecorderRig Rig(int merged, TimeProvider clock) => new(o => (o.BlockSamples, o.MergedSamples) = (60, merged), clocks: new(clock, clock));

    [Fact]
    public async Task While_sums_are_always_due_blocks_are_merged_all_the_same_and_every_signal_has_its_turn()
    {
        var still = new FakeTimeProvider(RecorderRig.Start);   // upkeep of its own would begin after a minute
        await using var rig = Rig(120, still);
        var signals = Enumerable.Range(0, 300).Select(i => rig.Signal($"s{i}")).ToArray();
        await rig.Append([.. Enumerable.Range(0, 120).SelectMany(i => signals.Select(s => RecorderRig.Sample(s, i * 60, SampleValue.Of((double)i))))]);   // two hours, two blocks
        await rig.Recorder.SealAllAsync();
        // Nothing is committed, so that sums and merging stay due: as in an import, where the next hour is there before the last is added up.
        var tender = rig.Recorder.Loop.Tender;
        HashSet<int> rolled = [], merged = [];
        for (var piece = 0; piece < 4; piece++)
        {
            tender.Begin();
            var work = tender.Next();
            Assert.Equal(piece % 2 == 0, work.Rolled.Count > 0);
            Assert.Equal(piece % 2 == 1, work.Replaced.Count > 0);
            rolled.UnionWith(work.Rolled.Select(r => r.Signal));
            merged.UnionWith(work.Replaced.Select(r => r.Signal));
        }
        Assert.Equal((300, 300), (rolled.Count, merged.Count));   // a piece takes 256 signals at most
    }

    [Fact]
    public async Task What_comes_late_while_a_piece_is_made_is_merged_by_the_next()
    {
        var still = new FakeTimeProvider(RecorderRig.Start);
        await using var rig = Rig(300, still);
        var s = rig.Signal("x");
        await rig.Append([.. Enumerable.Range(0, 660).Select(i => RecorderRig.Sample(s, i, SampleValue.Of((long)i)))]);
        await rig.Recorder.SealAllAsync();
        var tender = rig.Recorder.Loop.Tender;
        tender.Begin();
        Assert.Single(tender.Next().Rolled);   // sums first
        var work = tender.Next();
        var through = Assert.Single(work.Merged).Through;
        await rig.Append(RecorderRig.Sample(s, 7.5, SampleValue.Of(-7L), receivedAfter: 1e4));
        await rig.Recorder.SealAllAsync();
        tender.Finish(work);
        Assert.True(through > RecorderRig.At(7.5).UtcTicks);
        Assert.Equal((s.Value, RecorderRig.At(7.5).UtcTicks), Assert.Single(work.Merged));
        await rig.Recorder.TendAllAsync();
        Assert.Equal(0, rig.Number("SELECT count(*) FROM block WHERE count < 60"));   // not a block of its own any more
        Assert.Equal(661, (await rig.Range(s)).Count);
    }

    [Theory]
    [InlineData(false, false, false, 60.0)]   // all in order: the next look in a minute
    [InlineData(false, true, true, 60.0)]
    [InlineData(true, false, false, 0.0)]     // a backlog in a store that stands still: no pause
    [InlineData(true, false, true, 0.4)]      // half of a core beside a question
    [InlineData(true, true, false, 1.2)]      // a quarter beside an import
    [InlineData(true, true, true, 1.2)]
    public void Upkeep_goes_on_without_a_pause_unless_somebody_writes_or_asks(bool more, bool writing, bool asking, double seconds) =>
        Assert.Equal(TimeSpan.FromSeconds(seconds), TendPace.Rest(TimeSpan.FromSeconds(0.4), more, writing, asking));

    [Fact]
    public void However_long_a_piece_took_the_next_comes_within_a_minute() =>
        Assert.Equal(TendPace.Every, TendPace.Rest(TimeSpan.FromHours(1), more: true, writing: true, asking: false));
}
