using Ieum.Sim.Machines;

namespace Ieum.Sim.MtConnect;

/// <summary>One observation in the agent's buffer.</summary>
internal sealed record Observation(long Sequence, int ItemIndex, DataItem Item, long Ticks, string Value);

/// <summary>A stretch of the buffer as an answer to one request.</summary>
/// <param name="Next">Where the next request continues.</param>
internal readonly record struct BufferSlice(IReadOnlyList<Observation> Observations, long First, long Last, long Next, long InstanceId);
