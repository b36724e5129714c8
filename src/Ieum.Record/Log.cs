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

    [LoggerMessage(2007, LogLevel.Debug, "Upkeep: sums of {Signals} signals, {Old} blocks merged into {Fresh}, {Dropped} dropped, committed in {DurationMs} ms")]
    public static partial void Tended(ILogger log, int signals, int old, int fresh, int dropped, double durationMs);

    [LoggerMessage(2008, LogLevel.Error, "Upkeep of the measurements failed: {Reason}. Nothing is lost; tried again in a minute")]
    public static partial void TendFailed(ILogger log, Exception error, string reason);

    [LoggerMessage(2009, LogLevel.Warning, "{Samples} samples of signal {Signal} deleted on request: {Reason}")]
    public static partial void Deleted(ILogger log, int signal, long samples, string reason);

    [LoggerMessage(2010, LogLevel.Warning, "Connected to {Place} again; {Open} open samples read anew")]
    public static partial void Reconnected(ILogger log, string place, long open);

    [LoggerMessage(2011, LogLevel.Error, "{Place} cannot be reached: {Reason}. Sources keep their samples; tried again with the next batch")]
    public static partial void Unreachable(ILogger log, string place, string reason);

    [LoggerMessage(2012, LogLevel.Error, "Pages of {Path} were damaged: {Rows} rows were copied into a new file, {Stretches} stretches could not be read, {Blocks} blocks are lost (table damage names them). The damaged file is kept as {KeptAs}; check the disk")]
    public static partial void Rescued(ILogger log, string path, long rows, int stretches, int blocks, string keptAs);

    [LoggerMessage(2006, LogLevel.Information, "Recorder closed: {Stored} samples stored, {Rejected} refused since start")]
    public static partial void Closed(ILogger log, long stored, long rejected);
}
