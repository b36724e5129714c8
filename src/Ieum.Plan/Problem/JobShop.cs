using System.Collections.Immutable;

namespace Ieum.Plan;

/// <summary>Which of the published problem classes an instance belongs to.</summary>
internal enum JobShopKind : byte
{
    /// <summary>Every operation has one machine (J||Cmax).</summary>
    Classic,
    /// <summary>Operations choose among machines (FJ||Cmax).</summary>
    Flexible,
    /// <summary>Flexible, with a set-up between two operations that follow each other on a machine (FJ|s|Cmax).</summary>
    FlexibleWithSetUps,
    /// <summary>Flexible, a job is a network of operations instead of a chain (Birgin et al. 2014).</summary>
    FlexibleAssembly,
}

/// <param name="Machine">Index from 0.</param>
/// <param name="Time">Duration in the instance's own unit; 0 or more.</param>
internal readonly record struct ShopOption(int Machine, int Time);

/// <param name="Job">Index of its job from 0, in file order.</param>
/// <param name="Number">Place in its job from 0, in file order.</param>
/// <param name="Options">Machines that can do it, each at most once; at least one.</param>
/// <param name="Before">Operations that must end before it starts, as indices into <see cref="JobShop.Operations"/>.</param>
internal sealed record ShopOperation(int Job, int Number, ImmutableArray<ShopOption> Options, ImmutableArray<int> Before);

/// <summary>A job shop instance as literature publishes it: whole numbers, one unit, no calendar.</summary>
/// <param name="Operations">Those of a job stand together; no circle in <see cref="ShopOperation.Before"/>.</param>
/// <param name="SetUps">
/// Empty, or per machine a square table <c>[before × operations + after]</c>. The set-up lies between two operations that
/// follow each other on the machine and may begin before the second one's job is there; the first needs none.
/// </param>
internal sealed record JobShop(string Name, JobShopKind Kind, int Machines, int Jobs, ImmutableArray<ShopOperation> Operations,
    ImmutableArray<ImmutableArray<int>> SetUps)
{
    public int SetUp(int machine, int before, int after) => SetUps.IsEmpty ? 0 : SetUps[machine][before * Operations.Length + after];
}

/// <summary>Where and when one operation runs; the set-up before it lies outside.</summary>
internal readonly record struct ShopSlot(int Machine, long Start, long End);

/// <param name="Slots">One per operation of the instance, in its order.</param>
internal sealed record ShopSchedule(ImmutableArray<ShopSlot> Slots)
{
    public long Makespan => Slots.IsEmpty ? 0 : Slots.Max(s => s.End);
}
