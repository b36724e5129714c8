using System.Text;
using CsCheck;
using Ieum.Model;
using Ieum.Record;
using Microsoft.Extensions.Time.Testing;

namespace Ieum.Tests.Record;

public sealed class UpkeepTestsOnSqlite() : UpkeepTests(postgres: false);

public sealed class UpkeepTestsOnPostgres() : UpkeepTests(postgres: true);

/// <summary>Sums, merged blocks, keeping and deleting: whatever upkeep did, the answers are those of a plain loop over the samples.</summary>
public abstract class UpkeepTests(bool postgres)
{
    private static readonly string[] Words = ["ACTIVE", "READY", "STOPPED", "대기", "段取り"];

    private RecorderRig Rig(Action<RecordOptions>? configure = null, Clocks? clocks = null, bool database = false) =>
        new(o => { (o.BlockSamples, o.MergedSamples) = (60, 300); configure?.Invoke(o); }, postgres, clocks, database);

    private static SampleValue Value(Random random, int kind) => kind switch
    {
        0 => random.Next(40) == 0 ? SampleValue.Of(double.NaN) : SampleValue.Of(random.Next(-100, 100) / 4.0),
        1 => random.Next(30) == 0 ? SampleValue.None : SampleValue.Of(Words[random.Next(Words.Length)]),
        _ => random.Next(2) == 0 ? SampleValue.Of(random.Next(3) == 0) : SampleValue.Of((long)random.Next(4)),
    };

    private static async Task Agrees(RecorderRig rig, SignalNumber signal, List<Sample> all, double fromHour, double toHour, double stepHours, bool states = true)
    {
        var range = new TimeRange(RecorderRig.At(fromHour * 3600), RecorderRig.At(toHour * 3600));
        var step = TimeSpan.FromHours(stepHours);
        var own = all.Where(x => x.Signal == signal).Select((x, i) => (Sample: x, Order: i)).OrderBy(x => x.Sample.SourceTicks).ThenBy(x => x.Order).Select(x => x.Sample).ToList();
        var expected = own.Where(x => range.Contains(x.SourceTime)).GroupBy(x => (x.SourceTicks - range.From.UtcTicks) / step.Ticks).OrderBy(g => g.Key).ToList();
        var buckets = await rig.Recorder.DownsampleAsync(signal, range, step, CancellationToken.None);
        Assert.Equal(expected.Select(g => range.From + g.Key * step), buckets.Select(b => b.Range.From));
        foreach (var (group, bucket) in expected.Zip(buckets))
        {
            var numbers = group.Where(x => x.Quality <= Quality.Uncertain && !double.IsNaN(x.Value.Number)).Select(x => x.Value.Number).ToList();
            Assert.Equal((numbers.Count, group.Count() - numbers.Count), (bucket.Count, bucket.BadCount));
            if (numbers.Count == 0) continue;
            Assert.Equal(numbers.Average(), bucket.Average, 9);
            Assert.Equal((numbers.Min(), numbers.Max(), numbers[^1]), (bucket.Min, bucket.Max, bucket.Last));
        }
        if (!states) return;
        var durations = (await rig.Recorder.StateDurationsAsync(signal, range, CancellationToken.None)).OrderBy(s => s.State, StringComparer.Ordinal);
        Assert.Equal(string.Join('\n', StatesByHand(own, range)), string.Join('\n', durations));
    }

    private static IEnumerable<StateDuration> StatesByHand(List<Sample> sorted, TimeRange range)
    {
        Dictionary<string, (long Ticks, int Entries)> held = [];
        string? word = null;
        var since = range.From.UtcTicks;
        foreach (var x in sorted.Where(x => x.SourceTicks < range.To.UtcTicks))
        {
            var next = x.Quality <= Quality.Uncertain && x.Value.Kind != ValueKind.None ? x.Value.ToString() : RecordWords.Unavailable;
            if (next == word) continue;
            if (x.SourceTicks >= range.From.UtcTicks)
            {
                if (word is not null) Add(word, x.SourceTicks - since, 0);
                Add(next, 0, 1);
                since = x.SourceTicks;
            }
            word = next;
        }
        if (word is not null) Add(word, range.To.UtcTicks - since, 0);
        return held.Where(h => h.Value.Ticks > 0 || h.Value.Entries > 0).OrderBy(h => h.Key, StringComparer.Ordinal).Select(h => new StateDuration(h.Key, new(h.Value.Ticks), h.Value.Entries));

        void Add(string w, long ticks, int entries) => held[w] = (held.GetValueOrDefault(w).Ticks + ticks, held.GetValueOrDefault(w).Entries + entries);
    }

