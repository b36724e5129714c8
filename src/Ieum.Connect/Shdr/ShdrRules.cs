using System.Collections.Frozen;

namespace Ieum.Connect.Shdr;

/// <summary>Rules an SHDR adapter can break.</summary>
public static class ShdrRules
{
    public const string LineTooLong = "shdr-line-too-long";
    public const string LineUnreadable = "shdr-line-unreadable";
    public const string TimeUnreadable = "shdr-time-unreadable";
    public const string ValueMissing = "shdr-value-missing";
    public const string KeyWrong = "shdr-key-wrong";
    public const string TooManyKeys = "shdr-too-many-keys";
    public const string TextEncoding = "shdr-text-encoding";
    public const string NotANumber = "shdr-not-a-number";
    public const string AssetUnended = "shdr-asset-unended";
    public const string Silent = "shdr-silent";

    /// <summary>English text of every rule, by id.</summary>
    public static IReadOnlyDictionary<string, string> All { get; } = new Dictionary<string, string>
    {
        [LineTooLong] = "The adapter sent a line longer than 64 KiB; it was dropped up to its end.",
        [LineUnreadable] = "The adapter sent a line that is not SHDR.",
        [TimeUnreadable] = "A line begins with a time that is not ISO 8601.",
        [ValueMissing] = "A line ends with a key that has no value.",
        [KeyWrong] = "A line names an empty, overlong or unprintable key.",
        [TooManyKeys] = "The adapter uses more different keys than allowed; the further ones are refused.",
        [TextEncoding] = "A text is not valid in the encoding of the connection.",
        [NotANumber] = "The adapter sent NaN or an infinity as a measurement; it is kept, marked bad.",
        [AssetUnended] = "A multi-line asset has no end mark; the block was given up.",
        [Silent] = "The adapter answers no PING any more; the connection was made anew.",
    }.ToFrozenDictionary(StringComparer.Ordinal);
}
