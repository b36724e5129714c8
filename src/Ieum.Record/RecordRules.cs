namespace Ieum.Record;

/// <summary>The rules of this room, by their stable ids. Pages translate them by the key <c>rule.</c> + id.</summary>
public static class RecordRules
{
    public const string TimeOutOfRange = "record-time-out-of-range";
    public const string UnknownSignal = "record-unknown-signal";
    public const string TextTooLong = "record-text-too-long";
    public const string DiskFull = "record-disk-full";
    public const string WriteFailed = "record-write-failed";
    public const string FolderInUse = "record-folder-in-use";
    public const string SchemaTooNew = "record-schema-too-new";
    public const string DamagedBlock = "record-damaged-block";
    public const string OlderThanKept = "record-older-than-kept";
    public const string CopyDiffers = "record-copy-differs";
    public const string SqlRefused = "record-sql-refused";
    public const string Closed = "record-closed";
    public const string OutOfOrder = "record-out-of-order";

    /// <summary>One line of English per rule.</summary>
    public static IReadOnlyDictionary<string, string> All { get; } = new Dictionary<string, string>
    {
        [TimeOutOfRange] = "A sample's source time lies before 1990 or more than a day after it was received; check the clock of the machine.",
        [UnknownSignal] = "A sample carries a signal number that was never registered.",
        [TextTooLong] = "A text value is longer than 65,536 characters.",
        [DiskFull] = "The disk with the measurements is full; nothing was stored. Free space, then the source repeats the batch.",
        [WriteFailed] = "The measurements could not be written; nothing was stored.",
        [FolderInUse] = "Another process uses this data folder.",
        [SchemaTooNew] = "The measurements were written by a newer version of the program.",
        [DamagedBlock] = "Stored measurements failed their checksum; they were left out, all others stay readable.",
        [OlderThanKept] = "A sample is older than samples of its signal are kept; its hour stands only as sums, which a single late sample cannot correct.",
        [CopyDiffers] = "A copy of the measurements differs from its source; do not use it, and copy again.",
        [SqlRefused] = "A question in SQL cannot be answered.",
        [Closed] = "The recorder is closed.",
        [OutOfOrder] = "A batch came before one that it follows; it was not stored and is handed over again in order.",
    };
}
