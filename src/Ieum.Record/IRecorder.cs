using Ieum.Model;

namespace Ieum.Record;

/// <summary>The door of the Record room: takes batches for keeps, knows every signal, answers questions about the past.</summary>
public interface IRecorder : IMeasurementWriter, IMeasurementHistory, ISignalDirectory, IAsyncDisposable
{
    /// <summary>Every signal, by number.</summary>
    IReadOnlyList<(SignalNumber Number, Signal Signal)> All();

    /// <summary>All samples in the range like <see cref="IMeasurementHistory.RangeAsync"/>, block by block: for whoever reads many.</summary>
    IAsyncEnumerable<ReadOnlyMemory<Sample>> RangeBatchesAsync(SignalNumber signal, TimeRange range, CancellationToken cancel);

    /// <summary>Samples durable since the node started.</summary>
    long Stored { get; }

    /// <summary>Samples refused since the node started.</summary>
    long Rejected { get; }
}
