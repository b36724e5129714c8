namespace Ieum.Model;

/// <summary>The node's list of signals. Numbers are given once and kept for the life of the data directory.</summary>
public interface ISignalDirectory
{
    /// <summary>The number of a signal; registers it when new. A changed unit, role or text is stored as the new description.</summary>
    SignalNumber Register(Signal signal);
    Signal? Find(SignalNumber number);
    SignalNumber? Find(SignalId id);
    /// <summary>All signals of a machine, in the order they were first seen.</summary>
    IReadOnlyList<(SignalNumber Number, Signal Signal)> Of(MachineId machine);
}

/// <summary>Where sources hand over what they read. Waiting is the back-pressure: a full queue slows the source, it never loses.</summary>
public interface ISampleSink
{
    /// <summary>Completes when the batch stands in the node's queue; the caller may then forget it.</summary>
    ValueTask WriteAsync(SampleBatch batch, CancellationToken cancel);

    /// <summary>Completes when everything handed over before is safe from a kill and a power cut: in the store, or forced to the disk. For sources that acknowledge to their sender.</summary>
    /// <remarks>A sink that keeps nothing is done at once. Cancelled when the sink closes before.</remarks>
    Task KeptAsync() => Task.CompletedTask;
}

/// <summary>What became of a batch.</summary>
/// <param name="Stored">Samples that are durable now.</param>
/// <param name="Rejected">Samples the store refused (time out of range); each stands in the rejection log.</param>
public readonly record struct StoreReceipt(int Stored, int Rejected);

/// <summary>Takes samples for keeps.</summary>
public interface IMeasurementWriter
{
    /// <summary>Completes when the whole batch is durable: a crash after that loses nothing of it. At most one second under normal load.</summary>
    /// <remarks>
    /// A batch with a <see cref="SampleBatch.Delivery"/> is stored only when it follows the newest durable one of its source.
    /// One that is durable already is answered as stored and not stored again; one that comes too early is refused.
    /// </remarks>
    Task<StoreReceipt> AppendAsync(SampleBatch batch, CancellationToken cancel);

    /// <summary>How far a source is durable; null when the store has nothing of it, or keeps no account of numbers.</summary>
    SourceMark? MarkOf(SourceId source) => null;
}

/// <summary>Where sources stopped reading. Asked by a source at the begin of its run, before it connects.</summary>
public interface IPlaces
{
    /// <summary>How far everything of the source is safe, in the store or in the node's queue; null when it never delivered anything.</summary>
    SourceMark? Find(SourceId source);

    /// <summary>Completes when everything an earlier run of the node left of the source stands in the store, so that what is recorded tells all that was delivered.</summary>
    Task SettledAsync(SourceId source) => Task.CompletedTask;
}

/// <summary>Reads what was recorded. Times are source times. Half-open ranges.</summary>
public interface IMeasurementHistory
{
    /// <summary>The newest sample of a signal, from memory; null when it never had one.</summary>
    Sample? Last(SignalNumber signal);

    /// <summary>The newest sample of every signal of a machine.</summary>
    IReadOnlyList<LastValue> LastOf(MachineId machine);

    /// <summary>All samples in the range, by source time; late arrivals are merged in.</summary>
    IAsyncEnumerable<Sample> RangeAsync(SignalNumber signal, TimeRange range, CancellationToken cancel);

    /// <summary>The newest sample before <paramref name="instant"/>: what held at the start of a range; null when there is none.</summary>
    Task<Sample?> BeforeAsync(SignalNumber signal, DateTimeOffset instant, CancellationToken cancel);

    /// <summary>One bucket per step that has samples; steps begin at the start of the range.</summary>
    Task<IReadOnlyList<Bucket>> DownsampleAsync(SignalNumber signal, TimeRange range, TimeSpan step, CancellationToken cancel);

    /// <summary>Time-weighted: how long each word held within the range, the word before the range included.</summary>
    Task<IReadOnlyList<StateDuration>> StateDurationsAsync(SignalNumber signal, TimeRange range, CancellationToken cancel);

    /// <summary>The gaps of a source that touch the range.</summary>
    Task<IReadOnlyList<Gap>> GapsAsync(SourceId source, TimeRange range, CancellationToken cancel);
}
