using System.Collections.Immutable;
using Ieum.Model;

namespace Ieum.Analyze;

/// <summary>The door of the Analyze room: answers about a machine's past, computed from what was recorded.</summary>
public interface IAnalyst
{
    /// <summary>A tracker that knows what this company's lamps and clamps mean; the live twin and every report use the same one.</summary>
    StateTracker Track();

    /// <summary>As <see cref="Track"/>, with what the clamps of a machine taught in the day before <paramref name="now"/>.</summary>
    Task<StateTracker> TrackAsync(MachineId machine, DateTimeOffset now, CancellationToken cancel);

    /// <summary>What the machine did, stretch by stretch, without holes: unknown where nothing is known.</summary>
    Task<ImmutableArray<StateSpan>> TimelineAsync(MachineId machine, TimeRange range, CancellationToken cancel);

    /// <summary>OEE and its times after ISO 22400-2; calendar and order work decide what was planned, the machine alone cannot.</summary>
    Task<OeeAnswer> OeeAsync(MachineId machine, TimeRange range, WorkCalendar calendar, IReadOnlyList<OrderWork> work, CancellationToken cancel);

    /// <summary>The 34 indicators of ISO 22400-2 with the elements they were computed from; null with a reason where an input is missing.</summary>
    Task<KpiAnswer> KpisAsync(MachineId machine, TimeRange range, WorkCalendar calendar, IReadOnlyList<OrderWork> work, CancellationToken cancel);

    /// <summary>Stretches of at least <paramref name="least"/> in which an order waited and the machine did not run.</summary>
    Task<ImmutableArray<Stop>> StopsAsync(MachineId machine, TimeRange range, WorkCalendar calendar, IReadOnlyList<OrderWork> work, TimeSpan least, CancellationToken cancel);

    /// <summary>Which machine held the others back, by active periods.</summary>
    Task<BottleneckAnswer> BottleneckAsync(IReadOnlyList<MachineId> machines, TimeRange range, CancellationToken cancel);

    /// <summary>Energy and greenhouse gas, per part where the machine counts or people reported <paramref name="work"/>.</summary>
    /// <param name="factor">Of the grid; null leaves the gas open.</param>
    Task<EnergyAnswer> EnergyAsync(MachineId machine, TimeRange range, WorkCalendar calendar, IReadOnlyList<OrderWork> work, GridFactor? factor, CancellationToken cancel);

    /// <summary>When each part was made, oldest first: the window of machine data that belongs to it.</summary>
    Task<ImmutableArray<PartWindow>> PartWindowsAsync(MachineId machine, TimeRange range, CancellationToken cancel);

    /// <summary>Alarms by how long and how often, worst first.</summary>
    Task<ImmutableArray<AlarmLine>> AlarmsAsync(MachineId machine, TimeRange range, CancellationToken cancel);

    /// <summary>Every alarm of the range with its begin and end, oldest first.</summary>
    Task<ImmutableArray<AlarmSpan>> AlarmSpansAsync(MachineId machine, TimeRange range, CancellationToken cancel);

    /// <summary>Cycle times per program (or per item while an order ran), with robust statistics.</summary>
    Task<ImmutableArray<CycleStatistics>> CyclesAsync(MachineId machine, TimeRange range, IReadOnlyList<OrderWork> work, CancellationToken cancel);
}

/// <summary>A stretch in which state and overlay stay the same.</summary>
/// <param name="Cause">The word that set it (execution word, gap cause), for the reader.</param>
public sealed record StateSpan(TimeRange Range, MachineState State, MachineOverlay Overlay, string Cause);

/// <summary>Work on an order at a machine, from operator events: what the machine was meant to do in that time.</summary>
/// <param name="IdealPerPiece">Planned run time per item (PRI).</param>
/// <param name="SetUp">Planned set-up at the beginning of the range.</param>
public sealed record OrderWork(OperationId Operation, ItemId Item, TimeRange Range, TimeSpan IdealPerPiece, TimeSpan SetUp, int Good, int Scrap);

/// <summary>Times after ISO 22400-2 clause 5; all are durations inside the asked range.</summary>
/// <param name="PlannedBusy">PBT: calendar time with an order planned on the machine.</param>
/// <param name="ActualProduction">APT: the machine ran.</param>
/// <param name="SetUp">AUST: actual unit set-up time.</param>
/// <param name="Delay">ADET: planned, but stopped or idle without a fault.</param>
/// <param name="Down">ADOT: planned, but down with a fault or offline.</param>
/// <param name="Unknown">Planned, and nobody knows: gaps. Shown, never guessed away.</param>
public sealed record ProductionTimes(TimeSpan PlannedBusy, TimeSpan ActualProduction, TimeSpan SetUp, TimeSpan Delay, TimeSpan Down, TimeSpan Unknown);

/// <summary>OEE with what it was computed from. Factors are ratios 0 to 1 (performance may pass 1 and is not clipped); null where it cannot be measured.</summary>
public sealed record OeeAnswer(MachineId Machine, TimeRange Range, ProductionTimes Times, int Produced, int Good,
    double? Availability, double? Performance, double? Quality)
{
    /// <summary>The product of the three; null as long as one of them is.</summary>
    public double? Oee => Availability * Performance * Quality;

    /// <summary>What it rests on; the count is state stretches, the confidence the share of planned busy time about which anything is known.</summary>
    public Basis? Basis { get; init; }
}

/// <param name="Duration">Time in fault or warning, overlaps of the same alarm counted once.</param>
public sealed record AlarmLine(string Condition, string Code, ConditionLevel Level, string Message, int Count, TimeSpan Duration, DateTimeOffset Last);

/// <summary>Cycle times of one program or item.</summary>
/// <param name="Median">Robust centre.</param>
/// <param name="Mad">Median absolute deviation.</param>
/// <param name="Low">Lower end of the 95 % interval of the median (order statistics).</param>
/// <param name="High">Upper end of it.</param>
public sealed record CycleStatistics(MachineId Machine, string Subject, int Count, TimeSpan Median, TimeSpan Mad, TimeSpan Low, TimeSpan High,
    TimeSpan P10, TimeSpan P90, ImmutableArray<TimeSpan> Newest)
{
    /// <summary>What it rests on; the count is cycles, the confidence the probability that <see cref="Low"/> to <see cref="High"/> holds the median: below six cycles all of them do not reach 95 %.</summary>
    public Basis? Basis { get; init; }
}

/// <summary>The stretch in which a part was made: from the part before it (or the last start of the machine) to its own count.</summary>
/// <param name="Number">Of the part in the asked range, from 1.</param>
public sealed record PartWindow(int Number, TimeRange Range);
