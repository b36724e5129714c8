using System.Collections.Immutable;
using Ieum.Analyze;
using Ieum.Model;

namespace Ieum.Node.Views;

/// <summary>A reason a person may choose for a stop.</summary>
/// <param name="Key">Stable; the built-in ones have their names in the text catalogue, <c>stop.&lt;key&gt;</c>.</param>
/// <param name="Name">For reasons of the company's own; null for built-in ones.</param>
public sealed record StopReasonChoice(string Key, LocalName? Name = null);

/// <summary>What the pages and routes about indicators, losses and energy read and report.</summary>
public interface ILossDesk
{
    /// <summary>Raised after a reason was said; on any thread.</summary>
    event Action? Changed;

    /// <summary>Stops at least this long ask for a reason.</summary>
    TimeSpan AskAfter { get; }

    /// <summary>The company's list, in the order it is shown.</summary>
    ImmutableArray<StopReasonChoice> Reasons { get; }

    Task SaveReasonsAsync(ImmutableArray<StopReasonChoice> reasons, string by, CancellationToken cancel);

    /// <summary>Every stop with its reason, oldest first.</summary>
    Task<ImmutableArray<ExplainedStop>> StopsAsync(MachineId machine, TimeRange range, CancellationToken cancel);

    /// <returns>False when the reason is not on the list.</returns>
    Task<bool> ExplainAsync(StopReason reason, CancellationToken cancel);

    Task<KpiAnswer> KpisAsync(MachineId machine, TimeRange range, CancellationToken cancel);
    /// <param name="line">Id of a production line; null takes all machines of the company. Of an unknown line nothing is known.</param>
    Task<BottleneckAnswer> BottleneckAsync(TimeRange range, string? line, CancellationToken cancel);
    Task<EnergyAnswer> EnergyAsync(MachineId machine, TimeRange range, CancellationToken cancel);

    /// <summary>Shifts of a machine that begin inside the range.</summary>
    ImmutableArray<TimeRange> ShiftsOf(MachineId machine, TimeRange range);
}

/// <summary>A call for help from a machine.</summary>
/// <param name="Id">Made by the sender; the same id twice is one call.</param>
/// <param name="Kind"><c>help</c>, <c>material</c>, <c>quality</c>, <c>maintenance</c>, or <c>fault</c> when the machine itself calls.</param>
/// <param name="Acknowledged">When somebody said that they come; null until then.</param>
/// <param name="Closed">When it was over; null until then.</param>
/// <param name="Told">Up to which level it was told: 0 the shop floor, 1 the planner, 2 the owner.</param>
public sealed record AndonCall(
    Guid Id, MachineId Machine, string Kind, string By, DateTimeOffset Raised,
    string? AcknowledgedBy = null, DateTimeOffset? Acknowledged = null, string? ClosedBy = null, DateTimeOffset? Closed = null, int Told = 0);

/// <summary>Calls for help.</summary>
public interface IAndonDesk
{
    event Action? Changed;

    /// <summary>Calls that are not closed, oldest first.</summary>
    ImmutableArray<AndonCall> Open { get; }

    /// <returns>The call that stands; the open one of the same kind where there is one.</returns>
    Task<AndonCall> CallAsync(Guid id, MachineId machine, string kind, string by, CancellationToken cancel);

    /// <returns>False when there is no such open call.</returns>
    Task<bool> AcknowledgeAsync(Guid id, string by, CancellationToken cancel);

    /// <returns>False when there is no such open call.</returns>
    Task<bool> CloseAsync(Guid id, string by, CancellationToken cancel);
}

/// <summary>Measured parts.</summary>
public interface IQualityDesk
{
    event Action? Changed;

    /// <summary>Characteristics that were measured, with how often.</summary>
    ImmutableArray<(string Characteristic, int Count)> Characteristics { get; }

    /// <summary>Values of one characteristic in the order they were read.</summary>
    ImmutableArray<GaugeValue> Values(string characteristic);

    /// <summary>Risk of bad parts of a characteristic from the data of the machine that made them.</summary>
    Task<QualityForecast> ForecastAsync(string characteristic, MachineId machine, CancellationToken cancel);

    /// <summary>Takes a gauge file in; the same bytes twice count once.</summary>
    Task<GaugeFile> AddAsync(ReadOnlyMemory<byte> bytes, string by, CancellationToken cancel);
}
