// Most of these tests wait: for other people's programs to start, for faults that last some seconds, for keep-alives. Two threads, one for
// each processor of a small machine, would mostly stand idle; what a test waits for does not come sooner by being alone.
[assembly: Xunit.v3.Parallelization(MaxThreads = 4)]

namespace Ieum.Conformance;

/// <summary>Tests in which a short time-out is the thing that is tested: they run after all others, one by one, so that no other test takes the processor from a device that must answer in time.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class Alone
{
    public const string Name = "alone";
}
