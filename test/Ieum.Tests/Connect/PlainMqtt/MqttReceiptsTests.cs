using Ieum.Connect.PlainMqtt;
using Ieum.Model;
using Microsoft.Extensions.Time.Testing;

namespace Ieum.Tests.Connect.PlainMqtt;

/// <summary>When a source asks the store to hurry: while its sender stands still for an acknowledgement, and not otherwise.</summary>
public sealed class MqttReceiptsTests : IMqttReceipt, ISampleSink
{
    private readonly FakeTimeProvider _clock = new(new(2026, 3, 2, 8, 0, 0, TimeSpan.Zero));
    private readonly MqttReceipts _receipts;
    private TaskCompletionSource _kept = new();
    private TaskCompletionSource _given = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public MqttReceiptsTests() => _receipts = new(this, _clock);

    ValueTask IMqttReceipt.GiveAsync(CancellationToken cancel)
    {
        _given.SetResult();
        return ValueTask.CompletedTask;
    }

    void IMqttReceipt.Refuse() => _given.SetException(new InvalidOperationException("refused"));
    ValueTask ISampleSink.WriteAsync(SampleBatch batch, CancellationToken cancel) => throw new NotSupportedException("the receipts write nothing");
    Task ISampleSink.KeptAsync() => (_kept = new()).Task;

    /// <summary>A message that is safe after so many milliseconds, and the next one so many after its acknowledgement.</summary>
    private async Task MessageAsync(int safeAfter, int nextAfter)
    {
        _given = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _receipts.Add(this);
        _receipts.HandOver();
        _clock.Advance(TimeSpan.FromMilliseconds(safeAfter));
        _kept.SetResult();
        await _given.Task.WaitAsync(5.Minutes, TestContext.Current.CancellationToken);
        _clock.Advance(TimeSpan.FromMilliseconds(nextAfter));
    }

    [Fact]
    public async Task A_sender_that_waits_for_each_acknowledgement_is_seen_and_one_with_a_pace_of_its_own_is_left_alone()
    {
        var running = _receipts.RunAsync(CancellationToken.None);
        Assert.False(_receipts.IsPressed);
        // Once a second, whatever the store does.
        for (var i = 0; i < 5; i++) await MessageAsync(safeAfter: 200, nextAfter: 800);
        Assert.False(_receipts.IsPressed);
        // The next comes as soon as the last is acknowledged.
        for (var i = 0; i < 3; i++) await MessageAsync(safeAfter: 200, nextAfter: 5);
        Assert.True(_receipts.IsPressed);
        // What the hurry brought is no reason to end it; that the sender has found its own pace again is, after a while.
        await MessageAsync(safeAfter: 20, nextAfter: 5);
        Assert.True(_receipts.IsPressed);
        for (var i = 0; i < 6; i++) await MessageAsync(safeAfter: 20, nextAfter: 980);
        Assert.False(_receipts.IsPressed);
        _receipts.Complete();
        await running;
    }
}
