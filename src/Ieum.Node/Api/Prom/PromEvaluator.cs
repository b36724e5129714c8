using Ieum.Model;
using Ieum.Record;

namespace Ieum.Node.Api.Prom;

/// <summary>One series of an answer: its labels, and a value per step; NaN with <c>Has</c> false where it has none.</summary>
internal sealed record PromSeries(SortedDictionary<string, string> Labels, double[] Values, bool[] Has);

/// <summary>Answers parsed questions from the recorder. Numbers only: texts have no value in Prometheus' model and are left out.</summary>
/// <param name="steps">Instants in UTC ticks, ascending.</param>
/// <param name="lookback">How long a value holds when no newer one comes.</param>
internal sealed class PromEvaluator(IRecorder recorder, long[] steps, TimeSpan lookback, CancellationToken cancel)
{
    private const int MostSeries = 1000;
    private const long MostSamples = 20_000_000;
    private long _samples;

    public async Task<List<PromSeries>> EvaluateAsync(PromExpr expression) => expression switch
    {
        PromExpr.Number n => [Constant(n.Value)],
        PromExpr.Selector { Range: not null } => throw new PromException("a range of samples cannot be drawn; put a function around it, for example avg_over_time(…[5m])"),
        PromExpr.Selector s => await SelectAsync(s, (window, at) => window.Last(at)).ConfigureAwait(false),
        PromExpr.Call { Argument: PromExpr.Selector { Range: { } range } s } c => WithoutName(await SelectAsync(s, (window, at) => window.Over(c.Function, at, range), c.Function != "last_over_time").ConfigureAwait(false), c.Function != "last_over_time"),
        PromExpr.Call c => WithoutName([.. (await EvaluateAsync(c.Argument).ConfigureAwait(false)).Select(s => s with { Values = [.. s.Values.Select(v => Apply(c.Function, v))] })], true),
        PromExpr.Aggregate a => Aggregate(a, await EvaluateAsync(a.Argument).ConfigureAwait(false)),
        PromExpr.Binary b => Combine(b.Operation, await EvaluateAsync(b.Left).ConfigureAwait(false), await EvaluateAsync(b.Right).ConfigureAwait(false), b.Left is PromExpr.Number, b.Right is PromExpr.Number),
        _ => throw new PromException("this kind of question is not known here"),
    };

    /// <summary>Signals that fit, with their labels.</summary>
    public static List<(SignalNumber Number, SortedDictionary<string, string> Labels)> Find(IRecorder recorder, IReadOnlyList<Matcher> matchers)
    {
        List<(SignalNumber, SortedDictionary<string, string>)> found = [];
        foreach (var (number, signal) in recorder.All())
        {
            var labels = LabelsOf(number, signal);
            // Every signal also answers to one common name, for names that consist of letters Prometheus has no room for.
            if (matchers.All(m => m.Holds(labels.GetValueOrDefault(m.Label)) || (m.Label == "__name__" && m.Holds(CommonName) && !m.Holds("")))) found.Add((number, labels));
        }
        return found;
    }

    public const string CommonName = "ieum_signal";

    public static SortedDictionary<string, string> LabelsOf(SignalNumber number, Signal signal)
    {
        var name = string.Concat(signal.Id.Name.Select(c => char.IsAsciiLetterOrDigit(c) || c is '_' or ':' ? c : '_'));
        if (char.IsAsciiDigit(name[0])) name = "_" + name;
        return new(StringComparer.Ordinal)
        {
            ["__name__"] = name.All(c => c == '_') ? CommonName : name,
            ["machine"] = signal.Id.Machine.Value, ["signal"] = signal.Id.Name, ["unit"] = signal.Unit.Code,
            ["number"] = number.Value.ToString(System.Globalization.CultureInfo.InvariantCulture),
        };
    }

