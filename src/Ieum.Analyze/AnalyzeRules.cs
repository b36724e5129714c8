namespace Ieum.Analyze;

/// <summary>Rules of the Analyze room that a file may break; the pages translate them by <c>rule.&lt;id&gt;</c>.</summary>
public static class AnalyzeRules
{
    public const string NotReadable = "recording-not-readable";
    public const string GzipBroken = "recording-gzip-broken";
    public const string Empty = "recording-empty";
    public const string LineBroken = "recording-line-broken";
    public const string LineTooLong = "recording-line-too-long";
    public const string TimeBroken = "recording-time-broken";
    public const string NotUtf8 = "recording-not-utf8";
    public const string WithoutExecution = "recording-without-execution";

    /// <summary>Every rule with its English text.</summary>
    public static IReadOnlyDictionary<string, string> All { get; } = new Dictionary<string, string>
    {
        [NotReadable] = "The recording cannot be opened. Check path and permissions.",
        [GzipBroken] = "The compressed recording is damaged or cut off. Copy it again.",
        [Empty] = "The file holds no line of a recording. A line reads time|item|value.",
        [LineBroken] = "A line is not of the form time|item|value and was left out.",
        [LineTooLong] = "A line is longer than 65,536 characters and was left out.",
        [TimeBroken] = "A time stamp cannot be read as ISO 8601 between 1970 and 2199; its line was left out.",
        [NotUtf8] = "A line holds bytes that are not UTF-8; they were replaced, the line was used.",
        [WithoutExecution] = "No item of the recording tells what the machine executes; all its time is unknown or offline.",
    };
}
