using System.Collections.Immutable;

namespace Ieum.Plan;

/// <summary>
/// Everything that planning one company looks at: an immutable snapshot in minutes since <paramref name="Origin"/>, without a solver.
/// Rows refer to each other by index; <see cref="FactoryCheck"/> says what is wrong with them.
/// </summary>
/// <param name="Origin">Now; minute 0. Nothing that is not begun may start before.</param>
/// <param name="Horizon">Minutes that calendars reach; work beyond does not fit.</param>
/// <param name="Standing">The plan in force, for stability and the frozen zone; empty for the first.</param>
/// <param name="FrozenUntil">Operations whose standing start lies before this minute keep machine, people and start.</param>
internal sealed record FactoryProblem(
    DateTimeOffset Origin, long Horizon,
    ImmutableArray<FactoryMachine> Machines, ImmutableArray<FactoryUnit> Units, ImmutableArray<SetUpMatrix> Matrices,
    ImmutableArray<FactoryMaterial> Materials, ImmutableArray<TransportLane> Lanes, ImmutableArray<FactoryOrder> Orders,
    FactoryGoal Goal, ImmutableArray<FactorySlot> Standing, long FrozenUntil);

/// <summary>A machine, furnace or work place; does one thing at a time, a batch of lots being one thing.</summary>
/// <param name="Open">Regular time, breaks, shifts, holidays and maintenance windows taken out.</param>
/// <param name="Overtime">Stretches that can be bought, each as a whole or not at all, with the price of a minute that is worked.</param>
/// <param name="Matrix">Index of its set-up matrix; -1 for none.</param>
/// <param name="Crew">Units of which one is needed during a set-up; empty when the machine sets itself up.</param>
/// <param name="Family">Set-up family it stands in now; empty for none, then the first set-up is the operation's own.</param>
/// <param name="BatchCapacity">Load that goes in together, in the unit of <see cref="FactoryOperation.Load"/>; 0 when lots go one by one.</param>
internal sealed record FactoryMachine(
    string Id, OpenTime Open, ImmutableArray<OvertimeWindow> Overtime, int Matrix, ImmutableArray<int> Crew, string Family, int BatchCapacity);

/// <param name="Price">Extra cost of a worked minute; 0 or more.</param>
internal sealed record OvertimeWindow(long From, long To, double Price);

/// <summary>A second resource that is needed beside a machine: one person, one tool, one fixture.</summary>
internal sealed record FactoryUnit(string Id, OpenTime Open);

/// <summary>Minutes of set-up from family to family; sequence-dependent.</summary>
/// <param name="Minutes"><c>[from × families + to]</c>; -1 is a hole, which is told and counts as never.</param>
internal sealed record SetUpMatrix(string Id, ImmutableArray<string> Families, ImmutableArray<int> Minutes)
{
    /// <returns>Null where a family is not in the matrix, or the cell is a hole.</returns>
    public int? Between(string from, string to)
    {
        var (a, b) = (Families.IndexOf(from), Families.IndexOf(to));
        return a < 0 || b < 0 || Minutes[a * Families.Length + b] < 0 ? null : Minutes[a * Families.Length + b];
    }
}

/// <summary>What operations take from stock. Customer-supplied material is a material of its own whose supplies are the customer's promises.</summary>
/// <param name="Supplies">When how much comes in; stock of now at minute 0.</param>
internal sealed record FactoryMaterial(string Id, bool FromCustomer, ImmutableArray<(long Minute, double Amount)> Supplies);

/// <summary>A truck, ferry or carrier with a timetable.</summary>
/// <param name="Departures">Minutes of departure, rising.</param>
/// <param name="CutOff">Goods must stand ready so many minutes before.</param>
/// <param name="Travel">Minutes until they are there.</param>
internal sealed record TransportLane(string Id, ImmutableArray<long> Departures, long CutOff, long Travel)
{
    /// <summary>Arrival of each departure where their journeys differ; else <see cref="Travel"/> after it. The first departure that is caught is taken, even where a later one would arrive before it.</summary>
    public ImmutableArray<long> Arrivals { get; init; } = [];

    /// <summary>When goods ready at a minute arrive by the next departure that they catch; null when none is left.</summary>
    public long? Arrival(long ready)
    {
        var i = Departures.BinarySearch(ready + CutOff);
        if (i < 0) i = ~i;
        else while (i > 0 && Departures[i - 1] == Departures[i]) i--;
        return i >= Departures.Length ? null : Arrivals.IsEmpty ? Departures[i] + Travel : Arrivals[i];
    }

    /// <summary>The last minute at which goods may be ready so that they arrive by a minute, looked for from <paramref name="ready"/> on, with which they do; that minute itself when they do not.</summary>
    public long LastReady(long ready, long by)
    {
        // The first departure that is caught is taken: the time reaches as far as departure follows departure in time.
        var last = ready;
        while (Arrival(last) is { } there && there <= by)
        {
            var i = Departures.BinarySearch(last + CutOff);
            if (i < 0) i = ~i;
            ready = Departures[i] - CutOff;
            last = ready + 1;
        }
        return ready;
    }
}

/// <param name="Release">Nothing of it starts before, unless it was begun.</param>
/// <param name="Due">Later is late.</param>
/// <param name="Deadline">Later is of no use: told as a broken promise, and weighed above everything else. Null for none.</param>
/// <param name="Weight">How much one minute late hurts compared with others; above 0.</param>
/// <param name="Routings">Ways to make it, at least one; exactly one is taken.</param>
internal sealed record FactoryOrder(string Id, int Quantity, long Release, long Due, long? Deadline, double Weight, ImmutableArray<FactoryRouting> Routings);

