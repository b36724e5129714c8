using CsCheck;
using Ieum.Connect.Modbus;
using Ieum.Connect.Polling;
using Ieum.Model;

namespace Ieum.Tests.Connect.Polling;

public sealed class PollSessionTests
{
    private static PointSettings[] Row(int count, int from = 0, string unit = "") =>
        [.. Enumerable.Range(from, count).Select(i => new PointSettings($"r{i}{unit}", $"holding:{i}{unit}"))];

    private static readonly TimeSpan Once = TimeSpan.FromSeconds(0.5);

    [Fact]
    public void Only_a_change_is_passed_on_and_every_change_is()
    {
        var bench = new PollBench(Row(3)).Run(Once);
        Assert.Equal(3, bench.Samples.Count);
        bench.Run(TimeSpan.FromSeconds(1.5));
        Assert.Equal(3, bench.Samples.Count);
        bench[1] = 7;
        bench.Run(TimeSpan.FromSeconds(2.5));
        Assert.Equal(("r1", SampleValue.Of(7L), Quality.Good, false), Assert.Single(bench.Samples.Skip(3)));
        Assert.Equal(3, bench.Asked.Count);   // one read a second, at 0, 1 and 2 s
    }

    [Fact]
    public void One_bad_register_in_the_middle_is_found_and_the_others_go_on_in_two_reads()
    {
        var bench = new PollBench(Row(100));
        bench.Bad.Add(37);
        bench.Run(Once);
        Assert.Equal(99, bench.Samples.Count(s => s.Quality == Quality.Good && !s.IsMark));
        Assert.Equal(("r37", SampleValue.None, Quality.Unavailable, true), Assert.Single(bench.Samples, s => s.IsMark));
        var problem = Assert.Single(bench.Problems);
        Assert.Equal(ModbusRules.IllegalAddress, problem.Rule);
        Assert.Contains("'r37' at holding:37", problem.Message, StringComparison.Ordinal);
        // Halving 100 takes two reads a step, at most 7 steps.
        Assert.InRange(bench.Asked.Count, 3, 15);
        var before = bench.Asked.Count;
        bench.Run(TimeSpan.FromSeconds(1.5));
        Assert.Equal([(0, 37), (38, 62)], bench.Asked.Skip(before).Select(r => (r.Start, r.Count)).Order());
    }

    [Fact]
    public void A_refused_register_is_asked_again_now_and_then_and_comes_back_by_itself()
    {
        var bench = new PollBench(Row(10));
        bench.Bad.Add(4);
        bench.Run(TimeSpan.FromSeconds(70));
        // Alone after 5, 10, 20 and 40 s: at 5, 15, 35 and 75 s.
        Assert.Equal(3, bench.Asked.Count(r => r is { Start: 4, Count: 1 }) - 1);
        bench.Bad.Clear();
        bench[4] = 9;
        bench.Run(TimeSpan.FromSeconds(80));
        Assert.Equal(("r4", SampleValue.Of(9L), Quality.Good, false), bench.Samples[^1]);
        Assert.Equal((0, 10), (bench.Asked[^1].Start, bench.Asked[^1].Count));
    }

    [Fact]
    public void A_register_that_comes_back_unchanged_ends_its_mark_without_counting_twice()
    {
        var bench = new PollBench(Row(2)).Run(Once);
        bench.Bad.Add(1);
        bench.Run(TimeSpan.FromSeconds(3));
        bench.Bad.Clear();
        bench.Run(TimeSpan.FromSeconds(10));
        Assert.Equal([false, true, true], bench.Samples.Where(s => s.Name == "r1").Select(s => s.IsMark));
    }

    [Fact]
    public void A_hole_that_was_read_in_vain_is_learned_and_costs_no_point()
    {
        var bench = new PollBench([.. Row(5), .. Row(5, 10)]);
        bench.Bad.Add(7);
        bench.Run(TimeSpan.FromSeconds(1.5));
        Assert.Equal(10, bench.Samples.Count);
        Assert.Empty(bench.Problems);
        Assert.Equal([(0, 5), (10, 5)], bench.Asked.TakeLast(2).Select(r => (r.Start, r.Count)));
    }

