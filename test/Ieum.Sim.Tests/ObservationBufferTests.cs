using CsCheck;
using Ieum.Sim.Machines;
using Ieum.Sim.MtConnect;

namespace Ieum.Sim.Tests;

public sealed class ObservationBufferTests
{
    private static readonly DeviceDescription Device = new("t", "test",
        [new("a", "SAMPLE", "LOAD"), new("b", "EVENT", "PROGRAM"), new("c", "CONDITION", "SYSTEM")]);

    private static ObservationBuffer Buffer(int power = 3) => new(Device, power, instanceId: 7, ticks: 0);

    [Fact]
    public void A_new_agent_knows_nothing_and_says_so()
    {
        var buffer = Buffer();
        Assert.True(buffer.TryCurrent(null, null, out var now));
        Assert.Equal(["UNAVAILABLE", "UNAVAILABLE", "Unavailable||||"], now.Observations.Select(o => o.Value));
        Assert.Equal(4, buffer.Next);   // three items, three observations
    }

    [Fact]
    public void A_repeated_value_is_not_reported_and_an_unknown_item_is_skipped()
    {
        var buffer = Buffer();
        Assert.True(buffer.Append(new(1, "a", "5")));
        Assert.False(buffer.Append(new(2, "a", "5")));
        Assert.False(buffer.Append(new(3, "x", "5")));
        Assert.Equal(1, buffer.Unknown);
        Assert.Equal(5, buffer.Next);
    }

    [Fact]
    public void Two_alarms_of_one_item_stand_together_until_they_are_cleared_one_by_one()
    {
        var buffer = Buffer();
        string[] Say(string text) { buffer.Append(new(1, "c", text)); buffer.TryCurrent(null, null, out var s); return [.. s.Observations.Where(o => o.Item.Name == "c").Select(o => o.Value)]; }
        Assert.Equal(["Normal||||"], Say("Normal||||"));
        Assert.Equal(["Warning|1|||x"], Say("Warning|1|||x"));
        Assert.Equal(["Warning|1|||x", "Fault|2|||y"], Say("Fault|2|||y"));
        Assert.Equal(["Fault|2|||y"], Say("Normal|1|||"));
        Assert.Equal(["Normal||||"], Say("Normal||||"));
    }

    [Fact]
    public void The_ring_keeps_the_newest_and_refuses_what_it_forgot()
    {
        var buffer = Buffer(power: 3);   // 8 observations; 3 are the first UNAVAILABLEs
        for (var i = 1; i <= 10; i++) buffer.Append(new(i, "a", i.ToString(System.Globalization.CultureInfo.InvariantCulture)));
        Assert.Equal((6L, 14L), (buffer.First, buffer.Next));   // 13 made, 8 kept: 6 to 13
        Assert.False(buffer.TrySample(5, 10, null, out _));
        Assert.True(buffer.TrySample(6, 100, null, out var all));
        Assert.Equal(8, all.Observations.Count);
        Assert.True(buffer.TrySample(14, 100, null, out var none));
        Assert.Empty(none.Observations);
        Assert.False(buffer.TrySample(15, 100, null, out _));
        // At sequence 7 item a held its fourth value (3 + 4 = 7), the others what they had before the ring began.
        Assert.True(buffer.TryCurrent(7, null, out var then));
        Assert.Equal(["4", "UNAVAILABLE", "Unavailable||||"], then.Observations.OrderBy(o => o.ItemIndex).Select(o => o.Value));
        Assert.Equal(13, buffer.Overrun());
    }

    [Fact]
    public void Whatever_is_said_a_reader_that_keeps_up_gets_each_sequence_once() =>
        Gen.Select(Gen.Int[0, 2], Gen.Int[0, 3]).List[0, 60].Sample(said =>
        {
            var buffer = Buffer(power: 7);
            long next = 1;
            var got = new List<long>();
            foreach (var (item, value) in said)
            {
                buffer.Append(new(1, Device.Items[item].Name, item == 2 ? $"Warning|{value}|||w" : $"v{value}"));
                Assert.True(buffer.TrySample(next, 3, null, out var slice));
                got.AddRange(slice.Observations.Select(o => o.Sequence));
                next = slice.Next;
            }
            return got.SequenceEqual(Enumerable.Range(1, got.Count).Select(i => (long)i));
        });
}
