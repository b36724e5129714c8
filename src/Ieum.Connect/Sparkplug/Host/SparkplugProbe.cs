using Ieum.Connect.Sparkplug.Payload;
using Ieum.Connect.Sparkplug.Session;

namespace Ieum.Connect.Sparkplug.Host;

/// <summary>Waits for the birth of one node or device, for the live test of a connection.</summary>
internal sealed class SparkplugProbe(SparkplugSettings settings)
{
    public SparkplugSettings Settings => settings;
    public TaskCompletionSource<IReadOnlyList<Metric>> Found { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void See(SparkplugTopic topic, ReadOnlySpan<byte> bytes)
    {
        var wanted = settings.Device is null ? MessageKind.NBirth : MessageKind.DBirth;
        if (topic.Kind != wanted || topic.Group != settings.Group || topic.Node != settings.Node || topic.Device != settings.Device) return;
        if (PayloadDecoder.TryDecode(bytes, out var birth, out _)) Found.TrySetResult(birth.Metrics);
    }
}
