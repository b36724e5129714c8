using System.Collections.Concurrent;

namespace Ieum.Analyze;

/// <summary>Constants of control charts for normal samples of size n, computed and not tabulated; the published tables are the test.</summary>
public static class SpcConstants
{
    public const int LargestSample = 100;
    private static readonly ConcurrentDictionary<int, double> MeanRange = [], SpreadRange = [];

    /// <summary>Mean of the range of n standard normal values.</summary>
    /// <exception cref="ArgumentOutOfRangeException">n outside 2 to 100.</exception>
    public static double D2(int n) => MeanRange.GetOrAdd(Checked(n), static n => Integrate(x =>
        1 - Math.Pow(Normal.Cumulative(x), n) - Math.Pow(1 - Normal.Cumulative(x), n)));

    /// <summary>Standard deviation of that range.</summary>
    public static double Spread(int n) => SpreadRange.GetOrAdd(Checked(n), static n =>
    {
        // E[R²] = 2 ∬ over x < y of 1 − Φ(y)ⁿ − (1 − Φ(x))ⁿ + (Φ(y) − Φ(x))ⁿ; steps of 1/64 over a triangle.
        const int Steps = 1024;
        const double From = -8, Step = 16.0 / Steps;
        var phi = Enumerable.Range(0, Steps + 1).Select(i => Normal.Cumulative(From + i * Step)).ToArray();
        var square = 0.0;
        for (var i = 0; i < Steps; i++)
        {
            var lower = Math.Pow(1 - phi[i], n);
            var inner = 0.0;
            // The plain rule is enough (to 1e-4): the integrand and its slope vanish on the outer borders, and on the diagonal it is halved.
            for (var j = i; j <= Steps; j++)
                inner += (j == i ? 0.5 : 1) * (1 - Math.Pow(phi[j], n) - lower + Math.Pow(phi[j] - phi[i], n));
            square += inner;
        }
        square *= 2 * Step * Step;
        return Math.Sqrt(square - D2(n) * D2(n));
    });

    /// <summary>Mean of the standard deviation of n standard normal values.</summary>
    public static double C4(int n) => Math.Sqrt(2.0 / (Checked(n) - 1)) * Math.Exp(Normal.LogGamma(n / 2.0) - Normal.LogGamma((n - 1) / 2.0));

    private static double Integrate(Func<double, double> f)
    {
        const int Steps = 1024;
        const double From = -9, Step = 18.0 / Steps;
        var sum = f(From) + f(-From);
        for (var i = 1; i < Steps; i++) sum += (i % 2 == 0 ? 2 : 4) * f(From + i * Step);
        return sum * Step / 3;
    }

    private static int Checked(int n)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(n, 2);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(n, LargestSample);
        return n;
    }
}

/// <summary>Normal, gamma and chi-square functions to about 1e-12.</summary>
internal static class Normal
{
    public static double Cumulative(double x)
    {
        if (x < -8.5) return 0;
        if (x > 8.5) return 1;
        // Series of Marsaglia (2004): φ(x) · Σ x^(2k+1) / (1·3·5···(2k+1)).
        double sum = x, term = x, before = 0;
        for (var i = 3; sum != before; i += 2) { before = sum; term *= x * x / i; sum += term; }
        return 0.5 + sum * Math.Exp(-0.5 * x * x - 0.91893853320467274178);
    }

    /// <param name="share">0 to 1, borders excluded.</param>
    public static double Quantile(double share) => Bisect(Cumulative, share, -8.5, 8.5);

    /// <summary>ln Γ(x) for x &gt; 0 (Stirling's series after shifting to x ≥ 12).</summary>
    public static double LogGamma(double x)
    {
        var shift = 0.0;
        for (; x < 12; x++) shift += Math.Log(x);
        var i = 1 / (x * x);
        return (x - 0.5) * Math.Log(x) - x + 0.91893853320467274178
            + (1 / 12.0 - i * (1 / 360.0 - i * (1 / 1260.0 - i * (1 / 1680.0 - i / 1188.0)))) / x - shift;
    }

    /// <summary>Regularised lower incomplete gamma P(a, x).</summary>
    public static double GammaP(double a, double x)
    {
        if (x <= 0) return 0;
        var scale = Math.Exp(a * Math.Log(x) - x - LogGamma(a));
        if (x < a + 1)
        {
            double term = 1 / a, sum = term;
            for (var n = 1; Math.Abs(term) > Math.Abs(sum) * 1e-16 && n < 10_000; n++) sum += term *= x / (a + n);
            return sum * scale;
        }
        // Continued fraction by Lentz.
        double b = x + 1 - a, c = 1e300, d = 1 / b, h = d;
        for (var n = 1; n < 10_000; n++)
        {
            var an = -n * (n - a);
            b += 2;
            d = 1 / (an * d + b);
            c = b + an / c;
            var step = d * c;
            h *= step;
            if (Math.Abs(step - 1) < 1e-15) break;
        }
        return 1 - scale * h;
    }

    public static double ChiSquareQuantile(double share, double freedom) =>
        Bisect(x => GammaP(freedom / 2, x / 2), share, 0, freedom + 40 * Math.Sqrt(2 * freedom) + 40);

    private static double Bisect(Func<double, double> f, double target, double low, double high)
    {
        for (var i = 0; i < 200 && high - low > 1e-13 * Math.Max(1, Math.Abs(low)); i++)
        {
            var middle = (low + high) / 2;
            if (f(middle) < target) low = middle; else high = middle;
        }
        return (low + high) / 2;
    }
}
