using System.Collections.Immutable;

namespace Ieum.Model;

/// <summary>One thing that is different from what the plan in force was made for: it happened, or somebody asks "what if".</summary>
public abstract record PlanChange
{
    private PlanChange() { }

    /// <summary>A machine cannot work: breakdown, missing tool, planned stop.</summary>
    public sealed record MachineDown(MachineId Machine, TimeRange Range) : PlanChange;

    /// <summary>A machine may work beyond its shifts; bought as a whole or not at all.</summary>
    /// <param name="PricePerHour">Extra cost of an hour that is worked; 0 or more.</param>
    public sealed record ExtraTime(MachineId Machine, TimeRange Range, double PricePerHour) : PlanChange;

    /// <summary>A person, tool or fixture is away.</summary>
    /// <param name="Resource">Id of the <see cref="SecondResource"/>.</param>
    public sealed record Away(string Resource, TimeRange Range) : PlanChange
    {
        /// <summary>Machines that stand meanwhile because nobody else runs them: for a person whom planning does not know by name. Empty for a <see cref="SecondResource"/>.</summary>
        public ImmutableArray<MachineId> Machines { get; init; } = [];
    }

    /// <summary>What was to arrive of a material before a time arrives only then.</summary>
    public sealed record MaterialLate(ItemId Item, DateTimeOffset Until) : PlanChange;

    /// <summary>So much of a material is there now.</summary>
    public sealed record StockIs(ItemId Item, double OnHand) : PlanChange;

    /// <summary>What an order still waits for comes only then; what runs goes on.</summary>
    public sealed record OrderWaits(OrderId Order, DateTimeOffset Until) : PlanChange;

    /// <summary>An order is new, or takes the place of the one with its number: date, quantity, weight, routing.</summary>
    public sealed record OrderIs(Order Order) : PlanChange;

    /// <summary>An order is not made.</summary>
    public sealed record OrderGone(OrderId Order) : PlanChange;

    /// <summary>Pieces of an order are lost and made anew, as a lot of their own through all steps.</summary>
    /// <param name="Pieces">1 or more; not more than the order has.</param>
    public sealed record Scrapped(OrderId Order, int Pieces) : PlanChange;
}
