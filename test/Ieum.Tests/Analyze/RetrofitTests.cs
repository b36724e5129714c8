using Ieum.Analyze;
using Ieum.Model;
using static Ieum.Tests.Analyze.Floor;

namespace Ieum.Tests.Analyze;

public sealed class RetrofitTests
{
    private readonly StateTracker _tracker = new();

    private static readonly Dictionary<string, SignalRole> Colours = new()
    {
        ["red"] = SignalRole.LampRed, ["amber"] = SignalRole.LampAmber, ["green"] = SignalRole.LampGreen, ["blue"] = SignalRole.LampBlue, ["buzzer"] = SignalRole.Buzzer,
    };

    private static DateTimeOffset Second(double second) => Day.AddSeconds(second);
    private MachineState Now(double second)
    {
        while (_tracker.Pass(Second(second))) { }
        return _tracker.Current.State;
    }

    private void Lamp(double second, string colour, bool on, Quality quality = Quality.Good)
    {
        while (_tracker.Pass(Second(second))) { }
        _tracker.Apply(new(new(1 + (int)Colours[colour]), Second(second).UtcTicks, Second(second).UtcTicks, SampleValue.Of(on), quality), Colours[colour]);
    }

    private void Packs(double second, SampleValue value) =>
        _tracker.Apply(new(new(99), Second(second).UtcTicks, Second(second).UtcTicks, value, Quality.Good), SignalRole.PackMlState);

    [Theory]
    [InlineData("green", MachineState.Running, MachineOverlay.None)]
    [InlineData("amber", MachineState.Stopped, MachineOverlay.None)]
    [InlineData("red", MachineState.Stopped, MachineOverlay.Fault)]
    [InlineData("blue", MachineState.Idle, MachineOverlay.SetUp)]
    public void A_steady_lamp_says_what_the_machine_does(string colour, MachineState state, MachineOverlay overlay)
    {
        Lamp(0, "green", false);
        Lamp(1, colour, true);
        Assert.Equal((state, overlay), (_tracker.Current.State, _tracker.Current.Overlay));
    }

    [Fact]
    public void The_worst_lamp_decides_and_green_runs_on_under_a_blinking_amber()
    {
        Lamp(0, "green", true);
        Lamp(10, "amber", true);
        Assert.Equal(MachineState.Stopped, Now(10));
        Lamp(20, "amber", false);
        Assert.Equal(MachineState.Running, Now(22));          // dark for the length of a blink
        for (var i = 0; i < 8; i++) Lamp(30 + i * 0.5, "amber", i % 2 == 0);
        Assert.Equal((MachineState.Running, MachineOverlay.Warning), (Now(33.9), _tracker.Current.Overlay));
    }

    [Fact]
    public void A_blinking_green_is_idle_from_its_fourth_change_until_it_stays_dark()
    {
        Lamp(0, "green", true);
        Lamp(60, "green", false);
        Assert.Equal(MachineState.Running, Now(61.9));        // it may only blink
        for (var i = 0; i < 10; i++) Lamp(60.5 + i * 0.5, "green", i % 2 == 0);   // on 60.5, off 61, on 61.5: the fourth change
        Assert.Equal(MachineState.Idle, Now(65));
        Assert.Equal("GREEN_BLINKING", _tracker.Current.Cause);
        Assert.Equal(Second(61.5), _tracker.Current.Since);   // 60 → 60.5 → 61 → 61.5: quick changes one, two, three
        Assert.Equal(MachineState.Idle, Now(67));             // off since 65: dark, which is idle too
        Assert.Equal("GREEN_BLINKING", _tracker.Current.Cause);
        Lamp(80, "green", true);
        Assert.Equal(MachineState.Running, Now(80));
    }

    [Fact]
    public void A_dark_lamp_is_idle_two_seconds_after_it_went_out_and_the_clock_alone_tells()
    {
        Lamp(0, "green", true);
        Lamp(100, "green", false);
        Assert.Equal(Second(102), _tracker.Due);
        Assert.False(_tracker.Pass(Second(101.999)));
        Assert.True(_tracker.Pass(Second(200)));
        Assert.Equal((MachineState.Idle, Second(102), "DARK"), (_tracker.Current.State, _tracker.Current.Since, _tracker.Current.Cause));
        Assert.Null(_tracker.Due);
    }

    [Fact]
    public void The_company_says_what_its_colours_mean()
    {
        var tracker = new StateTracker(new(new() { Amber = LampMeaning.Running, Dark = LampMeaning.Offline, Blink = TimeSpan.FromSeconds(1) }, new()));
        tracker.Apply(new(new(1), Day.UtcTicks, 0, SampleValue.Of(true), Quality.Good), SignalRole.LampAmber);
        Assert.Equal(MachineState.Running, tracker.Current.State);
        tracker.Apply(new(new(2), Day.UtcTicks, 0, SampleValue.Of(false), Quality.Good), SignalRole.LampGreen);
        tracker.Apply(new(new(1), Second(5).UtcTicks, 0, SampleValue.Of(false), Quality.Good), SignalRole.LampAmber);
        Assert.True(tracker.Pass(Second(6)));
        Assert.Equal(MachineState.Offline, tracker.Current.State);
    }

