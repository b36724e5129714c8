using System.Collections.Immutable;
using Ieum.Model;

namespace Ieum.Analyze;

/// <summary>MachineryItemState of OPC 40001-1.</summary>
public enum ItemState : byte { NotAvailable = 0, OutOfService = 1, NotExecuting = 2, Executing = 3 }

/// <summary>MachineryOperationMode of OPC 40001-1.</summary>
public enum OperationMode : byte { None = 0, Processing = 1, Setup = 2, Maintenance = 3 }

/// <summary>What the planning side says about an instant: the higher level system of OPC 40001-1, annex C.</summary>
public enum OrderCondition : byte
{
    /// <summary>Outside the calendar and without an order.</summary>
    None = 0,
    /// <summary>Inside the calendar, no order.</summary>
    Planned = 1,
    /// <summary>An order is on the machine.</summary>
    Order = 2,
}

/// <summary>Time elements of ISO 22400-2 that an instant may belong to.</summary>
public enum TimeElement : byte
{
    None = 0,
    /// <summary>Actual production time.</summary>
    Production,
    /// <summary>Actual unit set-up time of an order.</summary>
    SetUp,
    /// <summary>Actual unit delay time.</summary>
    Delay,
    /// <summary>Actual down time: planned by the calendar, no order.</summary>
    Down,
    /// <summary>Actual preventive maintenance time, set-up as a service among it.</summary>
    Maintenance,
}

/// <summary>One row: which time an instant is, by state, mode and order.</summary>
public sealed record TimeRow(ItemState State, OperationMode Mode, OrderCondition Condition, TimeElement Element);

/// <summary>Machine state × operation mode × order → time element, after the example of OPC 40001-1, annex C, table 68.</summary>
/// <remarks>
/// State alone gives none of these times; the node has order and calendar because it plans. A mode "last sent" of an unreachable
/// machine counts as the mode. Executing without an order, on which annex C is silent for some modes, is no time of any order.
/// </remarks>
public static class TimeElements
{
    public static ImmutableArray<TimeRow> Table { get; } =
    [
        new(ItemState.Executing, OperationMode.Processing, OrderCondition.Order, TimeElement.Production),
        new(ItemState.Executing, OperationMode.None, OrderCondition.Order, TimeElement.Production),
        new(ItemState.Executing, OperationMode.Setup, OrderCondition.Order, TimeElement.SetUp),
        new(ItemState.NotExecuting, OperationMode.Setup, OrderCondition.Order, TimeElement.SetUp),
        new(ItemState.OutOfService, OperationMode.Setup, OrderCondition.Order, TimeElement.SetUp),
        new(ItemState.NotAvailable, OperationMode.Setup, OrderCondition.Order, TimeElement.SetUp),
        new(ItemState.OutOfService, OperationMode.Processing, OrderCondition.Order, TimeElement.Delay),
        new(ItemState.NotAvailable, OperationMode.Processing, OrderCondition.Order, TimeElement.Delay),
        new(ItemState.NotExecuting, OperationMode.Processing, OrderCondition.Order, TimeElement.Delay),
        new(ItemState.NotExecuting, OperationMode.None, OrderCondition.Order, TimeElement.Delay),
        new(ItemState.OutOfService, OperationMode.None, OrderCondition.Order, TimeElement.Delay),
        new(ItemState.NotAvailable, OperationMode.None, OrderCondition.Order, TimeElement.Delay),
        new(ItemState.OutOfService, OperationMode.None, OrderCondition.Planned, TimeElement.Down),
        new(ItemState.NotAvailable, OperationMode.None, OrderCondition.Planned, TimeElement.Down),
        new(ItemState.NotExecuting, OperationMode.None, OrderCondition.Planned, TimeElement.Down),
        new(ItemState.OutOfService, OperationMode.Maintenance, OrderCondition.Planned, TimeElement.Maintenance),
        new(ItemState.NotAvailable, OperationMode.Maintenance, OrderCondition.Planned, TimeElement.Maintenance),
        new(ItemState.NotExecuting, OperationMode.Maintenance, OrderCondition.Planned, TimeElement.Maintenance),
        new(ItemState.Executing, OperationMode.Maintenance, OrderCondition.Planned, TimeElement.Maintenance),
        new(ItemState.OutOfService, OperationMode.Setup, OrderCondition.Planned, TimeElement.Maintenance),
        new(ItemState.NotAvailable, OperationMode.Setup, OrderCondition.Planned, TimeElement.Maintenance),
        new(ItemState.NotExecuting, OperationMode.Setup, OrderCondition.Planned, TimeElement.Maintenance),
        new(ItemState.Executing, OperationMode.Setup, OrderCondition.Planned, TimeElement.Maintenance),
    ];

    private static readonly ImmutableDictionary<(ItemState, OperationMode, OrderCondition), TimeElement> Index =
        Table.ToImmutableDictionary(r => (r.State, r.Mode, r.Condition), r => r.Element);

    /// <summary>The element of an instant; <see cref="TimeElement.None"/> where it is no time that ISO 22400-2 asks for.</summary>
    public static TimeElement Of(ItemState state, OperationMode mode, OrderCondition condition) =>
        Index.GetValueOrDefault((state, mode, condition));

    /// <summary>The house's state as an item state; null where nothing is known.</summary>
    public static ItemState? StateOf(MachineState state, MachineOverlay overlay) => state switch
    {
        MachineState.Running => ItemState.Executing,
        MachineState.Offline => ItemState.NotAvailable,
        MachineState.Unknown => null,
        _ => overlay.HasFlag(MachineOverlay.Fault) ? ItemState.OutOfService : ItemState.NotExecuting,
    };
}