    [Fact]
    public async Task Sums_and_states_agree_with_the_samples_whatever_comes_late_or_is_deleted()
    {
        // Steps: append at the end, append late, seal, tend, restart, delete a part.
        await Gen.Select(Gen.Int[0, 5].Array[4, 14], Gen.Int[0, 100_000]).SampleAsync(async (steps, seed) =>
        {
            await using var rig = Rig();
            SignalNumber[] signals = [rig.Signal("real"), rig.Signal("text", ValueKind.Text), rig.Signal("mixed", ValueKind.Integer)];
            var random = new Random(seed);
            List<Sample> all = [];
            double now = 0;
            foreach (var step in (int[])[0, 3, .. steps])
            {
                switch (step)
                {
                    case 0 or 1 or 4 when step != 4 || all.Count == 0:
                        var count = random.Next(50, 400);
                        var late = step == 1;
                        var samples = Enumerable.Range(0, count).Select(_ =>
                        {
                            var at = late ? Math.Floor(random.NextDouble() * now) : now += random.Next(1, 240);
                            var kind = random.Next(3);
                            return RecorderRig.Sample(signals[kind], at, Value(random, kind), random.Next(25) == 0 ? Quality.Bad : Quality.Good, receivedAfter: 1e6);
                        }).ToArray();
                        all.AddRange(samples);
                        await rig.Append(samples);
                        break;
                    case 2: await rig.Recorder.SealAllAsync(); break;
                    case 3: await rig.Recorder.TendAllAsync(); break;
                    case 4: await rig.Reopen(); break;
                    default:
                        var from = Math.Floor(random.NextDouble() * now);
                        var range = new TimeRange(RecorderRig.At(from), RecorderRig.At(from + random.Next(1, 20_000)));
                        var of = signals[random.Next(3)];
                        var gone = await rig.Recorder.DeleteAsync(of, range, "a partner asked", CancellationToken.None);
                        Assert.Equal(all.RemoveAll(x => x.Signal == of && range.Contains(x.SourceTime)), gone.Samples);
                        break;
                }
                foreach (var signal in signals)
                {
                    var hours = now / 3600;
                    await Agrees(rig, signal, all, 0, Math.Ceiling(hours), 1);
                    await Agrees(rig, signal, all, -24, Math.Max(48, Math.Ceiling(hours / 24) * 24 + 24), 24);
                    await Agrees(rig, signal, all, 0.4, Math.Max(0.5, hours - 0.3), 2);
                    Assert.Equal(all.Where(x => x.Signal == signal).Select(x => x.SourceTicks).Order(), (await rig.Range(signal)).Select(x => x.SourceTicks));
                }
            }
        }, iter: postgres ? 6 : 16, threads: 1);
    }

    [Fact]
    public async Task After_a_restart_upkeep_finds_the_one_signal_among_hundreds_that_has_something_to_do()
    {
        await using var rig = Rig();
        var signals = Enumerable.Range(0, 300).Select(i => rig.Signal($"s{i}")).ToArray();
        await rig.Append([.. signals.Select(s => RecorderRig.Sample(s, 10, SampleValue.Of(1.0))), .. signals.Select(s => RecorderRig.Sample(s, 20, SampleValue.Of(2.0)))]);
        await rig.Recorder.SealAllAsync();
        await rig.Recorder.TendAllAsync();
        // A sample between the two: a block of its own, which overlaps the first.
        await rig.Append(RecorderRig.Sample(signals[^1], 15, SampleValue.Of(1.5), receivedAfter: 100));
        await rig.Recorder.SealAllAsync();
        await rig.Reopen();
        await rig.Recorder.TendAllAsync();
        Assert.Equal(300, rig.Number("SELECT count(*) FROM block"));
        Assert.Equal([1, 1.5, 2], (await rig.Range(signals[^1])).Select(x => x.Value.Number));
    }

