using Ieum.Model;
using Ieum.Node.Cluster;
using Ieum.Node.Loop;
using Ieum.TestKit;
using Microsoft.Extensions.Time.Testing;

namespace Ieum.House.Tests.Node;

public sealed class FactoryTests
{
    private static readonly DateTimeOffset At = new(2026, 11, 2, 8, 0, 0, TimeSpan.FromHours(9));
    private static readonly Company Empty = new(new("B"), LocalName.Same("B"), "KR", []);

    [Fact]
    public void A_machine_is_put_at_a_new_line_renamed_in_place_and_moved()
    {
        var mc1 = new Machine(new("MC1"), LocalName.Same("MC1"), "milling");
        var one = FactoryState.Place(FactoryState.Place(Empty, "s", "a", "l", mc1), "s", "a", "l", new Machine(new("MC2"), LocalName.Same("MC2"), "milling"));
        Assert.Equal("B/s/a/l/MC1", one.PathOf(new("MC1")));

        var renamed = FactoryState.Place(one, "s", "a", "l", mc1 with { Name = LocalName.Same("밀링 1") });
        Assert.Equal(["밀링 1", "MC2"], renamed.Machines.Select(m => m.Name.Ko));

        var moved = FactoryState.Place(renamed, "s", "b", "m", mc1);
        Assert.Equal("B/s/b/m/MC1", moved.PathOf(new("MC1")));
        Assert.Equal(2, moved.Machines.Count());
    }

    [Fact]
    public void A_breakdown_lasts_for_the_allowance_and_ends_with_the_next_report()
    {
        var machine = new MachineId("MC1");
        var operation = new OperationId("PO-1.10");
        var broken = Breakdowns.None.After(new ShopEvent.Paused(Guid.NewGuid(), operation, machine, "kim", At, "breakdown"));

        Assert.Equal([(machine, new TimeRange(At, At + 4.Hours))], broken.Ranges(At + 1.Hours, 4.Hours));
        // three and a half hours later nobody has said it runs: half the allowance from now
        Assert.Equal([(machine, new TimeRange(At, At + 5.5.Hours()))], broken.Ranges(At + 3.5.Hours(), 4.Hours));
        Assert.Empty(broken.After(new ShopEvent.Resumed(Guid.NewGuid(), operation, machine, "kim", At + 1.Hours)).Ranges(At, 4.Hours));
        Assert.Empty(Breakdowns.None.After(new ShopEvent.Paused(Guid.NewGuid(), operation, machine, "kim", At, "material")).Ranges(At, 4.Hours));
    }

    [Fact]
    public void A_twin_follows_execution_and_keeps_eight_hours()
    {
        var signals = new InMemorySignals();
        var execution = signals.Register(new Signal(new(new("MC1"), "exec"), Unit.One, ValueKind.Text, SignalRole.Execution));
        var count = signals.Register(new Signal(new(new("MC1"), "parts"), Unit.Piece, ValueKind.Integer, SignalRole.PartCount));
        var roles = new RoleIndex(signals, new FakeTimeProvider());
        var twin = new TwinState(new("MC1"), At, new());

        twin.Take(Batch(Text(execution, At, "READY"), Text(execution, At + 1.Hours, "ACTIVE"), new Sample(count, At.UtcTicks, At.UtcTicks, SampleValue.Of(7L), Quality.Good)), roles);
        var view = twin.View();
        Assert.Equal((MachineState.Running, At + 1.Hours, 7L), (view.State, view.Since, view.PartCount));
        Assert.Equal((MachineState.Idle, 1.Hours), (view.Past[^1].State, view.Past[^1].Range.Duration));

        twin.Take(Batch(Text(execution, At + 12.Hours, "STOPPED")), roles);
        // 12 h − 8 h = 4 h: the idle hour ended before that and is forgotten, the running stretch reaches into it and stays
        Assert.Equal([MachineState.Running], twin.View().Past.Select(p => p.State));

        twin.Take(new SampleBatch(new("x"), new("MC1"), ReadOnlyMemory<Sample>.Empty, [new Gap(new("x"), new(At + 13.Hours, At + 14.Hours), GapCause.Disconnected, null, "cable")]), roles);
        Assert.Equal((MachineState.Unknown, At + 13.Hours), (twin.View().State, twin.View().Since));
    }

    private static SampleBatch Batch(params Sample[] samples) => new(new("x"), new("MC1"), samples);
    private static Sample Text(SignalNumber n, DateTimeOffset at, string word) => new(n, at.UtcTicks, at.UtcTicks, SampleValue.Of(word), Quality.Good);
}

file static class Halves
{
    public static TimeSpan Hours(this double hours) => TimeSpan.FromHours(hours);
}
