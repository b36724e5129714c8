using Ieum.Model;
using Ieum.Record;
using Microsoft.Extensions.Logging.Abstractions;

namespace Ieum.Tests.Record;

/// <summary>Pages of the file itself are scrambled: a torn write, a bad sector, a careless copy.</summary>
public sealed class TornPageTests
{
    private const int Signals = 6, PerSignal = 400, Tries = 20;

    private static async Task<(RecorderRig Rig, Dictionary<SignalNumber, List<Sample>> Samples, byte[] File, int Page)> Filled()
    {
        var rig = new RecorderRig(o => (o.BlockSamples, o.MergedSamples) = (60, 120));
        var random = new Random(7);
        var samples = Enumerable.Range(0, Signals).Select(s => rig.Signal($"s{s}")).ToDictionary(s => s, _ => new List<Sample>());
        foreach (var (signal, list) in samples)
            for (var i = 0; i < PerSignal; i++) list.Add(RecorderRig.Sample(signal, i, SampleValue.Of(random.NextDouble() + i)));
        await rig.Append([.. samples.Values.SelectMany(l => l)]);
        await rig.Recorder.SealAllAsync();
        await rig.Recorder.TendAllAsync();
        // Some stay in the tail.
        foreach (var (signal, list) in samples)
            for (var i = PerSignal; i < PerSignal + 50; i++) list.Add(RecorderRig.Sample(signal, i, SampleValue.Of(random.NextDouble() + i)));
        await rig.Append([.. samples.Values.SelectMany(l => l.Skip(PerSignal))]);
        await rig.Recorder.DisposeAsync();
        var page = (int)rig.Number("PRAGMA page_size");
        rig.Sql("PRAGMA wal_checkpoint(TRUNCATE)");
        return (rig, samples, await File.ReadAllBytesAsync(rig.File, TestContext.Current.CancellationToken), page);
    }

    [Fact]
    public async Task Whatever_page_is_scrambled_the_recorder_opens_tells_it_gives_nothing_wrong_and_goes_on()
    {
        var (rig, samples, whole, page) = await Filled();
        var pages = whole.Length / page;
        Assert.True(pages > 30, $"{pages} pages are too few to try.");
        int most = 0, refused = 0;
        for (var seed = 0; seed < Tries; seed++)
        {
            if (await Try(rig.Options, samples, whole, page, pages, seed) is { } lost) most = Math.Max(most, lost); else refused++;
        }
        // The list of tables takes a few pages; without it nothing can be found, and a backup is asked for.
        Assert.InRange(refused, 0, Tries / 4);
        // A page holds one or two blocks or an inner node of few; never is most of the file gone with it.
        Assert.InRange(most, 1, Signals * (PerSignal + 50) * 2 / 3);
    }

