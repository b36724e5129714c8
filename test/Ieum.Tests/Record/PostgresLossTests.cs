using Ieum.Model;
using Ieum.Record;
using Npgsql;

namespace Ieum.Tests.Record;

/// <summary>The server goes away: what was acknowledged is there afterwards once, and writing goes on by itself.</summary>
public sealed class PostgresLossTests
{
    [Fact]
    public async Task Connections_cut_at_random_moments_lose_and_double_nothing()
    {
        await using var rig = new RecorderRig(o => (o.BlockSamples, o.MergedSamples, o.TailRows) = (60, 300, 16), postgres: true);
        var s = rig.Signal("counter", ValueKind.Integer);
        var random = new Random();
        long follows = 0, refused = 0;
        using var stop = new CancellationTokenSource();
        var cutter = Task.Run(async () =>
        {
            await using var own = new NpgsqlConnection(rig.Server!.ConnectionString("public") + ";Pooling=False");
            await own.OpenAsync(stop.Token);
            for (var cut = 0; cut < 12 && !stop.IsCancellationRequested; cut++)
            {
                await Task.Delay(random.Next(5, 60).Milliseconds, TimeProvider.System, stop.Token);
                await using var kill = own.CreateCommand();
                // Sessions that look into this rig's schema; cut in the middle of whatever they do.
                kill.CommandText = $"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND application_name = 'ieum' AND usename = '{rig.Role}'";
                await kill.ExecuteNonQueryAsync(stop.Token);
            }
        }, stop.Token);
        for (var number = 1L; number <= 2000 && (!cutter.IsCompleted || number < 60); number++)
        {
            // Handed over until it is acknowledged, as the queue of a source does.
            while (true)
                try
                {
                    var samples = Enumerable.Range(0, 20).Select(i => RecorderRig.Sample(s, number * 20 + i, SampleValue.Of(number * 20 + i))).ToArray();
                    await rig.Recorder.AppendAsync(new(RecorderRig.Source, RecorderRig.Machine, samples) { Delivery = new(follows, number, 0) }, CancellationToken.None);
                    break;
                }
                catch (RecordException e) when (e.Rule is RecordRules.WriteFailed or RecordRules.OutOfOrder)
                {
                    refused++;
                }
            follows = number;
        }
        await stop.CancelAsync();
        await Task.WhenAny(cutter);   // it may end cancelled
        var found = (await Retry(() => rig.Range(s))).Select(x => x.Value.Integer).ToList();
        Assert.Equal(Enumerable.Range(20, (int)follows * 20).Select(i => (long)i), found);
        Assert.True(refused > 0, "The cuts hit nothing.");
        TestContext.Current.TestOutputHelper?.WriteLine($"{refused} refusals, {follows} batches, none lost or doubled");
    }

    // A reader's connection may have been cut while it was idle; the pool then gives another.
    private static async Task<T> Retry<T>(Func<Task<T>> ask)
    {
        for (var tries = 0; ; tries++)
            try
            {
                return await ask();
            }
            catch (NpgsqlException) when (tries < 20)
            {
                await Task.Yield();
            }
    }
}
