using System.Collections.Immutable;

namespace Ieum.Model;

/// <summary>One machine that can do a routing step, with its nominal times.</summary>
/// <param name="SetUp">Set-up before the first piece of the order; zero or more.</param>
/// <param name="PerPiece">Time for one piece; zero or more. A fixed time per lot is written as set-up with no time per piece.</param>
public sealed record MachineOption(MachineId Machine, TimeSpan SetUp, TimeSpan PerPiece)
{
    /// <summary>Working time for <paramref name="pieces"/> pieces, set-up included.</summary>
    public TimeSpan For(int pieces) => SetUp + PerPiece * pieces;
}

/// <summary>One step of a routing: work on one of several machines, or a wait (cooling, transport, outside processing).</summary>
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

    /// <summary>Work on exactly one of <see cref="Options"/>; at least one; interruptible by the calendar, not by other work.</summary>
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
    }

    /// <summary>Time that passes by the clock, day and night.</summary>
    public sealed record Wait : RoutingStep
    {
        public Wait(int number, string name, TimeSpan duration) : base(number, name)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(duration, TimeSpan.Zero);
            Duration = duration;
        }

        public TimeSpan Duration { get; }
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
        (Item, Steps) = (item, steps);
    }

    public ItemId Item { get; }
    public ImmutableArray<RoutingStep> Steps { get; }
}

/// <summary>Something that is made, with the routing that makes it.</summary>
public sealed record Product(ItemId Id, LocalName Name, Routing Routing);
