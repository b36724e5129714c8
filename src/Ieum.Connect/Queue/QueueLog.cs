using Ieum.Model;
using Microsoft.Extensions.Logging;

namespace Ieum.Connect.Queue;

internal static partial class QueueLog
{
    [LoggerMessage(1800, LogLevel.Warning, "{Source}: the store does not take {Batches} batches; they wait in the queue and are handed over again. Check disk space and rights of the data folder.")]
    public static partial void StoreRefuses(ILogger log, Exception error, SourceId source, int batches);

    [LoggerMessage(1801, LogLevel.Warning, "{Source}: the store has not answered for {Seconds} s; {Batches} batches go to the queue on the disk.")]
    public static partial void StoreStalls(ILogger log, SourceId source, double seconds, int batches);

    [LoggerMessage(1802, LogLevel.Information, "{Source}: the queue on the disk is empty again.")]
    public static partial void Drained(ILogger log, SourceId source);

    [LoggerMessage(1803, LogLevel.Error, "{Source}: the queue holds {Bytes} bytes, as many as it may; the source has to wait. Bring the store back, or raise Queue.MaxBytes.")]
    public static partial void Full(ILogger log, SourceId source, long bytes);

    [LoggerMessage(1804, LogLevel.Error, "{Source}: the queue was full; {Samples} samples received from {From} to {To} were let go, as Queue.WhenFull says. They stand as a gap.")]
    public static partial void Dropped(ILogger log, SourceId source, long samples, DateTimeOffset from, DateTimeOffset to);

    [LoggerMessage(1805, LogLevel.Error, "{Source}: {File} is damaged at byte {Offset}: {Bytes} bytes cannot be read. The rest is read on; the file is kept as {Kept}.")]
    public static partial void Damaged(ILogger log, SourceId source, string file, long offset, long bytes, string kept);

    [LoggerMessage(1806, LogLevel.Warning, "{Source}: the last {Bytes} bytes of {File} were being written when the node stopped; they are left out.")]
    public static partial void Torn(ILogger log, SourceId source, string file, long bytes);

    [LoggerMessage(1807, LogLevel.Error, "{Source}: the queue cannot be written: {Reason}. The source has to wait; tried again every second.")]
    public static partial void WriteFailed(ILogger log, Exception error, SourceId source, string reason);

    [LoggerMessage(1808, LogLevel.Information, "{Source}: {Samples} samples of an earlier run wait in the queue, {Bytes} bytes; they are stored first.")]
    public static partial void Found(ILogger log, SourceId source, long samples, long bytes);

    [LoggerMessage(1809, LogLevel.Error, "{Source}: {Samples} samples were neither stored nor queued when the node had to stop: {Reason}")]
    public static partial void NotKept(ILogger log, SourceId source, long samples, string reason);

    [LoggerMessage(1810, LogLevel.Error, "{Source}: forcing the queue to the disk failed: {Reason}. A power cut may now take more than a second.")]
    public static partial void FlushFailed(ILogger log, Exception error, SourceId source, string reason);

    [LoggerMessage(1811, LogLevel.Error, "{Source}: showing a batch to the rest of the node failed; it is stored all the same.")]
    public static partial void SeenFailed(ILogger log, Exception error, SourceId source);

    [LoggerMessage(1812, LogLevel.Critical, "{Source}: unexpected fault on the way to the store; it goes on in a second.")]
    public static partial void Unexpected(ILogger log, Exception error, SourceId source);

    [LoggerMessage(1813, LogLevel.Information, "{Source}: gap of {Cause} from {From} to {To}, lost {Lost}: {Detail}")]
    public static partial void Gap(ILogger log, SourceId source, GapCause cause, DateTimeOffset from, DateTimeOffset to, long? lost, string detail);
}