    [Fact]
    public void A_device_that_takes_only_short_blocks_is_learned_and_costs_no_point()
    {
        var bench = new PollBench(Row(100)) { Longest = 32 };
        bench.Run(TimeSpan.FromSeconds(3.5));
        Assert.Equal(100, bench.Samples.Count);
        Assert.Empty(bench.Problems);
        // 100 → 50 → 25: from then on blocks of 25.
        Assert.Equal([(0, 25), (25, 25), (50, 25), (75, 25)], bench.Asked.TakeLast(4).Select(r => (r.Start, r.Count)));
    }

    [Fact]
    public void A_refusal_that_passes_teaches_nothing()
    {
        var bench = new PollBench(Row(100));
        var first = true;
        bench.Otherwise = _ =>
        {
            if (!first) return null;
            first = false;
            return ModbusProtocol.ModbusException(4);
        };
        bench.Run(TimeSpan.FromSeconds(1.5));
        Assert.Equal(100, bench.Samples.Count);
        Assert.Equal((0, 100), (bench.Asked[^1].Start, bench.Asked[^1].Count));
    }

    [Fact]
    public void Whatever_registers_are_bad_exactly_their_points_are_marked_and_all_others_are_read() =>
        Gen.Select(Gen.Int[0, 300].HashSet[1, 80], Gen.Int[0, 300].HashSet[0, 12], Gen.Int[1, 125]).Sample((wanted, bad, longest) =>
        {
            var bench = new PollBench(wanted.Order().Select(i => new PointSettings($"r{i}", $"holding:{i}"))) { Longest = longest };
            bench.Bad.UnionWith(bad);
            bench.Run(TimeSpan.FromSeconds(4));
            var good = wanted.Except(bad).Select(i => $"r{i}").Order(StringComparer.Ordinal);
            Assert.Equal(good, bench.Samples.Where(s => !s.IsMark).Select(s => s.Name).Order(StringComparer.Ordinal));
            Assert.Equal(wanted.Intersect(bad).Select(i => $"r{i}").Order(StringComparer.Ordinal), bench.Samples.Where(s => s.IsMark).Select(s => s.Name).Order(StringComparer.Ordinal));
            // What was learned holds: in the end no planned read is refused any more.
            Assert.All(bench.Session.Planned, b => Assert.True(b.Plan.Count <= longest && !Enumerable.Range(b.Plan.Start, b.Plan.Count).Any(bad.Contains)));
        }, iter: 300);

    [Fact]
    public void A_dead_unit_costs_the_living_at_most_a_sixth_of_their_time()
    {
        var bench = new PollBench([.. Row(5, unit: "@1"), .. Row(5, unit: "@2"), .. Row(5, unit: "@3")]);
        bench.Dead.Add(2);
        bench.Run(TimeSpan.FromSeconds(120));
        Assert.Equal(5, bench.Samples.Count(s => s.Name.EndsWith("@1", StringComparison.Ordinal)));
        Assert.Equal(5, bench.Samples.Count(s => s.Name.EndsWith("@3", StringComparison.Ordinal)));
        var dead = bench.Asked.Count(r => r.Area.Device == 2);
        Assert.InRange(dead, 5, 20);   // each costs a second
        Assert.InRange(bench.Asked.Count(r => r.Area.Device == 1), 120 - dead - 2, 122);
        Assert.False(bench.Session.IsLinkDead);
        Assert.Contains(bench.Problems, p => p.Rule == PollRules.DeviceSilent && p.Message.StartsWith("Device 2", StringComparison.Ordinal));
        // Never had a value: said to be unavailable, once.
        Assert.Equal(5, bench.Samples.Count(s => s is { IsMark: true, Quality: Quality.Unavailable }));
    }

    [Fact]
    public void A_unit_that_dies_is_stale_until_it_is_back_and_its_gap_is_told()
    {
        var bench = new PollBench([.. Row(2, unit: "@1"), .. Row(2, unit: "@2")]).Run(TimeSpan.FromSeconds(2.5));
        bench.Dead.Add(2);
        bench.Run(TimeSpan.FromSeconds(20));
        Assert.Equal([("r0@2", Quality.Stale), ("r1@2", Quality.Stale)], bench.Samples.Skip(4).Select(s => (s.Name, s.Quality)));
        bench.Dead.Clear();
        bench[0, 2] = 5;
        bench.Run(TimeSpan.FromSeconds(40));
        Assert.Contains("Device 2", Assert.Single(bench.Gaps), StringComparison.Ordinal);
        var back = bench.Samples.Skip(6).ToList();
        Assert.Contains(("r0@2", SampleValue.Of(5L), Quality.Good, false), back);   // changed: received
        Assert.Contains(("r1@2", SampleValue.Of(0L), Quality.Good, true), back);    // unchanged: only the end of the mark
        Assert.Equal(2, back.Count);
    }