    private async Task<List<PromSeries>> SelectAsync(PromExpr.Selector selector, Func<PromWindow, long, double?> value, bool bare = false)
    {
        var signals = Find(recorder, selector.Matchers);
        if (signals.Count > MostSeries) throw new PromException($"{signals.Count} series fit; at most {MostSeries} are answered. Name a machine or a signal");
        var reach = selector.Range ?? lookback;
        List<PromSeries> series = [];
        foreach (var (number, labels) in signals)
        {
            var offset = selector.Offset.Ticks;
            var from = Math.Max(0, steps[0] - offset - reach.Ticks);
            var window = new PromWindow(lookback);
            await foreach (var s in recorder.RangeAsync(number, new(new(from, TimeSpan.Zero), new(steps[^1] - offset + 1, TimeSpan.Zero)), cancel).ConfigureAwait(false))
            {
                if (++_samples > MostSamples) throw new PromException($"the question looks at more than {MostSamples} samples; ask for a shorter time or fewer series");
                window.Add(s);
            }
            if (window.Count == 0) continue;
            var answer = new PromSeries(labels, new double[steps.Length], new bool[steps.Length]);
            var any = false;
            for (var i = 0; i < steps.Length; i++)
            {
                if (value(window, steps[i] - offset) is not { } v) continue;
                (answer.Values[i], answer.Has[i], any) = (v, true, true);
            }
            if (any) series.Add(answer);
        }
        return series;
    }

    private PromSeries Constant(double value)
    {
        var series = new PromSeries([], new double[steps.Length], new bool[steps.Length]);
        Array.Fill(series.Values, value);
        Array.Fill(series.Has, true);
        return series;
    }

    private static List<PromSeries> WithoutName(List<PromSeries> series, bool drop)
    {
        if (drop) foreach (var s in series) s.Labels.Remove("__name__");
        return series;
    }

    private static double Apply(string function, double v) => function switch
    {
        "abs" => Math.Abs(v), "ceil" => Math.Ceiling(v), "floor" => Math.Floor(v), "sqrt" => Math.Sqrt(v), _ => Math.Floor(v + 0.5),
    };

    private List<PromSeries> Aggregate(PromExpr.Aggregate a, List<PromSeries> series)
    {
        var groups = new Dictionary<string, (SortedDictionary<string, string> Labels, List<PromSeries> Members)>();
        foreach (var s in series)
        {
            var labels = new SortedDictionary<string, string>(StringComparer.Ordinal);
            foreach (var (k, v) in s.Labels)
                if (a.Without ? k != "__name__" && !a.Labels.Contains(k) : a.Labels.Contains(k)) labels[k] = v;
            var key = string.Join('\u0001', labels.Select(l => $"{l.Key}\u0002{l.Value}"));
            if (!groups.TryGetValue(key, out var group)) groups[key] = group = (labels, []);
            group.Members.Add(s);
        }
        return [.. groups.Values.Select(g =>
        {
            var answer = new PromSeries(g.Labels, new double[steps.Length], new bool[steps.Length]);
            for (var i = 0; i < steps.Length; i++)
            {
                var values = g.Members.Where(m => m.Has[i]).Select(m => m.Values[i]).ToList();
                if (values.Count == 0) continue;
                answer.Has[i] = true;
                answer.Values[i] = a.Operation switch { "sum" => values.Sum(), "avg" => values.Average(), "min" => values.Min(), "max" => values.Max(), _ => values.Count };
            }
            return answer;
        })];
    }

    private List<PromSeries> Combine(char operation, List<PromSeries> left, List<PromSeries> right, bool leftNumber, bool rightNumber)
    {
        double Of(double a, double b) => operation switch { '+' => a + b, '-' => a - b, '*' => a * b, '/' => a / b, _ => a % b };
        PromSeries Both(PromSeries l, PromSeries r, SortedDictionary<string, string> labels)
        {
            var answer = new PromSeries(labels, new double[steps.Length], new bool[steps.Length]);
            for (var i = 0; i < steps.Length; i++)
                if (answer.Has[i] = l.Has[i] && r.Has[i]) answer.Values[i] = Of(l.Values[i], r.Values[i]);
            return answer;
        }
        if (leftNumber) return WithoutName([.. right.Select(r => Both(left[0], r, r.Labels))], true);
        if (rightNumber) return WithoutName([.. left.Select(l => Both(l, right[0], l.Labels))], true);
        static string Key(PromSeries s) => string.Join('\u0001', s.Labels.Where(l => l.Key != "__name__").Select(l => $"{l.Key}\u0002{l.Value}"));
        var by = right.GroupBy(Key).ToDictionary(g => g.Key, g => g.First());
        return WithoutName([.. left.Where(l => by.ContainsKey(Key(l))).Select(l => Both(l, by[Key(l)], l.Labels))], true);
    }
}