    [Fact]
    public void A_box_that_falls_silent_is_no_machine_that_stands_still()
    {
        Lamp(0, "green", true);
        Lamp(10, "green", true, Quality.Stale);
        Assert.Equal((MachineState.Offline, "UNAVAILABLE"), (_tracker.Current.State, _tracker.Current.Cause));
    }

    [Fact]
    public void A_controller_outranks_the_lamp()
    {
        Lamp(0, "red", true);
        _tracker.Apply(new(new(50), Second(1).UtcTicks, 0, SampleValue.Of("ACTIVE"), Quality.Good), SignalRole.Execution);
        Assert.Equal((MachineState.Running, MachineOverlay.Fault), (_tracker.Current.State, _tracker.Current.Overlay));
    }

    [Theory]
    [InlineData(6, "EXECUTE", MachineState.Running)]
    [InlineData(4, "IDLE", MachineState.Idle)]
    [InlineData(17, "COMPLETE", MachineState.Idle)]
    [InlineData(5, "SUSPENDED", MachineState.Stopped)]
    [InlineData(11, "HELD", MachineState.Stopped)]
    [InlineData(9, "ABORTED", MachineState.Stopped)]
    public void A_PackML_state_is_read_as_number_and_as_word(int number, string word, MachineState state)
    {
        Packs(0, SampleValue.Of((long)number));
        Assert.Equal((state, word), (_tracker.Current.State, _tracker.Current.Cause));
        Packs(1, SampleValue.Of("Clearing"));
        Packs(2, SampleValue.Of(word.ToLowerInvariant()));
        Assert.Equal(state, _tracker.Current.State);
        Assert.Equal(number == 9, _tracker.Current.Overlay.HasFlag(MachineOverlay.Fault));
    }

    [Fact]
    public void A_PackML_number_that_does_not_exist_is_unknown()
    {
        Packs(0, SampleValue.Of(42L));
        Assert.Equal(MachineState.Unknown, _tracker.Current.State);
    }

    /// <summary>One shift of a machine, one value a second, from a seed; with what it really did.</summary>
    private static List<(double Second, double Amps, MachineState Truth)> Shift(int seed, double standby, double work, double noise, bool withOff = false, int hours = 8)
    {
        var random = new Random(seed);
        var day = new List<(double, double, MachineState)>();
        var second = 0.0;
        while (second < hours * 3600)
        {
            foreach (var (state, least, most) in new[] { (MachineState.Idle, 30, 240), (MachineState.Running, 60, 900), (MachineState.Offline, 120, 600) })
            {
                if (state == MachineState.Offline && (!withOff || random.Next(4) > 0)) continue;
                for (var left = random.Next(least, most); left > 0 && second < hours * 3600; left--, second++)
                {
                    var level = state switch { MachineState.Running => work * (0.7 + 0.6 * random.NextDouble()), MachineState.Idle => standby, _ => 0.002 * work };
                    day.Add((second, level * (1 + noise * (random.NextDouble() + random.NextDouble() - 1)), state));
                }
            }
        }
        return day;
    }

    private static List<ClampWord> Read(IEnumerable<(double Second, double Amps, MachineState Truth)> day)
    {
        var clamp = new ClampReader(new());
        return [.. day.Select(d => clamp.Read(Second(d.Second).UtcTicks, d.Amps))];
    }

    private static double Right(List<(double Second, double Amps, MachineState Truth)> day, List<ClampWord> words, int fromSecond = 0) =>
        day.Zip(words).Skip(fromSecond).Average(p => (p.First.Truth, p.Second) is (MachineState.Running, ClampWord.Work) or (MachineState.Idle, ClampWord.Standby) or (MachineState.Offline, ClampWord.Off) ? 1.0 : 0);

    [Theory]
    [InlineData(2.1, 9.0, 0.2, false)]     // a lathe: standby 2.1 A, cutting 9 A
    [InlineData(0.4, 22.0, 0.5, false)]    // a spindle drive: next to nothing at rest
    [InlineData(6.0, 9.5, 0.1, false)]     // a hydraulic press whose pump never rests
    [InlineData(0.004, 0.03, 0.3, false)]  // a clamp that was wired to another range
    [InlineData(3.0, 14.0, 0.3, true)]     // with a main switch that is used
    public void A_shift_of_current_is_read_without_knowing_the_machine(double standby, double work, double noise, bool withOff)
    {
        for (var seed = 1; seed <= 5; seed++)
        {
            var day = Shift(seed, standby, work, noise, withOff);
            var words = Read(day);
            Assert.True(Right(day, words, 3600) >= 0.97, $"seed {seed}: {Right(day, words, 3600):P2} right after the first hour");
            Assert.True(words.FindIndex(w => w != ClampWord.Learning) < 1200, $"seed {seed}: learned only after {words.FindIndex(w => w != ClampWord.Learning)} s");
        }
    }

