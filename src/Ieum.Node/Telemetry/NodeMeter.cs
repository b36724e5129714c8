using System.Collections.Immutable;
using System.Diagnostics.Metrics;
using Ieum.Connect;
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
    private static ImmutableArray<Func<SparkplugEdgeStatus>> _edges = [];

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
        Meter.CreateObservableGauge("ieum.edge.online", () => OfEdge(e => e.State == SparkplugEdgeState.Online ? 1 : 0), "{state}", "1 while the Sparkplug edge node is born at its broker, 0 while it should be and is not.");
        Meter.CreateObservableGauge("ieum.edge.waiting", () => OfEdge(e => e.Behind), "{signal}", "Signals of which values are stored to be told to hosts later.");
        Meter.CreateObservableCounter("ieum.edge.sent", () => OfEdge(e => e.Sent), "{sample}", "Values told to hosts as they came.");
        Meter.CreateObservableCounter("ieum.edge.historical", () => OfEdge(e => e.Historical), "{sample}", "Values told to hosts later, as history.");
        Meter.CreateObservableCounter("ieum.edge.untold", () => OfEdge(e => e.Untold), "{stretch}", "Stretches of a signal that could not be read back and were given up.");
        Meter.CreateObservableCounter("ieum.edge.refused", () => OfEdge(e => e.Refused), "{command}", "Commands of hosts that were refused.");
    }

    public static void WatchQueues(Func<IEnumerable<(string, LaneCounters)>> queues) => _queues = queues;
    public static void WatchCounters(Func<IEnumerable<(string, SourceCounters)>> counters) => _counters = counters;

    public static void WatchEdge(Func<SparkplugEdgeStatus> edge) => ImmutableInterlocked.Update(ref _edges, e => e.Add(edge));
    public static void UnwatchEdge(Func<SparkplugEdgeStatus> edge) => ImmutableInterlocked.Update(ref _edges, e => e.Remove(edge));

    /// <summary>Nothing at all while nothing is published: a figure of 0 would look like a fault.</summary>
    private static IEnumerable<Measurement<long>> OfEdge(Func<SparkplugEdgeStatus, long> figure) =>
        _edges.Select(e => e()).Where(e => e.State != SparkplugEdgeState.Off).Select(e => new Measurement<long>(figure(e), new KeyValuePair<string, object?>("node", $"{e.Group}/{e.Node}")));

    private static void Waiting(string name, string unit, string description, Func<LaneCounters, long> figure) => Meter.CreateObservableGauge(
        name, () => _queues().Select(q => new Measurement<long>(figure(q.Way), Tag(q.Source))), unit, description);

    private static void Observe(string name, string description, Func<SourceCounters, long> figure) => Meter.CreateObservableCounter(
        name, () => _counters().Select(c => new Measurement<long>(figure(c.Counters), Tag(c.Source))), "{item}", description);

    private static KeyValuePair<string, object?> Tag(string source) => new("source", source);
}
