using Ieum.Analyze;
using Ieum.Model;
using Ieum.Node.Store;
using Ieum.Node.Views;
using Ieum.Record;
using Microsoft.Extensions.Options;

namespace Ieum.Node.Loop;

/// <summary>When the nightly look was last made, and with which machine the next one begins.</summary>
internal sealed record NightlyState(DateTimeOffset Last, int Next);

/// <summary>
/// Once a night: learns from the week before how the cycles of each signal look and how the signals of each machine go together, and judges
/// the last day by it. Only time in which the machine ran counts. Findings go to the same inbox as those of the day.
/// </summary>
internal sealed class NightlyModels(
    IRecorder recorder, IAnalyst analyst, FactoryState factory, AnomalyWatch watch, AnomalyStore store, DocumentStore documents, IOptions<AnomalyOptions> options, Clocks clocks, ILogger<NightlyModels> log)
    : BackgroundService
{
    private const string State = "anomaly/nightly";
    private const int MostSignals = 16, MostPerModel = 3, LeastMinutes = 2, Coarse = 10;
    private const double WrongFactor = 1.25, RightFactor = 0.8, MostTolerance = 4;
    private static readonly TimeSpan Learned = TimeSpan.FromDays(7), Judged = TimeSpan.FromDays(1), Second = TimeSpan.FromSeconds(1), Minute = TimeSpan.FromMinutes(1), KnownMargin = TimeSpan.FromMinutes(30), Week = TimeSpan.FromDays(7);
    private readonly NightlyData _data = new(recorder);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!options.Value.Enabled || !options.Value.Nightly) return;
        var state = await documents.FindAsync<NightlyState>(State, stoppingToken) ?? new(clocks.Factory.GetUtcNow(), 0);
        try
        {
            while (true)
            {
                var wait = Due(state.Last, options.Value.NightlyAt) - clocks.Factory.GetUtcNow();
                if (wait > TimeSpan.Zero) await Task.Delay(wait, clocks.Factory, stoppingToken);
                var now = clocks.Factory.GetUtcNow();
                var next = state.Next;
                try
                {
                    next = await LookAsync(now, state.Next, stoppingToken);
                }
                catch (Exception e) when (e is not OperationCanceledException)
                {
                    Log.TurnFailed(log, e, "nightly");
                }
                await documents.SaveAsync(State, state = new(now, next), "nightly", stoppingToken);
            }
        }
        catch (OperationCanceledException)
        {
            // the node stops
        }
    }

    /// <summary>The first time of day after the last look; what was missed is made up once.</summary>
    internal static DateTimeOffset Due(DateTimeOffset last, TimeSpan at)
    {
        var due = new DateTimeOffset(last.UtcDateTime.Date, TimeSpan.Zero) + at;
        return due > last ? due : due.AddDays(1);
    }

    /// <summary>One look at all machines, from the given one on, until the time allowed is used up.</summary>
    /// <returns>The machine that the next look begins with.</returns>
    internal async Task<int> LookAsync(DateTimeOffset now, int first, CancellationToken cancel)
    {
        var begun = clocks.Wire.GetTimestamp();
        Machine[] machines = [.. factory.Company.Machines];
        var answered = (await store.ListAsync(1000, cancel)).Where(f => f.Answer is not null).ToList();
        for (var k = 0; k < machines.Length; k++)
        {
            if (clocks.Wire.GetElapsedTime(begun) > options.Value.NightlyBudget) return (first + k) % machines.Length;
            var machine = machines[(first + k) % machines.Length].Id;
            var (before, day) = (new TimeRange(now - Judged - Learned, now - Judged), new TimeRange(now - Judged, now));
            List<(SignalNumber Number, Signal Signal)> signals = [.. recorder.Of(machine).Where(s => s.Signal.Kind is ValueKind.Real or ValueKind.Integer && AnomalyWatch.Watches(s.Signal) && recorder.Last(s.Number) is not null)];
            if (signals.Count == 0) continue;
            var spans = await analyst.TimelineAsync(machine, new(before.From, day.To), cancel);
            var (then, today) = (NightlyData.Running(spans, before), NightlyData.Running(spans, day));
            foreach (var (number, signal) in signals)
                await RestingAsync(() => ShapesAsync(number, signal, then, today, answered, cancel), cancel);
            await RestingAsync(() => TogetherAsync(signals, then, today, answered, cancel), cancel);
        }
        return 0;
    }

    /// <summary>Works, and rests as long: half of one core at most, so that the day's work goes before.</summary>
    private async Task RestingAsync(Func<Task> work, CancellationToken cancel)
    {
        var begun = clocks.Wire.GetTimestamp();
        await Task.Run(work, cancel);
        await Task.Delay(clocks.Wire.GetElapsedTime(begun), clocks.Wire, cancel);
    }

    private async Task ShapesAsync(SignalNumber number, Signal signal, IReadOnlyList<TimeRange> then, IReadOnlyList<TimeRange> today, List<AnomalyFinding> answered, CancellationToken cancel)
    {
        var learned = await _data.ReadAsync(number, then, Second, cancel);
        var coarse = false;
        if (ShapeModel.Fit(NightlyData.Joined(learned)) is not { } model)
        {
            coarse = true;
            if (ShapeModel.Fit(NightlyData.Joined(NightlyData.Coarser(learned, Coarse))) is not { } slow) return;   // not cyclic, or too short a past
            model = slow;
        }
        var judged = await _data.ReadAsync(number, today, Second, cancel);
        if (coarse) judged = NightlyData.Coarser(judged, Coarse);
        var (tolerance, found) = (ToleranceOf(number, AnomalyKind.Shape, answered), new List<LiveAlarm>());
        foreach (var s in judged)
            foreach (var (from, score) in model.Unusual(s.Values, tolerance / (1 + tolerance)))
                found.Add(new(s.From + s.Step * from, s.From + s.Step * (from + model.Period), AnomalyKind.Shape, score, s.Values.AsSpan(from, model.Period).ToArray().Average(), model.Windows, model.Confidence));
        await ReportAsync(found, number, signal, answered, ShapeModel.Model, ShapeModel.Version, "windows", cancel);
    }

    private async Task TogetherAsync(List<(SignalNumber Number, Signal Signal)> signals, IReadOnlyList<TimeRange> then, IReadOnlyList<TimeRange> today, List<AnomalyFinding> answered, CancellationToken cancel)
    {
        signals = [.. signals.Take(MostSignals)];
        var learned = await RowsAsync(signals, then, cancel);
        if (TogetherModel.Fit([.. learned.SelectMany(r => r.Rows)]) is not { } model) return;
        var median = Enumerable.Range(0, signals.Count).Select(j => learned.SelectMany(r => r.Rows).Select(r => r[j]).Where(double.IsFinite).Order().ToArray() is { Length: > 0 } all ? all[all.Length / 2] : double.NaN).ToArray();
        foreach (var (from, rows) in await RowsAsync(signals, today, cancel))
        {
            List<(int Signal, LiveAlarm Alarm)> found = [];
            for (var i = 0; i < rows.Count; i++)
            {
                // A single minute may be two changes that fell into one; two in a row are not.
                var end = i;
                while (end < rows.Count && model.Score(rows[end]) >= 0.5) end++;
                if (end - i >= LeastMinutes)
                {
                    var worst = Enumerable.Range(i, end - i).MaxBy(r => model.Score(rows[r]));
                    // The signal that would have to be as usual for the rest to be as usual.
                    var odd = Enumerable.Range(0, signals.Count).MinBy(j => model.Score([.. rows[worst].Select((v, c) => c == j ? median[j] : v)]));
                    var (score, tolerance) = (model.Score(rows[worst]), ToleranceOf(signals[odd].Number, AnomalyKind.Together, answered));
                    if (score >= tolerance / (1 + tolerance)) found.Add((odd, new(from + Minute * i, from + Minute * end, AnomalyKind.Together, score, rows[worst][odd], model.Rows, model.Confidence)));
                }
                if (end > i) i = end - 1;
            }
            foreach (var g in found.GroupBy(f => f.Signal))
                await ReportAsync([.. g.Select(f => f.Alarm)], signals[g.Key].Number, signals[g.Key].Signal, answered, TogetherModel.Model, TogetherModel.Version, "min", cancel);
        }
    }

    /// <summary>Per stretch one row a minute with the mean of every signal.</summary>
    private async Task<List<(DateTimeOffset From, List<double[]> Rows)>> RowsAsync(List<(SignalNumber Number, Signal Signal)> signals, IReadOnlyList<TimeRange> when, CancellationToken cancel)
    {
        var columns = new List<List<NightlyData.Stretch>>();
        foreach (var (number, _) in signals) columns.Add(await _data.ReadAsync(number, when, Minute, cancel));
        return [.. Enumerable.Range(0, columns[0].Count).Select(s => (columns[0][s].From, Enumerable.Range(0, columns[0][s].Values.Length).Select(i => columns.Select(c => c[s].Values[i]).ToArray()).ToList()))];
    }

    /// <summary>How much more than usual is asked of a signal that raised false alarms; answers of the inbox, each counting once.</summary>
    internal static double ToleranceOf(SignalNumber signal, AnomalyKind kind, IEnumerable<AnomalyFinding> answered)
    {
        var tolerance = 1.0;
        foreach (var f in answered.Where(f => f.Signal == signal.Value && f.Kind == kind).OrderBy(f => f.Number))
            tolerance = Math.Clamp(tolerance * f.Answer switch { AlarmAnswer.Wrong => WrongFactor, AlarmAnswer.Right => RightFactor, _ => 1 }, 1, MostTolerance);
        return tolerance;
    }

    /// <summary>The strongest few, by time; what a person called known at this time of the week stays quiet.</summary>
    private async Task ReportAsync(List<LiveAlarm> found, SignalNumber number, Signal signal, List<AnomalyFinding> answered, string model, string version, string learned, CancellationToken cancel)
    {
        bool IsKnown(LiveAlarm a) => answered.Any(f => f.Answer == AlarmAnswer.Known && f.Signal == number.Value && f.Kind == a.Kind
            && (a.To - f.At).Duration().Ticks % Week.Ticks is var off && (off <= KnownMargin.Ticks || Week.Ticks - off <= KnownMargin.Ticks));
        foreach (var a in found.Where(a => !IsKnown(a)).OrderByDescending(a => a.Score).Take(MostPerModel).OrderBy(a => a.From))
            await watch.ReportAsync(number, signal, a, model, version, learned, cancel);
    }
}