    [Fact]
    public async Task Small_and_overlapping_blocks_become_large_ones_and_the_order_of_arrival_stays()
    {
        await using var rig = Rig();
        var s = rig.Signal("x");
        List<Sample> all = [];
        var random = new Random(20);
        for (var part = 0; part < 20; part++)
        {
            // Few different times, so that many samples share one; a fifth of them late.
            var samples = Enumerable.Range(0, 100).Select(i => RecorderRig.Sample(s, random.Next(5) == 0 ? random.Next(part * 20 + 1) : part * 20 + i / 5,
                SampleValue.Of((long)(all.Count + i)), receivedAfter: 1e4)).ToArray();
            all.AddRange(samples);
            await rig.Append(samples);
            if (part % 2 == 1) await rig.Recorder.SealAllAsync();
        }
        var expected = all.OrderBy(x => x.SourceTicks).Select(x => x.Value.Integer).ToList();   // stable: equal times in order of arrival
        Assert.Equal(expected, (await rig.Range(s)).Select(x => x.Value.Integer));
        var before = rig.Number("SELECT count(*) FROM block");
        await rig.Recorder.TendAllAsync();
        var after = rig.Number("SELECT count(*) FROM block");
        Assert.True(after * 3 < before, $"{before} blocks became {after}");
        Assert.Equal(expected, (await rig.Range(s)).Select(x => x.Value.Integer));
        Assert.Equal(0, rig.Number("""SELECT count(*) FROM block a JOIN block b ON a.signal = b.signal AND a.id <> b.id AND a."start" < b."end" AND b."start" < a."end" AND a."start" < b."start" """));
        await rig.Reopen();
        Assert.Equal(expected, (await rig.Range(s)).Select(x => x.Value.Integer));
        Assert.Equal(expected[^1], rig.Recorder.Last(s)!.Value.Value.Integer);
        await rig.Append(RecorderRig.Sample(s, 7, SampleValue.Of(-7L), receivedAfter: 1e4));
        await rig.Recorder.SealAllAsync();
        await rig.Recorder.TendAllAsync();
        expected.Insert(all.Count(x => x.SourceTicks <= RecorderRig.At(7).UtcTicks), -7);
        Assert.Equal(expected, (await rig.Range(s)).Select(x => x.Value.Integer));
    }

    [Fact]
    public async Task A_reader_sees_each_sample_once_while_blocks_are_merged_under_it()
    {
        await using var rig = Rig();
        var s = rig.Signal("x");
        for (var part = 0; part < 10; part++)
        {
            await rig.Append([.. Enumerable.Range(part * 120, 120).Select(i => RecorderRig.Sample(s, i, SampleValue.Of((long)i)))]);
            await rig.Recorder.SealAllAsync();
        }
        List<long> seen = [];
        await foreach (var x in rig.Recorder.RangeAsync(s, new(RecorderRig.At(0), RecorderRig.At(1e6)), CancellationToken.None))
        {
            seen.Add(x.Value.Integer);
            if (seen.Count == 100) await rig.Recorder.TendAllAsync();   // the reader stands within a block that goes
        }
        Assert.Equal(Enumerable.Range(0, 1200).Select(i => (long)i), seen);
        Assert.True(rig.Number("SELECT count(*) FROM block") <= 5);
    }

