using Ieum.Model;
using Ieum.Node.Telemetry;
using Microsoft.Extensions.Time.Testing;

namespace Ieum.House.Tests.Node;

/// <summary>When the oldest generation is collected, by figures given.</summary>
public sealed class MemoryKeeperTests
{
    private const long Mb = 1L << 20;

    private static MemoryKeeper Keeper() => new(Clocks.Real, new(() => 0, () => 0, () => { }));

    [Theory]
    [InlineData(40, 72, false)]     // 32 MB more, and no byte beyond it
    [InlineData(40, 73, true)]
    [InlineData(400, 500, false)]   // a quarter of much is more than 32 MB
    [InlineData(400, 501, true)]
    [InlineData(400, 200, false)]
    public void It_is_due_when_the_heap_grew_by_a_quarter_and_by_32_MB(long after, long now, bool due)
    {
        var keeper = Keeper();
        Assert.False(keeper.IsDue(after * Mb, collections: 1));   // just collected: whatever is left, is left
        Assert.Equal(due, keeper.IsDue(now * Mb, collections: 1));
    }

    [Fact]
    public void What_lives_is_not_collected_again_and_again()
    {
        var keeper = Keeper();
        Assert.False(keeper.IsDue(100 * Mb, 1));
        Assert.True(keeper.IsDue(200 * Mb, 1));
        Assert.True(keeper.IsDue(200 * Mb, 1));    // asked for, not yet begun
        Assert.False(keeper.IsDue(190 * Mb, 2));   // it was, by whomever, and 190 live
        Assert.False(keeper.IsDue(230 * Mb, 2));
        Assert.True(keeper.IsDue(238 * Mb, 2));
    }

    [Fact]
    public async Task It_looks_every_five_seconds_and_asks_for_a_collection()
    {
        var clock = new FakeTimeProvider();
        long bytes = 10 * Mb;
        var (looks, asked, enough) = (0, 0, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        using var keeper = new MemoryKeeper(new(clock, clock), new(() =>
        {
            Interlocked.Increment(ref looks);
            return Interlocked.Read(ref bytes);
        }, () => 1, () =>
        {
            Interlocked.Increment(ref asked);
            enough.TrySetResult();
        }));
        await keeper.StartAsync(TestContext.Current.CancellationToken);
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(3), TimeProvider.System);
        await LooksAsync(2);
        Assert.Equal(0, Volatile.Read(ref asked));   // 10 MB, as after the last collection
        Interlocked.Exchange(ref bytes, 60 * Mb);
        while (!enough.Task.IsCompleted) await LooksAsync(Volatile.Read(ref looks) + 1);
        await keeper.StopAsync(TestContext.Current.CancellationToken);

        // The timer may not yet be there when the clock moves, so it moves until somebody looked.
        async Task LooksAsync(int least)
        {
            while (Volatile.Read(ref looks) < least)
            {
                clock.Advance(MemoryKeeper.Look);
                await Task.WhenAny(enough.Task, Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, limit.Token));
                limit.Token.ThrowIfCancellationRequested();
            }
        }
    }
}
