using System.Globalization;
using CsCheck;
using Ieum.Model;
using Ieum.Record;

namespace Ieum.Tests.Record;

public sealed class RecorderTestsOnSqlite() : RecorderTests(postgres: false);

public sealed class RecorderTestsOnPostgres() : RecorderTests(postgres: true);

public abstract class RecorderTests(bool postgres)
{
    private RecorderRig Rig(Action<RecordOptions>? configure = null) => new(configure, postgres);

    [Fact]
    public async Task What_was_acknowledged_is_there_after_a_restart_in_tail_and_in_blocks()
    {
        await using var rig = Rig(o => o.BlockSamples = 60);
        var load = rig.Signal("Xload");
        var samples = Enumerable.Range(0, 1000).Select(i => RecorderRig.Sample(load, i, SampleValue.Of(i / 10.0))).ToArray();
        foreach (var part in samples.Chunk(77)) Assert.Equal(new(part.Length, 0), await rig.Append(part));
        Assert.Equal(samples, await rig.Range(load));
        await rig.Reopen();
        Assert.Equal(samples, await rig.Range(load));
        await rig.Recorder.SealAllAsync();
        Assert.Equal(0, rig.Recorder.Now.Open);
        Assert.Equal(samples, await rig.Range(load));
        await rig.Reopen();
        Assert.Equal(samples, await rig.Range(load));
        Assert.Equal(samples[^1], rig.Recorder.Last(load));
    }

    [Fact]
    public async Task Late_samples_are_merged_by_source_time_and_duplicates_are_kept()
    {
        await using var rig = Rig(o => o.BlockSamples = 60);
        var s = rig.Signal("temperature");
        Sample Make(double t, double v, double delay = 0.1) => RecorderRig.Sample(s, t, SampleValue.Of(v), receivedAfter: delay);
        await rig.Append([.. Enumerable.Range(0, 130).Select(i => Make(i, i))]);
        await rig.Recorder.SealAllAsync();
        // Late: one between two sealed samples, one with the very time of a sealed one, one before all, and a fresh one.
        await rig.Append(Make(10.5, 1000, 500), Make(20, 2000, 500), Make(-5, 3000, 500), Make(130, 130));
        List<double> expected = [3000, .. Enumerable.Range(0, 11).Select(i => (double)i), 1000, .. Enumerable.Range(11, 10).Select(i => (double)i), 2000,
            .. Enumerable.Range(21, 110).Select(i => (double)i)];
        for (var round = 0; round < 3; round++)
        {
            Assert.Equal(expected, (await rig.Range(s)).Select(x => x.Value.Number));
            Assert.Equal([20.0, 2000.0], (await rig.Range(s, 19.5, 20.5)).Select(x => x.Value.Number));
            Assert.Equal(130, rig.Recorder.Last(s)!.Value.Value.Number);   // the late ones did not replace it
            if (round == 0) await rig.Recorder.SealAllAsync(); else await rig.Reopen();
        }
    }

