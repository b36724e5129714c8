namespace Ieum.Tests.Analyze;

/// <summary>A made signal with one known event, or none.</summary>
/// <param name="From">First row of the event.</param>
/// <param name="To">Row behind it.</param>
internal sealed record MachineSeries(string Kind, string Event, double StepSeconds, double[] Values, int From, int To)
{
    private static readonly string[] Kinds = ["noise", "wander", "sine", "square", "day", "walk", "program"];
    private static readonly string[] Events = ["none", "spike", "shift", "drift", "missing", "stuck", "noisy", "smaller"];

    /// <summary>192 series of seven kinds, 4,000 to 8,000 rows; the event begins after 55 % to 90 % of the rows.</summary>
    public static List<MachineSeries> Suite(int seed)
    {
        var suite = new List<MachineSeries>();
        foreach (var kind in Kinds)
            foreach (var what in Events)
                for (var i = 0; i < 4; i++)
                    if (what is not ("missing" or "smaller") || kind is "sine" or "square" or "day") suite.Add(Make(kind, what, new Random(seed * 1000 + suite.Count)));
        return suite;
    }

    public static double Normal(Random random) => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());

    private static MachineSeries Make(string kind, string what, Random random)
    {
        var (rows, step) = (random.Next(4000, 8000), kind == "day" ? 300.0 : new[] { 1.0, 10, 60 }[random.Next(3)]);
        var (period, noise) = (kind == "day" ? 288 : 20 + random.Next(200), 0.02 + 0.1 * random.NextDouble());
        var from = (int)(rows * (0.55 + 0.35 * random.NextDouble()));
        var length = what switch { "spike" => random.Next(1, 4), "missing" => period * random.Next(1, 3), "drift" => 600, _ => 300 };
        var (offset, scale) = (random.NextDouble() * 100 - 50, Math.Pow(10, random.NextDouble() * 3 - 1));
        var values = new double[rows];
        var (wander, walk, program, left, held) = (0.0, 0.0, 0, 0, 0.0);
        for (var i = 0; i < rows; i++)
        {
            var (inside, phase) = (what != "none" && i >= from && i < from + length, i % period / (double)period);
            wander = 0.95 * wander + 0.09 * Normal(random);
            walk = 0.999 * walk + 0.02 * Normal(random);
            if (left-- <= 0) (program, left) = (random.Next(4), random.Next(50, 200));
            var shape = kind switch
            {
                "sine" => Math.Sin(2 * Math.PI * phase),
                "square" => phase < 0.6 ? 1 + 0.2 * Math.Sin(phase * 40) : -1,
                "day" => phase is > 0.33 and < 0.75 ? 1 : -1,
                "noise" => 0.3 * Normal(random) * (inside && what == "noisy" ? 4 : 1),
                "wander" => wander + (inside && what == "noisy" ? 1.2 * Normal(random) : 0),
                "walk" => walk,
                _ => program * 0.6,
            };
            if (inside && what == "missing") shape = -1;
            if (inside && what == "smaller") shape *= 0.4;
            var value = shape + noise * Normal(random) * (inside && what == "noisy" ? 4 : 1);
            if (inside) value += what switch { "spike" => 4, "shift" => 2.5, "drift" => 3.0 * (i - from) / length, _ => 0 };
            if (inside && what == "stuck") value = held;
            else held = value;
            values[i] = offset + scale * value;
        }
        return new(kind, what, step, values, what == "none" ? rows : from, Math.Min(rows, from + length));
    }
}
