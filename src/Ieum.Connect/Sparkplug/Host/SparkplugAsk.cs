using Ieum.Model;

namespace Ieum.Connect.Sparkplug.Host;

/// <summary>What the writer of one machine wants of the host's loop, which alone knows the sessions.</summary>
internal abstract record SparkplugAsk(SparkplugLane Lane, SignalNumber Signal)
{
    /// <summary>Send the value as NCMD or DCMD; the answer tells whether it left.</summary>
    public sealed record Write(SparkplugLane Lane, SignalNumber Signal, SampleValue Value) : SparkplugAsk(Lane, Signal)
    {
        public TaskCompletionSource<WriteAnswer> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    /// <summary>What the metric holds: the last value told, which is the present one while its device is born (report by exception).</summary>
    public sealed record Look(SparkplugLane Lane, SignalNumber Signal) : SparkplugAsk(Lane, Signal)
    {
        public TaskCompletionSource<Sample?> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    /// <summary>Ask the node for its births, which tell the value anew.</summary>
    public sealed record Births(SparkplugLane Lane, SignalNumber Signal) : SparkplugAsk(Lane, Signal);
}