    [Fact]
    public void A_moved_clamp_is_known_again_within_one_shift()
    {
        var before = Shift(3, 2, 9, 0.2, hours: 24);
        var after = Shift(4, 7, 30, 0.2, hours: 16).ConvertAll(d => (d.Second + 24 * 3600, d.Amps, d.Truth));
        var day = before.Concat(after).ToList();
        var right = Right(day, Read(day), (24 + 8) * 3600);
        Assert.True(right >= 0.97, $"{right:P2} right in the second shift after the move");
    }

    [Fact]
    public void What_was_said_never_depends_on_what_came_later()
    {
        var day = Shift(9, 2.1, 9, 0.3, withOff: true, hours: 2);
        var whole = Read(day);
        foreach (var length in (int[])[1, 2, 60, 333, 1800, 4001, day.Count]) Assert.Equal(whole.Take(length), Read(day.Take(length)));
    }

    [Fact]
    public void A_machine_that_was_seen_at_one_level_only_is_not_guessed()
    {
        var random = new Random(1);
        Assert.All(Read([.. Enumerable.Range(0, 7200).Select(s => ((double)s, 8 + random.NextDouble(), MachineState.Running))]), w => Assert.Equal(ClampWord.Learning, w));
    }

    [Fact]
    public async Task The_timeline_of_a_clamp_is_the_live_state_and_its_runs_are_cycles()
    {
        // 40 cycles of 90 s cutting and 30 s loading; learned in the first minutes.
        var floor = new Floor();
        var tracker = new StateTracker();
        var running = 0;
        for (var s = 0; s < 40 * 120; s++)
        {
            var amps = s % 120 < 30 ? 2.0 + s % 7 * 0.01 : 9 + s % 11 * 0.2;
            floor.Says(At(8).AddSeconds(s), SignalRole.Current, SampleValue.Of(amps));
            tracker.Apply(new(new(1), At(8).AddSeconds(s).UtcTicks, 0, SampleValue.Of(amps), Quality.Good), SignalRole.Current);
            if (tracker.Current.State == MachineState.Running && s >= 1200) running++;
        }
        var range = new TimeRange(At(8, 20), At(9, 20));
        var spans = await floor.Analyst.TimelineAsync(Mc1, range, TestContext.Current.CancellationToken);
        Assert.Equal(running, (int)spans.Where(s => s.State == MachineState.Running).Sum(s => s.Range.Duration.TotalSeconds));
        Assert.Equal(30 * 90, running, 30.0);
        var cycles = Assert.Single(await floor.Analyst.CyclesAsync(Mc1, range, [], TestContext.Current.CancellationToken));
        Assert.Equal(90, cycles.Median.TotalSeconds, 1.0);
        Assert.InRange(cycles.Count, 28, 30);
    }

    [Theory]
    [InlineData(6.0)]
    [InlineData(42.5)]
    public void A_press_that_never_rests_gives_its_cycle_time_by_repetition(double period)
    {
        var random = new Random(7);
        var (points, cycles) = (new List<PeriodFinder.Point>(), 0);
        var begin = 0.0;
        while (cycles < 120)
        {
            var length = period * (0.97 + 0.06 * random.NextDouble());
            for (var t = 0.0; t < length; t += 0.25)
            {
                var phase = t / length;
                var amps = 5 + (phase is > 0.1 and < 0.35 ? 8 : 0) + (phase is > 0.5 and < 0.6 ? 3 : 0) + random.NextDouble();
                points.Add(new(Second(begin + t).UtcTicks, amps));
            }
            begin += length;
            cycles++;
        }
        var found = PeriodFinder.Find(points);
        Assert.InRange(found.Length, 108, 120);
        Assert.Equal(period, found.Average(c => (c.To - c.From) / (double)TimeSpan.TicksPerSecond), period * 0.02);
    }

    [Fact]
    public void Noise_has_no_cycles()
    {
        var random = new Random(2);
        Assert.Empty(PeriodFinder.Find([.. Enumerable.Range(0, 4000).Select(i => new PeriodFinder.Point(Second(i).UtcTicks, random.NextDouble()))]));
        Assert.Empty(PeriodFinder.Find([.. Enumerable.Range(0, 4000).Select(i => new PeriodFinder.Point(Second(i).UtcTicks, 5))]));
    }
}
