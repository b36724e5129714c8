using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Ieum.Connect.Fins;

/// <summary>One memory area of a CS, CJ, CP or NJ/NX controller (FINS commands reference, "memory area designations").</summary>
/// <param name="Name">As the engineering tool writes it; EM banks are <c>E0</c> to <c>EC</c>.</param>
/// <param name="WordCode">Code of whole words.</param>
/// <param name="BitCode">Code of single bits; null where there are none.</param>
/// <param name="Base">What is added to the number on the wire: counters stand behind timers.</param>
internal sealed record FinsArea(string Name, byte WordCode, byte? BitCode, int Base = 0);

internal static class FinsAreas
{
    private static readonly FinsArea[] Table =
    [
        new("CIO", 0xB0, 0x30), new("W", 0xB1, 0x31), new("H", 0xB2, 0x32), new("A", 0xB3, 0x33), new("D", 0x82, 0x02),
        new("T", 0x89, null), new("C", 0x89, null, 0x8000),
        .. Enumerable.Range(0, 13).Select(bank => new FinsArea(string.Create(CultureInfo.InvariantCulture, $"E{bank:X}"), (byte)(0xA0 + bank), (byte)(0x20 + bank))),
    ];

    private static readonly FrozenDictionary<string, FinsArea> ByName = Table.ToFrozenDictionary(a => a.Name, StringComparer.Ordinal);

    public static IReadOnlyList<FinsArea> All => Table;

    public static bool TryName(string name, [NotNullWhen(true)] out FinsArea? area) => ByName.TryGetValue(name, out area);

    /// <param name="number">Number on the wire; tells counters from timers.</param>
    public static bool TryWord(byte code, int number, [NotNullWhen(true)] out FinsArea? area) =>
        (area = Array.Find(Table, a => a.WordCode == code && (code != 0x89 || a.Base == (number & 0x8000)))) is not null;

    public static bool TryBit(byte code, [NotNullWhen(true)] out FinsArea? area) => (area = Array.Find(Table, a => a.BitCode == code)) is not null;
}

/// <summary>A place in a controller: <c>D100</c>, <c>CIO10.05</c>, <c>W3.15</c>, <c>E0_100</c>, <c>T5</c>.</summary>
/// <param name="Word">0 to 32,767.</param>
/// <param name="Bit">Bit of the word, 0 to 15; null for the word.</param>
internal readonly record struct FinsAddress(FinsArea Area, int Word, int? Bit = null)
{
    /// <param name="why">What is wrong and what would be right; set when false is returned.</param>
    public static bool TryRead(string text, out FinsAddress address, [NotNullWhen(false)] out string? why)
    {
        address = default;
        text = text.Trim().ToUpperInvariant();
        var bank = text.IndexOf('_', StringComparison.Ordinal);
        var digits = bank >= 0 ? bank + 1 : text.AsSpan().IndexOfAnyInRange('0', '9');
        var name = digits < 0 ? text : text[..(bank >= 0 ? bank : digits)];
        if (name == "DM") name = "D";
        // Without letters it is the core I/O area, as the engineering tool shows it.
        if (name.Length == 0) name = "CIO";
        if (!FinsAreas.TryName(name, out var area) || digits < 0)
        {
            why = $"'{text}' is no address; known are CIO, W, H, A, D, T, C and the banks E0_ to EC_, each with a number, such as D100, CIO10.05, E0_200";
            return false;
        }
        var rest = text[digits..];
        int? bit = null;
        if (rest.IndexOf('.', StringComparison.Ordinal) is >= 0 and var dot)
        {
            if (area.BitCode is null || !int.TryParse(rest.AsSpan(dot + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var b) || b > 15)
            {
                why = area.BitCode is null ? $"{area.Name} has no bits; leave out '{rest[dot..]}'" : "a bit is a decimal number from 0 to 15, such as CIO10.05";
                return false;
            }
            (bit, rest) = (b, rest[..dot]);
        }
        if (!int.TryParse(rest, NumberStyles.None, CultureInfo.InvariantCulture, out var word) || word > 0x7FFF)
        {
            why = $"'{rest}' is no word number from 0 to 32767";
            return false;
        }
        (address, why) = (new(area, word, bit), null);
        return true;
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"{Area.Name}{(Area.Name is ['E', _] ? "_" : "")}{Word}{(Bit is { } b ? $".{b:00}" : "")}");
}
