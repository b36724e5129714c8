using Ieum.Model;

namespace Ieum.Analyze;

/// <summary>What a machine is doing, since when, and which word said so.</summary>
/// <param name="Since">When the present <see cref="State"/> began, by the machine's clock; the earliest instant before the first report.</param>
/// <param name="Cause">
/// The word that set the state: an execution word, <c>UNAVAILABLE</c>, <c>OFF</c>, <c>IN_CYCLE</c>, <c>OUT_OF_CYCLE</c>,
/// the cause of a gap (<c>Disconnected</c> …), or empty while nothing is known.
/// </param>
public readonly record struct MachineStatus(MachineState State, MachineOverlay Overlay, DateTimeOffset Since, string Cause);

/// <summary>An alarm that is on now.</summary>
/// <param name="Condition">The signal that carries the condition.</param>
/// <param name="Since">When it was raised, by the machine's clock.</param>
public readonly record struct ActiveAlarm(SignalNumber Condition, ConditionReport Report, DateTimeOffset Since);
