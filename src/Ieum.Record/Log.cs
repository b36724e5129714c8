using Microsoft.Extensions.Logging;

namespace Ieum.Record;

internal static partial class Log
{
    [LoggerMessage(2000, LogLevel.Information, "Recorder open: {Path}, {Signals} signals, {Open} samples in {Rows} tail rows read back in {DurationMs} ms")]
    public static partial void Opened(ILogger log, string path, int signals, long open, int rows, double durationMs);

    [LoggerMessage(2001, LogLevel.Warning, "{Count} samples of source {Source}, signal {Signal} refused: {Rule}; for example {Example}. Refused since start: {Total}")]
    public static partial void Refused(ILogger log, int count, string source, int signal, string rule, string example, long total);

    [LoggerMessage(2002, LogLevel.Error, "Writing {Samples} samples failed ({Rule}): {Reason}. They are not acknowledged; sources keep them and try again")]
    public static partial void WriteFailed(ILogger log, Exception error, int samples, string rule, string reason);

    [LoggerMessage(2003, LogLevel.Error, "Damaged measurements: {Place} row {Row}, {Bytes} bytes: {Reason}. Left out, kept for inspection; all others stay readable")]
    public static partial void Damaged(ILogger log, string place, long row, int bytes, string reason);

    [LoggerMessage(2004, LogLevel.Debug, "Sealed {Samples} samples into {Blocks} blocks, {Carried} carried on, in {DurationMs} ms")]
    public static partial void Sealed(ILogger log, long samples, int blocks, long carried, double durationMs);

    [LoggerMessage(2005, LogLevel.Error, "Sealing the tail failed: {Reason}. The samples stay in the tail; tried again with the next one")]
    public static partial void SealFailed(ILogger log, Exception error, string reason);

    [LoggerMessage(2006, LogLevel.Information, "Recorder closed: {Stored} samples stored, {Rejected} refused since start")]
    public static partial void Closed(ILogger log, long stored, long rejected);
}
