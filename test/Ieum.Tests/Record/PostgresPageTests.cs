using Ieum.Model;
using Ieum.Record;
using Ieum.TestKit;

namespace Ieum.Tests.Record;

/// <summary>Pages of the server's own files are scrambled while it is down; its checksums find that, and the recorder tells it and goes on.</summary>
public sealed class PostgresPageTests
{
    private const int Signals = 4, PerSignal = 3600, Page = 8192;

    [Fact]
    public async Task A_scrambled_page_costs_the_blocks_on_it_only_is_told_and_writing_goes_on()
    {
        using var server = PostgresServer.Own();
        await using var rig = new RecorderRig(o => (o.BlockSamples, o.MergedSamples) = (900, 1800), postgres: true, server: server);
        var random = new Random(11);
        var kept = Enumerable.Range(0, Signals).Select(s => rig.Signal($"s{s}"))
            .ToDictionary(s => s, s => Enumerable.Range(0, PerSignal).Select(i => RecorderRig.Sample(s, i, SampleValue.Of(random.NextDouble()))).ToArray());
        await rig.Append([.. kept.Values.SelectMany(s => s)]);
        await rig.Recorder.SealAllAsync();
        await rig.Recorder.TendAllAsync();
        // Blocks of this size lie beside the table, in pieces on pages of their own (the first pages hold what was merged); the rows that name them fill less than one page.
        await rig.Reopen(() => Scramble(rig, server, rig.Text("SELECT pg_relation_filepath(reltoastrelid) FROM pg_class WHERE oid = 'block'::regclass"), pages => pages - 3, random));

        var lost = 0;
        foreach (var (signal, samples) in kept)
        {
            var found = await rig.Range(signal);
            Assert.Empty(found.Except(samples));
            lost += samples.Length - found.Count;
            Assert.Equal(found.Count, (await rig.Recorder.DownsampleAsync(signal, new(RecorderRig.At(0), RecorderRig.At(PerSignal)), 1.Minutes, CancellationToken.None)).Sum(b => b.Count));
            Assert.Equal(found, await rig.Range(signal));   // asked again, the same
        }
        // A page holds pieces of one block, or of two neighbours of 1,800 samples.
        Assert.Contains(lost, new[] { 1800, 3600 });
        Assert.Equal(lost / 1800, rig.Recorder.Now.Damaged);
        var (some, late) = (kept.Keys.First(), RecorderRig.Sample(kept.Keys.First(), PerSignal + 5, SampleValue.Of(7.0)));
        await rig.Append(late);
        await rig.Recorder.SealAllAsync();
        Assert.Equal(late, (await rig.Range(some))[^1]);

        // The page of the rows themselves: then blocks cannot even be listed, which is an error with a remedy and never silence.
        await rig.Recorder.DisposeAsync();
        Scramble(rig, server, rig.Text("SELECT pg_relation_filepath('block')"), _ => 0, random);
        var error = await Assert.ThrowsAsync<RecordException>(async () =>
        {
            await using var again = rig.Open();
            await foreach (var _ in again.RangeAsync(some, new(RecorderRig.At(0), RecorderRig.At(PerSignal)), CancellationToken.None)) { }
        });
        Assert.Equal(RecordRules.DamagedBlock, error.Rule);
        Assert.Contains("backup", error.Message, StringComparison.Ordinal);
    }

    private static void Scramble(RecorderRig rig, PostgresServer server, string file, Func<int, int> page, Random random)
    {
        rig.Sql("CHECKPOINT");
        server.WhileStopped(data =>
        {
            using var stream = File.OpenWrite(Path.Combine(data, file));
            stream.Position = page((int)(stream.Length / Page)) * Page + Page / 2;   // as a write that was cut off leaves it: the first half is as it should be
            var half = new byte[Page / 2];
            random.NextBytes(half);
            stream.Write(half);
        });
    }
}
