using System.Collections.Immutable;
using Ieum.Connect.Manual;
using Ieum.Model;
using Ieum.TestKit;
using Microsoft.Extensions.Logging.Abstractions;

namespace Ieum.Tests.Connect.Manual;

public sealed class ManualSourceTests : IAsyncLifetime
{
    private static readonly MachineId Machine = new("lathe");
    private static readonly ConnectionSettings Connection = new(new("lathe.manual"), Machine, "manual", "phone", ImmutableDictionary<string, string>.Empty)
    {
        Points =
        [
            new("bore", "number") { Unit = "MMT" }, new("shift note", "text"), new("good", "count"),
            new("finish", "choice:OK|NG"), new("state", "state:material|tool"),
        ],
    };

    private readonly CancellationTokenSource _stop = new();
    private readonly InMemorySignals _signals = new();
    private readonly CollectingSink _sink = new();
    private readonly ManualDesk _desk = new();
    private IMachineSource _source = null!;
    private Task _running = Task.CompletedTask;

    public async ValueTask InitializeAsync()
    {
        (_source, _running) = Run(null, _sink, _stop.Token);
        using var look = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        while (_desk.PointsOf(Machine).IsEmpty) await look.WaitForNextTickAsync(TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
        _sink.Dispose();
    }

    private (IMachineSource Source, Task Running) Run(IPlaces? places, CollectingSink sink, CancellationToken cancel)
    {
        var source = new ManualFactory(_desk, Clocks.Real, NullLoggerFactory.Instance, places).Create(Connection, _signals);
        return (source, source.RunAsync(sink, cancel));
    }

    private Task<ManualAnswer> Enter(string point, string value, string? reason = null, Guid? id = null, DateTimeOffset? at = null) =>
        _desk.EnterAsync(Machine, new(id ?? Guid.NewGuid(), point, value, reason, at ?? TimeProvider.System.GetUtcNow(), "kim"), TestContext.Current.CancellationToken);

    [Fact]
    public async Task Each_kind_of_entry_becomes_its_sample_with_the_time_it_was_entered()
    {
        var at = TimeProvider.System.GetUtcNow().AddMinutes(-20);
        Assert.True((await Enter("bore", "12,345", at: at)).Accepted);
        Assert.True((await Enter("shift note", "공구 마모 / 工具摩耗")).Accepted);
        Assert.True((await Enter("good", "17")).Accepted);
        Assert.True((await Enter("finish", "NG")).Accepted);
        Assert.True((await Enter("state", "stopped", "tool")).Accepted);
        Assert.Equal(["12.345", "공구 마모 / 工具摩耗", "17", "NG", "STOPPED", "tool"], _sink.Samples.Select(s => s.Value.ToString()));
        Assert.Equal(at.UtcTicks, _sink.Samples[0].SourceTicks);
        Assert.Equal(SignalRole.Execution, _signals.Of(Machine).Single(s => s.Signal.Id.Name == "state").Signal.Role);
        Assert.Equal((6L, 0L), (_source.Health.Counters.Received, _source.Health.Counters.Rejected));
    }

    [Theory]
    [InlineData("bore", "abc", null, ManualRules.ValueWrong)]
    [InlineData("good", "-1", null, ManualRules.ValueWrong)]
    [InlineData("finish", "MAYBE", null, ManualRules.ValueWrong)]
    [InlineData("state", "stopped", "holiday", ManualRules.ValueWrong)]
    [InlineData("shift note", "", null, ManualRules.ValueWrong)]
    [InlineData("depth", "1", null, ManualRules.NoPoint)]
    public async Task What_does_not_fit_is_refused_told_and_counted(string point, string value, string? reason, string rule)
    {
        var answer = await Enter(point, value, reason);
        Assert.Equal((false, rule), (answer.Accepted, answer.Rule));
        Assert.Equal((1L, 1L), (_source.Health.Counters.Received, _source.Health.Counters.Rejected));
        Assert.Contains(rule, ManualRules.All.Keys);
        Assert.Empty(_sink.Samples);
    }

    [Fact]
    public async Task A_time_of_next_week_is_refused() => Assert.Equal(ManualRules.TimeWrong, (await Enter("bore", "1", at: TimeProvider.System.GetUtcNow().AddDays(7))).Rule);

    [Fact]
    public async Task The_same_entry_sent_again_counts_once_also_after_a_restart_of_the_node()
    {
        var id = Guid.NewGuid();
        Assert.True((await Enter("good", "3", id: id)).Accepted);
        Assert.True((await Enter("good", "3", id: id)).Accepted);
        Assert.Single(_sink.Samples);
        await _stop.CancelAsync();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        Assert.Equal(ManualRules.NotRunning, (await Enter("good", "3", id: id)).Rule);

        using var stop = new CancellationTokenSource();
        using var sink = new CollectingSink();
        var (_, running) = Run(new Known(_sink.Batches[^1].Place), sink, stop.Token);
        while (_desk.PointsOf(Machine).IsEmpty) await Task.Yield();
        Assert.True((await Enter("good", "3", id: id)).Accepted);
        Assert.True((await Enter("good", "4")).Accepted);
        Assert.Equal(["4"], sink.Samples.Select(s => s.Value.ToString()));
        await stop.CancelAsync();
        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
    }

    private sealed class Known(string? place) : IPlaces
    {
        public SourceMark? Find(SourceId source) => new(1, DateTimeOffset.UnixEpoch, place);
    }
}
