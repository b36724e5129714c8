namespace Ieum.Model;

/// <summary>The two clocks of a node.</summary>
/// <param name="Factory">
/// The time of the factory: stamps on samples, shifts, due dates, lateness. In the town it runs faster than real time.
/// </param>
/// <param name="Wire">
/// The time of the network: heartbeats, time-outs, back-off, durability limits. Always real time, because a
/// socket does not answer 120 times faster when the factory's day is played at speed 120.
/// </param>
public sealed record Clocks(TimeProvider Factory, TimeProvider Wire)
{
    /// <summary>Both clocks are the machine's own; what every node outside the town uses.</summary>
    public static Clocks Real { get; } = new(TimeProvider.System, TimeProvider.System);
}
