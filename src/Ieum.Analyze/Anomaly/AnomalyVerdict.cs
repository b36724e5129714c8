namespace Ieum.Analyze;

/// <summary>What about a signal was new.</summary>
public enum AnomalyKind : byte
{
    None = 0,
    /// <summary>A value beyond everything seen so far.</summary>
    Range = 1,
    /// <summary>The short mean left the long mean further than ever.</summary>
    Level = 2,
    /// <summary>A step from one value to the next larger than ever.</summary>
    Jump = 3,
    /// <summary>The spread of the last dozens of values is greater or smaller than ever.</summary>
    Spread = 4,
    /// <summary>The spread of the last hundreds of values is greater or smaller than ever.</summary>
    SlowSpread = 5,
    /// <summary>Unlike this time of the day, or of the week.</summary>
    Season = 6,
    /// <summary>The same value far longer than ever.</summary>
    Stuck = 7,
    /// <summary>A cycle of a cyclic signal was smaller or larger than its cycles are.</summary>
    CycleSize = 8,
    /// <summary>A cycle came too early, too late or not at all.</summary>
    CycleTime = 9,
    /// <summary>A cycle of an unusual shape though no value was out of range; told by the nightly <see cref="ShapeModel"/>.</summary>
    Shape = 10,
    /// <summary>Signals of a machine did not go together as they do; told by the nightly <see cref="TogetherModel"/>.</summary>
    Together = 11,
}

/// <summary>The judgement on one value.</summary>
/// <param name="Score">0 to 1; from 0.5 on it is an alarm.</param>
/// <param name="Kind">What weighed most; <see cref="AnomalyKind.None"/> where nothing was new.</param>
/// <param name="Raised">An alarm begins here.</param>
public readonly record struct AnomalyVerdict(double Score, AnomalyKind Kind, bool Raised);
