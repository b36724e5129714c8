namespace Ieum.Record;

/// <summary>Words that the recorder itself puts into answers.</summary>
public static class RecordWords
{
    /// <summary>The state while a signal had no usable value: none, bad, unavailable or stale. The word MTConnect uses.</summary>
    public const string Unavailable = "UNAVAILABLE";
}
