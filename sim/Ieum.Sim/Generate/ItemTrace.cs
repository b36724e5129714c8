using System.Globalization;
using Ieum.Sim.Machines;

namespace Ieum.Sim.Generate;

/// <summary>Collects one item's changes while the machine runs and while it does not.</summary>
internal sealed class ItemTrace(DataItem item)
{
    private readonly List<double> _running = [], _idle = [];
    private readonly Dictionary<string, int> _words = new(StringComparer.Ordinal);
    private readonly List<(double A, double B)> _pairs = [];
    private readonly bool _numeric = item.Units is not null and not "MILLIMETER_3D" || item.Type is "LINE" or "MESSAGE" or "TOOL_GROUP" or "TOOL_NUMBER";
    private const double Trim = 0.005;

    private string? _last;
    private int _runningChanges, _idleChanges, _decimals, _odd;

    public bool Any => _runningChanges + _idleChanges > 0;

    /// <param name="running">Null when the machine is out of reach or the line is part of a head: the value is known, the change not counted.</param>
    public void See(string value, bool? running)
    {
        if (value == _last) return;
        var previous = _last;
        _last = value;
        if (running is not { } runs) return;
        if (runs) _runningChanges++; else _idleChanges++;
        // A path position is three numbers; its first axis stands for its life, the generator takes the axes' own positions.
        if (_numeric && double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number))
        {
            var point = value.IndexOf('.', StringComparison.Ordinal);
            if (point >= 0 && !value.Contains('E', StringComparison.OrdinalIgnoreCase)) _decimals = Math.Max(_decimals, Math.Min(6, value.Length - point - 1));
            (runs ? _running : _idle).Add(number);
            if (previous is not null && double.TryParse(previous, NumberStyles.Float, CultureInfo.InvariantCulture, out var before)) _pairs.Add((before, number));
            return;
        }
        _odd++;
        if (item.Units is null) _words[value] = _words.GetValueOrDefault(value) + 1;
    }

    public ItemModel Model(double runningSeconds, double idleSeconds)
    {
        var words = _odd > (_running.Count + _idle.Count) / 2 && _words.Count > 0
            ? ModelFit.Shares(_words.OrderByDescending(w => w.Value).Take(20).ToDictionary(w => w.Key, w => w.Value)) : null;
        return new(_decimals, ModelFit.Round(Math.Clamp(RankCorrelation(), 0, 0.995)),
            new(ModelFit.Round(_runningChanges / Math.Max(1, runningSeconds)), words is null ? Quantiles.Of(_running, 20, Trim) : []),
            new(ModelFit.Round(_idleChanges / Math.Max(1, idleSeconds)), words is null ? Quantiles.Of(_idle, 20, Trim) : []), words);
    }

    /// <summary>Spearman's, ties ranked in order of arrival: good enough for a memory between 0 and 1.</summary>
    private double RankCorrelation()
    {
        if (_pairs.Count < 20) return 0;
        var a = Ranks(_pairs.Select(p => p.A));
        var b = Ranks(_pairs.Select(p => p.B));
        double mean = (_pairs.Count - 1) / 2.0, cross = 0, square = 0;
        for (var i = 0; i < a.Length; i++)
        {
            cross += (a[i] - mean) * (b[i] - mean);
            square += (a[i] - mean) * (a[i] - mean);
        }
        return cross / square;
    }

    private static double[] Ranks(IEnumerable<double> values)
    {
        var ordered = values.Select((v, i) => (v, i)).OrderBy(p => p.v).ToArray();
        var ranks = new double[ordered.Length];
        for (var rank = 0; rank < ordered.Length; rank++) ranks[ordered[rank].i] = rank;
        return ranks;
    }
}
