using System.Collections.Immutable;

namespace Ieum.Model;

/// <summary>An order to make a quantity of one item by a date.</summary>
public sealed record Order
{
    /// <param name="quantity">Pieces to start; 1 or more.</param>
    /// <param name="release">Material is at the first machine from here on.</param>
    /// <param name="due">The last step must be finished by then.</param>
    /// <param name="weight">How much one day late hurts compared with others; 1 to 100.</param>
    /// <param name="isPrivate">Known to its owner only: it takes capacity, and no partner ever learns of it.</param>
    /// <param name="deadline">Later is of no use to anybody; planning breaks it last of all. Not before <paramref name="due"/>; null for none.</param>
    /// <param name="alternatives">Other routings of the same item; a plan takes exactly one.</param>
    /// <exception cref="ArgumentOutOfRangeException">A value lies outside its range.</exception>
    public Order(OrderId id, Routing routing, int quantity, DateTimeOffset release, DateTimeOffset due,
        int weight = 1, bool isPrivate = false, LotId? lot = null, DateTimeOffset? deadline = null, ImmutableArray<Routing> alternatives = default)
    {
        ArgumentNullException.ThrowIfNull(routing);
        ArgumentOutOfRangeException.ThrowIfLessThan(quantity, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(due, release);
        ArgumentOutOfRangeException.ThrowIfLessThan(weight, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(weight, 100);
        if (deadline is { } last) ArgumentOutOfRangeException.ThrowIfLessThan(last, due, nameof(deadline));
        Alternatives = alternatives.IsDefault ? [] : alternatives;
        if (Alternatives.FirstOrDefault(a => a.Item != routing.Item) is { } other)
            throw new ArgumentException($"Order '{id}' makes '{routing.Item}'; a routing of '{other.Item}' is no alternative.", nameof(alternatives));
        Deadline = deadline;
        (Id, Routing, Quantity, Release, Due, Weight, IsPrivate, Lot) = (id, routing, quantity, release, due, weight, isPrivate, lot);
    }

    public OrderId Id { get; }
    public ItemId Item => Routing.Item;
    /// <summary>The routing as it was when the order was taken; a later change of the routing reaches it only when a person says so, and never once work has begun.</summary>
    public Routing Routing { get; }
    public int Quantity { get; }
    public DateTimeOffset Release { get; }
    public DateTimeOffset Due { get; }
    public int Weight { get; }
    public bool IsPrivate { get; }
    public LotId? Lot { get; }
    /// <summary>What its pieces are called while nobody names another lot: its lot, without one the order itself.</summary>
    public LotId OwnLot => Lot ?? new(Id.Value);
    public DateTimeOffset? Deadline { get; }
    public ImmutableArray<Routing> Alternatives { get; }

    /// <summary>Its own routing, then the alternatives; a planned operation names its routing by this position.</summary>
    public IEnumerable<Routing> Routings => Alternatives.Prepend(Routing);

    /// <summary>The same order by the routings that its item has now.</summary>
    public Order By(Product item) => new(Id, item.Routing, Quantity, Release, Due, Weight, IsPrivate, Lot, Deadline, item.Alternatives);

    /// <summary>The work of one step of one of its routings; null when there is none.</summary>
    public RoutingStep.Work? StepOf(int step, int routing = 0) => Routings.ElementAtOrDefault(routing)?.WorkSteps.FirstOrDefault(s => s.Number == step);
}

/// <summary>Where an operation stands on the shop floor.</summary>
public enum OperationStatus : byte { Waiting = 0, Running = 1, Paused = 2, Finished = 3 }

/// <summary>What really happened to one operation so far.</summary>
/// <param name="Machine">The machine it was started on; null while it waits.</param>
/// <param name="Good">Good pieces reported, of all lots.</param>
/// <param name="Scrap">Scrapped pieces reported, of all lots.</param>
/// <param name="Pauses">Pauses that have ended, in order; null when there was none.</param>
/// <param name="PausedSince">Begin of the present pause; null unless <see cref="OperationStatus.Paused"/>.</param>
/// <param name="Lot">The lot that is being worked on; null: the order's own.</param>
/// <param name="Lots">Pieces by lot, in the order of the reports; null when none was counted.</param>
public sealed record OperationActual(
    OperationId Operation, OperationStatus Status, MachineId? Machine,
    DateTimeOffset? Started, DateTimeOffset? Finished, int Good, int Scrap,
    IReadOnlyList<TimeRange>? Pauses = null, DateTimeOffset? PausedSince = null, LotId? Lot = null, IReadOnlyList<LotCount>? Lots = null)
{
    public static OperationActual Waiting(OperationId operation) => new(operation, OperationStatus.Waiting, null, null, null, 0, 0);
}
