using System.Collections.Frozen;

namespace Ieum.Connect.Queue;

/// <summary>Rules about the queue between the sources and the store.</summary>
public static class QueueRules
{
    public const string StoreRefuses = "queue-store-refuses";
    public const string Full = "queue-full";
    public const string Dropped = "queue-dropped";
    public const string Damaged = "queue-damaged";
    public const string WriteFailed = "queue-write-failed";
    public const string FolderInUse = "queue-folder-in-use";

    /// <summary>English text of every rule, by id.</summary>
    public static IReadOnlyDictionary<string, string> All { get; } = new Dictionary<string, string>
    {
        [StoreRefuses] = "The store takes nothing; what arrives waits in the queue on the disk and is stored when the store is back.",
        [Full] = "The queue is full and the store takes nothing; sources have to wait.",
        [Dropped] = "The queue was full; its oldest samples were let go, as the settings say, and stand as a gap.",
        [Damaged] = "A part of the queue on the disk is damaged; what was readable was stored, what was not stands as a gap, the file is kept.",
        [WriteFailed] = "The queue cannot be written to its disk; sources have to wait.",
        [FolderInUse] = "Another process uses the folder of the queue.",
    }.ToFrozenDictionary(StringComparer.Ordinal);
}

/// <summary>The queue cannot be opened.</summary>
/// <param name="rule">Out of <see cref="QueueRules"/>.</param>
/// <param name="message">Which folder, and what the reader can do.</param>
public sealed class QueueException(string rule, string message, Exception? inner = null) : Exception(message, inner)
{
    public string Rule { get; } = rule;
}
