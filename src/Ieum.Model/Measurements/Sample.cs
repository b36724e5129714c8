namespace Ieum.Model;

/// <summary>How far a value can be trusted.</summary>
public enum Quality : byte
{
    Good = 0,
    /// <summary>Measured, but in doubt: the clock is skewed, a limit was passed, a peer said "uncertain".</summary>
    Uncertain = 1,
    /// <summary>The source says the value is wrong.</summary>
    Bad = 2,
    /// <summary>The source says it has no value now (UNAVAILABLE, is_null).</summary>
    Unavailable = 3,
    /// <summary>The last value before the source died; nothing newer is known.</summary>
    Stale = 4,
}

/// <summary>One observation of one signal.</summary>
/// <param name="SourceTicks">When the machine says it happened: UTC ticks of 100 ns since 0001-01-01.</param>
/// <param name="ReceiveTicks">When the node received it, by the factory clock: UTC ticks.</param>
public readonly record struct Sample(SignalNumber Signal, long SourceTicks, long ReceiveTicks, SampleValue Value, Quality Quality)
{
    public DateTimeOffset SourceTime => new(SourceTicks, TimeSpan.Zero);
    public DateTimeOffset ReceiveTime => new(ReceiveTicks, TimeSpan.Zero);
}

/// <summary>Why a stretch of data is missing.</summary>
public enum GapCause : byte
{
    /// <summary>No connection: cable, power, peer down.</summary>
    Disconnected = 0,
    /// <summary>The peer's buffer had moved on before we could read (MTConnect OUT_OF_RANGE).</summary>
    BufferOverrun = 1,
    /// <summary>Numbers of the protocol jumped (Sparkplug seq, MTConnect sequence).</summary>
    SequenceSkip = 2,
    /// <summary>The peer restarted and forgot what it had (MTConnect instanceId, Sparkplug bdSeq).</summary>
    PeerRestart = 3,
    /// <summary>Bytes arrived that could not be read.</summary>
    Garbage = 4,
    /// <summary>The peer said it died (Sparkplug NDEATH or DDEATH).</summary>
    Death = 5,
    /// <summary>The node itself did not run, and the peer keeps nothing that could be read afterwards.</summary>
    NodeDown = 6,
    /// <summary>The node's own queue was full while the store could not take anything, and the settings say to let the oldest go.</summary>
    QueueFull = 7,
    /// <summary>A part of the node's own queue was damaged on the disk.</summary>
    QueueDamaged = 8,
}

/// <summary>A stretch of time in which data of a source are missing. Exact in time and cause; the count where the protocol numbers its data.</summary>
/// <param name="Lost">How many samples are missing; null when the protocol cannot tell.</param>
/// <param name="Detail">What exactly was seen, for the reader of the log and the page.</param>
public sealed record Gap(SourceId Source, TimeRange Range, GapCause Cause, long? Lost, string Detail);

/// <summary>A run of samples of one source, in arrival order; the one batch type from socket to store.</summary>
/// <param name="Samples">At least one sample, or none when the batch only carries gaps. Not changed after hand-over.</param>
public sealed record SampleBatch(SourceId Source, MachineId Machine, ReadOnlyMemory<Sample> Samples, IReadOnlyList<Gap> Gaps)
{
    public SampleBatch(SourceId source, MachineId machine, ReadOnlyMemory<Sample> samples) : this(source, machine, samples, []) { }

    /// <summary>
    /// Where the source goes on reading after a restart, when everything up to and with this batch is durable; in the
    /// source's own words, at most 64 KiB. Null: as the batch before. It is kept together with the samples, so it is never ahead of them.
    /// </summary>
    public string? Place { get; init; }

    /// <summary>A sender outside stands still until the batch is durable; it is worth a write to the disk earlier than usual.</summary>
    public bool IsAwaited { get; init; }

    /// <summary>The number of the batch on its way to the store; null where nobody hands it over a second time.</summary>
    public Delivery? Delivery { get; init; }
}

/// <summary>Numbers a batch of a source, so that the store takes each once and in order, however often it is handed over.</summary>
/// <param name="Follows">The number that must be the newest durable one of the source; 0 before the first.</param>
/// <param name="Number">The number of this batch, greater than <paramref name="Follows"/>.</param>
/// <param name="ThroughTicks">Everything the source received before is in this batch or an older one; factory clock, UTC ticks.</param>
public sealed record Delivery(long Follows, long Number, long ThroughTicks);

/// <summary>How far a source is durable.</summary>
/// <param name="Number">The newest durable batch; 0 before the first.</param>
/// <param name="Through">Everything received before is durable; factory clock.</param>
/// <param name="Place">The newest durable <see cref="SampleBatch.Place"/>; null when it never had one.</param>
public sealed record SourceMark(long Number, DateTimeOffset Through, string? Place);

/// <summary>
/// Accounting of one source since its start (house plan, ground decision 4):
/// <c>sent = Received + Lost</c> and <c>Received + Marks = stored + Rejected</c>.
/// </summary>
/// <param name="Received">Samples that arrived; re-sent snapshots and heartbeats are not counted.</param>
/// <param name="Rejected">Of these, samples that could not be used, each told with its rule.</param>
/// <param name="Lost">Samples known to be missing, where the protocol numbers its data.</param>
/// <param name="Gaps">How many gaps were recorded.</param>
/// <param name="Marks">Samples the source made itself: last values marked stale at a death, and the end of the mark. Stored, but sent by nobody.</param>
public readonly record struct SourceCounters(long Received, long Rejected, long Lost, long Gaps, long Marks = 0);
