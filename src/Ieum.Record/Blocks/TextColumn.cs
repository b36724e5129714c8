using System.Text;

namespace Ieum.Record.Blocks;

/// <summary>Texts as a dictionary in order of first appearance, and a column of places in it. Texts that are not well-formed Unicode survive too.</summary>
internal sealed class TextColumn(IntColumn ints)
{
    private const int LongestBytes = 4 * 1024 * 1024;
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly Dictionary<string, int> _places = new(StringComparer.Ordinal);
    private readonly List<string> _words = [];
    private long[] _indexes = [];

    public void Write(ByteWriter to, ReadOnlySpan<string> texts)
    {
        _places.Clear();
        if (_indexes.Length < texts.Length) _indexes = new long[texts.Length];
        var indexes = _indexes.AsSpan(0, texts.Length);
        _words.Clear();
        for (var i = 0; i < texts.Length; i++)
        {
            if (!_places.TryGetValue(texts[i], out var place))
            {
                place = _words.Count;
                _places.Add(texts[i], place);
                _words.Add(texts[i]);
            }
            indexes[i] = place;
        }
        to.Varint((ulong)_words.Count);
        foreach (var word in _words) WriteWord(to, word);
        ints.Write(to, indexes);
    }

    /// <summary>Fills <paramref name="texts"/>; what stands there after a failure is of no use.</summary>
    public void Read(ref ByteReader from, Span<string?> texts)
    {
        var words = new string[from.Count(texts.Length)];
        for (var i = 0; i < words.Length; i++) words[i] = ReadWord(ref from);
        if (_indexes.Length < texts.Length) _indexes = new long[texts.Length];
        var indexes = _indexes.AsSpan(0, texts.Length);
        if (!from.Failed) ints.Read(ref from, indexes);
        for (var i = 0; i < texts.Length && !from.Failed;)
        {
            if ((ulong)indexes[i] >= (ulong)words.Length)
            {
                from.Fail();
                return;
            }
            // States last: the same word stands many times in a row.
            var run = indexes[i..].IndexOfAnyExcept(indexes[i]);
            if (run < 0) run = texts.Length - i;
            texts.Slice(i, run).Fill(words[indexes[i]]);
            i += run;
        }
    }

    // Length in bytes times two; the low bit says UTF-16, for texts with half a surrogate pair, which UTF-8 cannot hold.
    private static void WriteWord(ByteWriter to, string word)
    {
        if (IsWellFormed(word))
        {
            var size = Strict.GetByteCount(word);
            to.Varint((ulong)size << 1);
            to.Advance(Strict.GetBytes(word, to.Claim(size)));
        }
        else
        {
            to.Varint((ulong)word.Length * 2 << 1 | 1);
            to.Advance(CopyUtf16(word, to.Claim(word.Length * 2)));
        }
    }

    private static bool IsWellFormed(string word)
    {
        for (var i = 0; i < word.Length; i++)
        {
            if (!char.IsSurrogate(word[i])) continue;
            if (i + 1 >= word.Length || !char.IsSurrogatePair(word[i], word[i + 1])) return false;
            i++;
        }
        return true;
    }

    private static string ReadWord(ref ByteReader from)
    {
        var head = from.Count(LongestBytes * 2 + 1);
        var bytes = from.Bytes(head >> 1);
        if ((head & 1) == 0)
        {
            try
            {
                return Strict.GetString(bytes);
            }
            catch (DecoderFallbackException)
            {
                from.Fail();
                return "";
            }
        }
        var letters = new char[bytes.Length / 2];
        for (var i = 0; i < letters.Length; i++) letters[i] = (char)(bytes[2 * i] | bytes[2 * i + 1] << 8);
        return new string(letters);
    }

    private static int CopyUtf16(string word, Span<byte> to)
    {
        for (var i = 0; i < word.Length; i++)
        {
            to[2 * i] = (byte)word[i];
            to[2 * i + 1] = (byte)(word[i] >> 8);
        }
        return word.Length * 2;
    }
}
