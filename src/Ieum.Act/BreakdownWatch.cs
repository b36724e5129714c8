
namespace Ieum.Act;

/// <summary>How long a machine that stands will stand, and how sure that is.</summary>
/// <param name="Total">From the begin of the standstill.</param>
/// <param name="Confidence">0 to 1: how likely it lasts long enough for another plan to pay.</param>
/// <param name="Samples">Earlier standstills of the machine that lasted at least as long as this one has so far.</param>
/// <param name="Measured">The length comes from these; else from the settings.</param>
public sealed record StandstillGuess(TimeSpan Total, double Confidence, int Samples, bool Measured);

/// <summary>Judges a machine that stands with a fault. Pure; the node looks, asks the planner, and acts.</summary>
public static class BreakdownWatch
{
    public const string Loop = "breakdown", Model = "standstill watch 1";

    /// <summary>Fewer earlier standstills than this say nothing about a length.</summary>
    internal const int Enough = 3;

    /// <param name="stood">How long it stands already; zero or more.</param>
    /// <param name="past">Whole lengths of earlier standstills of the machine.</param>
    /// <param name="allowance">Length that the settings give a breakdown nobody knows anything about.</param>
    /// <param name="pays">How much longer it must last for another plan to pay.</param>
    /// <remarks>
    /// Only standstills that lasted as long as this one tell anything: a machine that has stood for two hours is no
    /// five-minute stop. Their median is the guess. The confidence is the share of them that went on for longer than
    /// <paramref name="pays"/>, by the rule of succession: (k + 1) / (n + 2), one half where nothing is known.
    /// </remarks>
    public static StandstillGuess Guess(TimeSpan stood, IReadOnlyList<TimeSpan> past, TimeSpan allowance, TimeSpan pays)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(stood, TimeSpan.Zero);
        ArgumentNullException.ThrowIfNull(past);
        var alike = past.Where(p => p >= stood).Order().ToArray();
        var confidence = (alike.Count(p => p >= stood + pays) + 1.0) / (alike.Length + 2.0);
        if (alike.Length >= Enough) return new(alike[alike.Length / 2], Math.Round(confidence, 3), alike.Length, true);
        // Past its allowance it is taken to need half as long again, as often as it must be.
        var total = allowance;
        while (total <= stood) total += allowance / 2;
        return new(total, Math.Round(confidence, 3), alike.Length, false);
    }
}
