namespace Ieum.Model;

/// <summary>What a person at a machine reports. Every event carries who and when; ids make a repeated report harmless.</summary>
/// <param name="Id">Made by the sender; the same id twice is one event, so a phone may send again after a lost connection.</param>
/// <param name="By">User name of the operator.</param>
/// <param name="At">When it happened, by the sender's reading of the factory clock.</param>
public abstract record ShopEvent(Guid Id, OperationId Operation, MachineId Machine, string By, DateTimeOffset At)
{
    /// <summary>The lot it is about; null: the one that is being worked on, at first the order's own.</summary>
    public LotId? Lot { get; init; }

    public sealed record Started(Guid Id, OperationId Operation, MachineId Machine, string By, DateTimeOffset At)
        : ShopEvent(Id, Operation, Machine, By, At);

    /// <param name="Reason">A key of the reason list: <c>material</c>, <c>tool</c>, <c>breakdown</c>, <c>quality</c>, <c>meeting</c>, <c>other</c>.</param>
    public sealed record Paused(Guid Id, OperationId Operation, MachineId Machine, string By, DateTimeOffset At, string Reason)
        : ShopEvent(Id, Operation, Machine, By, At);

    public sealed record Resumed(Guid Id, OperationId Operation, MachineId Machine, string By, DateTimeOffset At)
        : ShopEvent(Id, Operation, Machine, By, At);

    /// <summary>A lot is through, the operation goes on with the rest.</summary>
    /// <param name="Good">Good pieces of this lot; zero or more, with <paramref name="Scrap"/> at least one.</param>
    /// <param name="Scrap">Scrapped pieces of this lot; zero or more.</param>
    public sealed record LotFinished(Guid Id, OperationId Operation, MachineId Machine, string By, DateTimeOffset At, int Good, int Scrap)
        : ShopEvent(Id, Operation, Machine, By, At);

    /// <summary>The last lot is through, and the operation with it.</summary>
    /// <param name="Good">Good pieces that no lot before counted; zero or more.</param>
    /// <param name="Scrap">Scrapped pieces that no lot before counted; zero or more.</param>
    public sealed record Finished(Guid Id, OperationId Operation, MachineId Machine, string By, DateTimeOffset At, int Good, int Scrap)
        : ShopEvent(Id, Operation, Machine, By, At);
}
