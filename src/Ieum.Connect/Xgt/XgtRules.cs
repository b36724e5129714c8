using System.Collections.Frozen;

namespace Ieum.Connect.Xgt;

/// <summary>Rules an XGT PLC or its module can break.</summary>
public static class XgtRules
{
    public const string Refused = "xgt-refused";
    public const string FrameUnreadable = "xgt-frame-unreadable";

    /// <summary>English text of every rule, by id.</summary>
    public static IReadOnlyDictionary<string, string> All { get; } = new Dictionary<string, string>
    {
        [Refused] = "The PLC refused a read or write with an error code.",
        [FrameUnreadable] = "The answer is not a frame of the XGT dedicated service; the connection was made anew.",
    }.ToFrozenDictionary(StringComparer.Ordinal);
}