    [Fact]
    public async Task Samples_older_than_they_are_kept_go_and_their_sums_by_second_minute_hour_and_day_stay_exact()
    {
        var factory = new FakeTimeProvider(RecorderRig.At(4 * 3600));
        await using var rig = Rig(o => o.KeepSamples = 24.Hours, new(factory, TimeProvider.System));
        SignalNumber[] signals = [rig.Signal("real"), rig.Signal("text", ValueKind.Text)];
        var random = new Random(4);
        List<Sample> all = [];
        for (var i = 0; i < 4000; i++)
        {
            var kind = random.Next(2);
            all.Add(RecorderRig.Sample(signals[kind], i * 3 + random.Next(3), Value(random, kind), receivedAfter: 1e6));   // 3 h 20 min
        }
        await rig.Append([.. all]);
        await rig.Recorder.SealAllAsync();   // whole blocks go: none that reaches into the days that are kept
        var newest = all.Select(x => x with { SourceTicks = x.SourceTicks + 2 * TimeSpan.TicksPerDay }).Take(300).ToArray();
        factory.SetUtcNow(RecorderRig.At(2 * 86_400 + 3600));
        await rig.Append(newest);
        all.AddRange(newest);
        await rig.Recorder.SealAllAsync();
        await rig.Recorder.TendAllAsync();
        await rig.Reopen();
        foreach (var signal in signals)
        {
            Assert.Equal(newest.Where(x => x.Signal == signal), await rig.Range(signal));   // the samples themselves are gone
            var states = signal == signals[1];   // of readings no states are kept
            await Agrees(rig, signal, all, 0, 4, 1, states);
            await Agrees(rig, signal, all, 0, 49, 24, states: false);
            await Agrees(rig, signal, all, 1, 3, 1 / 60.0, states);
            await Agrees(rig, signal, all, 1, 1.5, 1 / 3600.0, states: false);
        }
        Assert.Equal(new(0, 1), await rig.Append(RecorderRig.Sample(signals[0], 100, SampleValue.Of(1.0), receivedAfter: 1e6)));
        Assert.Equal(RecordRules.OlderThanKept, (await rig.Recorder.RejectionsAsync(1, CancellationToken.None))[0].Rule);
    }

    [Fact]
    public async Task What_was_deleted_is_in_no_byte_of_the_files()
    {
        await using var rig = Rig(o => o.KeepSamples = 30.Days, database: true);
        var s = rig.Signal("recipe", ValueKind.Text);
        var other = rig.Signal("other", ValueKind.Text);
        const string Secret = "SECRET-RECIPE-7", Open = "SECRET-OPEN-8", Kept = "KEPT-RECIPE-9";
        // In merged blocks and sums, in small blocks, in the tail, as last value, in a refusal, in a row that was once damaged.
        await rig.Append([.. Enumerable.Range(0, 2000).Select(i => RecorderRig.Sample(i % 2 == 0 ? s : other, i * 10, SampleValue.Of((i % 2 == 0 ? Secret : Kept) + i % 40)))]);
        await rig.Recorder.SealAllAsync();
        await rig.Recorder.TendAllAsync();
        await rig.Append([.. Enumerable.Range(2000, 200).Select(i => RecorderRig.Sample(s, i * 10, SampleValue.Of(Secret)))]);
        await rig.Recorder.SealAllAsync();
        await rig.Append(RecorderRig.Sample(s, 30_000, SampleValue.Of(Open)), RecorderRig.Sample(other, 30_000, SampleValue.Of(Kept)));
        await rig.Append(RecorderRig.Sample(s, 30_000, SampleValue.Of(Secret)) with { SourceTicks = 5 });   // refused: a time of the year 1
        Assert.NotEqual((0, 0), (Count(rig, Secret), Count(rig, Open)));
        var gone = await rig.Recorder.DeleteAsync(s, new(RecorderRig.At(-10), RecorderRig.At(1e6)), "agreement 17 ended", CancellationToken.None);
        Assert.Equal(1201, gone.Samples);
        Assert.Equal((0, 0), (Count(rig, Secret), Count(rig, Open)));
        Assert.True(Count(rig, Kept) > 0);
        Assert.Empty(await rig.Range(s));
        Assert.Null(rig.Recorder.Last(s));
        Assert.Equal(1001, (await rig.Range(other)).Count);
        Assert.Equal([gone], await rig.Recorder.DeletionsAsync(10, CancellationToken.None));
        await rig.Reopen();
        Assert.Empty(await rig.Range(s));
        Assert.Null(rig.Recorder.Last(s));
        Assert.Equal(SampleValue.Of(Kept), rig.Recorder.Last(other)!.Value.Value);
        await rig.Recorder.TendAllAsync();
        Assert.Equal((0, 0), (Count(rig, Secret), Count(rig, Open)));
    }

