using Ieum.Model;
using Ieum.Node.Loop;
using Ieum.Record;
using Microsoft.Extensions.DependencyInjection;

namespace Ieum.House.Tests.Node;

/// <summary>Pieces of the operation under way by the machine's own counter, over a real recording.</summary>
public sealed class PiecesSinceTests
{
    private static readonly DateTimeOffset Eight = new(2026, 11, 2, 8, 0, 0, TimeSpan.FromHours(9));
    private static readonly MachineId Mc1 = new("MC1");
    private static readonly OperationActual Job = new(new("PO-1.10"), OperationStatus.Running, Mc1, Eight, null, 0, 0);

    [Fact]
    public async Task Pieces_are_counted_from_the_start_of_the_operation_over_resets_and_lost_readings()
    {
        await using var node = await RunningNode.StartAsync();
        var recorder = node.Services.GetRequiredService<IRecorder>();
        var pieces = new PiecesSince(recorder, recorder);
        Assert.Null(await pieces.ReadAsync(Mc1, Job, Cancel));   // no counter yet

        var parts = Counter(recorder, "parts");
        await SayAsync(recorder, parts, (-30, 90), (-10, 100), (-5, null));
        Assert.Equal(0, await pieces.ReadAsync(Mc1, Job, Cancel));
        await SayAsync(recorder, parts, (10, 101), (20, 103));
        Assert.Equal(3, await pieces.ReadAsync(Mc1, Job, Cancel));   // 103 − 100
        Assert.Equal(3, await pieces.ReadAsync(Mc1, Job, Cancel));
        // set back to 0 and two more, both between two looks: 3 + 1 (104) + 2
        await SayAsync(recorder, parts, (30, 104), (31, 0), (32, null), (40, 1), (50, 2));
        Assert.Equal(6, await pieces.ReadAsync(Mc1, Job, Cancel));
        Assert.Equal(6, await pieces.ReadAsync(Mc1, Job with { Status = OperationStatus.Paused }, Cancel));

        // the next job begins at minute 45, when the counter said 1
        Assert.Equal(1, await pieces.ReadAsync(Mc1, Job with { Operation = new("PO-1.20"), Started = Eight + 45.Minutes }, Cancel));
        Assert.Null(await pieces.ReadAsync(Mc1, OperationActual.Waiting(new("PO-1.30")), Cancel));
        Assert.Null(await pieces.ReadAsync(Mc1, null, Cancel));
    }

    [Fact]
    public async Task A_restarted_node_goes_on_counting_from_the_same_start()
    {
        string folder;
        await using (var first = await RunningNode.StartAsync())
        {
            folder = first.Folder;
            var recorder = first.Services.GetRequiredService<IRecorder>();
            await SayAsync(recorder, Counter(recorder, "parts"), (-10, 100), (10, 105), (11, 0), (20, 4));
            Assert.Equal(9, await new PiecesSince(recorder, recorder).ReadAsync(Mc1, Job, Cancel));   // 5 before the reset, 4 after
        }
        await using var second = await RunningNode.StartAsync(folder: folder);
        var again = second.Services.GetRequiredService<IRecorder>();
        Assert.Equal(9, await new PiecesSince(again, again).ReadAsync(Mc1, Job, Cancel));
    }

    [Fact]
    public async Task Of_two_counters_the_one_of_the_job_is_read()
    {
        await using var node = await RunningNode.StartAsync();
        var recorder = node.Services.GetRequiredService<IRecorder>();
        await SayAsync(recorder, Counter(recorder, "PartCountAll"), (-10, 70000), (10, 70002));
        await SayAsync(recorder, Counter(recorder, "PartCountAct"), (-10, 0), (10, 1));
        Assert.Equal(1, await new PiecesSince(recorder, recorder).ReadAsync(Mc1, Job, Cancel));
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static SignalNumber Counter(IRecorder recorder, string name) =>
        recorder.Register(new(new(Mc1, name), Unit.Piece, ValueKind.Integer, SignalRole.PartCount));

    /// <summary>Readings by minutes after eight; null is a reading the machine could not give.</summary>
    private static async Task SayAsync(IRecorder recorder, SignalNumber counter, params (int Minute, long? Value)[] readings)
    {
        Sample[] samples = [.. readings.Select(r => (Eight + r.Minute.Minutes).UtcTicks).Zip(readings,
            (t, r) => new Sample(counter, t, t, SampleValue.Of(r.Value ?? 0L), r.Value is null ? Quality.Unavailable : Quality.Good))];
        Assert.Equal(samples.Length, (await recorder.AppendAsync(new(new("MC1.shdr"), Mc1, samples), Cancel)).Stored);
    }
}
