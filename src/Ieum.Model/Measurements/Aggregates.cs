namespace Ieum.Model;

/// <summary>Summary of one signal over one step of time.</summary>
/// <param name="Range">The step; half open.</param>
/// <param name="Count">Samples with a good or uncertain number in the step; 0 leaves the figures NaN.</param>
/// <param name="Average">Plain mean of the samples.</param>
/// <param name="Last">The newest number in the step.</param>
/// <param name="BadCount">Samples without a usable number (bad, unavailable, text, NaN).</param>
public sealed record Bucket(TimeRange Range, long Count, double Average, double Min, double Max, double Last, long BadCount);

/// <summary>How long a state-like signal held one word.</summary>
public sealed record StateDuration(string State, TimeSpan Duration, int Entries);

/// <summary>The newest sample of a signal, with the signal itself.</summary>
public sealed record LastValue(Signal Signal, SignalNumber Number, Sample Sample);
