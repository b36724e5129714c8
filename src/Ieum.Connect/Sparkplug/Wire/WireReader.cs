using System.Buffers.Binary;

namespace Ieum.Connect.Sparkplug.Wire;

/// <summary>How a field of a protocol-buffers message is laid out. Groups (3 and 4) do not occur in Sparkplug and are refused.</summary>
internal enum WireType { Varint = 0, Fixed64 = 1, Bytes = 2, Fixed32 = 5 }

/// <summary>Walks over one protocol-buffers message without copying and without ever throwing.</summary>
/// <remarks>Every Try method answers false at the end of the message or on broken bytes; <see cref="Failed"/> tells which.</remarks>
internal ref struct WireReader(ReadOnlySpan<byte> data)
{
    private readonly ReadOnlySpan<byte> _data = data;
    private int _at;

    /// <summary>Why reading stopped early; null at a clean end.</summary>
    public string? Failure { get; private set; }
    public readonly bool Failed => Failure is not null;

    public bool TryField(out int field, out WireType type)
    {
        (field, type) = (0, default);
        if (Failed || _at >= _data.Length) return false;
        if (!TryVarint(out var tag)) return false;
        field = (int)(tag >> 3);
        type = (WireType)(tag & 7);
        if (tag >> 3 is 0 or > 536_870_911) return Fail("a field number lies outside 1 to 536870911");
        return type is WireType.Varint or WireType.Fixed64 or WireType.Bytes or WireType.Fixed32
            || Fail("a field has a wire type that Sparkplug does not use");
    }

    public bool TryVarint(out ulong value)
    {
        var data = _data;
        var at = _at;
        if (at < data.Length && data[at] < 0x80)   // one byte: most tags, flags and aliases
        {
            value = data[at];
            _at = at + 1;
            return true;
        }
        value = 0;
        for (var shift = 0; shift < 64 && at < data.Length; shift += 7)
        {
            var b = data[at++];
            // The tenth byte can only carry bit 63; more would be silently cut off.
            if (shift == 63 && b > 1) return Fail("a number is longer than 64 bits");
            value |= (ulong)(b & 0x7F) << shift;
            if (b < 0x80)
            {
                _at = at;
                return true;
            }
        }
        return Fail(at >= data.Length ? "the bytes end inside a number" : "a number is longer than 64 bits");
    }

    public bool TryFixed32(out uint value)
    {
        if (!BinaryPrimitives.TryReadUInt32LittleEndian(_data[_at..], out value)) return Fail("the bytes end inside a float");
        _at += 4;
        return true;
    }

    public bool TryFixed64(out ulong value)
    {
        if (!BinaryPrimitives.TryReadUInt64LittleEndian(_data[_at..], out value)) return Fail("the bytes end inside a double");
        _at += 8;
        return true;
    }

    public bool TryBytes(out ReadOnlySpan<byte> bytes)
    {
        bytes = default;
        if (!TryVarint(out var length)) return false;
        if (length > (ulong)(_data.Length - _at)) return Fail("a length runs past the end of the bytes");
        bytes = _data.Slice(_at, (int)length);
        _at += (int)length;
        return true;
    }

    /// <summary>Steps over a field that is not ours: extensions and later versions of the format.</summary>
    public bool TrySkip(WireType type) => type switch
    {
        WireType.Varint => TryVarint(out _),
        WireType.Fixed64 => TryFixed64(out _),
        WireType.Fixed32 => TryFixed32(out _),
        _ => TryBytes(out _),
    };

    /// <summary>Marks the message as broken by the caller's judgement; always false, so that it can end an expression.</summary>
    public bool Fail(string reason)
    {
        Failure ??= reason;
        _at = _data.Length;
        return false;
    }
}