    [Fact]
    public void A_unit_that_a_gateway_reports_gone_is_as_silent_but_says_why()
    {
        var bench = new PollBench([.. Row(2, unit: "@1"), .. Row(2, unit: "@2")]);
        bench.GoneBehindGateway.Add(2);
        bench.Run(TimeSpan.FromSeconds(10));
        Assert.Contains(bench.Problems, p => p.Rule == ModbusRules.GatewayNoAnswer);
        Assert.InRange(bench.Asked.Count(r => r.Area.Device == 2), 3, 6);
        Assert.Equal(2, bench.Samples.Count(s => s is { IsMark: false }));
    }

    [Fact]
    public void The_only_unit_gone_behind_a_living_gateway_is_no_silent_loss()
    {
        var bench = new PollBench(Row(2)).Run(Once);
        bench.GoneBehindGateway.Add(1);
        bench.Run(TimeSpan.FromSeconds(10));
        Assert.Equal([Quality.Stale, Quality.Stale], bench.Samples.Skip(2).Select(s => s.Quality));
        bench.GoneBehindGateway.Clear();
        bench.Run(TimeSpan.FromSeconds(20));
        Assert.Single(bench.Gaps);
        Assert.Equal([Quality.Good, Quality.Good], bench.Samples.Skip(4).Select(s => s.Quality));
    }

    [Fact]
    public void One_lost_answer_is_no_outage_but_two_in_a_row_are()
    {
        var bench = new PollBench(Row(2)).Run(Once);
        var lost = 1;
        bench.Otherwise = _ => lost-- > 0 ? RegisterAnswer.Silent : null;
        bench.Run(TimeSpan.FromSeconds(5));
        Assert.False(bench.Session.IsLinkDead);
        Assert.DoesNotContain(bench.Problems, p => p.Rule == PollRules.DeviceSilent);
        Assert.Contains("did not come within 1 s", Assert.Single(bench.Gaps));   // nobody knows what it held
        lost = 2;
        bench.Run(bench.Now + TimeSpan.FromSeconds(2.5));
        Assert.Contains(bench.Problems, p => p.Rule == PollRules.DeviceSilent);
    }

    [Fact]
    public void Points_of_different_periods_are_read_at_their_own_beat()
    {
        var bench = new PollBench([.. Row(2), new PointSettings("slow", "holding:2") { Period = TimeSpan.FromSeconds(10) }]).Run(TimeSpan.FromSeconds(20.5));
        Assert.Equal(21, bench.Asked.Count(r => r.Start == 0));
        Assert.Equal(3, bench.Asked.Count(r => r.Start == 2));
    }

    [Fact]
    public void A_busy_device_is_asked_again_in_the_next_round()
    {
        var bench = new PollBench(Row(2));
        var busy = true;
        bench.Otherwise = _ => busy ? ModbusProtocol.ModbusException(6) : null;
        bench.Run(Once);
        Assert.Single(bench.Asked);
        Assert.Equal(ModbusRules.Busy, Assert.Single(bench.Problems).Rule);
        busy = false;
        bench.Run(TimeSpan.FromSeconds(1.5));
        Assert.Equal(2, bench.Samples.Count);
    }

    [Fact]
    public void A_device_that_is_too_slow_for_its_period_is_told_and_beats_are_left_out()
    {
        var bench = new PollBench([new PointSettings("fast", "holding:0") { Period = TimeSpan.FromMilliseconds(50) }, .. Row(1, 1, "@2")]);
        bench.Dead.Add(2);
        bench.Run(TimeSpan.FromSeconds(5));
        Assert.Contains(bench.Problems, p => p.Rule == PollRules.PeriodMissed);
        Assert.InRange(bench.Asked.Count(r => r.Area.Device == 1), 40, 100);
    }

    [Fact]
    public void Heartbeats_are_marks_not_receipts()
    {
        var bench = new PollBench(Row(1), new() { Host = "h", Port = 502, Heartbeat = TimeSpan.FromSeconds(5) }).Run(TimeSpan.FromSeconds(11));
        Assert.Equal([false, true, true], bench.Samples.Select(s => s.IsMark));
    }
}
