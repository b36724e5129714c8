using System.Diagnostics;
using Ieum.Model;
using Ieum.Record;
using Microsoft.Extensions.Logging.Abstractions;

namespace Ieum.Bench.Record;

/// <summary>
/// The recorder end to end, with everything it promises: durable before acknowledged, sealing, late data possible.
/// Budgets: bulk ≥ 1 M points/s, 1,000-point commits ≥ 50 k points/s (what two protocols deliver on one core), ≤ 2 bytes a point, every query &lt; 1 s.
/// </summary>
internal static class RecordBench
{
    private const int Chunk = 65_536, LivePoints = 1000, InFlight = 3;
    private static readonly SourceId Source = new("bench");
    private static readonly MachineId Machine = new("bench");

    /// <summary>Writes and asks on a fresh folder below <paramref name="dataDir"/>, which is removed afterwards.</summary>
    /// <param name="scale">Part of the 23.4 million points, above 0 to 1.</param>
    /// <returns>Figures by name: rates in points a second, times in milliseconds, sizes in bytes.</returns>
    public static async Task<Dictionary<string, double>> RunAsync(string dataDir, double scale)
    {
        var folder = Path.Combine(dataDir, "record-bench");
        if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
        var options = new RecordOptions { Folder = folder };
        Dictionary<string, double> figures = [];
        SignalNumber[] numbers;
        await using (var recorder = Recorder.Open(options, Clocks.Real, NullLogger.Instance))
        {
            numbers = [.. Enumerable.Range(0, GeneratorG1.Signals).Select(i => recorder.Register(GeneratorG1.Signal(i)))];
            await Bulk(recorder, numbers, scale, figures).ConfigureAwait(false);
        }
        figures["bytesPerPoint"] = new FileInfo(Path.Combine(folder, "measurements.db")).Length / figures["points"];
        var opening = Stopwatch.StartNew();
        await using (var recorder = Recorder.Open(options, Clocks.Real, NullLogger.Instance))
        {
            figures["reopenMs"] = opening.Elapsed.TotalMilliseconds;
            await Ask(recorder, numbers, figures).ConfigureAwait(false);
            await Live(recorder, numbers, scale, figures).ConfigureAwait(false);
        }
        opening.Restart();
        await using (var recorder = Recorder.Open(options, Clocks.Real, NullLogger.Instance))
        {
            figures["reopenWithTailMs"] = opening.Elapsed.TotalMilliseconds;
            figures["reopenTailSamples"] = recorder.Now.Open;
        }
        Directory.Delete(folder, recursive: true);
        return figures;
    }

    private static async Task Bulk(Recorder recorder, SignalNumber[] numbers, double scale, Dictionary<string, double> figures)
    {
        var generator = new GeneratorG1(seed: 20261123, scale);
        // Made before the clock starts, and kept as plain numbers: a billion bytes of samples with texts would keep the collector busy, which no source does.
        var chunks = generator.Chunks(numbers, Chunk).Select(c => new KeptChunk(c)).ToList();
        var clock = Stopwatch.StartNew();
        Queue<(Task<StoreReceipt> Stored, Sample[] Samples)> waiting = [];
        Stack<Sample[]> free = new(Enumerable.Range(0, InFlight).Select(_ => new Sample[Chunk]));
        foreach (var chunk in chunks)
        {
            if (waiting.Count == InFlight)
            {
                var (stored, samples) = waiting.Dequeue();
                await stored.ConfigureAwait(false);
                free.Push(samples);
            }
            var batch = free.Pop();
            waiting.Enqueue((recorder.AppendAsync(new(Source, Machine, chunk.Fill(batch)), CancellationToken.None), batch));
        }
        foreach (var (stored, _) in waiting) await stored.ConfigureAwait(false);
        var durable = clock.Elapsed.TotalSeconds;
        await recorder.SealAllAsync().ConfigureAwait(false);
        var done = clock.Elapsed.TotalSeconds;
        clock.Restart();
        await recorder.TendAllAsync().ConfigureAwait(false);
        figures["upkeepSeconds"] = clock.Elapsed.TotalSeconds;
        recorder.Loop.Shrink();
        if (recorder.Stored != generator.Points) throw new InvalidOperationException($"{generator.Points} points sent, {recorder.Stored} stored.");
        figures["points"] = generator.Points;
        figures["bulkPointsPerSecond"] = generator.Points / done;
        figures["bulkDurablePointsPerSecond"] = generator.Points / durable;
        figures["fileHighWaterBytes"] = recorder.Now.FileBytes;
    }

