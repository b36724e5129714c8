using System.Globalization;

namespace Ieum.Connect.Polling;

/// <summary>How the bytes of a register or of several are read.</summary>
internal enum RegisterKind : byte
{
    Bool = 0, Int8, UInt8, Int16, UInt16, Int32, UInt32, Int64, UInt64, Float32, Float64,
    /// <summary>Binary coded decimal: four bits a digit, 0 to 9999.</summary>
    Bcd16,
    /// <summary>0 to 99,999,999.</summary>
    Bcd32,
    /// <summary>Characters, filled up with NUL or blanks.</summary>
    Text,
}

/// <summary>Order of the bytes of one value, told for the 32 bit value 0xAABBCCDD. <c>Abcd</c>: most significant first.</summary>
/// <remarks>Two independent habits of makers: words last to first, and the two bytes of each word exchanged.</remarks>
[Flags]
internal enum RegisterOrder : byte { Abcd = 0, Cdab = 1, Badc = 2, Dcba = 3 }

/// <summary>A type as points name it: <c>int16</c>, <c>float32</c>, <c>string(20)</c>, with its own order where it differs: <c>float32:cdab</c>.</summary>
/// <param name="Bytes">Bytes of one value; 0 for a bool, which takes one cell.</param>
/// <param name="Order">Null: as the connection says.</param>
internal readonly record struct RegisterType(RegisterKind Kind, int Bytes, RegisterOrder? Order = null)
{
    /// <summary>Longest text, in bytes.</summary>
    public const int LongestText = 240;

    public const string Known = "bool, int8, uint8, int16, uint16, int32, uint32, int64, uint64, float32, float64, bcd16, bcd32, string(1..240), each with ':abcd', ':cdab', ':badc' or ':dcba' where its order differs";

    public bool IsWhole => Kind is >= RegisterKind.Int8 and <= RegisterKind.UInt64 or RegisterKind.Bcd16 or RegisterKind.Bcd32;

    public static bool TryParse(string text, out RegisterType type)
    {
        type = default;
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        RegisterOrder? order = null;
        if (colon >= 0)
        {
            if (!TryOrder(text[(colon + 1)..], out var told)) return false;
            order = told;
        }
        var name = (colon < 0 ? text : text[..colon]).Trim().ToUpperInvariant();
        if (name.StartsWith("STRING(", StringComparison.Ordinal) && name.EndsWith(')'))
        {
            if (!int.TryParse(name.AsSpan(7, name.Length - 8), NumberStyles.None, CultureInfo.InvariantCulture, out var length) || length is < 1 or > LongestText) return false;
            type = new(RegisterKind.Text, length, order);
            return true;
        }
        (RegisterKind Kind, int Bytes)? known = name switch
        {
            "BOOL" => (RegisterKind.Bool, 0),
            "INT8" => (RegisterKind.Int8, 1),
            "UINT8" => (RegisterKind.UInt8, 1),
            "INT16" => (RegisterKind.Int16, 2),
            "UINT16" => (RegisterKind.UInt16, 2),
            "INT32" => (RegisterKind.Int32, 4),
            "UINT32" => (RegisterKind.UInt32, 4),
            "INT64" => (RegisterKind.Int64, 8),
            "UINT64" => (RegisterKind.UInt64, 8),
            "FLOAT32" => (RegisterKind.Float32, 4),
            "FLOAT64" => (RegisterKind.Float64, 8),
            "BCD16" => (RegisterKind.Bcd16, 2),
            "BCD32" => (RegisterKind.Bcd32, 4),
            _ => null,
        };
        if (known is not { } k) return false;
        type = new(k.Kind, k.Bytes, order);
        return true;
    }

    /// <summary><c>abcd</c>, <c>cdab</c>, <c>badc</c>, <c>dcba</c>; for 16 bits also <c>ab</c> and <c>ba</c>.</summary>
    public static bool TryOrder(string text, out RegisterOrder order)
    {
        (var known, order) = text.Trim().ToUpperInvariant() switch
        {
            "ABCD" or "AB" => (true, RegisterOrder.Abcd),
            "CDAB" => (true, RegisterOrder.Cdab),
            "BADC" or "BA" => (true, RegisterOrder.Badc),
            "DCBA" => (true, RegisterOrder.Dcba),
            _ => (false, RegisterOrder.Abcd),
        };
        return known;
    }

    public override string ToString() => (Kind == RegisterKind.Text ? string.Create(CultureInfo.InvariantCulture, $"string({Bytes})") : Kind.ToString().ToLowerInvariant())
        + (Order is { } o ? ":" + o.ToString().ToLowerInvariant() : "");
}
