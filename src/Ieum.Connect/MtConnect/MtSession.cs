using System.Globalization;
using Ieum.Model;

namespace Ieum.Connect.MtConnect;

/// <summary>What one document leads to.</summary>
/// <param name="Accepted">Indices into the document's (or snapshot's) observations, by rising sequence: new ones only.</param>
/// <param name="Restarted">The agent is another run: probe and current must be asked for again; nothing was accepted.</param>
internal readonly record struct MtStep(List<MtObservation> Accepted, Gap? Gap, bool Restarted);

/// <summary>Why a snapshot was asked for.</summary>
internal enum MtResync : byte { None, Start, Restart, Overrun, Unreadable }

/// <summary>Keeps account of an agent's sequence numbers: what is new, what was seen, what is missing. No I/O, no clock.</summary>
/// <remarks>
/// MTConnect Part 1, "Streaming data": an agent numbers every observation of all its devices; a run of the agent is known by
/// its instanceId; its buffer holds firstSequence to lastSequence. After a loss the session goes on at the oldest number
/// still in the buffer, and not at the newest, so that only what the buffer really dropped is lost. When that number is
/// gone too before the request arrives (a full buffer moves on with every value), each further try leaves a larger margin.
/// </remarks>
internal sealed class MtSession(SourceId source)
{
    private readonly List<MtObservation> _snapshot = [];
    private readonly List<MtObservation> _accepted = [];
    private MtResync _pending;
    private int _overruns;

    public long InstanceId { get; private set; }

    /// <summary>The first sequence not accounted for yet.</summary>
    public long Next { get; private set; }

    /// <summary>Where the next sample request begins; differs from <see cref="Next"/> while a loss is being settled.</summary>
    public long ResumeAt { get; private set; }

    /// <summary>Other devices share the numbers, so a hole says nothing about how many values of ours are missing.</summary>
    public bool SharesNumbers { get; set; }

    /// <summary>Values that came a second time and were not counted again.</summary>
    public long Repeated { get; private set; }

    /// <summary>Why a snapshot is needed before streaming can go on.</summary>
    public MtResync Needs { get; private set; } = MtResync.Start;

    /// <summary>Where a session of a later start goes on: the agent's run and the first number not accounted for. Null while a restart is being settled: the place before still holds.</summary>
    public string? Place => InstanceId == 0 || _pending == MtResync.Restart ? null : string.Create(CultureInfo.InvariantCulture, $"mtconnect:{InstanceId}:{Next}");

    /// <summary>Goes on where an earlier run stopped, as far as the agent still has it. A place that cannot be read is a first start.</summary>
    /// <returns>False when it cannot be read.</returns>
    public bool TryResume(string? place)
    {
        if (place?.Split(':') is not ["mtconnect", var instance, var next]
            || !long.TryParse(instance, NumberStyles.None, CultureInfo.InvariantCulture, out var run) || run == 0
            || !long.TryParse(next, NumberStyles.None, CultureInfo.InvariantCulture, out var number)) return false;
        (InstanceId, Next, ResumeAt, Needs) = (run, number, number, MtResync.Overrun);
        return true;
    }

    /// <summary>The agent says that <see cref="ResumeAt"/> is not in its buffer.</summary>
    public void OutOfRange()
    {
        if (Needs == MtResync.None) Needs = _pending is MtResync.Restart ? MtResync.Restart : MtResync.Overrun;
        _overruns++;
    }

    /// <summary>The document at <see cref="ResumeAt"/> cannot be read, again and again: leave it out.</summary>
    public void Skip()
    {
        Needs = MtResync.Unreadable;
        _overruns = 0;
    }

    /// <summary>Another run of the agent answers.</summary>
    public void Restarted()
    {
        Needs = MtResync.Restart;
        _overruns = 0;
    }

