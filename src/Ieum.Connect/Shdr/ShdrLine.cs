namespace Ieum.Connect.Shdr;

internal enum ShdrLineKind : byte { Empty, Command, Data, Unreadable }

/// <summary>One line, taken apart at the first level: what it is, its time, and the fields that follow.</summary>
/// <remarks>Adapter agent protocol (SHDR) as described with the reference agent: <c>time|key|value|key|value</c>, or <c>* command</c>.</remarks>
internal readonly ref struct ShdrLine
{
    public ShdrLineKind Kind { get; private init; }

    /// <summary>UTC ticks; 0 when the line has no time and the receive time holds.</summary>
    public long Ticks { get; private init; }

    /// <summary>What follows the time, or the command after <c>* </c>.</summary>
    public ReadOnlySpan<byte> Rest { get; private init; }

    /// <summary>The rule that an unreadable line breaks.</summary>
    public string? Rule { get; private init; }

    public static ShdrLine Decode(ReadOnlySpan<byte> line)
    {
        if (line.Trim((byte)' ').IsEmpty) return new() { Kind = ShdrLineKind.Empty };
        if (line[0] == '*') return new() { Kind = ShdrLineKind.Command, Rest = line[1..].Trim((byte)' ') };
        var bar = line.IndexOf((byte)'|');
        if (bar < 0) return new() { Kind = ShdrLineKind.Unreadable, Rule = ShdrRules.LineUnreadable };
        var first = line[..bar].Trim((byte)' ');
        var rest = line[(bar + 1)..];
        if (first.IsEmpty) return new() { Kind = ShdrLineKind.Data, Rest = rest };
        // "time@seconds": the duration a statistic covers (deprecated since 1.2 but still sent); the time is its end.
        var duration = first.IndexOf((byte)'@');
        if (WireTime.TryParse(duration > 0 ? first[..duration] : first, out var ticks))
            return new() { Kind = ShdrLineKind.Data, Ticks = ticks, Rest = rest };
        // Adapters without a clock begin with the key; a broken time begins with a digit.
        return first[0] is (>= (byte)'0' and <= (byte)'9') or (byte)'-' or (byte)'+'
            ? new() { Kind = ShdrLineKind.Unreadable, Rule = ShdrRules.TimeUnreadable }
            : IsPlain(first) ? new() { Kind = ShdrLineKind.Data, Rest = line } : new() { Kind = ShdrLineKind.Unreadable, Rule = ShdrRules.LineUnreadable };
    }

    private static bool IsPlain(ReadOnlySpan<byte> key) => !key.ContainsAnyInRange((byte)0, (byte)31) && System.Text.Unicode.Utf8.IsValid(key);
}

/// <summary>Walks over the fields of a line.</summary>
internal ref struct ShdrFields(ReadOnlySpan<byte> rest)
{
    private ReadOnlySpan<byte> _rest = rest;
    private bool _ended = false;

    /// <summary>No field is left.</summary>
    public readonly bool Ended => _ended;

    /// <summary>The bytes not read yet.</summary>
    public readonly ReadOnlySpan<byte> Rest => _ended ? default : _rest;

    public bool Next(out ReadOnlySpan<byte> field)
    {
        field = default;
        if (_ended) return false;
        if (_rest.Length > 0 && _rest[0] == '"' && Quoted(out field)) return true;
        var bar = _rest.IndexOf((byte)'|');
        field = bar < 0 ? _rest : _rest[..bar];
        Advance(bar < 0 ? _rest.Length : bar);
        return true;
    }

    /// <summary>How many fields are left, quoting respected; looks at most at <paramref name="most"/> of them.</summary>
    public readonly int Count(int most)
    {
        var copy = this;
        var count = 0;
        while (count < most && copy.Next(out _)) count++;
        return count;
    }

    private void Advance(int stop)
    {
        _ended = stop >= _rest.Length;
        _rest = _ended ? default : _rest[(stop + 1)..];
    }

    /// <summary>SHDR 2.0: a value in double quotes may hold the bar as <c>\|</c>. Without such a bar the quotes belong to the text.</summary>
    private bool Quoted(out ReadOnlySpan<byte> field)
    {
        field = default;
        var escaped = false;
        for (var i = 1; i < _rest.Length; i++)
        {
            if (_rest[i] == '|')
            {
                if (_rest[i - 1] != '\\') return false;
                escaped = true;
            }
            else if (_rest[i] == '"' && (i + 1 == _rest.Length || _rest[i + 1] == '|'))
            {
                if (!escaped) return false;
                field = Unescape(_rest[1..i]);
                Advance(i + 1);
                return true;
            }
        }
        return false;
    }

    private static byte[] Unescape(ReadOnlySpan<byte> text)
    {
        var plain = new byte[text.Length];
        var n = 0;
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '\\' && i + 1 < text.Length && text[i + 1] == '|') continue;
            plain[n++] = text[i];
        }
        return plain[..n];
    }
}
