using System.Globalization;
using Ieum.Model;
using Ieum.Record;
using Microsoft.Extensions.DependencyInjection;

namespace Ieum.Town.Tests.Loss;

/// <summary>What a machine made, number by number, against what stands in the store when everything is over.</summary>
internal static class Ledger
{
    /// <summary>A value is stamped a moment before it is received; a gap is told by the times of receiving.</summary>
    private static readonly TimeSpan Way = TimeSpan.FromMilliseconds(250);

    public static List<(long Number, DateTimeOffset At)> Made(string file) =>
        [.. File.ReadLines(file).Select(l => l.Split(' ')).Where(p => p.Length == 2)
            .Select(p => (long.Parse(p[0], CultureInfo.InvariantCulture), DateTimeOffset.FromUnixTimeMilliseconds(long.Parse(p[1], CultureInfo.InvariantCulture))))];

    public sealed record Stored(IReadOnlyList<Sample> Samples, IReadOnlyList<Gap> Gaps, SourceMark? Mark);

    /// <param name="signal">Null: every signal of the machine.</param>
    public static async Task<Stored> ReadAsync(string data, string machine, string source, string? signal)
    {
        await using var services = new ServiceCollection().AddSingleton(TimeProvider.System).AddLogging().AddRecord(o => o.Folder = data).BuildServiceProvider();
        var recorder = services.GetRequiredService<IRecorder>();
        var all = new TimeRange(new(2020, 1, 1, 0, 0, 0, TimeSpan.Zero), new(2100, 1, 1, 0, 0, 0, TimeSpan.Zero));
        var samples = new List<Sample>();
        foreach (var (number, known) in recorder.Of(new(machine)))
            if (signal is null || known.Id.Name == signal)
                await foreach (var s in recorder.RangeAsync(number, all, TestContext.Current.CancellationToken)) samples.Add(s);
        return new(samples, await recorder.GapsAsync(new(source), all, TestContext.Current.CancellationToken), recorder.MarkOf(new(source)));
    }

    /// <summary>
    /// For a sequence that is known beforehand and came in order: each number stands in the store once, and where two stored ones
    /// are no neighbours, a gap stands between their receptions. How busy the computer was does not matter.
    /// </summary>
    /// <param name="last">The last number that was made.</param>
    /// <returns>How many are missing between the first that was stored and the last, all of them explained.</returns>
    public static long SettleInOrder(Stored stored, long last)
    {
        var kept = stored.Samples.Where(s => s.Quality is Quality.Good or Quality.Uncertain && double.IsFinite(s.Value.Number)).GroupBy(s => (long)s.Value.Number).OrderBy(g => g.Key).ToList();
        var twice = kept.Where(g => g.Select(s => s.SourceTicks).Distinct().Count() < g.Count()).ToList();
        Assert.True(twice.Count == 0, $"{twice.Count} twice: {string.Join("; ", twice.Take(2).Concat(twice.TakeLast(1)).Select(g => $"{g.Key} {string.Join(", ", g.Select(s => $"{s.SourceTime:HH:mm:ss.fff} received {s.ReceiveTime:HH:mm:ss.fff}"))}"))}; {Told(stored)}");
        var numbers = kept.ConvertAll(g => (Number: g.Key, At: g.Min(s => s.ReceiveTime)));
        Assert.Equal(last, numbers[^1].Number);
        long missing = 0;
        foreach (var (before, after) in numbers.Zip(numbers.Skip(1)))
        {
            if (after.Number == before.Number + 1) continue;
            missing += after.Number - before.Number - 1;
            Assert.True(stored.Gaps.Any(g => g.Range.From <= after.At + Way && g.Range.To >= before.At - Way),
                $"nothing explains {before.Number + 1} to {after.Number - 1}, received {before.At:HH:mm:ss.fff} to {after.At:HH:mm:ss.fff}; {Told(stored)}");
        }
        return missing;
    }

    private static string Told(Stored stored) => "gaps: " + string.Join("; ", stored.Gaps.Select(g => $"{g.Source} {g.Cause} {g.Range.From:HH:mm:ss.fff}-{g.Range.To:HH:mm:ss.fff} {g.Detail}"));

    /// <summary>Every number stands in the store once, or its moment lies in a gap with time and cause. Nothing is left over.</summary>
    /// <returns>How many are missing, all of them explained.</returns>
    public static int Settle(IReadOnlyList<(long Number, DateTimeOffset At)> made, Stored stored, bool everything = false)
    {
        var counted = stored.Samples.Where(s => s.Quality is Quality.Good or Quality.Uncertain && double.IsFinite(s.Value.Number)).GroupBy(s => (long)s.Value.Number).ToDictionary(g => g.Key, g => g.ToList());
        Assert.Empty(counted.Values.Where(g => g.Select(s => s.SourceTicks).Distinct().Count() < g.Count).Select(g => $"{g[0].Value} twice"));
        var missing = made.Where(m => !counted.ContainsKey(m.Number)).ToList();
        var unexplained = missing.Where(m => !stored.Gaps.Any(g => m.At >= g.Range.From - Way && m.At <= g.Range.To + Way)).ToList();
        Assert.True(unexplained.Count == 0, $"{unexplained.Count} of {made.Count} unexplained, {missing.Count} missing: {string.Join(", ", unexplained.Take(5).Select(u => $"{u.Number} {u.At:HH:mm:ss.fff}"))}; gaps: {string.Join("; ", stored.Gaps.Select(g => $"{g.Cause} {g.Range.From:HH:mm:ss.fff}-{g.Range.To:HH:mm:ss.fff}"))}");
        if (everything) Assert.Empty(missing);
        return missing.Count;
    }
}