    /// <summary>Takes a current document.</summary>
    public MtStep Snapshot(MtDocument current)
    {
        var header = current.Header;
        if (InstanceId != 0 && header.InstanceId != InstanceId) Restarted();
        var why = Needs == MtResync.None ? MtResync.Overrun : Needs;
        (InstanceId, Needs) = (header.InstanceId, MtResync.None);
        _snapshot.Clear();
        _snapshot.AddRange(current.Observations);
        _snapshot.Sort(static (a, b) => a.Sequence.CompareTo(b.Sequence));
        if (why == MtResync.Start)
        {
            Next = ResumeAt = header.NextSequence;
            return new(_snapshot, null, false);
        }
        // 1st try: the oldest number of the buffer; then an eighth, a quarter, a half of the buffer further on; then the newest.
        var held = Math.Max(0, header.NextSequence - header.FirstSequence);
        var margin = _overruns <= 1 ? 0 : _overruns >= 5 ? held : held >> (5 - _overruns);
        var oldest = Math.Min(header.NextSequence, header.FirstSequence + margin);
        ResumeAt = why switch
        {
            MtResync.Unreadable => header.NextSequence,
            MtResync.Restart => oldest,
            _ => Math.Max(Next, oldest),
        };
        _pending = why;
        return new([], null, false);
    }

    /// <summary>Takes a sample document that was asked for from <see cref="ResumeAt"/>.</summary>
    /// <param name="lastData">When the document before came, by the factory clock; a loss lies between it and <paramref name="now"/>.</param>
    public MtStep Part(MtDocument part, DateTimeOffset lastData, DateTimeOffset now)
    {
        var header = part.Header;
        if (header.InstanceId != InstanceId)
        {
            Restarted();
            return new([], null, true);
        }
        _accepted.Clear();
        _overruns = 0;
        var range = new TimeRange(lastData, now > lastData ? now : lastData);
        var gap = _pending == MtResync.None ? null : Settle(range);
        part.Observations.Sort(static (a, b) => a.Sequence.CompareTo(b.Sequence));
        long distinct = 0, previous = Next - 1;
        foreach (var observation in part.Observations)
        {
            if (observation.Sequence <= previous)
            {
                Repeated++;
                continue;
            }
            previous = observation.Sequence;
            distinct++;
            _accepted.Add(observation);
        }
        var after = Math.Max(header.NextSequence, previous + 1);
        if (after > Next)
        {
            var missing = after - Next - distinct;
            if (missing > 0 && gap is null) gap = Missing(header, missing, after, range);
            Next = after;
        }
        ResumeAt = Next;
        return new(_accepted, gap, false);
    }

    /// <summary>The agent answered from <see cref="ResumeAt"/>, so it is certain now what is lost; the snapshot gives back some of it.</summary>
    private Gap? Settle(TimeRange range)
    {
        var (why, from) = (_pending, Next);
        _pending = MtResync.None;
        if (why == MtResync.Restart) from = 0;
        foreach (var observation in _snapshot)
            if (observation.Sequence >= from && observation.Sequence < ResumeAt) _accepted.Add(observation);
        var lost = ResumeAt - Next - _accepted.Count;
        (Next, var first) = (ResumeAt, Next);
        if (why == MtResync.Restart)
            return new(source, range, GapCause.PeerRestart, null, $"The source restarted (instance {InstanceId}); what it had not delivered before is gone. Read on from its number {Next}.");
        if (Next == first) return null;
        var detail = $"Numbers {first} to {Next - 1} were {(why == MtResync.Unreadable ? "not readable" : "dropped by the buffer of the source")}; {_accepted.Count} of them came back with the snapshot.";
        return new(source, range, why == MtResync.Unreadable ? GapCause.Garbage : GapCause.BufferOverrun, Count(lost), Shared(detail));
    }

    private Gap Missing(MtHeader header, long missing, long after, TimeRange range) => header.FirstSequence > Next
        ? new(source, range, GapCause.BufferOverrun, Count(missing), Shared($"The buffer of the source begins at {header.FirstSequence}, expected was {Next}; {missing} numbers are missing."))
        : new(source, range, GapCause.SequenceSkip, Count(missing), Shared($"Of the numbers {Next} to {after - 1} {missing} did not come."));

    private long? Count(long lost) => SharesNumbers ? null : lost;
    private string Shared(string detail) => SharesNumbers ? detail + " Other devices share these numbers." : detail;
}
