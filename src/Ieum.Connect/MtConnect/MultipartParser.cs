using System.Text;

namespace Ieum.Connect.MtConnect;

/// <summary>Takes multipart/x-mixed-replace apart as the bytes come (RFC 2046 §5.1; MTConnect Part 1, streaming).</summary>
/// <remarks>
/// With a Content-length a part is complete at its last byte. Without one it ends at the next delimiter or, so that a value
/// does not wait for the next heartbeat, at the end tag of its root element. Agents differ: CR LF or LF, quoted boundaries,
/// boundaries that already begin with two dashes. Memory is bounded by <see cref="LargestPart"/>.
/// </remarks>
internal sealed class MultipartParser(string boundary)
{
    public const int LargestPart = 64 * 1024 * 1024;
    private const int LongestHeader = 16 * 1024;

    private static readonly byte[][] RootEnds = ["</MTConnectStreams>"u8.ToArray(), "</MTConnectError>"u8.ToArray()];

    private readonly byte[] _delimiter = Encoding.ASCII.GetBytes("--" + boundary);
    private byte[] _bytes = new byte[64 * 1024];
    private int _start, _end, _scanned;
    private bool _inBody;
    private int _length = -1;

    /// <summary>The rule the stream broke; it cannot be read on.</summary>
    public string? Broken { get; private set; }

    /// <summary>The closing delimiter was seen: the agent ended the stream.</summary>
    public bool Ended { get; private set; }

    /// <summary>Where the next bytes of the stream belong; never empty.</summary>
    public Memory<byte> Free
    {
        get
        {
            if (_start > 0 && _bytes.Length - _end < 16 * 1024)
            {
                _bytes.AsSpan(_start, _end - _start).CopyTo(_bytes);
                (_end, _scanned, _start) = (_end - _start, _scanned - _start, 0);
            }
            if (_bytes.Length - _end < 16 * 1024) Array.Resize(ref _bytes, _bytes.Length * 2);
            return _bytes.AsMemory(_end);
        }
    }

    public void Filled(int count) => _end += count;

    /// <summary>The next complete body; valid until <see cref="Free"/> is asked for.</summary>
    public bool TryTake(out ReadOnlyMemory<byte> part)
    {
        part = default;
        if (Broken is not null || Ended) return false;
        if (!_inBody && !TryHeader()) return false;
        if (_end - _start > LargestPart) return Break(MtConnectRules.PartTooLarge);
        return _length >= 0 ? TryCounted(out part) : TryDelimited(out part);
    }

    /// <summary>The boundary parameter of a Content-Type, without quotes; null when there is none.</summary>
    public static string? BoundaryOf(string? contentType)
    {
        if (contentType is null || !contentType.TrimStart().StartsWith("multipart/", StringComparison.OrdinalIgnoreCase)) return null;
        var at = contentType.IndexOf("boundary=", StringComparison.OrdinalIgnoreCase);
        if (at < 0) return null;
        var text = contentType[(at + "boundary=".Length)..].Trim();
        var value = text.StartsWith('"') ? text[1..].Split('"')[0] : text.Split(';')[0].Trim();
        if (value.StartsWith("--", StringComparison.Ordinal)) value = value[2..];
        return value.Length is > 0 and <= 200 ? value : null;
    }

    private bool TryHeader()
    {
        while (true)
        {
            var span = _bytes.AsSpan(_start, _end - _start);
            var at = span.IndexOf(_delimiter);
            if (at < 0) return span.Length > LongestHeader && Break(MtConnectRules.MultipartBroken);
            var after = span[(at + _delimiter.Length)..];
            if (after.Length >= 2 && after[0] == '-' && after[1] == '-')
            {
                Ended = true;
                return false;
            }
            var blank = BlankLine(after, out var blankLength);
            if (blank < 0) return after.Length > LongestHeader && Break(MtConnectRules.MultipartBroken);
            _length = LengthOf(after[..blank]);
            if (_length > LargestPart) return Break(MtConnectRules.PartTooLarge);
            _start += at + _delimiter.Length + blank + blankLength;
            (_scanned, _inBody) = (_start, true);
            return true;
        }
    }

    private bool TryCounted(out ReadOnlyMemory<byte> part)
    {
        part = default;
        if (_end - _start < _length) return false;
        part = _bytes.AsMemory(_start, _length);
        Leave(_start + _length);
        return true;
    }

    private bool TryDelimited(out ReadOnlyMemory<byte> part)
    {
        part = default;
        var from = Math.Max(_start, _scanned - _delimiter.Length - 32);
        var span = _bytes.AsSpan(from, _end - from);
        var stop = -1;
        foreach (var end in RootEnds)
            if (span.IndexOf(end) is >= 0 and var at && (stop < 0 || at + end.Length < stop)) stop = at + end.Length;
        if (span.IndexOf(_delimiter) is >= 0 and var next && (stop < 0 || next < stop)) stop = next;
        _scanned = _end;
        if (stop < 0) return false;
        part = _bytes.AsMemory(_start, from + stop - _start);
        Leave(from + stop);
        return true;
    }

    private void Leave(int at) => (_start, _scanned, _inBody, _length) = (at, at, false, -1);

    private bool Break(string rule)
    {
        Broken = rule;
        return false;
    }

    private static int BlankLine(ReadOnlySpan<byte> text, out int length)
    {
        var crlf = text.IndexOf("\r\n\r\n"u8);
        var lf = text.IndexOf("\n\n"u8);
        (var at, length) = crlf >= 0 && (lf < 0 || crlf < lf) ? (crlf, 4) : (lf, 2);
        return at;
    }

    private static int LengthOf(ReadOnlySpan<byte> headers)
    {
        foreach (var range in headers.Split((byte)'\n'))
        {
            var line = headers[range].Trim(" \r\t"u8);
            if (line.Length < 15 || !Ascii.EqualsIgnoreCase(line[..15], "content-length:"u8)) continue;
            return WireNumber.TryParseWhole(line[15..].Trim((byte)' '), out var n) && n >= 0 ? (int)Math.Min(n, int.MaxValue) : -1;
        }
        return -1;
    }
}
