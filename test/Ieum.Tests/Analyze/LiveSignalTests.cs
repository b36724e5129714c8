using Ieum.Analyze;

namespace Ieum.Tests.Analyze;

public sealed class LiveSignalTests
{
    private static readonly DateTimeOffset Monday = new(2026, 11, 2, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Two samples a minute of noise about 100, to which <paramref name="extra"/> is added by minute.</summary>
    private static List<LiveAlarm> Run(LiveSignal signal, int from, int to, Func<int, double> extra, int seed = 5)
    {
        var alarms = new List<LiveAlarm>();
        for (var m = from; m < to; m++)
        {
            var random = new Random(seed * 100_000 + m);
            for (var s = 0; s < 2; s++)
                if (signal.Take((Monday.AddMinutes(m) + TimeSpan.FromSeconds(30 * s)).UtcTicks, 100 + MachineSeries.Normal(random) + extra(m)) is { } alarm) alarms.Add(alarm);
        }
        return alarms;
    }

    [Fact]
    public void Nothing_is_told_before_a_shift_was_learned()
    {
        Assert.Empty(Run(new(), 0, LiveSignal.Learning, m => m == 400 ? 500 : 0));
        // The minute is judged when the next one begins.
        var alarm = Assert.Single(Run(new(), 0, 1000, m => m == 800 ? 500 : 0));
        Assert.Equal((AnomalyKind.Range, Monday.AddMinutes(801), Monday.AddMinutes(770)), (alarm.Kind, alarm.To, alarm.From));
        Assert.InRange(alarm.Value, 595, 605);
        Assert.Equal(801, alarm.Samples);
    }

    [Fact]
    public void A_fortnight_of_quiet_noise_raises_at_most_one_alarm() => Assert.True(Run(new(), 0, 14 * 1440, _ => 0).Count <= 1);

    [Fact]
    public void Wrong_asks_for_more_and_right_gives_it_back()
    {
        var signal = new LiveSignal();
        signal.Answer(AlarmAnswer.Wrong, AnomalyKind.Jump, Monday);
        Assert.Equal(0.24, signal.SensitivityOf(AnomalyKind.Jump), 9);       // 0.4 · 0.6
        Assert.Equal(0.4, signal.SensitivityOf(AnomalyKind.Range), 9);       // the other kinds stay
        signal.Answer(AlarmAnswer.Right, AnomalyKind.Jump, Monday);
        Assert.Equal(0.3, signal.SensitivityOf(AnomalyKind.Jump), 9);        // · 1.25
        for (var i = 0; i < 5; i++) signal.Answer(AlarmAnswer.Right, AnomalyKind.Jump, Monday);
        Assert.Equal(0.4, signal.SensitivityOf(AnomalyKind.Jump), 9);        // never beyond the start
        for (var i = 0; i < 20; i++) signal.Answer(AlarmAnswer.Wrong, AnomalyKind.Jump, Monday);
        Assert.Equal(0.02, signal.SensitivityOf(AnomalyKind.Jump), 9);       // never deaf
    }

    [Fact]
    public void An_event_that_was_called_wrong_often_enough_is_not_told_again()
    {
        var signal = new LiveSignal();
        double Bump(int m) => m is 700 or 1100 ? 6 : 0;
        Assert.Single(Run(signal, 0, 1000, Bump));
        foreach (var kind in Enum.GetValues<AnomalyKind>()) for (var i = 0; i < 8; i++) signal.Answer(AlarmAnswer.Wrong, kind, Monday);
        Assert.Empty(Run(signal, 1000, 1500, Bump));
    }

    [Fact]
    public void A_known_time_of_the_week_stays_quiet_and_the_rest_does_not()
    {
        // Monday 12:00 is minute 720; the same time next Monday is 10,080 later. Wednesday 20:00 is none of it.
        var at = Monday.AddMinutes(721);
        var signal = new LiveSignal();
        signal.Answer(AlarmAnswer.Known, AnomalyKind.Range, at);
        Assert.Empty(Run(signal, 0, 730, m => m == 720 ? 50 : 0));
        Assert.Empty(Run(signal, 730, 10_900, m => m == 10_800 ? 500 : 0));
        Assert.Single(Run(signal, 10_900, 15_000, m => m == 14_160 ? 5000 : 0));
    }

    [Fact]
    public void A_known_time_around_the_end_of_the_week_holds_on_both_sides()
    {
        // Weeks are counted from a Monday 00:00 UTC, as 0001-01-01 was one: half an hour reaches back into Sunday.
        var signal = new LiveSignal();
        signal.Answer(AlarmAnswer.Known, AnomalyKind.Range, Monday.AddMinutes(10));
        Assert.Empty(Run(signal, 0, 10_080 + 60, m => m is 10_065 ? 90 : 0));   // Sunday 23:45
    }

    [Fact]
    public void A_saved_signal_goes_on_in_the_middle_of_a_minute()
    {
        var (whole, half) = (new LiveSignal(), new LiveSignal());
        double Bump(int m) => m == 900 ? 40 : 0;
        Run(whole, 0, 600, Bump);
        Run(half, 0, 600, Bump);
        half.Answer(AlarmAnswer.Known, AnomalyKind.Range, Monday.AddDays(3));
        whole.Answer(AlarmAnswer.Known, AnomalyKind.Range, Monday.AddDays(3));
        using var bytes = new MemoryStream();
        half.Save(new(bytes));
        bytes.Position = 0;
        Assert.Equal(Run(whole, 600, 5000, Bump), Run(LiveSignal.Load(new(bytes))!, 600, 5000, Bump));
    }

    [Fact]
    public void Late_samples_of_a_judged_minute_are_left_out()
    {
        var (plain, late) = (new LiveSignal(), new LiveSignal());
        for (var m = 0; m < 2000; m++)
        {
            var ticks = Monday.AddMinutes(m).UtcTicks;
            Assert.Equal(plain.Take(ticks, m % 7), late.Take(ticks, m % 7));
            Assert.Null(late.Take(ticks - TimeSpan.TicksPerMinute, 1e9));
            Assert.Null(late.Take(ticks, double.NaN));
        }
    }
}
