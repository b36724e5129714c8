namespace Ieum.Connect.Shdr;

/// <summary>Cuts a byte stream into lines, whatever the TCP segments look like. Ends are LF or CR LF.</summary>
/// <remarks>Memory is bounded: a line longer than <see cref="MaxLine"/> is dropped up to its end and counted; the stream goes on.</remarks>
internal sealed class ShdrLineBuffer
{
    public const int MaxLine = 64 * 1024;

    private readonly byte[] _bytes = new byte[2 * MaxLine + 2];
    private int _start, _end, _searched;
    private bool _dropping;

    /// <summary>Lines dropped because of their length, since the start.</summary>
    public long TooLong { get; private set; }

    /// <summary>Where the next bytes of the stream belong; never empty.</summary>
    public Memory<byte> Free
    {
        get
        {
            if (_start == _end) (_start, _end, _searched) = (0, 0, 0);
            if (_bytes.Length - _end < MaxLine / 2 && _start > 0)
            {
                _bytes.AsSpan(_start, _end - _start).CopyTo(_bytes);
                (_searched, _end, _start) = (_searched - _start, _end - _start, 0);
            }
            return _bytes.AsMemory(_end);
        }
    }

    public void Filled(int count) => _end += count;

    /// <summary>The next complete line without its end; valid until <see cref="Free"/> is asked for.</summary>
    public bool TryTake(out ReadOnlySpan<byte> line)
    {
        while (true)
        {
            var at = _bytes.AsSpan(_searched, _end - _searched).IndexOf((byte)'\n');
            if (at < 0)
            {
                _searched = _end;
                if (_end - _start > MaxLine) Drop();
                else if (_dropping) _start = _end;
                line = default;
                return false;
            }
            var stop = _searched + at;
            line = _bytes.AsSpan(_start, stop - _start);
            _start = _searched = stop + 1;
            if (_dropping)
            {
                _dropping = false;
                continue;
            }
            if (line.Length > 0 && line[^1] == '\r') line = line[..^1];
            if (line.Length <= MaxLine) return true;
            TooLong++;
        }
    }

    /// <summary>The connection is a new one: a half line of the old one is forgotten.</summary>
    public void Reset() => (_start, _end, _searched, _dropping) = (0, 0, 0, false);

    private void Drop()
    {
        if (!_dropping) TooLong++;
        _dropping = true;
        _start = _end;
    }
}
