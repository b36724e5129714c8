using System.Diagnostics;
using System.Globalization;
using Ieum.Bench.Connect;
using Ieum.Bench.Harness;
using Ieum.Model;
using Ieum.Record;
using Ieum.Record.Store;
using Microsoft.Extensions.Logging.Abstractions;

namespace Ieum.Bench.Record;

/// <summary>
/// What grows with years and with machines: the questions of <see cref="RecordBench"/> at 23 million and at a billion points on disk, and the memory
/// of a node with 10,000 signals. Budgets: Q2 at a billion within twice its time at 23 million; 500 MB.
/// </summary>
/// <remarks>
/// IEUM_BENCH_ONLY=billion|memory takes one half. IEUM_BENCH_FOLDER names a folder in which the filled databases stay: the next run asks only, which
/// takes seconds and can wait for a quiet moment. IEUM_BENCH_SCALE fills a part. A billion points take about 1.7 GB and ten minutes.
/// </remarks>
internal static class RecordLargeBench
{
    private const int Chunk = 65_536, InFlight = 3, AnyDays = 200;
    private const int ManySignals = 10_000, ManyPerSecond = 50_000, ManySeconds = 120;

    // A thousand signals at one a second for 1,000,000 s, eleven and a half days of all of them.
    private static readonly TimeSpan Span = TimeSpan.FromSeconds(1_000_000);
    private static readonly SourceId Source = new("bench");
    private static readonly MachineId Machine = new("bench");

    public static async Task RunAsync(FigureSheet sheet, CancellationToken cancel)
    {
        var only = Environment.GetEnvironmentVariable("IEUM_BENCH_ONLY");
        if (only is null or "billion") await BillionAsync(sheet).ConfigureAwait(false);
        if (only is null or "memory") await OpcUaStoreBench.MeasureAsync(sheet, "manySignals", ManySignals, OpcUaStoreBench.Setting("IEUM_BENCH_RATE", ManyPerSecond), OpcUaStoreBench.Setting("IEUM_BENCH_SECONDS", ManySeconds), asking: true, cancel).ConfigureAwait(false);
    }

    private static async Task BillionAsync(FigureSheet sheet)
    {
        var kept = Environment.GetEnvironmentVariable("IEUM_BENCH_FOLDER");
        var folder = kept ?? Directory.CreateTempSubdirectory("ieum-bench-").FullName;
        var scale = double.Parse(Environment.GetEnvironmentVariable("IEUM_BENCH_SCALE") ?? "1", CultureInfo.InvariantCulture);
        try
        {
            var small = await AskAsync(sheet, Path.Combine(folder, "small"), new(seed: 20261123, scale: 1), "small").ConfigureAwait(false);
            var large = await AskAsync(sheet, Path.Combine(folder, "large"), new(seed: 20261123, scale, Span), "large").ConfigureAwait(false);
            sheet.Add("largeQ2TimesSmall", large / small);
            using var self = Process.GetCurrentProcess();
            sheet.Add("largeBenchMemoryMbMost", self.PeakWorkingSet64 / (1024.0 * 1024.0));
        }
        finally
        {
            if (kept is null) Directory.Delete(folder, recursive: true);
        }
    }

