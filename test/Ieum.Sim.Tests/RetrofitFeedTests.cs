using System.Globalization;
using Ieum.Sim.Feeds;

namespace Ieum.Sim.Tests;

public sealed class RetrofitFeedTests
{
    private static readonly DateTimeOffset Start = new(2026, 11, 2, 8, 0, 0, TimeSpan.FromHours(9));

    private sealed class Script(params (double Second, string Item, string Value)[] lines) : IFeed
    {
        private int _at;

        public bool Advance(DateTimeOffset until, List<FeedLine> into, int limit)
        {
            for (; _at < lines.Length && Start.AddSeconds(lines[_at].Second) <= until; _at++)
                into.Add(new(Start.AddSeconds(lines[_at].Second).UtcTicks, lines[_at].Item, lines[_at].Value));
            return _at < lines.Length;
        }
    }

    [Fact]
    public void The_lamp_follows_the_machine_and_a_cycle_is_counted_when_it_ends()
    {
        var feed = new RetrofitFeed(new Script((0, "execution", "READY"), (10, "execution", "ACTIVE"), (70, "execution", "FEED_HOLD"),
            (80, "system", "Fault|7|||stop"), (81, "execution", "READY"), (90, "system", "Normal||||"), (91, "execution", "READY")), seed: 1);
        var lines = GeneratedDays.Until(feed, Start.AddSeconds(100)).Where(l => l.Item != "current")
            .Select(l => $"{(l.Ticks - Start.UtcTicks) / TimeSpan.TicksPerSecond} {l.Item} {l.Value}").ToList();
        Assert.Equal(
        [
            "0 in_cycle false", "0 lamp_green false", "0 lamp_amber false", "0 lamp_red false", "0 cycle_count 0",
            "10 in_cycle true", "10 lamp_green true",
            "70 in_cycle false", "70 lamp_green false", "70 lamp_amber true",
            "80 lamp_red true", "81 lamp_amber false", "81 cycle_count 1", "90 lamp_red false",   // the hold belongs to the cycle
        ], lines);
    }

    [Fact]
    public void The_clamp_reads_two_amperes_at_rest_and_the_spindle_on_top_when_running()
    {
        var feed = new RetrofitFeed(new Script((0, "execution", "READY"), (60, "execution", "ACTIVE"), (60, "Sload", "50"), (200, "x", "end")), seed: 1);
        var amps = GeneratedDays.Until(feed, Start.AddSeconds(120)).Where(l => l.Item == "current")
            .Select(l => (Second: (l.Ticks - Start.UtcTicks) / TimeSpan.TicksPerSecond, Amps: double.Parse(l.Value, CultureInfo.InvariantCulture))).ToList();
        // 2.1 A at rest; 7.5 + 50 × 0.11 = 13 A running; noise ±0.36 A at most.
        Assert.All(amps.Where(a => a.Second < 60), a => Assert.InRange(a.Amps, 1.7, 2.5));
        Assert.All(amps.Where(a => a.Second > 60), a => Assert.InRange(a.Amps, 12.6, 13.4));
        Assert.Contains(amps, a => a.Second is 60 or 61);
    }
}
