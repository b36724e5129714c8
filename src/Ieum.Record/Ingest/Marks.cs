using System.Collections.Concurrent;
using Ieum.Model;

namespace Ieum.Record.Ingest;

/// <summary>How far each source is durable. Only the writer changes it, after a commit; anybody may ask.</summary>
internal sealed class Marks
{
    private readonly ConcurrentDictionary<SourceId, SourceMark> _marks = [];

    /// <summary>What the database says, after a commit of which nobody knows whether it stood.</summary>
    public void Reload(IEnumerable<(SourceId Source, SourceMark Mark)> known)
    {
        _marks.Clear();
        foreach (var (source, mark) in known) _marks[source] = mark;
    }

    public SourceMark? Of(SourceId source) => _marks.GetValueOrDefault(source);

    /// <summary>Sorts a group: what is new, what is durable already, what came before one that it must follow.</summary>
    public Group Sort(IReadOnlyList<PendingBatch> batches)
    {
        var group = new Group();
        foreach (var batch in batches)
        {
            if (batch.Delivery is null && batch.Place is null)
            {
                group.Fresh.Add(batch);
                continue;
            }
            var mark = group.Marks.GetValueOrDefault(batch.Source) ?? Of(batch.Source);
            var number = mark?.Number ?? 0;
            if (batch.Delivery is { } d)
            {
                if (d.Number <= number)
                {
                    group.Known.Add(batch);
                    continue;
                }
                if (d.Follows != number)
                {
                    group.Early.Add((batch, number));
                    continue;
                }
                number = d.Number;
            }
            group.Fresh.Add(batch);
            // The newest by number, not by time: a clock that was set back must not hold the mark in the future.
            var through = batch.Delivery is { } delivery ? new(delivery.ThroughTicks, TimeSpan.Zero) : mark?.Through ?? default;
            group.Marks[batch.Source] = new(number, through, batch.Place ?? mark?.Place);
        }
        return group;
    }

    public void Show(Group group)
    {
        foreach (var (source, mark) in group.Marks) _marks[source] = mark;
    }

    /// <summary>A group of batches and what its sources' marks are once it is durable.</summary>
    internal sealed class Group
    {
        public List<PendingBatch> Fresh { get; } = [];
        public List<PendingBatch> Known { get; } = [];
        public List<(PendingBatch Batch, long Newest)> Early { get; } = [];
        public Dictionary<SourceId, SourceMark> Marks { get; } = [];
    }
}