    private static async Task Live(Recorder recorder, SignalNumber[] numbers, double scale, Dictionary<string, double> figures)
    {
        var commits = (int)Math.Max(200, 3000 * scale);
        var times = new double[commits];
        var start = GeneratorG1.End.UtcTicks;
        var total = Stopwatch.StartNew();
        for (var c = 0; c < commits; c++)
        {
            var samples = new Sample[LivePoints];
            for (var i = 0; i < LivePoints; i++)
            {
                var ticks = start + c * TimeSpan.TicksPerSecond + i * 7919 % 50_000;
                samples[i] = new(numbers[i], ticks, ticks + 200_000, SampleValue.Of((c * 31 + i) % 1000 / 10.0), Quality.Good);
            }
            var clock = Stopwatch.GetTimestamp();
            await recorder.AppendAsync(new(Source, Machine, samples), CancellationToken.None).ConfigureAwait(false);
            times[c] = Stopwatch.GetElapsedTime(clock).TotalMilliseconds;
        }
        figures["livePointsPerSecond"] = commits * (double)LivePoints / total.Elapsed.TotalSeconds;
        Array.Sort(times);
        figures["liveP50Ms"] = times[commits / 2];
        figures["liveP99Ms"] = times[commits * 99 / 100];
        figures["liveMaxMs"] = times[^1];
    }

    /// <summary>The five questions; each the median of three.</summary>
    public static async Task Ask(Recorder recorder, SignalNumber[] numbers, Dictionary<string, double> figures)
    {
        var day = new TimeRange(GeneratorG1.End - 1.Days, GeneratorG1.End);
        var month = new TimeRange(GeneratorG1.End - 30.Days, GeneratorG1.End);
        figures["q1Ms"] = await Median(() => Task.FromResult((long)numbers.Count(n => recorder.Last(n) is not null))).ConfigureAwait(false);
        figures["q2Ms"] = await Median(async () =>
        {
            var count = 0L;
            await foreach (var batch in recorder.RangeBatchesAsync(numbers[5], day, CancellationToken.None).ConfigureAwait(false))
                foreach (ref readonly var sample in batch.Span)
                    if (sample.SourceTicks > 0) count++;
            return count;
        }).ConfigureAwait(false);
        figures["q3Ms"] = await Median(async () =>
            (await recorder.DownsampleAsync(numbers[0], month, 1.Minutes, CancellationToken.None).ConfigureAwait(false)).Sum(b => b.Count)).ConfigureAwait(false);
        // A page asks for all its signals at once, and so do the peers, each in one request.
        figures["q4Ms"] = await Median(async () => (await Task.WhenAll(Enumerable.Range(0, 100)
            .Select(i => recorder.DownsampleAsync(numbers[i], day, 1.Hours, CancellationToken.None))).ConfigureAwait(false)).Sum(buckets => buckets.Sum(b => b.Count))).ConfigureAwait(false);
        figures["q5Ms"] = await Median(async () => (await Task.WhenAll(Enumerable.Range(0, 10)
            .Select(i => recorder.StateDurationsAsync(numbers[10 * i + 9], day, CancellationToken.None))).ConfigureAwait(false)).Sum(states => states.Sum(s => (long)s.Entries))).ConfigureAwait(false);
    }

    private static async Task<double> Median(Func<Task<long>> ask)
    {
        var times = new double[3];
        for (var run = 0; run < times.Length; run++)
        {
            var clock = Stopwatch.GetTimestamp();
            if (await ask().ConfigureAwait(false) == 0) throw new InvalidOperationException("A query found nothing.");
            times[run] = Stopwatch.GetElapsedTime(clock).TotalMilliseconds;
        }
        Array.Sort(times);
        return times[1];
    }
}
