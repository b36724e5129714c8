using Ieum.Model;
using Ieum.Record;

namespace Ieum.Tests.Record;

/// <summary>A copy of all measurements, between the engines, beside a running recorder; compared row by row.</summary>
public sealed class TransferTests
{
    private static async Task Fill(RecorderRig rig, int from, int count)
    {
        SignalNumber[] signals = [rig.Signal("온도/1"), rig.Signal("mode", ValueKind.Text), rig.Signal("odd \0 name")];
        var random = new Random(from);
        await rig.Append([.. Enumerable.Range(from, count).Select(i => RecorderRig.Sample(signals[i % 3], i * 30, (i % 7) switch
        {
            0 => SampleValue.Of("가공 중\0\ud800"), 1 => SampleValue.Of(-0.0), 2 => SampleValue.FromBits(ValueKind.Real, 0x7FF8_0000_DEAD_BEEF), 3 => SampleValue.Of(long.MaxValue - i),
            _ => SampleValue.Of(random.NextDouble()),
        }, (Quality)(i % 5)))]);
        await rig.Recorder.AppendAsync(new(RecorderRig.Source, RecorderRig.Machine, new[] { RecorderRig.Sample(signals[0], from, SampleValue.Of(1.0)), RecorderRig.Sample(new(99), from, SampleValue.Of("\0")) },
            [new Gap(RecorderRig.Source, new(RecorderRig.At(from), RecorderRig.At(from + 1)), GapCause.Disconnected, null, "cable \0")]) { Place = "p\0" + from, Delivery = new(from, from + count, 7) }, CancellationToken.None);
        await rig.Recorder.SealAllAsync();
        await rig.Recorder.TendAllAsync();
        await rig.Append(RecorderRig.Sample(signals[0], (from + count) * 30, SampleValue.Of(5.5)));
    }

    private static async Task<List<Sample>> All(RecorderRig rig)
    {
        List<Sample> all = [];
        foreach (var (number, _) in rig.Recorder.All()) all.AddRange(await rig.Range(number));
        return all;
    }

    [Theory]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(false, false)]
    public async Task A_copy_beside_the_running_recorder_is_equal_to_the_bit_and_a_second_run_writes_only_what_is_new(bool fromPostgres, bool toPostgres)
    {
        await using var source = new RecorderRig(o => (o.BlockSamples, o.MergedSamples) = (60, 300), fromPostgres);
        await using var target = new RecorderRig(o => (o.BlockSamples, o.MergedSamples) = (60, 300), toPostgres);
        await Fill(source, 0, 2000);
        await target.Recorder.DisposeAsync();
        var first = await RecordTransfer.CopyAsync(source.Options, target.Options, CancellationToken.None);
        Assert.Equal(2002, first.Samples);
        await Fill(source, 2000, 500);
        var second = await RecordTransfer.CopyAsync(source.Options, target.Options, CancellationToken.None);
        Assert.Equal(2504, second.Samples);
        Assert.NotEqual(first.Digest, second.Digest);
        Assert.True(second.Rows["block"] > 0 && second.Copied < first.Copied + second.Rows["block"], $"{second.Copied} rows written again, {first.Copied} at first");
        Assert.Equal(second.Digest, (await RecordTransfer.DigestAsync(target.Options, CancellationToken.None)).Digest);
        await target.Reopen();
        Assert.Equal(await All(source), await All(target));
        Assert.Equal(source.Recorder.MarkOf(RecorderRig.Source), target.Recorder.MarkOf(RecorderRig.Source));
        Assert.Equal(await source.Recorder.RejectionsAsync(10, CancellationToken.None), await target.Recorder.RejectionsAsync(10, CancellationToken.None));
        var range = new TimeRange(RecorderRig.At(0), RecorderRig.At(1e6));
        Assert.Equal(await source.Recorder.GapsAsync(RecorderRig.Source, range, CancellationToken.None), await target.Recorder.GapsAsync(RecorderRig.Source, range, CancellationToken.None));
        // The copy lives on by itself.
        await Fill(target, 2500, 100);
        Assert.Equal(2606, (await All(target)).Count);
    }

    [Fact]
    public async Task A_target_that_changes_what_it_is_given_is_found_out()
    {
        await using var source = new RecorderRig();
        await using var target = new RecorderRig(postgres: true);
        await Fill(source, 0, 100);
        await target.Recorder.DisposeAsync();
        target.Sql("""
            CREATE FUNCTION lie() RETURNS trigger AS $$ BEGIN NEW.count := NEW.count + 1; RETURN NEW; END $$ LANGUAGE plpgsql;
            CREATE TRIGGER lie BEFORE INSERT ON block FOR EACH ROW EXECUTE FUNCTION lie()
            """);
        var error = await Assert.ThrowsAsync<RecordException>(() => RecordTransfer.CopyAsync(source.Options, target.Options, CancellationToken.None));
        Assert.Equal(RecordRules.CopyDiffers, error.Rule);
        target.Sql("DROP TRIGGER lie ON block");
    }

    [Fact]
    public async Task A_target_in_use_is_refused()
    {
        await using var source = new RecorderRig();
        await using var target = new RecorderRig();
        var error = await Assert.ThrowsAsync<RecordException>(() => RecordTransfer.CopyAsync(source.Options, target.Options, CancellationToken.None));
        Assert.Equal(RecordRules.FolderInUse, error.Rule);
    }
}