    [Fact]
    public async Task Every_odd_value_comes_back_to_the_bit_from_tail_blocks_merged_blocks_and_after_a_restart()
    {
        await using var rig = Rig(o => (o.BlockSamples, o.MergedSamples) = (60, 4000));
        SampleValue[] odd =
        [
            SampleValue.Of(-0.0), SampleValue.FromBits(ValueKind.Real, 0x7FF8_0000_DEAD_BEEF), SampleValue.FromBits(ValueKind.Real, 0x7FF0_0000_0000_0001),
            SampleValue.FromBits(ValueKind.Real, unchecked((long)0xFFF8_0000_0000_0000)), SampleValue.Of(double.PositiveInfinity), SampleValue.Of(double.NegativeInfinity),
            SampleValue.Of(double.Epsilon), SampleValue.Of(double.MaxValue), SampleValue.Of(0.1 + 0.2), SampleValue.Of(long.MinValue), SampleValue.Of(long.MaxValue),
            SampleValue.Of((1L << 53) + 1), SampleValue.Of(true), SampleValue.Of(false), SampleValue.Of(""), SampleValue.Of("가공 중\0\ud800"), SampleValue.Of("\udc00加工"), SampleValue.None,
        ];
        // By themselves, in runs, and strewn among numbers that a codec would like to scale; with late and equal times; each kind of signal alone too.
        var signals = new[] { "mixed", "tenths", "runs" }.Select(n => rig.Signal(n)).ToArray();
        List<Sample> all = [];
        for (var i = 0; i < 900; i++)
        {
            var time = i % 7 == 3 ? i - 5.5 : i % 11 == 0 ? i - 1 : i;   // some late, some of one time
            all.Add(RecorderRig.Sample(signals[0], time, odd[i * 31 % odd.Length], (Quality)(i % 5), receivedAfter: i % 3));
            all.Add(RecorderRig.Sample(signals[1], time, i % 50 == 7 ? odd[i / 50 % 9] : SampleValue.Of(i / 10.0)));
            all.Add(RecorderRig.Sample(signals[2], time, odd[9 + i / 100]));
        }
        static (long, long, ValueKind, long, string?, Quality) Bits(Sample s) => (s.SourceTicks, s.ReceiveTicks, s.Value.Kind, s.Value.Bits, s.Value.Text, s.Quality);
        var sent = 0;
        async Task SendAsync(int samples)
        {
            foreach (var part in all.Skip(sent).Take(samples).Chunk(211)) await rig.Append(part);
            sent += samples;
        }
        async Task CheckAsync()
        {
            foreach (var signal in signals)
                Assert.Equal(all.Take(sent).Where(s => s.Signal == signal).OrderBy(s => s.SourceTicks).Select(Bits), (await rig.Range(signal)).Select(Bits));
        }
        await SendAsync(1500);
        await CheckAsync();                       // tail
        await rig.Recorder.SealAllAsync();
        await CheckAsync();                       // blocks
        await SendAsync(all.Count - 1500);
        await CheckAsync();                       // late ones in the tail beside blocks
        await rig.Recorder.SealAllAsync();
        await rig.Recorder.TendAllAsync();
        await CheckAsync();                       // merged, packed small
        await rig.Reopen();
        await CheckAsync();
    }

    [Fact]
    public async Task Impossible_times_unknown_signals_and_endless_texts_are_refused_each_with_its_rule()
    {
        await using var rig = Rig();
        var s = rig.Signal("mode", ValueKind.Text);
        var good = RecorderRig.Sample(s, 0, SampleValue.Of("AUTOMATIC"));
        var before1990 = good with { SourceTicks = new DateTimeOffset(1989, 12, 31, 23, 59, 59, TimeSpan.Zero).UtcTicks };
        var aDayAhead = good with { SourceTicks = good.ReceiveTicks + TimeSpan.TicksPerDay };
        var tooFarAhead = good with { SourceTicks = good.ReceiveTicks + TimeSpan.TicksPerDay + 1 };
        var unknown = good with { Signal = new(77) };
        var endless = good with { Value = SampleValue.Of(new string('x', 65_537)) };
        Assert.Equal(new(2, 5), await rig.Append(good, before1990, aDayAhead, tooFarAhead, unknown, endless, before1990));
        Assert.Equal((2, 5), (rig.Recorder.Stored, rig.Recorder.Rejected));
        var log = await rig.Recorder.RejectionsAsync(10, CancellationToken.None);
        Assert.Equal([(RecordRules.TextTooLong, 1), (RecordRules.UnknownSignal, 1), (RecordRules.TimeOutOfRange, 3)],
            log.Select(r => (r.Rule, r.Count)));
        Assert.Contains("1989-12-31T23:59:59", log[2].Example, StringComparison.Ordinal);
        Assert.All(log, r => Assert.Equal(RecorderRig.Source, r.Source));
    }

    [Fact]
    public async Task The_rejection_log_keeps_the_newest_ten_thousand()
    {
        await using var rig = Rig();
        // Each unknown number is a row of its own: 10,050 rows in three writes.
        var sample = RecorderRig.Sample(new(1), 0, SampleValue.Of(1.0));
        for (var part = 0; part < 3; part++)
            await rig.Append([.. Enumerable.Range(0, 3350).Select(i => sample with { Signal = new(100 + part * 3350 + i) })]);
        var log = await rig.Recorder.RejectionsAsync(20_000, CancellationToken.None);
        Assert.Equal(10_000, log.Count);
        Assert.Equal(100 + 10_049, log[0].Signal.Value);
        Assert.Equal(10_050, rig.Recorder.Rejected);
    }

