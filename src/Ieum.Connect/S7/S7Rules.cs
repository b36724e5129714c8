using System.Collections.Frozen;

namespace Ieum.Connect.S7;

/// <summary>Rules an S7 CPU can break.</summary>
public static class S7Rules
{
    public const string Refused = "s7-refused";
    public const string NotConnected = "s7-not-connected";
    public const string FrameUnreadable = "s7-frame-unreadable";

    /// <summary>English text of every rule, by id.</summary>
    public static IReadOnlyDictionary<string, string> All { get; } = new Dictionary<string, string>
    {
        [Refused] = "The CPU refused to read or write an address.",
        [NotConnected] = "The CPU took the line but not the connection: rack, slot or kind of connection are wrong, or all its connections are in use.",
        [FrameUnreadable] = "The answer is not an S7 message; the connection was made anew.",
    }.ToFrozenDictionary(StringComparer.Ordinal);
}
