using System.Collections.Immutable;
using Ieum.Analyze;
using Ieum.Model;

namespace Ieum.Node.Views;

/// <summary>One machine as the wall board shows it.</summary>
/// <param name="Since">When the present state began.</param>
/// <param name="LastData">Newest receive time of any signal; null before the first.</param>
/// <param name="Oee">Today's OEE so far, 0 to 1; null while it cannot be measured.</param>
/// <param name="Activity">The last eight hours in stretches of state, oldest first, for the ribbon.</param>
public sealed record MachineCard(
    Machine Machine, MachineState State, MachineOverlay Overlay, DateTimeOffset Since, DateTimeOffset? LastData,
    LinkState Link, double? Oee, CurrentWork? Work, string? Program, long? PartCount, ImmutableArray<StateSpan> Activity);

/// <summary>The operation a machine is busy with, or the next one.</summary>
/// <param name="Late">It will end, or has to start, later than the plan in force says.</param>
/// <param name="Counted">Pieces by the machine's own counter since the operation was started; null before that and without a counter. Reported pieces go before it.</param>
public sealed record CurrentWork(
    OperationId Operation, OrderId Order, ItemId Item, OperationStatus Status, int Quantity, int Good, int Scrap,
    DateTimeOffset? PlannedEnd, bool Late, int? Counted = null)
{
    /// <summary>Pieces to show: the reported good ones, and what the machine counted while nothing was reported.</summary>
    public int Shown => IsCounted ? Counted!.Value : Good;

    /// <summary>What <see cref="Shown"/> says comes from the machine's counter.</summary>
    public bool IsCounted => Good + Scrap == 0 && Counted is not null;
}

/// <summary>What the pages about machines read. Answers come from memory; histories are asked for.</summary>
public interface IShopFloor
{
    /// <summary>Raised at most four times a second after anything on the cards changed; on any thread.</summary>
    event Action? Changed;

    /// <summary>Now, by the factory clock.</summary>
    DateTimeOffset Now { get; }

    Company Company { get; }
    ImmutableArray<MachineCard> Cards { get; }
    MachineCard? Card(MachineId machine);

    /// <summary>The newest value of every signal of a machine.</summary>
    IReadOnlyList<LastValue> Values(MachineId machine);

    Task<ImmutableArray<StateSpan>> TimelineAsync(MachineId machine, TimeRange range, CancellationToken cancel);
    Task<OeeAnswer> OeeAsync(MachineId machine, TimeRange range, CancellationToken cancel);
    Task<ImmutableArray<AlarmLine>> AlarmsAsync(MachineId machine, TimeRange range, CancellationToken cancel);
    Task<ImmutableArray<CycleStatistics>> CyclesAsync(MachineId machine, TimeRange range, CancellationToken cancel);
    Task<IReadOnlyList<Bucket>> TrendAsync(SignalNumber signal, TimeRange range, TimeSpan step, CancellationToken cancel);
}
