using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Ieum.Connect.Slmp;

/// <summary>A place in a controller: <c>D100</c>, <c>X1F</c>, <c>D100.5</c> (bit 5 of the word, one hexadecimal digit).</summary>
/// <param name="Number">Number of the device, whatever radix it was written in.</param>
/// <param name="Bit">Bit of a word, 0 to 15; null for the device itself.</param>
internal readonly record struct SlmpAddress(SlmpDevice Device, uint Number, int? Bit = null)
{
    /// <summary>Short frames carry the number in three bytes.</summary>
    public const uint LargestShort = 0xFFFFFF;

    /// <summary>Reads an address as it is written on this controller.</summary>
    /// <param name="why">What is wrong and what would be right; set when false is returned.</param>
    public static bool TryRead(string text, SlmpCpu cpu, out SlmpAddress address, [NotNullWhen(false)] out string? why)
    {
        address = default;
        text = text.Trim().ToUpperInvariant();
        if (!SlmpDevices.TrySplit(text, cpu, out var device, out var rest))
        {
            why = $"'{text}' is no device of this controller; known: {string.Join(", ", SlmpDevices.All.Select(d => d.Name))}, each with a number, such as D100 or X1F"
                + (text is ['T' or 'C', ..] ? ". Timers and counters are TN, CN (value), TS, CS (contact), TC, CC (coil)" : "");
            return false;
        }
        if (device.WideOnly && cpu != SlmpCpu.IqR)
        {
            why = $"{device.Name} exists on iQ-R only; set the option cpu to iqr";
            return false;
        }
        int? bit = null;
        if (rest.IndexOf('.', StringComparison.Ordinal) is >= 0 and var dot)
        {
            if (device.IsBit || rest.Length != dot + 2 || !char.IsAsciiHexDigit(rest[^1]))
            {
                why = device.IsBit ? $"{device.Name} is a bit already; leave out '{rest[dot..]}'" : "a bit of a word is one hexadecimal digit, D100.0 to D100.F";
                return false;
            }
            bit = int.Parse(rest.AsSpan(dot + 1), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            rest = rest[..dot];
        }
        var radix = device.RadixOn(cpu);
        if (!SlmpDevices.TryNumber(rest, radix, out var number) || (cpu != SlmpCpu.IqR && number > LargestShort))
        {
            why = $"'{rest}' is no number of {device.Name}, which counts {(radix switch { 8 => "octal (0-7) on this controller", 10 => "decimal", _ => "hexadecimal" })}";
            return false;
        }
        (address, why) = (new(device, number, bit), null);
        return true;
    }

    public string Text(SlmpCpu cpu) => $"{Device.Name}{SlmpDevices.NumberText(Number, Device.RadixOn(cpu))}{(Bit is { } bit ? $".{bit:X}" : "")}";
}
