namespace Ieum.Model;

/// <summary>What a good plan is: each part times its weight, added up; smaller is better. 0 leaves a part out.</summary>
/// <param name="Tardiness">Per minute late and weight of the order. The default makes lateness outweigh everything else.</param>
/// <param name="Makespan">Per minute until the last operation ends.</param>
/// <param name="Flow">Per minute until an order is finished, times its weight.</param>
/// <param name="SetUp">Per minute of set-up.</param>
/// <param name="Overtime">Per unit of money spent on overtime.</param>
/// <param name="Stability">Per operation on another machine or more than an hour away, compared with the plan before. A replan with least disturbance takes 1,000 and more.</param>
public sealed record PlanGoal(double Tardiness = 100, double Makespan = 1, double Flow = 0.01, double SetUp = 0.1, double Overtime = 1, double Stability = 0)
{
    public static PlanGoal Default { get; } = new();

    /// <summary>Price of a moved operation in a replan: 100 minutes of lateness of an order of weight 1.</summary>
    public const double Steady = 10_000;

    /// <summary>The same goal with a price on every move, its own where it names one.</summary>
    /// <remarks>A method: a property of its own kind would make the record print itself for ever.</remarks>
    public PlanGoal Calm() => Stability > 0 ? this : this with { Stability = Steady };
}
