using System.Xml;

namespace Ieum.Connect.MtConnect;

/// <summary>Text of XML nodes without a new string for every value: ids, words and states repeat.</summary>
internal sealed class MtText
{
    private const int MostWords = 16_384, LongestWord = 128;
    private readonly HashSet<string> _words = new(StringComparer.Ordinal);
    private char[] _chars = new char[256];

    /// <summary>What was read last; valid until the next read.</summary>
    public int Length { get; private set; }
    public ReadOnlySpan<char> Span => _chars.AsSpan(0, Length);

    public void Clear() => Length = 0;

    /// <summary>Adds the value of the current text or attribute node.</summary>
    public void Append(XmlReader reader)
    {
        while (true)
        {
            if (Length == _chars.Length) Array.Resize(ref _chars, Length * 2);
            var read = reader.ReadValueChunk(_chars, Length, _chars.Length - Length);
            if (read == 0) return;
            Length += read;
        }
    }

    public void Append(ReadOnlySpan<char> text)
    {
        if (Length + text.Length > _chars.Length) Array.Resize(ref _chars, Math.Max(_chars.Length * 2, Length + text.Length));
        text.CopyTo(_chars.AsSpan(Length));
        Length += text.Length;
    }

    /// <summary>The value of the current attribute as a shared string.</summary>
    public string Word(XmlReader reader)
    {
        Clear();
        Append(reader);
        return Word(Span);
    }

    public long Whole(XmlReader reader)
    {
        Clear();
        Append(reader);
        return long.TryParse(Span, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var n) ? n : 0;
    }

    /// <summary>UTC ticks; 0 when it cannot be read.</summary>
    public long Time(XmlReader reader)
    {
        Clear();
        Append(reader);
        Span<byte> ascii = stackalloc byte[64];
        var text = Span.Trim();
        return text.Length <= 64 && System.Text.Ascii.FromUtf16(text, ascii, out var n) == System.Buffers.OperationStatus.Done
            && WireTime.TryParse(ascii[..n], out var ticks) ? ticks : 0;
    }

    public string Word(ReadOnlySpan<char> text)
    {
        if (text.IsEmpty) return "";
        if (text.Length > LongestWord) return text.ToString();
        var words = _words.GetAlternateLookup<ReadOnlySpan<char>>();
        if (words.TryGetValue(text, out var known)) return known;
        var word = text.ToString();
        if (_words.Count < MostWords) _words.Add(word);
        return word;
    }
}
