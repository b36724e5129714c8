using System.Collections.Immutable;
using Ieum.Analyze;
using Ieum.Model;

namespace Ieum.Node.Views;

/// <summary>What a feature of the machine's data does to the risk of a bad part.</summary>
/// <param name="Statistic"><c>mean</c>, <c>highest</c> or <c>duration</c> (of the part itself; then <paramref name="Signal"/> is empty).</param>
/// <param name="Odds">By what the odds of a bad part change when the feature rises by its usual deviation; above 1: more is worse.</param>
/// <param name="Share">Share of the whole influence, 0 to 1.</param>
public sealed record ForecastInfluence(string Signal, string Statistic, double Odds, double Share);

/// <param name="Made">When the part was finished.</param>
/// <param name="Risk">Of being bad, 0 to 1.</param>
public sealed record ForecastPart(DateTimeOffset Made, double Risk);

/// <summary>Risk of bad parts from what the machine did while it made them.</summary>
/// <param name="Linked">Measured parts whose window of machine data was found.</param>
/// <param name="Bad">Of these, out of tolerance.</param>
/// <param name="Ranking">Probability that a bad part gets a higher risk than a good one, on parts that the model had not seen; 0.5 is guessing. Null without a model.</param>
/// <param name="Newest">Parts made since the last measured one, newest first.</param>
/// <param name="Basis">Null while there are too few good or bad parts to learn from.</param>
public sealed record QualityForecast(string Characteristic, MachineId Machine, int Linked, int Bad, double? Ranking, ImmutableArray<ForecastInfluence> Influences, ImmutableArray<ForecastPart> Newest, Basis? Basis)
{
    /// <summary>Below this a model is not told as if it knew something.</summary>
    public const double LeastRanking = 0.6;
}
