using System.Globalization;

namespace Ieum.Connect.Xgt;

/// <summary>How large the piece is that an address names.</summary>
internal enum XgtSize : byte { Bit, Byte, Word, DoubleWord, LongWord }

/// <summary>An address of the CPU's memory.</summary>
/// <param name="Device">Device letter: P M K F L N D U Z R T C S W of XGK and XGB, I Q M R W A of the IEC types.</param>
/// <param name="Index">Counted in pieces of <paramref name="Size"/>, as the variable name counts them.</param>
/// <param name="Bit">Bit of the word, 0 to 15; −1 when the address names none.</param>
internal readonly record struct XgtAddress(char Device, XgtSize Size, int Index, int Bit = -1)
{
    public const string Form = "a word such as D100 or %DW100, a bit of a word such as D100.5 or M0010F, a bit %MX175, a byte %DB201, a double word %DD50 or a long word %DL25";

    private const string Devices = "PMKFLNDUZRTCSWIQA";

    /// <summary>Devices that XGK and XGB address by bit, with the bit as a last hexadecimal digit.</summary>
    private const string BitDevices = "PMKFL";

    public int BytesPerPiece => Size switch { XgtSize.Word => 2, XgtSize.DoubleWord => 4, XgtSize.LongWord => 8, _ => 1 };

    public static bool TryParse(string text, out XgtAddress address)
    {
        address = default;
        var t = text.Trim().ToUpperInvariant();
        if (t.StartsWith('%')) return t.Length > 3 && TryVariable(t, out address);
        if (t.Length < 2 || !Devices.Contains(t[0], StringComparison.Ordinal)) return false;
        var dot = t.IndexOf('.', StringComparison.Ordinal);
        if (dot > 0) return TryNumber(t[1..dot], out var word) && TryBit(t[(dot + 1)..], out var bit) && Set(out address, new(t[0], XgtSize.Word, word, bit));
        // M0010F: five or more signs, word in decimal and one hexadecimal digit, is how XGK writes a bit.
        if (BitDevices.Contains(t[0], StringComparison.Ordinal) && t.Length >= 6 && TryBit(t[^1..], out var last) && TryNumber(t[1..^1], out var row))
            return Set(out address, new(t[0], XgtSize.Bit, row * 16 + last));
        return TryNumber(t[1..], out var index) && Set(out address, new(t[0], XgtSize.Word, index));
    }

    private static bool TryVariable(string t, out XgtAddress address)
    {
        address = default;
        if (!Devices.Contains(t[1], StringComparison.Ordinal)) return false;
        XgtSize? size = t[2] switch { 'X' => XgtSize.Bit, 'B' => XgtSize.Byte, 'W' => XgtSize.Word, 'D' => XgtSize.DoubleWord, 'L' => XgtSize.LongWord, _ => null };
        var dot = t.IndexOf('.', StringComparison.Ordinal);
        if (size is not { } s) return false;
        if (dot < 0) return TryNumber(t[3..], out var index) && Set(out address, new(t[1], s, index));
        return s == XgtSize.Word && TryNumber(t[3..dot], out var word) && TryBit(t[(dot + 1)..], out var bit) && Set(out address, new(t[1], s, word, bit));
    }

    // 22 bits of bytes are more than any of these CPUs has; the limit keeps sums of addresses whole.
    private static bool TryNumber(string text, out int number) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number < 1 << 22;

    private static bool TryBit(string text, out int bit) => int.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out bit) && bit is >= 0 and < 16 && text.Length is 1 or 2;

    private static bool Set(out XgtAddress to, XgtAddress value)
    {
        to = value;
        return true;
    }
}
