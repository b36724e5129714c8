using Ieum.Model;
using Ieum.Record;

namespace Ieum.Tests.Record;

public sealed class DamageTestsOnSqlite() : DamageTests(postgres: false);

public sealed class DamageTestsOnPostgres() : DamageTests(postgres: true);

public abstract class DamageTests(bool postgres)
{
    private RecorderRig Rig(Action<RecordOptions>? configure = null) => new(configure, postgres);

    private async Task<(RecorderRig Rig, SignalNumber A, SignalNumber B, Sample[] Samples)> Filled()
    {
        var rig = Rig(o => o.BlockSamples = 60);
        var (a, b) = (rig.Signal("a"), rig.Signal("b"));
        var random = new Random(3);
        var samples = Enumerable.Range(0, 360).Select(i => RecorderRig.Sample(i % 2 == 0 ? a : b, i, SampleValue.Of(random.NextDouble() + 1))).ToArray();
        await rig.Append(samples);
        return (rig, a, b, samples);
    }

    [Fact]
    public async Task A_damaged_block_is_told_and_left_out_and_all_others_stay_readable()
    {
        var (rig, a, b, samples) = await Filled();
        await using var _ = rig;
        await rig.Recorder.SealAllAsync();
        await rig.Reopen(() => rig.Damage("block", $"signal = {a.Value} AND \"start\" = (SELECT min(\"start\") FROM block WHERE signal = {a.Value})"));
        // 180 samples of a in three blocks of 60: the first is gone.
        Assert.Equal(samples.Where(s => s.Signal == a).Skip(60), await rig.Range(a));
        Assert.Equal(samples.Where(s => s.Signal == b), await rig.Range(b));
        Assert.Equal(1, rig.Recorder.Now.Damaged);
        Assert.Equal(120, (await rig.Recorder.DownsampleAsync(a, new(RecorderRig.At(0), RecorderRig.At(360)), 60.Seconds, CancellationToken.None)).Sum(x => x.Count));
        Assert.Equal(1, rig.Recorder.Now.Damaged);   // told once, not with every question
        var told = Assert.Single(await rig.Recorder.DamageAsync(100, CancellationToken.None));
        Assert.Equal((DamagePart.Block, a, RecorderRig.At(0), RecorderRig.At(118)), (told.Part, told.Signal, told.Range!.Value.From, told.Range.Value.To.AddTicks(-1)));
        Assert.NotNull(told.Found);
        Assert.Null(await rig.Recorder.BeforeAsync(a, RecorderRig.At(50), CancellationToken.None));
        Assert.Equal(samples[^2], await rig.Recorder.BeforeAsync(a, RecorderRig.At(359), CancellationToken.None));
        Assert.Equal(new(1, 0), await rig.Append(RecorderRig.Sample(a, 400, SampleValue.Of(1.0))));
    }

    [Fact]
    public async Task A_damaged_newest_block_does_not_keep_the_recorder_from_opening()
    {
        var (rig, a, _, samples) = await Filled();
        await using var closing = rig;
        await rig.Recorder.SealAllAsync();
        await rig.Reopen(() => rig.Damage("block", "count > 0"));
        Assert.Equal(2, rig.Recorder.Now.Damaged);   // the newest of each signal was looked at
        Assert.Null(rig.Recorder.Last(a));
        Assert.Empty(await rig.Range(a));
        Assert.Equal(360, samples.Length);
    }

    [Fact]
    public async Task A_damaged_tail_row_is_moved_aside_with_its_bytes_and_the_others_are_read()
    {
        var (rig, a, b, samples) = await Filled();
        await using var _ = rig;
        var later = RecorderRig.Sample(a, 1000, SampleValue.Of(5.0));
        await rig.Append(later);
        await rig.Reopen(() => rig.Damage("tail", "id = 1"));
        Assert.Equal([later], await rig.Range(a));
        Assert.Empty(await rig.Range(b));
        Assert.Equal(1, rig.Recorder.Now.Damaged);
        var told = Assert.Single(await rig.Recorder.DamageAsync(100, CancellationToken.None));
        Assert.Equal((DamagePart.OpenSamples, (SignalNumber?)null, 1L), (told.Part, told.Signal, told.Row));
        Assert.True(told.Bytes > 100 && told.Found is not null, told.ToString());
        await rig.Recorder.SealAllAsync();
        await rig.Recorder.DisposeAsync();
        Assert.Equal(1L, rig.Number("SELECT count(*) FROM damage WHERE place = 'tail' AND \"row\" = 1 AND length(bytes) > 100 AND reason LIKE 'checksum%'"));
        Assert.Equal(360, samples.Length);
    }

    [Fact]
    public async Task A_full_disk_is_told_nothing_is_acknowledged_and_the_batch_can_be_repeated()
    {
        await using var rig = Rig();
        var s = rig.Signal("noise");
        var random = new Random(5);
        Sample[] Batch(int from) => [.. Enumerable.Range(from, 2000).Select(i => RecorderRig.Sample(s, i, SampleValue.Of(random.NextDouble())))];
        var first = Batch(0);
        await rig.Append(first);
        rig.FillDisk();
        var second = Batch(2000);
        var error = await Assert.ThrowsAsync<RecordException>(() => rig.Append(second));
        Assert.Equal(RecordRules.DiskFull, error.Rule);
        Assert.Contains(rig.Place, error.Message, StringComparison.Ordinal);
        Assert.Equal(first, await rig.Range(s));
        Assert.Equal(2000, rig.Recorder.Stored);
        Assert.Equal(first[^1], rig.Recorder.Last(s));
        rig.FreeDisk();
        Assert.Equal(new(2000, 0), await rig.Append(second));
        await rig.Reopen();
        Assert.Equal([.. first, .. second], await rig.Range(s));
    }

    [Fact]
    public async Task A_second_recorder_on_the_same_folder_is_refused()
    {
        await using var rig = Rig();
        var error = Assert.Throws<RecordException>(() => Ieum.Record.Recorder.Open(rig.Options, Clocks.Real, Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance));
        Assert.Equal(RecordRules.FolderInUse, error.Rule);
    }

    [Fact]
    public async Task Measurements_of_a_newer_program_are_not_touched()
    {
        await using var rig = Rig();
        await rig.Recorder.DisposeAsync();
        rig.Sql("UPDATE meta SET value = '99' WHERE key = 'schema'");
        var error = Assert.Throws<RecordException>(() => Ieum.Record.Recorder.Open(rig.Options, Clocks.Real, Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance));
        Assert.Equal(RecordRules.SchemaTooNew, error.Rule);
    }
}
