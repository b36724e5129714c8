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
