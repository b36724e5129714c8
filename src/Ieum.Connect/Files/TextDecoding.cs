using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Ieum.Connect.Files;

/// <summary>Bytes of a file as text: the encoding that is set, else UTF-8, else the one of CP949 and Shift-JIS that gives Hangul or kana.</summary>
internal static class TextDecoding
{
    public static bool TryDecode(byte[] bytes, Encoding? set, [NotNullWhen(true)] out string? text)
    {
        if (bytes.AsSpan().StartsWith("\uFEFF"u8)) return Try(FilesOptions.Strict("utf-8"), bytes.AsSpan(3), out text);
        if (bytes is [0xFF, 0xFE, ..]) return Try(FilesOptions.Strict("utf-16"), bytes.AsSpan(2), out text);
        if (set is not null) return Try(set, bytes, out text);
        if (Try(FilesOptions.Strict("utf-8"), bytes, out text)) return true;
        var korean = Try(FilesOptions.Strict("ks_c_5601-1987"), bytes, out var hangul);
        var japanese = Try(FilesOptions.Strict("shift_jis"), bytes, out var kana);
        if (!korean && !japanese) return false;
        text = !japanese || (korean && Korean(bytes) >= Japanese(bytes)) ? hangul! : kana!;
        return true;
    }

    // Both often read the same bytes. Korean writes the common syllables (KS X 1001: both bytes high), Japanese kana and
    // the first level of kanji; of the wrong one come rare syllables and half-width kana.
    private static int Korean(byte[] bytes) => Score(bytes, lead => lead > 0x80,
        (lead, trail) => lead is >= 0xB0 and <= 0xC8 && trail >= 0xA1 ? 2 : lead is >= 0xA1 and <= 0xAC && trail >= 0xA1 ? 0 : -2);

    private static int Japanese(byte[] bytes) => Score(bytes, lead => lead is (>= 0x81 and <= 0x9F) or >= 0xE0,
        (lead, _) => lead is 0x82 or 0x83 ? 2 : lead is >= 0x88 and <= 0x97 ? 1 : lead == 0x81 ? 0 : -1);

    private static int Score(byte[] bytes, Func<byte, bool> isLead, Func<byte, byte, int> pair)
    {
        var score = 0;
        for (var at = 0; at < bytes.Length; at++)
        {
            if (bytes[at] < 0x80) continue;
            if (isLead(bytes[at]) && at + 1 < bytes.Length) score += pair(bytes[at], bytes[++at]);
            else score--;
        }
        return score;
    }

    private static bool Try(Encoding encoding, ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out string? text)
    {
        try
        {
            text = encoding.GetString(bytes);
            return true;
        }
        catch (DecoderFallbackException)
        {
            text = null;
            return false;
        }
    }
}
