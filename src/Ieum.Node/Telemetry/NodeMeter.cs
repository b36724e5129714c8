using System.Diagnostics.Metrics;
using Ieum.Connect.Queue;
using Ieum.Model;

namespace Ieum.Node.Telemetry;

/// <summary>The node's own figures, meter <c>Ieum</c>.</summary>
internal static class NodeMeter
{
    public const string Name = "Ieum";
    private static readonly Meter Meter = new(Name);
    private static Func<IEnumerable<(string Source, LaneCounters Way)>> _queues = () => [];
    private static Func<IEnumerable<(string Source, SourceCounters Counters)>> _counters = () => [];

    public static Counter<long> Stored { get; } = Meter.CreateCounter<long>("ieum.samples.stored", "{sample}", "Samples that are durable.");
    public static Counter<long> Rejected { get; } = Meter.CreateCounter<long>("ieum.samples.refused", "{sample}", "Samples the store refused.");
    public static Histogram<double> PlanSeconds { get; } = Meter.CreateHistogram<double>("ieum.plan.duration", "s", "Real time of one planning run.");

    static NodeMeter()
    {
        Waiting("ieum.queue.batches", "{batch}", "Batches waiting in memory between a source and the store.", w => w.Waiting);
        Waiting("ieum.queue.samples", "{sample}", "Samples waiting on the disk between a source and the store.", w => w.WaitingSamples);
        Waiting("ieum.queue.bytes", "By", "Bytes of the queue on the disk.", w => w.Bytes);
        Meter.CreateObservableCounter("ieum.queue.dropped", () => _queues().Select(q => new Measurement<long>(q.Way.Dropped, Tag(q.Source))), "{sample}", "Samples let go by a full queue or unreadable in it.");
        Observe("ieum.samples.received", "Samples that arrived.", c => c.Received);
        Observe("ieum.samples.rejected", "Samples that could not be used, each told with its rule.", c => c.Rejected);
        Observe("ieum.samples.lost", "Samples known to be missing.", c => c.Lost);
        Observe("ieum.gaps", "Gaps that were recorded.", c => c.Gaps);
    }

    public static void WatchQueues(Func<IEnumerable<(string, LaneCounters)>> queues) => _queues = queues;
    public static void WatchCounters(Func<IEnumerable<(string, SourceCounters)>> counters) => _counters = counters;

    private static void Waiting(string name, string unit, string description, Func<LaneCounters, long> figure) => Meter.CreateObservableGauge(
        name, () => _queues().Select(q => new Measurement<long>(figure(q.Way), Tag(q.Source))), unit, description);

    private static void Observe(string name, string description, Func<SourceCounters, long> figure) => Meter.CreateObservableCounter(
        name, () => _counters().Select(c => new Measurement<long>(figure(c.Counters), Tag(c.Source))), "{item}", description);

    private static KeyValuePair<string, object?> Tag(string source) => new("source", source);
}
