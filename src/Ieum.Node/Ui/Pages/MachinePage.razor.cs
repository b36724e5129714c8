using System.Collections.Immutable;
using System.Globalization;
using Ieum.Analyze;
using Ieum.Model;
using Ieum.Node.Ui.Parts;
using Microsoft.AspNetCore.Components;

namespace Ieum.Node.Ui.Pages;

public partial class MachinePage
{
    private static readonly int[] Ranges = [1, 8, 24, 168];
    // Live values repaint with every change; histories are asked for this often while the page looks at now.
    private static readonly TimeSpan HistoryAge = TimeSpan.FromSeconds(10);

    private sealed record History(TimeRange Range, ImmutableArray<StateSpan> Timeline, OeeAnswer Oee, ImmutableArray<AlarmLine> Alarms, ImmutableArray<CycleStatistics> Cycles, Chart.Series? Trend);

    private History? _history;
    private string? _shown;
    private long _asked;

    [Parameter] public string Id { get; set; } = "";

    /// <summary>Length of the period in hours; 8 when left out.</summary>
    [SupplyParameterFromQuery(Name = "hours")] public int? Hours { get; set; }

    /// <summary>End of the period; now when left out.</summary>
    [SupplyParameterFromQuery(Name = "to")] public string? ToQuery { get; set; }

    /// <summary>Number of the signal whose trend is drawn.</summary>
    [SupplyParameterFromQuery(Name = "signal")] public int? Signal { get; set; }

    private DateTimeOffset? To => Texts.Instant(ToQuery);
    private int Length => Hours is { } h && Ranges.Contains(h) ? h : 8;
    private TimeRange Range => (To ?? Floor.Now) is var to ? new TimeRange(to.AddHours(-Length), to) : default;
    private Views.MachineCard? Card => Identifier.IsValid(Id) ? Floor.Card(new MachineId(Id)) : null;
    private IReadOnlyList<LastValue> Values => Floor.Values(new MachineId(Id));

    protected override void Follow() => Floor.Changed += OnChanged;
    protected override void Unfollow() => Floor.Changed -= OnChanged;

    // The first paint shows what is in memory; histories follow when the page is live.
    protected override async Task OnParametersSetAsync()
    {
        var key = $"{Id}|{Length}|{To:O}|{Signal}";
        if (key == _shown || !RendererInfo.IsInteractive) return;
        _shown = key;
        if (_history?.Range != Range) _history = Signal is null ? null : _history;
        await LoadAsync();
    }

    protected override Task ReadAsync() => To is null && _history is not null && Wire.GetElapsedTime(_asked) > HistoryAge ? LoadAsync() : Task.CompletedTask;

    private async Task LoadAsync()
    {
        if (Card is null) return;
        _asked = Wire.GetTimestamp();
        var (machine, range, key) = (new MachineId(Id), Range, _shown);
        try
        {
            var timeline = await Floor.TimelineAsync(machine, range, Leaving);
            var oee = await Floor.OeeAsync(machine, range, Leaving);
            var alarms = await Floor.AlarmsAsync(machine, range, Leaving);
            var cycles = await Floor.CyclesAsync(machine, range, Leaving);
            var trend = await TrendAsync(machine, range);
            if (key == _shown) _history = new History(range, timeline, oee, alarms, cycles, trend);
        }
        catch (OperationCanceledException) when (Leaving.IsCancellationRequested) { /* the reader left before the answer came */ }
    }

    private async Task<Chart.Series?> TrendAsync(MachineId machine, TimeRange range)
    {
        if (Signal is not { } number || Floor.Values(machine).FirstOrDefault(v => v.Number.Value == number) is not { } value) return null;
        var buckets = await Floor.TrendAsync(value.Number, range, range.Duration / 300, Leaving);
        return new Chart.Series(value.Signal.Id.Name, value.Signal.Unit.Symbol,
            [.. buckets.Select(b => b.Range.From.ToUnixTimeMilliseconds())],
            [.. buckets.Select(b => Known(b.Average))], [.. buckets.Select(b => Known(b.Min))], [.. buckets.Select(b => Known(b.Max))]);

        static double? Known(double v) => double.IsFinite(v) ? v : null;
    }

    private List<Bars.Bar> Pareto(ImmutableArray<AlarmLine> alarms)
    {
        var longest = Math.Max(1, alarms.Max(a => a.Duration.Ticks));
        return [.. alarms.Take(8).Select(a => new Bars.Bar($"{a.Code} {a.Message}".Trim(), 0, (double)a.Duration.Ticks / longest,
            a.Level == ConditionLevel.Fault ? "fault" : "waiting", T.Span(a.Duration),
            $"{T["machine.alarms.times", T.Number(a.Count)]} · {T["machine.alarms.last", T.Clock(a.Last)]}"))];
    }

    private static IEnumerable<IReadOnlyList<string>> CycleRows(ImmutableArray<CycleStatistics> cycles) =>
        cycles.Select(c => (IReadOnlyList<string>)[c.Subject, c.Count.ToString(CultureInfo.InvariantCulture), S(c.Median), S(c.Low), S(c.High), S(c.P10), S(c.P90)])
            .Prepend(["subject", "cycles", "median_s", "low_s", "high_s", "p10_s", "p90_s"]);

    private static string S(TimeSpan t) => t.TotalSeconds.ToString("0.###", CultureInfo.InvariantCulture);

    /// <summary>The same period in the history explorer, with the chosen signal where there is one.</summary>
    private string Explore()
    {
        var range = _history?.Range ?? Range;
        var query = To is null ? $"span={(Length * 3600).ToString(CultureInfo.InvariantCulture)}" : string.Create(CultureInfo.InvariantCulture, $"from={range.From.UtcDateTime:yyyy-MM-ddTHH:mm:ssZ}&to={range.To.UtcDateTime:yyyy-MM-ddTHH:mm:ssZ}");
        return $"/explore?{(Signal is { } s ? $"s={s.ToString(CultureInfo.InvariantCulture)}&" : "")}{query}&m={Uri.EscapeDataString(Id)}";
    }

    private string Here(int hours, DateTimeOffset? to, int? signal)
    {
        var query = new List<string>();
        if (hours != 8) query.Add($"hours={hours.ToString(CultureInfo.InvariantCulture)}");
        if (to is { } t && t < Floor.Now) query.Add($"to={Uri.EscapeDataString(t.ToUniversalTime().ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture))}");
        if (signal is { } s) query.Add($"signal={s.ToString(CultureInfo.InvariantCulture)}");
        return $"/machine/{Uri.EscapeDataString(Id)}{(query.Count > 0 ? "?" + string.Join('&', query) : "")}";
    }
}
