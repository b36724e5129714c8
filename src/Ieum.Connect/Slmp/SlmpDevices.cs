using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Ieum.Connect.Slmp;

/// <summary>Families of controllers, as far as their addresses and limits differ.</summary>
internal enum SlmpCpu { Q = 0, L = 1, IqR = 2, IqF = 3, Fx = 4 }

/// <summary>One kind of memory of a MELSEC controller.</summary>
/// <param name="Name">As the engineering tool writes it: <c>D</c>, <c>X</c>, <c>TN</c>.</param>
/// <param name="Code">Code on the wire; the same number in the short and in the iQ-R form.</param>
/// <param name="Radix">How people write its numbers: 10 or 16. X and Y of FX and iQ-F are octal, whatever stands here.</param>
/// <param name="IsBit">Holds bits; otherwise words of 16 bits.</param>
/// <param name="WideOnly">Exists in the iQ-R form only.</param>
/// <param name="WireRadix">How ASCII frames write its numbers, where that is not <paramref name="Radix"/>.</param>
/// <param name="ShortName">Two letters of the short ASCII form, where they are not <paramref name="Name"/>.</param>
internal sealed record SlmpDevice(string Name, byte Code, int Radix, bool IsBit, bool WideOnly = false, int WireRadix = 0, string? ShortName = null)
{
    /// <summary>Letters in ASCII frames, filled up with asterisks.</summary>
    public string Letters(bool wide) => wide ? Name.PadRight(4, '*') : (ShortName ?? Name).PadRight(2, '*');

    /// <summary>The radix people use on this controller.</summary>
    public int RadixOn(SlmpCpu cpu) => Name is "X" or "Y" && cpu is SlmpCpu.IqF or SlmpCpu.Fx ? 8 : Radix;

    /// <summary>The radix of ASCII frames on this controller.</summary>
    public int WireRadixOn(SlmpCpu cpu) => WireRadix > 0 ? WireRadix : RadixOn(cpu);
}

/// <summary>The device table (SLMP reference, "device codes").</summary>
internal static class SlmpDevices
{
    private static readonly SlmpDevice[] Table =
    [
        new("SM", 0x91, 10, true), new("SD", 0xA9, 10, false),
        new("X", 0x9C, 16, true), new("Y", 0x9D, 16, true), new("M", 0x90, 10, true), new("L", 0x92, 10, true),
        new("F", 0x93, 10, true), new("V", 0x94, 10, true), new("S", 0x98, 10, true), new("B", 0xA0, 16, true),
        new("SB", 0xA1, 16, true), new("DX", 0xA2, 16, true), new("DY", 0xA3, 16, true),
        new("D", 0xA8, 10, false), new("W", 0xB4, 16, false), new("SW", 0xB5, 16, false), new("Z", 0xCC, 10, false),
        new("R", 0xAF, 10, false),
        // People write ZR in decimal; ASCII frames carry it in hexadecimal (device code table, column "device number").
        new("ZR", 0xB0, 10, false, WireRadix: 16),
        new("TS", 0xC1, 10, true), new("TC", 0xC0, 10, true), new("TN", 0xC2, 10, false),
        new("STS", 0xC7, 10, true, ShortName: "SS"), new("STC", 0xC6, 10, true, ShortName: "SC"), new("STN", 0xC8, 10, false, ShortName: "SN"),
        new("CS", 0xC4, 10, true), new("CC", 0xC3, 10, true), new("CN", 0xC5, 10, false),
        new("RD", 0x2C, 10, false, WideOnly: true),
    ];

    private static readonly FrozenDictionary<string, SlmpDevice> ByName = Table.ToFrozenDictionary(d => d.Name, StringComparer.Ordinal);
    private static readonly FrozenDictionary<string, SlmpDevice> ByShort = Table.ToFrozenDictionary(d => d.ShortName ?? d.Name, StringComparer.Ordinal);
    private static readonly FrozenDictionary<byte, SlmpDevice> ByCode = Table.ToFrozenDictionary(d => d.Code);

    /// <summary>Names, the longest first, so that <c>SM10</c> is not read as an S with a wrong number.</summary>
    private static readonly string[] LongestFirst = [.. Table.Select(d => d.Name).OrderByDescending(n => n.Length).ThenBy(n => n, StringComparer.Ordinal)];

    public static IReadOnlyList<SlmpDevice> All => Table;

    public static bool TryLetters(string letters, bool wide, [NotNullWhen(true)] out SlmpDevice? device) => (wide ? ByName : ByShort).TryGetValue(letters.TrimEnd('*', ' '), out device);
    public static bool TryCode(byte code, [NotNullWhen(true)] out SlmpDevice? device) => ByCode.TryGetValue(code, out device);

    /// <summary>Splits a text into device and what follows; the rest begins with a digit of the device's radix.</summary>
    public static bool TrySplit(string text, SlmpCpu cpu, [NotNullWhen(true)] out SlmpDevice? device, out string rest)
    {
        foreach (var name in LongestFirst)
        {
            if (!text.StartsWith(name, StringComparison.OrdinalIgnoreCase) || text.Length == name.Length) continue;
            device = ByName[name];
            rest = text[name.Length..];
            if (IsDigit(rest[0], device.RadixOn(cpu))) return true;
        }
        (device, rest) = (null, "");
        return false;
    }

    public static bool IsDigit(char c, int radix) => radix switch
    {
        8 => c is >= '0' and <= '7',
        10 => char.IsAsciiDigit(c),
        _ => char.IsAsciiHexDigit(c),
    };

    /// <summary>Reads a device number; at most 4,294,967,295.</summary>
    public static bool TryNumber(ReadOnlySpan<char> text, int radix, out uint number)
    {
        number = 0;
        if (text.IsEmpty || text.Length > 11) return false;
        ulong sum = 0;
        foreach (var c in text)
        {
            if (!IsDigit(c, radix)) return false;
            sum = sum * (ulong)radix + (ulong)(char.IsAsciiDigit(c) ? c - '0' : (c | 0x20) - 'a' + 10);
            if (sum > uint.MaxValue) return false;
        }
        number = (uint)sum;
        return true;
    }

    public static string NumberText(uint number, int radix) => radix switch
    {
        8 => Convert.ToString(number, 8),
        10 => number.ToString(CultureInfo.InvariantCulture),
        _ => number.ToString("X", CultureInfo.InvariantCulture),
    };
}
