using Ieum.Analyze;
using Ieum.Node.Ui.Parts;

namespace Ieum.Node.Ui;

/// <summary>From planned time down to effective time, loss by loss.</summary>
internal static class LossWaterfall
{
    /// <summary>Bars that hang from each other: every loss begins where what is left ends. Empty when nothing was planned.</summary>
    public static IReadOnlyList<Bars.Bar> Of(OeeAnswer answer, Texts t)
    {
        var times = answer.Times;
        var planned = times.PlannedBusy;
        if (planned <= TimeSpan.Zero) return [];
        var bars = new List<Bars.Bar> { new(t["machine.loss.planned"], 0, 1, "neutral", t.Span(planned), Total: true) };
        var left = planned;
        void Lose(string key, TimeSpan loss, string fill)
        {
            if (loss <= TimeSpan.Zero) return;
            left -= loss;
            bars.Add(new(t[key], left / planned, loss / planned, fill, "−" + t.Span(loss)));
        }
        void Remain(string key, TimeSpan rest) => bars.Add(new(t[key], 0, rest / planned, "running", t.Span(rest), t.Percent(rest / planned), Total: true));

        Lose("machine.loss.delay", times.Delay, "waiting");
        Lose("machine.loss.setup", times.SetUp, "setup");
        Lose("machine.loss.down", times.Down, "fault");
        Lose("machine.loss.unknown", times.Unknown, "unknown");
        left = times.ActualProduction;
        Remain("machine.loss.production", left);
        // A performance above 1 is a routing time set too slow: no loss to show, the factor itself tells it.
        if (answer.Performance is { } performance) Lose("machine.loss.speed", left * Math.Max(0, 1 - performance), "waiting");
        if (answer.Quality is { } quality) Lose("machine.loss.quality", left * (1 - quality), "fault");
        if (answer.Oee is not null) Remain("machine.loss.effective", left);
        return bars;
    }
}
