using Ieum.Model;
using Microsoft.Extensions.Logging;

namespace Ieum.Connect.Files;

internal static partial class FilesLog
{
    [LoggerMessage(1720, LogLevel.Information, "{Source}: {File}: {Rows} new rows, {Faults} faults.")]
    public static partial void Read(ILogger log, SourceId source, string file, int rows, int faults);

    [LoggerMessage(1721, LogLevel.Warning, "{Source}: {Rule} (time {Count}): {Message}")]
    public static partial void Problem(ILogger log, SourceId source, string rule, long count, string message);

    [LoggerMessage(1722, LogLevel.Error, "{Source}: unexpected fault while reading dropped files; it starts again.")]
    public static partial void Unexpected(ILogger log, SourceId source, Exception fault);
}
