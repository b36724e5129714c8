using System.Collections.Immutable;
using Ieum.Model;

namespace Ieum.Plan;

/// <summary>What a solver needs to know and nothing else: small integers, minutes since <see cref="Origin"/>.</summary>
/// <param name="Origin">The present, rounded up to the minute; minute 0.</param>
/// <param name="Machines">Machine of each index, with its working time.</param>
/// <param name="Jobs">Orders with something left to do.</param>
/// <param name="Tasks">Operations left to do, those of one job together and in routing order.</param>
/// <param name="SkipSetUp">No set-up after the same <see cref="PlanTask.Family"/>.</param>
internal sealed record PlanProblem(
    DateTimeOffset Origin, ImmutableArray<PlanMachine> Machines, ImmutableArray<PlanJob> Jobs,
    ImmutableArray<PlanTask> Tasks, bool SkipSetUp)
{
    public DateTimeOffset Time(long minute, int machine) => Origin.AddMinutes(minute).ToOffset(Machines[machine].Offset);
}

/// <param name="Axis">Index of the axis; machines with the same working time share one.</param>
/// <param name="Held">Tasks already begun here, in the order in which they go on; nothing may come before them.</param>
internal sealed record PlanMachine(MachineId Id, int AxisIndex, WorkAxis Axis, TimeSpan Offset, ImmutableArray<int> Held);

/// <param name="First">Index of its first task.</param>
/// <param name="Count">Number of its tasks; 1 or more.</param>
/// <param name="Due">Finishing later than this minute is late; may be negative.</param>
/// <param name="TailWait">Minutes of waiting after the last task until the order is finished.</param>
internal sealed record PlanJob(Order Order, int First, int Count, long Due, int Weight, long TailWait);

/// <param name="Job">Index of its job.</param>
/// <param name="Ready">Earliest minute at which it may start, from release and finished steps.</param>
/// <param name="WaitBefore">Minutes between the end of the task before it in its job and its start.</param>
/// <param name="AfterPrevious">Whether it must follow the task before it in its job; false for the first, and for one that was begun out of order.</param>
/// <param name="Family">Equal for tasks of the same item and step.</param>
/// <param name="Options">At least one; exactly one when <see cref="HeldSince"/> is set.</param>
/// <param name="HeldSince">When it was begun; null when it still waits. Begun tasks stay where they are.</param>
internal sealed record PlanTask(
    OperationId Id, int Job, int Step, int Quantity, long Ready, long WaitBefore, bool AfterPrevious, int Family,
    ImmutableArray<TaskOption> Options, DateTimeOffset? HeldSince, bool IsRunning)
{
    public bool IsHeld => HeldSince is not null;
}

/// <param name="Machine">Index of the machine.</param>
/// <param name="Work">Minutes of work, set-up included; 1 or more.</param>
/// <param name="WorkNoSetUp">Minutes of work when the set-up can be left out; 1 to <paramref name="Work"/>.</param>
internal sealed record TaskOption(int Machine, TimeSpan SetUp, long Work, long WorkNoSetUp);