    [Fact]
    public async Task A_deletion_that_a_question_held_up_is_done_when_it_ends_though_nothing_else_happens()
    {
        var clock = new RestingClock();
        await using var rig = Rig(clocks: new(clock, clock), database: true);
        var s = rig.Signal("recipe", ValueKind.Text);
        await rig.Append([.. Enumerable.Range(0, 200).Select(i => RecorderRig.Sample(s, i, SampleValue.Of("x")))]);
        await rig.Recorder.SealAllAsync();
        Task<Deletion> deletion;
        using (rig.Question())
        {
            deletion = rig.Recorder.DeleteAsync(s, new(RecorderRig.At(0), RecorderRig.At(1e6)), "a partner asked", CancellationToken.None);
            await clock.Resting.WaitAsync(TimeSpan.FromMinutes(3), TestContext.Current.CancellationToken);
            Assert.False(deletion.IsCompleted);
        }
        // Tests beside this one may hold it up as well on the same server: each pause lets it try once more.
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(3), TimeProvider.System);
        while (!deletion.IsCompleted)
        {
            clock.Advance(TimeSpan.FromMilliseconds(200));
            await Task.WhenAny(deletion, Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, limit.Token));
            limit.Token.ThrowIfCancellationRequested();
        }
        Assert.Equal(200, (await deletion).Samples);
    }

    /// <summary>A clock moved by hand that tells when somebody rests for a moment: the writer does so between two tries to clear old bytes.</summary>
    private sealed class RestingClock() : FakeTimeProvider(RecorderRig.Start)
    {
        private readonly TaskCompletionSource _resting = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Resting => _resting.Task;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var timer = base.CreateTimer(callback, state, dueTime, period);
            if (dueTime > TimeSpan.Zero && dueTime <= TimeSpan.FromMilliseconds(200)) _resting.TrySetResult();
            return timer;
        }
    }

    [Fact]
    public async Task Damaged_sums_are_made_anew_from_the_samples()
    {
        await using var rig = Rig();
        var s = rig.Signal("x");
        List<Sample> all = [.. Enumerable.Range(0, 3000).Select(i => RecorderRig.Sample(s, i * 60, SampleValue.Of((double)(i % 17))))];   // 50 hours
        await rig.Append([.. all]);
        await rig.Recorder.TendAllAsync();
        await rig.Reopen(() => rig.Sql("UPDATE rollup SET bytes = (SELECT bytes FROM rollup r WHERE r.tier = 3) WHERE tier = 2"));
        await Agrees(rig, s, all, 0, 50, 1);
        // A late sample makes the day's row be written anew: the hours that could not be read must not be lost with it.
        all.Add(RecorderRig.Sample(s, 7230, SampleValue.Of(1000.0), receivedAfter: 1e6));
        await rig.Append(all[^1]);
        await rig.Recorder.TendAllAsync();
        await Agrees(rig, s, all, 0, 50, 1);
    }

    private long Count(RecorderRig rig, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        if (!postgres) return new[] { "measurements.db", "measurements.db-wal" }.Select(f => Path.Combine(rig.Options.Folder, f)).Where(File.Exists).Sum(f => Count(ReadShared(f), bytes));
        rig.Sql("CHECKPOINT");
        // The files of the tables with their overflow tables; the server's log of writes is its administrator's to recycle.
        return rig.Number($"""
            SELECT coalesce(sum(length(f) - length(replace(f, '{text}', ''))), 0) FROM (
              SELECT encode(pg_read_binary_file(pg_relation_filepath(c.oid)), 'escape') f FROM pg_class c
              WHERE c.relkind IN ('r', 't') AND c.relname NOT LIKE 'pg_%' OR c.oid IN (SELECT reltoastrelid FROM pg_class t WHERE t.relname IN ('tail', 'block', 'rollup', 'damage', 'rejection'))) files
            """);
    }

    private static long Count(byte[] bytes, byte[] text)
    {
        var count = 0L;
        for (var at = bytes.AsSpan(); at.IndexOf(text) is >= 0 and var i; at = at[(i + text.Length)..]) count++;
        return count;
    }

    private static byte[] ReadShared(string file)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }
}
