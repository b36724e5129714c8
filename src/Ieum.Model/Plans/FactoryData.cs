using System.Collections.Immutable;

namespace Ieum.Model;

/// <summary>What planning knows of a factory besides machines, calendars and orders. All of it may be left out.</summary>
public sealed record FactoryData
{
    public static FactoryData None { get; } = new();

    public ImmutableArray<MachineRules> Machines { get; init; } = [];
    public ImmutableArray<SetUpTable> SetUpTables { get; init; } = [];
    public ImmutableArray<SecondResource> Resources { get; init; } = [];
    public ImmutableArray<MaterialStock> Materials { get; init; } = [];
    public ImmutableArray<TransportService> Transport { get; init; } = [];
    public ImmutableArray<OvertimeOffer> Overtime { get; init; } = [];

    /// <summary>Planned stops of machines.</summary>
    public ImmutableArray<MaintenanceWindow> Maintenance { get; init; } = [];

    /// <summary>Who takes work over when the own machines cannot.</summary>
    public ImmutableArray<Subcontractor> Subcontractors { get; init; } = [];
}

/// <summary>A company that takes over work of some machines.</summary>
/// <param name="For">Machines whose work it can do.</param>
/// <param name="Transport">Id of the <see cref="TransportService"/> by which parts go there and come back: its cut-off is the supplier's, its travel the time until the parts are back and may be worked on.</param>
/// <param name="PricePerOrder">In the money of the planning goal; 0 or more.</param>
/// <param name="PricePerPiece">In the money of the planning goal; 0 or more.</param>
public sealed record Subcontractor(string Id, LocalName Name, ImmutableArray<MachineId> For, string Transport, double PricePerOrder, double PricePerPiece)
{
    /// <summary>What <paramref name="pieces"/> pieces cost there.</summary>
    public double CostOf(int pieces) => PricePerOrder + PricePerPiece * pieces;
}

/// <summary>How one machine is set up and filled.</summary>
/// <param name="SetUpTable">Id of its table of set-up times; null takes the time of the routing.</param>
/// <param name="Crew">Skill of the people of whom one is needed during a set-up; null when the operator does it.</param>
/// <param name="BatchCapacity">What goes in together, in the unit of <see cref="BatchLoad.Load"/>; 0 takes lots one by one.</param>
/// <param name="Family">Family it is set up for now; empty when nobody knows, then the first set-up is the routing's.</param>
public sealed record MachineRules(MachineId Machine, string? SetUpTable = null, string? Crew = null, int BatchCapacity = 0, string Family = "");

/// <summary>Set-up times from family to family. A pair that is missing is a hole: the two never follow each other; a family follows itself at once.</summary>
public sealed record SetUpTable(string Id, ImmutableArray<SetUpTime> Times);

/// <param name="Time">Zero or more.</param>
public sealed record SetUpTime(string From, string To, TimeSpan Time);

/// <summary>One person, tool or fixture.</summary>
/// <param name="Skills">What it can be asked for; steps and machines name one of them.</param>
/// <param name="Calendar">When it is there; null: whenever the machine works.</param>
/// <param name="Absences">When it is away all the same.</param>
public sealed record SecondResource(string Id, LocalName Name, ImmutableArray<string> Skills, WorkCalendar? Calendar, ImmutableArray<TimeRange> Absences);

/// <summary>What steps take from stock.</summary>
/// <param name="OnHand">Amount that is there now.</param>
/// <param name="FromCustomer">Supplied by the customer: the arrivals are the customer's promises.</param>
public sealed record MaterialStock(ItemId Item, LocalName Name, double OnHand, bool FromCustomer, ImmutableArray<Supply> Arrivals);

public sealed record Supply(DateTimeOffset At, double Amount);

/// <summary>A truck, ferry or carrier with a weekly timetable.</summary>
/// <param name="Offset">Distance of the timetable's local time from UTC.</param>
/// <param name="CutOff">Goods stand ready so long before a departure.</param>
/// <param name="NotOn">Days without departures.</param>
public sealed record TransportService(string Id, LocalName Name, TimeSpan Offset, TimeSpan CutOff, ImmutableArray<Departure> Week, ImmutableArray<DateOnly> NotOn);

/// <param name="At">Local time of day.</param>
/// <param name="Travel">Until the goods are there and may be worked on.</param>
public sealed record Departure(DayOfWeek Day, TimeSpan At, TimeSpan Travel);

/// <summary>Working time that can be bought, as a whole or not at all.</summary>
/// <param name="PricePerHour">Extra cost of an hour that is worked, in the money of the planning goal; 0 or more.</param>
public sealed record OvertimeOffer(MachineId Machine, TimeRange Range, double PricePerHour);

public sealed record MaintenanceWindow(MachineId Machine, TimeRange Range);
