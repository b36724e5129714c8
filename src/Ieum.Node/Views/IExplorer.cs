using System.Collections.Immutable;
using Ieum.Analyze;
using Ieum.Model;

namespace Ieum.Node.Views;

/// <summary>What the history explorer reads. Every answer is bounded, so that one step of the page costs the same over an hour as over years.</summary>
public interface IExplorer
{
    /// <summary>Now, by the factory clock.</summary>
    DateTimeOffset Now { get; }

    bool Knows(SignalNumber signal);
    bool Knows(MachineId machine);

    /// <summary>Sums of the steps that have samples; <paramref name="range"/> is a whole number of steps since 1970.</summary>
    Task<IReadOnlyList<Bucket>> BucketsAsync(SignalNumber signal, TimeRange range, TimeSpan step, CancellationToken cancel);

    /// <summary>States of a machine: stretch by stretch over up to two days, shares by hour or day over more.</summary>
    Task<ExploredStates> StatesAsync(MachineId machine, TimeRange range, CancellationToken cancel);

    /// <summary>Gaps, stops, alarms and findings; over more than a week only findings, the worst gaps and the count of the rest.</summary>
    Task<ExploredMarks> MarksAsync(MachineId machine, TimeRange range, CancellationToken cancel);
}

/// <param name="Spans">Stretches; empty where <paramref name="Shares"/> answer.</param>
/// <param name="Shares">By hour or day: part of the time per state, in the order of <see cref="StateShare.Names"/>.</param>
/// <param name="Pending">Days that are not counted yet; asking again counts on.</param>
public sealed record ExploredStates(ImmutableArray<StateSpan> Spans, ImmutableArray<StateShare> Shares, int Pending);

/// <summary>How an hour or a day was spent.</summary>
/// <param name="Parts">0 to 1 each; together 1.</param>
public sealed record StateShare(TimeRange Range, ImmutableArray<float> Parts)
{
    /// <summary>Names of states as everywhere on the pages.</summary>
    public static readonly ImmutableArray<string> Names = ["running", "idle", "setup", "waiting", "fault", "offline", "unknown"];
}

/// <param name="Left">Marks that were left out because there are too many to see.</param>
public sealed record ExploredMarks(ImmutableArray<Gap> Gaps, ImmutableArray<ExplainedStop> Stops, ImmutableArray<AlarmSpan> Alarms, ImmutableArray<AnomalyFinding> Findings, int Left);
