using System.Globalization;
using Ieum.Connect.Polling;

namespace Ieum.Connect.Modbus;

/// <summary>The four tables of a Modbus device.</summary>
internal enum ModbusTable { Coil = 0, Discrete = 1, Input = 3, Holding = 4 }

/// <summary>
/// Addresses of points: <c>holding:100</c> counts from 0 as the wire does; the classic <c>40101</c> or <c>400101</c> counts
/// from 1 and its first digit names the table. <c>.5</c> names a bit of a register, <c>@3</c> another unit.
/// </summary>
internal static class ModbusAddress
{
    public const string Form = "coil:0, discrete:0, input:100, holding:100 (counted from 0), or the classic 40101 (counted from 1); '.5' for a bit of a register, '@3' for another unit";

    public static RegisterArea Area(int unit, ModbusTable table) =>
        new(unit, (int)table, 0, table is ModbusTable.Coil or ModbusTable.Discrete ? CellSize.Bit : CellSize.Word);

    public static string Text(RegisterArea area, int start, int unit) => string.Create(CultureInfo.InvariantCulture,
        $"{((ModbusTable)area.Code).ToString().ToLowerInvariant()}:{start}{(area.Device == unit ? "" : $"@{area.Device}")}");

    /// <param name="unit">Unit where the address names none.</param>
    public static bool TryParse(string text, int unit, out RegisterPlace place)
    {
        place = default;
        var at = text.IndexOf('@', StringComparison.Ordinal);
        if (at >= 0)
        {
            if (!TryWhole(text.AsSpan(at + 1), 255, out unit)) return false;
            text = text[..at];
        }
        var bit = -1;
        var dot = text.IndexOf('.', StringComparison.Ordinal);
        if (dot >= 0)
        {
            if (!TryWhole(text.AsSpan(dot + 1), 15, out bit)) return false;
            text = text[..dot];
        }
        if (!TryTable(text, out var table, out var start)) return false;
        if (bit >= 0 && table is ModbusTable.Coil or ModbusTable.Discrete) return false;
        place = new(Area(unit, table), start, bit);
        return true;
    }

    private static bool TryTable(string text, out ModbusTable table, out int start)
    {
        (table, start) = (default, 0);
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        if (colon >= 0)
        {
            ModbusTable? named = text[..colon].ToUpperInvariant() switch
            {
                "COIL" => ModbusTable.Coil,
                "DISCRETE" => ModbusTable.Discrete,
                "INPUT" => ModbusTable.Input,
                "HOLDING" => ModbusTable.Holding,
                _ => null,
            };
            table = named ?? default;
            return named is not null && TryWhole(text.AsSpan(colon + 1), ushort.MaxValue, out start);
        }
        // Five digits reach 9,999 registers, six reach all 65,536.
        if (text.Length is not (5 or 6) || text[0] is not ('0' or '1' or '3' or '4') || !TryWhole(text.AsSpan(1), ushort.MaxValue + 1, out var number) || number == 0) return false;
        (table, start) = ((ModbusTable)(text[0] - '0'), number - 1);
        return true;
    }

    private static bool TryWhole(ReadOnlySpan<char> text, int most, out int number) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number <= most;
}
