using Ieum.Sim.Play;

namespace Ieum.Sim.OpcUa;

/// <summary>The machine's own clock: the factory's, off by what a skew fault says.</summary>
internal sealed class SkewedClock(TimeProvider factory, FaultWindow faults) : TimeProvider
{
    public override DateTimeOffset GetUtcNow() => factory.GetUtcNow() + faults.Skew;
}
