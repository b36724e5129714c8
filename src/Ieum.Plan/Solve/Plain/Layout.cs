namespace Ieum.Plan;

/// <summary>How good a schedule is. Smaller is better: first lateness, then the end of everything, then the flow.</summary>
/// <param name="Tardiness">Minutes late times weight, summed over the orders.</param>
/// <param name="Makespan">Minute at which the last order is finished.</param>
/// <param name="Flow">Finish minute times weight, summed over the orders.</param>
internal readonly record struct Score(long Tardiness, long Makespan, long Flow) : IComparable<Score>
{
    public int CompareTo(Score other) => (Tardiness, Makespan, Flow).CompareTo((other.Tardiness, other.Makespan, other.Flow));
    public bool IsBetterThan(Score other) => CompareTo(other) < 0;
}

/// <summary>A complete schedule in minutes: where, when and in which order.</summary>
internal sealed class Layout(int tasks)
{
    /// <summary>Index into the task's options.</summary>
    public int[] Option { get; } = new int[tasks];
    /// <summary>Begin on the axis of the machine.</summary>
    public long[] Place { get; } = new long[tasks];
    /// <summary>Minutes of work; less than the option's when the set-up was left out.</summary>
    public long[] Work { get; } = new long[tasks];
    /// <summary>Whether the set-up was left out.</summary>
    public bool[] NoSetUp { get; } = new bool[tasks];
    /// <summary>Begin by the clock.</summary>
    public long[] Start { get; } = new long[tasks];
    /// <summary>End by the clock.</summary>
    public long[] End { get; } = new long[tasks];
    public Score Score { get; set; }

    /// <summary>Chosen machine and begin of each task: all that places it again.</summary>
    public override string ToString() => $"machines {string.Join(' ', Option)}, begins {string.Join(' ', Start)}";
}

/// <summary>A schedule before it has times: which job comes next, and on which option each task runs.</summary>
/// <param name="Jobs">The k-th appearance of a job stands for its k-th task that was not begun; so every order of the list is possible.</param>
/// <param name="Options">Option per task; a negative one lets the decoder take the one that ends first.</param>
internal sealed record Sequence(int[] Jobs, int[] Options)
{
    public Sequence Copy() => new([.. Jobs], [.. Options]);
}
