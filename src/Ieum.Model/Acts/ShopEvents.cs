namespace Ieum.Model;

/// <summary>What a person at a machine reports. Every event carries who and when; ids make a repeated report harmless.</summary>
/// <param name="Id">Made by the sender; the same id twice is one event, so a phone may send again after a lost connection.</param>
/// <param name="By">User name of the operator.</param>
/// <param name="At">When it happened, by the sender's reading of the factory clock.</param>
public abstract record ShopEvent(Guid Id, OperationId Operation, MachineId Machine, string By, DateTimeOffset At)
{
    public sealed record Started(Guid Id, OperationId Operation, MachineId Machine, string By, DateTimeOffset At)
        : ShopEvent(Id, Operation, Machine, By, At);

    /// <param name="Reason">A key of the reason list: <c>material</c>, <c>tool</c>, <c>breakdown</c>, <c>quality</c>, <c>meeting</c>, <c>other</c>.</param>
    public sealed record Paused(Guid Id, OperationId Operation, MachineId Machine, string By, DateTimeOffset At, string Reason)
        : ShopEvent(Id, Operation, Machine, By, At);

    public sealed record Resumed(Guid Id, OperationId Operation, MachineId Machine, string By, DateTimeOffset At)
        : ShopEvent(Id, Operation, Machine, By, At);

    /// <param name="Good">Good pieces; zero or more.</param>
    /// <param name="Scrap">Scrapped pieces; zero or more.</param>
    public sealed record Finished(Guid Id, OperationId Operation, MachineId Machine, string By, DateTimeOffset At, int Good, int Scrap)
        : ShopEvent(Id, Operation, Machine, By, At);
}
