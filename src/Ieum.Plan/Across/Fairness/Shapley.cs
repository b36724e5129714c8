using System.Numerics;

namespace Ieum.Plan.Across;

/// <summary>Exact Shapley values: what each company adds, averaged over all orders in which the companies could come together.</summary>
internal static class Shapley
{
    /// <param name="players">1 to 7: 2^players coalitions are valued once each.</param>
    /// <param name="value">Worth of a coalition, given as bits; asked once per coalition, the empty one too.</param>
    /// <returns>One share per player; they add up to the worth of all minus that of none.</returns>
    public static double[] Of(int players, Func<uint, double> value)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(players, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(players, 7);
        var worth = Enumerable.Range(0, 1 << players).Select(s => value((uint)s)).ToArray();
        var factorial = new double[players + 1];
        factorial[0] = 1;
        for (var i = 1; i <= players; i++) factorial[i] = factorial[i - 1] * i;
        var share = new double[players];
        for (var i = 0; i < players; i++)
            for (var s = 0u; s < worth.Length; s++)
            {
                if ((s >> i & 1) == 1) continue;
                var size = BitOperations.PopCount(s);
                share[i] += factorial[size] * factorial[players - size - 1] / factorial[players] * (worth[s | 1u << i] - worth[s]);
            }
        return share;
    }
}
