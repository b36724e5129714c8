using System.Collections.Immutable;
using Ieum.Model;

namespace Ieum.Node.Store.Config;

/// <summary>What a configuration file says, checked.</summary>
/// <param name="Company">Seed of the first start; afterwards the settings page owns it.</param>
/// <param name="Connections">Seed of the first start, as <paramref name="Company"/>.</param>
/// <param name="Calendar">When the company works; read at every start.</param>
/// <param name="MachineCalendars">Machines whose calendar differs from the company's; read at every start.</param>
/// <param name="Products">Items with their routings; read at every start.</param>
/// <param name="Orders">Orders known at the first start; later ones come by page or API.</param>
/// <param name="Options">Options of the rooms, flattened to configuration keys; read at every start.</param>
public sealed record NodeConfig(
    Company Company,
    ImmutableArray<ConnectionSettings> Connections,
    WorkCalendar Calendar,
    ImmutableDictionary<MachineId, WorkCalendar> MachineCalendars,
    ImmutableArray<Product> Products,
    ImmutableArray<Order> Orders,
    ImmutableDictionary<string, string?> Options)
{
    /// <summary>What may be written; taken over while the database has no list of its own.</summary>
    public ImmutableArray<WriteRule> Writes { get; init; } = [];

    /// <summary>Which set points are written when a signal goes wrong; read at every start.</summary>
    public ImmutableArray<Act.Correction> Corrections { get; init; } = [];

    /// <summary>Set-up tables, people, material, transport and overtime for planning; read at every start.</summary>
    public FactoryData Planning { get; init; } = FactoryData.None;

    /// <summary>What a good plan is to this company; read at every start.</summary>
    public PlanGoal Goal { get; init; } = PlanGoal.Default;

    /// <summary>A company without machines, for a start without a file: the settings page teaches it the rest.</summary>
    public static NodeConfig Empty { get; } = new(
        new Company(new("my-company"), new LocalName("우리 회사", "自社", "My company"), "KR", []), [],
        Weekdays(TimeSpan.FromHours(9)), ImmutableDictionary<MachineId, WorkCalendar>.Empty, [], [],
        ImmutableDictionary<string, string?>.Empty);

    /// <summary>Monday to Friday, 8 to 17 with an hour's break: what holds until somebody says otherwise.</summary>
    public static WorkCalendar Weekdays(TimeSpan offset) => new(offset,
        Enumerable.Range(1, 5).ToDictionary(d => (DayOfWeek)d, _ => (IReadOnlyList<Shift>)
            [new(TimeSpan.FromHours(8), TimeSpan.FromHours(12)), new(TimeSpan.FromHours(13), TimeSpan.FromHours(17))]));

    public WorkCalendar CalendarOf(MachineId machine) => MachineCalendars.GetValueOrDefault(machine, Calendar);
}