/// <summary>The samples of one series, asked at ascending instants.</summary>
internal sealed class PromWindow(TimeSpan lookback)
{
    private readonly List<long> _ticks = [];
    private readonly List<double> _values = [];   // NaN: known to have no value from here on
    private int _end;

    public int Count => _ticks.Count;

    public void Add(Sample s)
    {
        var number = s.Quality <= Quality.Uncertain ? s.Value.Number : double.NaN;
        _ticks.Add(s.SourceTicks);
        _values.Add(number);
    }

    /// <summary>The newest value at or before an instant, unless it is older than the lookback or said to be gone.</summary>
    public double? Last(long at)
    {
        Move(at);
        return _end == 0 || _ticks[_end - 1] <= at - lookback.Ticks || double.IsNaN(_values[_end - 1]) ? null : _values[_end - 1];
    }

    /// <summary>A function over the samples after <c>at - range</c> up to and with <c>at</c>, as Prometheus defines it.</summary>
    public double? Over(string function, long at, TimeSpan range)
    {
        Move(at);
        List<(long Ticks, double Value)> inside = [];
        for (var i = _end - 1; i >= 0 && _ticks[i] > at - range.Ticks; i--)
            if (!double.IsNaN(_values[i])) inside.Add((_ticks[i], _values[i]));
        inside.Reverse();
        if (inside.Count == 0) return null;
        switch (function)
        {
            case "avg_over_time": return inside.Average(s => s.Value);
            case "min_over_time": return inside.Min(s => s.Value);
            case "max_over_time": return inside.Max(s => s.Value);
            case "sum_over_time": return inside.Sum(s => s.Value);
            case "count_over_time": return inside.Count;
            case "last_over_time": return inside[^1].Value;
            case "changes": return inside.Zip(inside.Skip(1)).Count(p => !p.First.Value.Equals(p.Second.Value));
        }
        if (inside.Count < 2) return null;
        if (function == "irate")
        {
            var (before, last) = (inside[^2], inside[^1]);
            var rise = last.Value < before.Value ? last.Value : last.Value - before.Value;
            return rise / ((last.Ticks - before.Ticks) / (double)TimeSpan.TicksPerSecond);
        }
        return Extrapolated(function, inside, at, range);
    }

    // The rule of Prometheus: the increase between first and last sample (a fall of a counter is a restart from 0) is carried on to
    // the ends of the range, but by at most half a mean distance where samples do not reach near them, and not below zero.
    private static double Extrapolated(string function, List<(long Ticks, double Value)> inside, long at, TimeSpan range)
    {
        var counter = function != "delta";
        var rise = inside[^1].Value - inside[0].Value;
        if (counter)
            for (var i = 1; i < inside.Count; i++)
                if (inside[i].Value < inside[i - 1].Value) rise += inside[i - 1].Value;
        const double PerSecond = TimeSpan.TicksPerSecond;
        var toStart = (inside[0].Ticks - (at - range.Ticks)) / PerSecond;
        var toEnd = (at - inside[^1].Ticks) / PerSecond;
        var sampled = (inside[^1].Ticks - inside[0].Ticks) / PerSecond;
        if (sampled <= 0) return 0;
        var mean = sampled / (inside.Count - 1);
        if (toStart >= mean * 1.1) toStart = mean / 2;
        if (counter && rise > 0 && inside[0].Value >= 0) toStart = Math.Min(toStart, sampled * (inside[0].Value / rise));
        if (toEnd >= mean * 1.1) toEnd = mean / 2;
        rise *= (sampled + toStart + toEnd) / sampled;
        return function == "rate" ? rise / range.TotalSeconds : rise;
    }

    private void Move(long at)
    {
        while (_end < _ticks.Count && _ticks[_end] <= at) _end++;
    }
}
