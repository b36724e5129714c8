using System.Globalization;
using Ieum.Sim.Machines;

namespace Ieum.Sim.Generate;

/// <summary>One item of a generated machine: when it changes, and to what.</summary>
/// <remarks>
/// Numbers keep their fitted distribution and memory by a Gaussian copula: a hidden AR(1) value is read through the quantile
/// table of the class (running or idle). Temperatures move between the tables of the two classes as the machine warms up.
/// </remarks>
internal sealed class GeneratedItem(DataItem item, ItemModel model)
{
    private static readonly double HeatingSeconds = TimeSpan.FromMinutes(20).TotalSeconds;

    private double _hidden, _heat;
    private readonly bool _warms = item.Type == "TEMPERATURE";
    private readonly string _format = model.Decimals == 0 ? "0" : "0." + new string('#', model.Decimals);

    public string Name => item.Name;
    public bool IsPath => item.Units == "MILLIMETER_3D";
    public bool IsPosition => item is { Type: "POSITION", Units: "MILLIMETER" };
    public string Value { get; private set; } = "";

    /// <summary>The value at switch-on.</summary>
    public string Begin(Random random)
    {
        (_hidden, _heat) = (Normal(random), 0);
        return Value = Draw(random, running: false) ?? Draw(random, running: true) ?? "0";
    }

    /// <summary>Lets <paramref name="seconds"/> pass.</summary>
    /// <returns>True when the value changed.</returns>
    public bool Step(Random random, bool running, double seconds)
    {
        if (_warms) _heat += ((running ? 1 : 0) - _heat) * Math.Min(1, seconds / HeatingSeconds);
        var rate = (running ? model.Running : model.Idle).Rate;
        if (random.NextDouble() >= rate * seconds) return false;
        // The rate is one of changes, so a draw that lands on the old value is drawn again.
        for (var attempt = 0; attempt < 16; attempt++)
        {
            if (Draw(random, running) is not { } drawn) return false;
            if (drawn == Value) continue;
            Value = drawn;
            return true;
        }
        return false;
    }

    /// <summary>A path position follows the axes; the dither is the last digits' own.</summary>
    public bool Follow(IEnumerable<string> axes, Random random)
    {
        var text = string.Join(' ', axes.Select(a => (double.TryParse(a, NumberStyles.Float, CultureInfo.InvariantCulture, out var v) ? v : 0)
            + (random.Next(-2, 3) * 0.00001)).Select(v => v.ToString("0.0000000000", CultureInfo.InvariantCulture)));
        if (text == Value) return false;
        Value = text;
        return true;
    }

    private string? Draw(Random random, bool running)
    {
        if (model.Words is { Count: > 0 } words) return Pick(words, random);
        var table = (running ? model.Running : model.Idle).Quantiles;
        if (table.Length == 0) return null;
        _hidden = model.Memory * _hidden + Math.Sqrt(1 - model.Memory * model.Memory) * Normal(random);
        var u = Phi(_hidden);
        var value = _warms && model.Running.Quantiles.Length > 0 && model.Idle.Quantiles.Length > 0
            ? (1 - _heat) * Quantiles.At(model.Idle.Quantiles, u) + _heat * Quantiles.At(model.Running.Quantiles, u)
            : Quantiles.At(table, u);
        return Math.Round(value, model.Decimals, MidpointRounding.AwayFromZero).ToString(_format, CultureInfo.InvariantCulture);
    }

    internal static string Pick(IReadOnlyDictionary<string, double> shares, Random random)
    {
        var u = random.NextDouble() * shares.Values.Sum();
        foreach (var (word, share) in shares)
            if ((u -= share) < 0) return word;
        return shares.Keys.Last();
    }

    /// <summary>A standard normal by Box and Muller.</summary>
    private static double Normal(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());

    /// <summary>The normal distribution's share below <paramref name="x"/>; logistic approximation, off by at most 0.0002.</summary>
    private static double Phi(double x) => 1 / (1 + Math.Exp(-(0.07056 * x * x * x + 1.5976 * x)));
}
