using System.Diagnostics;
using System.Globalization;
using Ieum.Model;
using Ieum.Record;
using Ieum.RecordCrash;
using Ieum.TestKit;
using Microsoft.Extensions.Logging.Abstractions;

namespace Ieum.Tests.Record;

/// <summary>A child process writes as fast as it can and is killed at a random moment; then everything it was promised must be there.</summary>
public sealed class CrashTests
{
    private const int Chains = 5, KillsPerChain = 10;

    [Fact]
    public Task Fifty_kills_at_random_moments_lose_and_double_nothing_that_was_acknowledged() => KillAsync(Chains);

    /// <summary>For the night: <c>Ieum.Tests --explicit only --filter-class Ieum.Tests.Record.CrashTests</c>, some minutes.</summary>
    [Fact(Explicit = true)]
    public Task Two_hundred_and_fifty_kills_lose_and_double_nothing() => KillAsync(Chains * 5);

    private static async Task KillAsync(int chains)
    {
        var random = new Random();   // really random: another moment each time
        long acknowledged = 0, sealedBlocks = 0;
        for (var chain = 0; chain < chains; chain++)
        {
            var folder = Path.Combine(Needs.Scratch, "record", Guid.NewGuid().ToString("N"));
            var promises = new List<int[]>();
            for (var round = 0; round < KillsPerChain; round++)
            {
                promises.Add(await WriteUntilKilled(folder, round, random.Next(1, 400)));
                await using var recorder = Recorder.Open(CrashLoad.Options(folder), Clocks.Real, NullLogger.Instance);
                await Verify(recorder, round, promises[round]);
                if (round < KillsPerChain - 1) continue;
                // Later kills and seals must not have touched earlier rounds either.
                for (var earlier = 0; earlier < round; earlier++) await Verify(recorder, earlier, promises[earlier]);
                sealedBlocks += CountBlocks(recorder);
                acknowledged += promises.Sum(p => p.Sum(batches => (long)batches) * CrashLoad.SamplesPerBatch);
            }
            Directory.Delete(folder, recursive: true);
        }
        TestContext.Current.TestOutputHelper?.WriteLine($"{chains * KillsPerChain} kills, {acknowledged} samples acknowledged, {sealedBlocks} blocks, 0 lost, 0 doubled");
        Assert.True(acknowledged > 0 && sealedBlocks > 0, $"{acknowledged} acknowledged, {sealedBlocks} blocks: the kills hit nothing.");
    }

    /// <summary>How many batches of each writer were acknowledged.</summary>
    private static async Task<int[]> WriteUntilKilled(string folder, int round, int killAfterLines)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in new[] { Path.Combine(AppContext.BaseDirectory, "Ieum.Record.Crash.dll"), folder, round.ToString(CultureInfo.InvariantCulture) })
            start.ArgumentList.Add(argument);
        using var child = Process.Start(start) ?? throw new InvalidOperationException("The child did not start.");
        var errors = child.StandardError.ReadToEndAsync();
        var batches = new int[CrashLoad.Writers];
        // The kill comes while the child is busy: the reader is at a line, the writer is far beyond it.
        for (var lines = 0; await child.StandardOutput.ReadLineAsync() is { } line; lines++)
        {
            // A line that the kill cut short is a promise nobody heard.
            var parts = line.Split(' ');
            if (parts.Length == 2 && int.TryParse(parts[0], CultureInfo.InvariantCulture, out var writer) && int.TryParse(parts[1], CultureInfo.InvariantCulture, out var batch)
                && batch == batches[writer]) batches[writer]++;
            if (lines == killAfterLines) child.Kill();   // SIGKILL on Linux
        }
        await child.WaitForExitAsync();
        Assert.True(batches.Sum() > 0, await errors);
        return batches;
    }

    private static async Task Verify(Recorder recorder, int round, int[] promised)
    {
        var day = new TimeRange(CrashLoad.Start.AddDays(round).AddHours(-1), CrashLoad.Start.AddDays(round).AddHours(23));
        for (var writer = 0; writer < CrashLoad.Writers; writer++)
        {
            var signals = new SignalNumber[CrashLoad.SignalsPerWriter];
            for (var s = 0; s < signals.Length; s++)
                signals[s] = recorder.Find(CrashLoad.Signal(writer, s).Id) ?? (promised[writer] == 0 ? default : throw new InvalidOperationException($"Signal {writer}/{s} is lost."));
            Dictionary<int, HashSet<Sample>> found = [];
            foreach (var signal in signals.Where(s => s.Value > 0))
                await foreach (var sample in recorder.RangeAsync(signal, day, CancellationToken.None))
                {
                    var batch = CrashLoad.BatchOf(sample, round);
                    if (!found.TryGetValue(batch, out var samples)) found.Add(batch, samples = []);
                    Assert.True(samples.Add(sample), $"Round {round}, writer {writer}: {sample} is there twice.");
                }
            for (var batch = 0; batch < promised[writer]; batch++)
                Assert.True(found.ContainsKey(batch), $"Round {round}, writer {writer}: batch {batch} of {promised[writer]} acknowledged ones is lost.");
            // A batch that was not acknowledged may stand, but only whole; and every one there is the very samples that were sent.
            foreach (var (batch, samples) in found)
                Assert.Equal(Enumerable.Range(0, CrashLoad.SamplesPerBatch).Select(i => CrashLoad.Sample(signals, round, batch, i)).ToHashSet(), samples);
        }
    }

    private static long CountBlocks(Recorder recorder)
    {
        using var connection = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={recorder.Place};Pooling=False");
        connection.Open();
        using var ask = connection.CreateCommand();
        ask.CommandText = "SELECT count(*) FROM block";
        return (long)ask.ExecuteScalar()!;
    }
}
