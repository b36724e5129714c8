using Ieum.Model;

namespace Ieum.Conformance.Faults;

/// <summary>Checks that a gap lies where its fault was.</summary>
internal static class GapTimes
{
    /// <summary>
    /// A gap begins with the last data before the fault and ends with the first after it: no sample was received inside it,
    /// and it reaches from before the fault's first effect to after its end.
    /// </summary>
    public static void Cover(Gap gap, FaultSpan fault, ReadMachine machine)
    {
        Assert.True(gap.Range.From >= fault.Begun.AddSeconds(-SlackSeconds(machine)), $"gap from {gap.Range.From:o}, fault from {fault.Begun:o}");
        Assert.True(gap.Range.From < fault.Over, $"gap from {gap.Range.From:o}, fault over {fault.Over:o}");
        Assert.True(gap.Range.To > fault.Over.AddSeconds(-SlackSeconds(machine)), $"gap to {gap.Range.To:o}, fault over {fault.Over:o}");
        Assert.DoesNotContain(machine.Sink.Samples, s => s.ReceiveTime > gap.Range.From && s.ReceiveTime < gap.Range.To);
    }

    /// <summary>Half a second of wire time: a batch, a request to the control channel, and the pauses this machine makes by itself.</summary>
    private static double SlackSeconds(ReadMachine machine) => 0.5 * ((ScenarioClock)machine.Clocks.Factory).Speed;
}