    [Fact]
    public async Task Signal_numbers_are_given_once_and_survive()
    {
        await using var rig = Rig();
        var signal = new Signal(new(RecorderRig.Machine, "온도/1"), Unit.Celsius, ValueKind.Real, SignalRole.Temperature, "주축 온도");
        var numbers = new SignalNumber[64];
        Parallel.For(0, 64, i => numbers[i] = rig.Recorder.Register(i % 2 == 0 ? signal : signal with { Id = new(new("B-L1"), $"s{i / 16}") }));
        Assert.Equal(5, numbers.Distinct().Count());   // one shared, four of the lathe
        await rig.Append(RecorderRig.Sample(numbers[0], 0, SampleValue.Of(21.5)));
        rig.Recorder.Register(signal with { Description = "spindle temperature" });
        await rig.Reopen();
        Assert.Equal("spindle temperature", rig.Recorder.Find(numbers[0])!.Description);
        Assert.Equal(Unit.Celsius, rig.Recorder.Find(numbers[0])!.Unit);
        Assert.Equal(numbers[0], rig.Recorder.Find(signal.Id));
        Assert.Equal(4, rig.Recorder.Of(new("B-L1")).Count);
        Assert.Null(rig.Recorder.Find(new SignalNumber(6)));
        Assert.Equal(new(6), rig.Recorder.Register(signal with { Id = new(new("B-L1"), "new") }));
    }

    [Fact]
    public async Task Gaps_are_found_by_source_and_time()
    {
        await using var rig = Rig();
        var gap = new Gap(RecorderRig.Source, new(RecorderRig.At(10), RecorderRig.At(20)), GapCause.BufferOverrun, 42, "sequence 100 to 142");
        var other = gap with { Source = new("B-L1.shdr"), Lost = null };
        await rig.Recorder.AppendAsync(new(RecorderRig.Source, RecorderRig.Machine, ReadOnlyMemory<Sample>.Empty, [gap, other]), CancellationToken.None);
        await rig.Reopen();
        async Task<IReadOnlyList<Gap>> Find(double from, double to) => await rig.Recorder.GapsAsync(RecorderRig.Source, new(RecorderRig.At(from), RecorderRig.At(to)), CancellationToken.None);
        Assert.Equal([gap], await Find(15, 16));
        Assert.Equal([gap], await Find(0, 11));
        Assert.Empty(await Find(0, 10));
        Assert.Empty(await Find(21, 30));
        Assert.Equal([other], await rig.Recorder.GapsAsync(other.Source, gap.Range, CancellationToken.None));
    }

    [Fact]
    public async Task The_newest_before_an_instant_is_found_in_blocks_late_blocks_and_the_tail()
    {
        await using var rig = Rig(o => o.BlockSamples = 60);
        var s = rig.Signal("x");
        var random = new Random(7);
        List<Sample> all = [];
        for (var part = 0; part < 8; part++)
        {
            var samples = Enumerable.Range(0, 90).Select(_ => RecorderRig.Sample(s, random.Next(0, 1000), SampleValue.Of((double)all.Count), receivedAfter: 2000)).ToArray();
            all.AddRange(samples);
            await rig.Append(samples);
            if (part % 3 == 2) await rig.Recorder.SealAllAsync();
        }
        for (var t = -1; t <= 1001; t += 7)
        {
            var expected = all.Where(x => x.SourceTicks < RecorderRig.At(t).UtcTicks).Select(x => (long?)x.SourceTicks).Max();
            Assert.Equal(expected, (await rig.Recorder.BeforeAsync(s, RecorderRig.At(t), CancellationToken.None))?.SourceTicks);
        }
    }

    [Fact]
    public async Task Downsampling_agrees_with_a_plain_loop_over_the_samples()
    {
        await using var rig = Rig(o => o.BlockSamples = 60);
        var s = rig.Signal("x");
        var random = new Random(11);
        var all = Enumerable.Range(0, 1500).Select(i => RecorderRig.Sample(s, i + (i % 97 == 0 ? -40 : 0),
            random.Next(20) switch { 0 => SampleValue.None, 1 => SampleValue.Of("off"), 2 => SampleValue.Of(double.NaN), 3 => SampleValue.Of(random.NextInt64(-5, 5)), 4 => SampleValue.Of(true), _ => SampleValue.Of(random.Next(-100, 100) / 4.0) },
            (Quality)(random.Next(30) is var q && q < 5 ? q : 0), receivedAfter: 100)).ToArray();
        foreach (var part in all.Chunk(333))
        {
            await rig.Append(part);
            if (part[0] == all[333]) await rig.Recorder.SealAllAsync();
        }
        var range = new TimeRange(RecorderRig.At(100.5), RecorderRig.At(1400));
        var buckets = await rig.Recorder.DownsampleAsync(s, range, 60.Seconds, CancellationToken.None);
        var expected = all.Where(x => range.Contains(x.SourceTime)).GroupBy(x => (x.SourceTicks - range.From.UtcTicks) / 60.Seconds.Ticks).OrderBy(g => g.Key).ToList();
        Assert.Equal(expected.Count, buckets.Count);
        Assert.Equal(22, buckets.Count);   // 1299.5 s in steps of 60 s
        foreach (var (group, bucket) in expected.Zip(buckets))
        {
            var numbers = group.Where(x => x.Quality <= Quality.Uncertain && !double.IsNaN(x.Value.Number)).OrderBy(x => x.SourceTicks).Select(x => x.Value.Number).ToList();
            Assert.Equal((numbers.Count, group.Count() - numbers.Count), (bucket.Count, bucket.BadCount));
            Assert.Equal(numbers.Average(), bucket.Average, 9);
            Assert.Equal((numbers.Min(), numbers.Max(), numbers[^1]), (bucket.Min, bucket.Max, bucket.Last));
        }
        Assert.Equal(range.To, buckets[^1].Range.To);
    }