/// <param name="Links">Who waits for whom among <paramref name="Operations"/>; no circle.</param>
internal sealed record FactoryRouting(string Id, ImmutableArray<FactoryOperation> Operations, ImmutableArray<FactoryLink> Links)
{
    /// <summary>Minutes of the clock after the last operation until the order is finished, or may leave.</summary>
    public long TailWait { get; init; }

    /// <summary>Index of the transport to the customer; the order is finished when it is there. -1 for none.</summary>
    public int TailLane { get; init; } = -1;
}

/// <param name="Number">Step, unique in the routing.</param>
/// <param name="Family">Set-up family: what the machine is set up for.</param>
/// <param name="Recipe">Only lots of one recipe go into a furnace together; empty for operations that are not batched.</param>
/// <param name="Load">Share of a batch machine's capacity.</param>
/// <param name="Needs">Second resources beside the machine.</param>
/// <param name="Takes">Materials used up at the start.</param>
/// <param name="Done">Finished: it holds nothing any more, its end is <paramref name="DoneAt"/> (0 or before now).</param>
/// <param name="Begun">Being worked on now: it stays on that mode and goes on first.</param>
internal sealed record FactoryOperation(
    int Number, string Name, string Family, string Recipe, int Load, ImmutableArray<FactoryMode> Modes,
    ImmutableArray<FactoryNeed> Needs, ImmutableArray<(int Material, double Amount)> Takes, bool Done, long DoneAt, FactoryProgress? Begun)
{
    /// <summary>Minute before which it must not start, beside the release.</summary>
    public long Earliest { get; init; }

    /// <summary>Minute at which a person wants it to start: never earlier; later is a broken promise. Null for none.</summary>
    public long? Locked { get; init; }

    /// <summary>Where the standing plan began it, on whatever machine; null when it does not know it.</summary>
    public long? Was { get; init; }

    /// <summary>Pieces it works on, for the plan that is shown.</summary>
    public int Pieces { get; init; }
}

/// <param name="Mode">Index of the mode it was begun in.</param>
/// <param name="Remaining">Minutes of work still to do, from real progress; 1 or more.</param>
/// <param name="Rank">Of several begun on one machine the smaller goes on first.</param>
internal sealed record FactoryProgress(int Mode, long Remaining, long Rank = 0);

/// <summary>One way to do an operation.</summary>
/// <param name="SetUp">Minutes of set-up where the machine has no matrix; with one, the matrix rules.</param>
/// <param name="PerPiece">Minutes a piece; the run is this times the quantity, rounded up. For a batch: minutes of the load.</param>
/// <param name="Pauses">Whether work may stop over a break and go on after it; else it is done in one piece.</param>
internal sealed record FactoryMode(int Machine, int SetUp, double PerPiece, bool Pauses);

/// <param name="Units">One of them is needed: people with the skill, pieces of the tool, copies of the fixture.</param>
/// <param name="RunOnly">From the end of the set-up on; else from its begin.</param>
internal sealed record FactoryNeed(string Name, ImmutableArray<int> Units, bool RunOnly);

/// <param name="From">Index of the operation before.</param>
/// <param name="To">Index of the operation after.</param>
/// <param name="MinWait">Minutes of the clock between them at least (cooling).</param>
/// <param name="MaxWait">At most (plating within 4 h); null for no limit.</param>
/// <param name="Transfer">Pieces that are passed on together; 0 passes the whole lot at the end.</param>
/// <param name="Lane">Index of the transport between them; -1 for none.</param>
internal sealed record FactoryLink(int From, int To, long MinWait, long? MaxWait, int Transfer, int Lane);

/// <summary>What a good plan is: each part times its weight, added up.</summary>
/// <param name="Tardiness">Per minute late and weight of the order.</param>
/// <param name="Makespan">Per minute until the last end.</param>
/// <param name="SetUp">Per minute of set-up.</param>
/// <param name="Overtime">Per unit of overtime cost.</param>
/// <param name="Stability">Per operation that changes its machine, or moves by more than an hour, against the standing plan.</param>
/// <param name="Flow">Per minute until an order is finished and weight of the order.</param>
internal sealed record FactoryGoal(double Tardiness = 100, double Makespan = 1, double SetUp = 0.1, double Overtime = 1, double Stability = 0, double Flow = 0);

/// <summary>One operation in a plan.</summary>
/// <param name="Order">Index of the order.</param>
/// <param name="Routing">Index of the routing taken.</param>
/// <param name="Operation">Index in the routing.</param>
/// <param name="Start">Begin of the set-up.</param>
/// <param name="RunStart">Begin of the work; equals <paramref name="Start"/> without set-up.</param>
/// <param name="Units">Unit taken for each need, in their order; then the crew, -1 where none was needed.</param>
internal sealed record FactorySlot(int Order, int Routing, int Operation, int Mode, long Start, long RunStart, long End, ImmutableArray<int> Units);

/// <summary>A plan is a value: which overtime was bought, and where everything lies.</summary>
/// <param name="Overtime">Bought windows as (machine, window).</param>
/// <param name="Score">Value of the goal; smaller is better.</param>
internal sealed record FactoryPlan(ImmutableArray<FactorySlot> Slots, ImmutableArray<(int Machine, int Window)> Overtime, FactoryScore Score, ImmutableArray<int> Unplanned);

/// <param name="BrokenDeadlines">Orders that end after their deadline, do not fit or break a maximum wait, and locked starts that do not hold.</param>
internal readonly record struct FactoryScore(double Total, double Tardiness, long Makespan, long SetUp, double OvertimeCost, int Changes, int BrokenDeadlines);