    /// <summary>How many samples are gone; null when the file was refused as a whole.</summary>
    private static async Task<int?> Try(RecordOptions options, Dictionary<SignalNumber, List<Sample>> samples, byte[] whole, int page, int pages, int seed)
    {
        var random = new Random(seed);
        var number = random.Next(1, pages);   // the first page is the list of tables: see below
        var bytes = whole.ToArray();
        var torn = bytes.AsSpan(number * page, page);
        // All of it, or the second half as a write that was cut off leaves it.
        if (random.Next(2) == 0) random.NextBytes(torn); else torn[(page / 2)..].Clear();
        var folder = Path.Combine(options.Folder, "..", "torn" + Guid.NewGuid().ToString("N"));
        Directory.CreateDirectory(folder);
        await File.WriteAllBytesAsync(Path.Combine(folder, "measurements.db"), bytes, TestContext.Current.CancellationToken);
        var own = new RecordOptions { Folder = folder, BlockSamples = options.BlockSamples, MergedSamples = options.MergedSamples, CommitSamples = 1 };
        var lost = 0;
        // Damage that a question meets first is mended by the next start.
        for (var start = 0; ; start++)
        {
            Recorder recorder;
            try
            {
                recorder = Recorder.Open(own, Clocks.Real, NullLogger.Instance);
            }
            catch (RecordException e) when (e.Rule == RecordRules.DamagedBlock && e.Message.Contains("backup", StringComparison.Ordinal))
            {
                return null;
            }
            await using var closing = recorder;
            try
            {
                lost = 0;
                foreach (var (signal, sent) in samples)
                {
                    var found = new List<Sample>();
                    await foreach (var s in recorder.RangeAsync(signal, new(RecorderRig.At(-1), RecorderRig.At(4_000)), TestContext.Current.CancellationToken)) found.Add(s);
                    Assert.True(found.ToHashSet().IsSubsetOf(sent) && found.Count <= sent.Count, $"Seed {seed}, page {number}: signal {signal} has samples that nobody sent.");
                    lost += sent.Count - found.Count;
                }
                Assert.True(lost == 0 || recorder.Now.Damaged > 0, $"Seed {seed}, page {number}: {lost} samples are missing and nothing was told.");
                var fresh = samples.Keys.Select(s => RecorderRig.Sample(s, 5000 + start, SampleValue.Of(1.0))).ToArray();
                Assert.Equal(new(fresh.Length, 0), await recorder.AppendAsync(new(RecorderRig.Source, RecorderRig.Machine, fresh), TestContext.Current.CancellationToken));
                await recorder.SealAllAsync();
                await recorder.TendAllAsync();
                foreach (var sample in fresh) Assert.Equal(sample, recorder.Last(sample.Signal));
                break;
            }
            catch (Exception e) when (start == 0 && (e is RecordException { Rule: RecordRules.DamagedBlock or RecordRules.WriteFailed } || e is Microsoft.Data.Sqlite.SqliteException { SqliteErrorCode: 11 }))
            {
                // Told; the node is started again.
            }
        }
        Directory.Delete(folder, recursive: true);
        return lost;
    }

    [Fact]
    public async Task A_file_whose_beginning_is_gone_is_refused_with_what_to_do_and_left_as_it_is()
    {
        var (rig, _, whole, page) = await Filled();
        whole.AsSpan(0, page).Fill(0xA5);
        await File.WriteAllBytesAsync(rig.File, whole, TestContext.Current.CancellationToken);
        var error = Assert.Throws<RecordException>(() => rig.Open());
        Assert.Equal(RecordRules.DamagedBlock, error.Rule);
        Assert.Contains("backup", error.Message, StringComparison.Ordinal);
        Assert.Equal(whole, await File.ReadAllBytesAsync(rig.File, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Blocks_that_went_with_a_page_are_named_with_signal_and_time_and_the_damaged_file_is_kept()
    {
        var (rig, samples, whole, page) = await Filled();
        // The page with the beginning of a block of the first signal: its index entry still names it.
        var id = rig.Number("SELECT min(id) FROM block WHERE signal = 1");
        var root = (int)rig.Number("SELECT rootpage FROM sqlite_master WHERE name = 'block'");
        Assert.True(id > 0 && root > 0);
        whole.AsSpan((root - 1) * page, page).Fill(0x5A);
        await File.WriteAllBytesAsync(rig.File, whole, TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(rig.File + ".damaged", "met by a question", TestContext.Current.CancellationToken);
        await using (var recorder = rig.Open())
        {
            // With the root all blocks are gone; what is in the tail stands, and each lost block is named.
            Assert.Equal(samples.Values.First()[^1], recorder.Last(samples.Keys.First()));
            Assert.True(recorder.Now.Damaged > 0);
            Assert.EndsWith(".damaged-1", recorder.Rescued!.KeptAs, StringComparison.Ordinal);
            var told = await recorder.DamageAsync(10_000, TestContext.Current.CancellationToken);
            Assert.Equal(samples.Keys.Order(), told.Where(d => d is { Part: DamagePart.Page, Range: not null }).Select(d => d.Signal!.Value).Distinct().Order());
        }
        Assert.True(File.Exists(rig.File + ".damaged-1"));
        Assert.False(File.Exists(rig.File + ".damaged"));
        Assert.Equal(Signals, rig.Number("SELECT count(DISTINCT substr(reason, 1, instr(reason, ','))) FROM damage WHERE place = 'block' AND reason LIKE 'page damaged: signal %'"));
    }
}
