using System.Collections.Immutable;

namespace Ieum.Plan;

/// <summary>The plain part of a factory, which CP-SAT takes: small integers, minutes since now.</summary>
/// <param name="Machines">Working time of each machine.</param>
/// <param name="Jobs">Orders with something left to do.</param>
/// <param name="Tasks">Operations left to do, those of one job together and in routing order.</param>
/// <param name="SkipSetUp">No set-up after the same <see cref="PlanTask.Family"/>.</param>
internal sealed record PlanProblem(ImmutableArray<PlanMachine> Machines, ImmutableArray<PlanJob> Jobs, ImmutableArray<PlanTask> Tasks, bool SkipSetUp);

/// <param name="AxisIndex">Machines with the same working time share one axis.</param>
/// <param name="Held">Tasks already begun here, in the order in which they go on; nothing may come before them.</param>
internal sealed record PlanMachine(int AxisIndex, WorkAxis Axis, ImmutableArray<int> Held);

/// <param name="First">Index of its first task.</param>
/// <param name="Count">Number of its tasks; 1 or more.</param>
/// <param name="Due">Finishing later than this minute is late; may be negative.</param>
/// <param name="TailWait">Minutes of waiting after the last task until the order is finished.</param>
internal sealed record PlanJob(int First, int Count, long Due, int Weight, long TailWait);

/// <param name="Job">Index of its job.</param>
/// <param name="Ready">Earliest minute at which it may start, from release and finished steps.</param>
/// <param name="WaitBefore">Minutes between the end of the task before it in its job and its start.</param>
/// <param name="AfterPrevious">Whether it must follow the task before it in its job; false for the first, and for one that was begun out of order.</param>
/// <param name="Family">Equal for tasks that follow each other without a set-up.</param>
/// <param name="Options">At least one; exactly one when <see cref="IsHeld"/>.</param>
/// <param name="IsHeld">It was begun and stays where it is.</param>
internal sealed record PlanTask(int Job, long Ready, long WaitBefore, bool AfterPrevious, int Family, ImmutableArray<TaskOption> Options, bool IsHeld);

/// <param name="Machine">Index of the machine.</param>
/// <param name="Work">Minutes of work, set-up included; 1 or more.</param>
/// <param name="WorkNoSetUp">Minutes of work when the set-up can be left out; 1 to <paramref name="Work"/>.</param>
internal sealed record TaskOption(int Machine, long Work, long WorkNoSetUp);
