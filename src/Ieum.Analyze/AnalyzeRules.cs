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
    public const string SeriesEmpty = "series-empty";
    public const string SeriesValue = "series-value-unreadable";
    public const string SeriesSize = "series-value-too-large";
    public const string SeriesTime = "series-time-unreadable";
    public const string SeriesOrder = "series-out-of-order";
    public const string LifeEmpty = "life-empty";
    public const string LifeLine = "life-line-broken";
    public const string LifeOrder = "life-cycle-order";
    public const string LifeFewUnits = "life-few-units";

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
        [SeriesEmpty] = "The file holds no row of a series. A row reads timestamp,value.",
        [SeriesValue] = "A row has no readable number; it scores 0. Write numbers with a decimal point.",
        [SeriesSize] = "A number lies beyond 1e150, either way; it scores 0 and is no part of the past. Check unit and exponent.",
        [SeriesTime] = "A time stamp cannot be read; its row was judged without the time of day. Write ISO 8601.",
        [SeriesOrder] = "A row is older than one before it; rows were taken in the order of the file. Sort the file by time.",
        [LifeEmpty] = "The file holds no row of 26 numbers: unit, cycle, three settings, 21 sensors.",
        [LifeLine] = "A line does not hold 26 finite numbers with a whole unit and cycle. Correct or remove the line.",
        [LifeOrder] = "The cycles of a unit do not rise, or its rows do not stand together. Sort the file by unit and cycle.",
        [LifeFewUnits] = "A model needs at least ten units that ran to failure. Add recordings of more units.",
    };
}
