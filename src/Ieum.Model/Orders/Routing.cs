using System.Collections.Immutable;

namespace Ieum.Model;

/// <summary>One machine that can do a routing step, with its nominal times.</summary>
/// <param name="SetUp">Set-up before the first piece of the order; zero or more.</param>
/// <param name="PerPiece">Time for one piece; zero or more. A fixed time per lot is written as set-up with no time per piece.</param>
public sealed record MachineOption(MachineId Machine, TimeSpan SetUp, TimeSpan PerPiece)
{
    /// <summary>Work that must not stand still over a break: what does not fit before it begins after it. False: it goes on after the break.</summary>
    public bool Unbroken { get; init; }

    /// <summary>Working time for <paramref name="pieces"/> pieces, set-up included.</summary>
    public TimeSpan For(int pieces) => SetUp + PerPiece * pieces;
}

/// <summary>A lot that goes into a furnace, bath or oven together with others.</summary>
/// <param name="Recipe">Only lots of one recipe go in together, for example <c>carburise 920 °C</c>.</param>
/// <param name="Load">What the lot takes of the machine's capacity, in the unit of <see cref="MachineRules.BatchCapacity"/>; 1 or more.</param>
public sealed record BatchLoad(string Recipe, int Load);

/// <summary>Somebody or something needed beside the machine.</summary>
/// <param name="Skill">One of the resources that have this skill (a person's skill, a tool, a fixture).</param>
/// <param name="RunOnly">Needed from the end of the set-up on; else from its begin.</param>
public sealed record ResourceNeed(string Skill, bool RunOnly = false);

/// <summary>Material that a step uses up.</summary>
/// <param name="PerPiece">Amount for one piece, in the unit of the stock; above 0.</param>
public sealed record MaterialUse(ItemId Item, double PerPiece);

/// <summary>One step of a routing: work on one of several machines, a wait (cooling, drying), or a transport by timetable.</summary>
public abstract record RoutingStep
{
    private RoutingStep(int number, string name)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(number, 1);
        (Number, Name) = (number, name);
    }

    /// <summary>Position in the routing; steps are done in ascending order. By custom 10, 20, 30 …</summary>
    public int Number { get; }
    public string Name { get; }

    /// <summary>Work on exactly one of <see cref="Options"/>; at least one; interruptible by the calendar where the option says nothing else, not by other work.</summary>
    public sealed record Work : RoutingStep
    {
        /// <exception cref="ArgumentException">No machine, or one machine twice.</exception>
        public Work(int number, string name, ImmutableArray<MachineOption> options) : base(number, name)
        {
            if (options.IsDefaultOrEmpty) throw new ArgumentException($"Step {number} '{name}' names no machine that can do it.");
            if (options.DistinctBy(o => o.Machine).Count() != options.Length)
                throw new ArgumentException($"Step {number} '{name}' names a machine twice.");
            foreach (var o in options)
            {
                ArgumentOutOfRangeException.ThrowIfLessThan(o.SetUp, TimeSpan.Zero);
                ArgumentOutOfRangeException.ThrowIfLessThan(o.PerPiece, TimeSpan.Zero);
            }
            Options = options;
        }

        public ImmutableArray<MachineOption> Options { get; }

        /// <summary>What the machine is set up for; work of one family needs no set-up after its own. Empty: every lot is set up.</summary>
        public string Family { get; init; } = "";

        /// <summary>Set for a furnace or bath: the option's time per piece (or its set-up where that is zero) is then the time of one load, whatever its quantity.</summary>
        public BatchLoad? Batch { get; init; }

        public ImmutableArray<ResourceNeed> Needs { get; init; } = [];
        public ImmutableArray<MaterialUse> Takes { get; init; } = [];

        /// <summary>Pieces that are passed on to the next step together; 0 passes the whole lot at its end.</summary>
        public int Transfer { get; init => field = value >= 0 ? value : throw new ArgumentOutOfRangeException(nameof(value), value, "Pieces passed on together are 0 or more."); }
    }

    /// <summary>Time that passes by the clock, day and night.</summary>
    public sealed record Wait : RoutingStep
    {
        /// <param name="duration">At least so long; zero or more.</param>
        /// <param name="most">The next work must have begun its run by then (plating within 4 h); not below <paramref name="duration"/>; null for no limit.</param>
        public Wait(int number, string name, TimeSpan duration, TimeSpan? most = null) : base(number, name)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(duration, TimeSpan.Zero);
            if (most < duration) throw new ArgumentOutOfRangeException(nameof(most), most, $"Step {number} '{name}' waits {duration} at least, so not less at most.");
            (Duration, Most) = (duration, most);
        }

        public TimeSpan Duration { get; }
        public TimeSpan? Most { get; }
    }

    /// <summary>A journey by a <see cref="TransportService"/>; leaves after the waits before it.</summary>
    public sealed record Transport : RoutingStep
    {
        public Transport(int number, string name, string service) : base(number, name) => Service = service;

        /// <summary>Id of the service.</summary>
        public string Service { get; }
    }
}

/// <summary>How an item is made: its steps in order.</summary>
public sealed record Routing
{
    /// <exception cref="ArgumentException">No steps, or numbers that do not rise.</exception>
    public Routing(ItemId item, ImmutableArray<RoutingStep> steps)
    {
        if (steps.IsDefaultOrEmpty) throw new ArgumentException($"The routing of '{item}' has no steps.");
        for (var i = 1; i < steps.Length; i++)
            if (steps[i].Number <= steps[i - 1].Number)
                throw new ArgumentException($"Steps of '{item}' must rise: {steps[i].Number} follows {steps[i - 1].Number}.");
        for (var i = 1; i < steps.Length; i++)
            if (steps[i - 1] is RoutingStep.Transport && steps[i] is not RoutingStep.Work)
                throw new ArgumentException($"Step {steps[i].Number} of '{item}' follows a transport and is no work; put waits before the transport, and write two journeys as one service.");
        (Item, Steps) = (item, steps);
    }

    public ItemId Item { get; }
    public ImmutableArray<RoutingStep> Steps { get; }
    /// <summary>The steps that are work, in order.</summary>
    public IEnumerable<RoutingStep.Work> WorkSteps => Steps.OfType<RoutingStep.Work>();
}

/// <summary>Something that is made, with the routing that makes it.</summary>
public sealed record Product(ItemId Id, LocalName Name, Routing Routing)
{
    /// <summary>Other ways to make it; a plan takes exactly one way for an order.</summary>
    public ImmutableArray<Routing> Alternatives { get; init; } = [];
}