    [Fact]
    public async Task States_are_weighted_by_time_with_the_state_before_the_range_and_cut_at_its_end()
    {
        await using var rig = Rig();
        var s = rig.Signal("execution", ValueKind.Text);
        await rig.Append(
            RecorderRig.Sample(s, 0, SampleValue.Of("READY")), RecorderRig.Sample(s, 100, SampleValue.Of("ACTIVE")),
            RecorderRig.Sample(s, 150, SampleValue.Of("ACTIVE")),                         // the same word again is no new entry
            RecorderRig.Sample(s, 400, SampleValue.None, Quality.Unavailable),
            RecorderRig.Sample(s, 460, SampleValue.Of("ACTIVE")), RecorderRig.Sample(s, 1000, SampleValue.Of("READY")));
        var states = await rig.Recorder.StateDurationsAsync(s, new(RecorderRig.At(40), RecorderRig.At(700)), CancellationToken.None);
        // READY 40-100, ACTIVE 100-400 and 460-700, unavailable 400-460.
        Assert.Equal([new("ACTIVE", 540.Seconds, 2), new("READY", 60.Seconds, 0), new(RecordWords.Unavailable, 60.Seconds, 1)], states);
        Assert.Empty(await rig.Recorder.StateDurationsAsync(s, new(RecorderRig.At(-100), RecorderRig.At(-1)), CancellationToken.None));
    }

    [Fact]
    public async Task A_signal_registered_in_the_instant_of_closing_is_known_after_it()
    {
        await using var rig = Rig();
        for (var round = 0; round < 20; round++)
        {
            // The first wakes the writer; many arrive while it writes, and then it is told to end.
            string[] names = [.. Enumerable.Range(0, 500).Select(i => string.Create(CultureInfo.InvariantCulture, $"r{round}.{i}"))];
            var numbers = names.Select(n => rig.Signal(n)).ToList();
            await rig.Reopen();
            Assert.Equal(numbers, names.Select(n => rig.Recorder.Find(new SignalId(RecorderRig.Machine, n)) ?? default));
        }
    }

    [Fact]
    public async Task Any_order_of_appending_sealing_and_restarting_keeps_each_sample_once()
    {
        var step = Gen.Frequency((6, Gen.Int[1, 150]), (2, Gen.Const(0)), (1, Gen.Const(-1)));
        await Gen.Select(step.Array[1, 12], Gen.Int[0, 1000]).SampleAsync(async (steps, seed) =>
        {
            await using var rig = Rig(o => { o.BlockSamples = 60; o.TailRows = 16; });
            SignalNumber[] signals = [rig.Signal("a"), rig.Signal("b"), rig.Signal("c")];
            var random = new Random(seed);
            List<Sample> all = [];
            foreach (var n in steps)
            {
                if (n == 0) await rig.Recorder.SealAllAsync();
                else if (n < 0) await rig.Reopen();
                else
                {
                    // The value is the sample's own number, so a lost or doubled one shows.
                    var samples = Enumerable.Range(all.Count, n).Select(i => RecorderRig.Sample(signals[random.Next(3)], i + random.Next(-200, 1), SampleValue.Of((long)i), receivedAfter: 300)).ToArray();
                    all.AddRange(samples);
                    await rig.Append(samples);
                }
            }
            foreach (var signal in signals)
            {
                var found = await rig.Range(signal);
                Assert.Equal(all.Where(x => x.Signal == signal).Select(x => x.Value.Integer).Order(), found.Select(x => x.Value.Integer).Order());
                Assert.Equal(found.Select(x => x.SourceTicks).Order(), found.Select(x => x.SourceTicks));
                Assert.Equal(found.Count == 0 ? null : found[^1].SourceTicks, rig.Recorder.Last(signal)?.SourceTicks);
            }
        }, iter: 25, threads: 1);
    }
}