    /// <returns>Milliseconds of Q2.</returns>
    private static async Task<double> AskAsync(FigureSheet sheet, string folder, GeneratorG1 generator, string name)
    {
        var options = new RecordOptions { Folder = folder };
        var filled = Path.Combine(folder, "filled");
        if (!File.Exists(filled))
        {
            var clock = Stopwatch.StartNew();
            await FillAsync(options, generator).ConfigureAwait(false);
            await File.WriteAllTextAsync(filled, string.Create(CultureInfo.InvariantCulture, $"{generator.Points} points in {clock.Elapsed}")).ConfigureAwait(false);
            sheet.Add($"{name}FillPointsPerSecond", generator.Points / clock.Elapsed.TotalSeconds);
        }
        var opening = Stopwatch.StartNew();
        await using var recorder = Recorder.Open(options, Clocks.Real, NullLogger.Instance);
        sheet.Add($"{name}ReopenMs", opening.Elapsed.TotalMilliseconds);
        // How far merging kept up with the fill; the rest is done now, and a run that was broken off goes on here.
        sheet.Add($"{name}MergedPartOnOpening", recorder.Loop.Session.Connection.Number($"SELECT coalesce(sum(count), 0) FROM block WHERE count > {options.MergedSamples / 2}") / (double)generator.Points);
        opening.Restart();
        await recorder.TendAllAsync().ConfigureAwait(false);
        if (opening.Elapsed > TimeSpan.FromSeconds(1)) sheet.Add($"{name}UpkeepSeconds", opening.Elapsed.TotalSeconds);
        recorder.Loop.Shrink();
        sheet.Add($"{name}Points", generator.Points);
        sheet.Add($"{name}BytesPerPoint", recorder.Now.FileBytes / (double)generator.Points);
        SignalNumber[] numbers = [.. Enumerable.Range(0, GeneratorG1.Signals).Select(i => recorder.Find(GeneratorG1.Signal(i).Id)!.Value)];
        Dictionary<string, double> figures = [];
        await RecordBench.Ask(recorder, numbers, figures).ConfigureAwait(false);
        foreach (var (question, figure) in figures) sheet.Add($"{name}Q{question[1..]}", figure);
        if (generator.Shortest >= 2.Days) await AnyDayAsync(sheet, recorder, numbers, generator.Shortest, name).ConfigureAwait(false);
        return figures["q2Ms"];
    }

    /// <summary>Q2 of signals and days drawn by lot, each asked once: an answer that nobody asked for before.</summary>
    private static async Task AnyDayAsync(FigureSheet sheet, Recorder recorder, SignalNumber[] numbers, TimeSpan span, string name)
    {
        var random = new Random(20261123);
        var times = new double[AnyDays];
        for (var i = 0; i < times.Length; i++)
        {
            var end = GeneratorG1.End - TimeSpan.FromSeconds(random.Next((int)(span - 1.Days).TotalSeconds));
            var (signal, count, clock) = (numbers[random.Next(numbers.Length)], 0L, Stopwatch.GetTimestamp());
            await foreach (var batch in recorder.RangeBatchesAsync(signal, new(end - 1.Days, end), CancellationToken.None).ConfigureAwait(false)) count += batch.Length;
            times[i] = Stopwatch.GetElapsedTime(clock).TotalMilliseconds;
            // The jitter moves one sample over either end.
            if (count is < 86_399 or > 86_401) throw new InvalidOperationException($"A day of signal {signal} until {end:O} has {count} values instead of 86,400.");
        }
        Array.Sort(times);
        sheet.Add($"{name}Q2AnyDayP50Ms", times[AnyDays / 2]);
        sheet.Add($"{name}Q2AnyDayP95Ms", times[AnyDays * 95 / 100]);
    }

    private static async Task FillAsync(RecordOptions options, GeneratorG1 generator)
    {
        if (Directory.Exists(options.Folder)) Directory.Delete(options.Folder, recursive: true);
        await using var recorder = Recorder.Open(options, Clocks.Real, NullLogger.Instance);
        SignalNumber[] numbers = [.. Enumerable.Range(0, GeneratorG1.Signals).Select(i => recorder.Register(GeneratorG1.Signal(i)))];
        Queue<(Task<StoreReceipt> Stored, Sample[] Samples)> waiting = [];
        Stack<Sample[]> free = [];
        foreach (var chunk in generator.Chunks(numbers, Chunk, () => free.TryPop(out var room) ? room : new Sample[Chunk]))
        {
            if (waiting.Count == InFlight)
            {
                var (stored, samples) = waiting.Dequeue();
                await stored.ConfigureAwait(false);
                free.Push(samples);
            }
            waiting.Enqueue((recorder.AppendAsync(new(Source, Machine, chunk), CancellationToken.None), chunk));
        }
        foreach (var (stored, _) in waiting) await stored.ConfigureAwait(false);
        await recorder.SealAllAsync().ConfigureAwait(false);
        if (recorder.Stored != generator.Points) throw new InvalidOperationException($"{generator.Points} points sent, {recorder.Stored} stored.");
    }
}
