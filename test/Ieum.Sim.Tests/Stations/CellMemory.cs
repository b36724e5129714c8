using Ieum.Sim.Stations;

namespace Ieum.Sim.Tests.Stations;

/// <summary>Memory of a simulated controller: areas by code, each with a length. Safe for several threads.</summary>
/// <param name="areas">Code and number of cells of each area.</param>
internal sealed class CellMemory(IEnumerable<(int Code, int Cells)> areas) : ICells
{
    private readonly Lock _gate = new();
    private readonly Dictionary<int, ushort[]> _areas = areas.ToDictionary(a => a.Code, a => new ushort[a.Cells]);

    /// <summary>The devices of a small MELSEC controller and how many of each there are.</summary>
    public static CellMemory OfMelsec() => new(
    [
        (0xA8, 12_288), (0xA9, 2_048), (0x90, 8_192), (0x91, 2_048), (0x92, 8_192), (0x93, 2_048), (0x94, 2_048), (0x98, 8_192), (0x9C, 8_192), (0x9D, 8_192),
        (0xA0, 8_192), (0xA1, 2_048), (0xB4, 8_192), (0xB5, 2_048), (0xAF, 32_768), (0xB0, 65_536), (0xC0, 2_048), (0xC1, 2_048), (0xC2, 2_048),
        (0xC3, 1_024), (0xC4, 1_024), (0xC5, 1_024), (0xCC, 20),
    ]);

    /// <summary>The areas of a CJ2 controller with one bank of extended memory, by their word codes.</summary>
    public static CellMemory OfOmron() => new([(0xB0, 6_144), (0xB1, 512), (0xB2, 512), (0xB3, 960), (0x82, 32_768), (0x89, 0x9000), (0xA0, 32_768)]);

    public bool Has(int code) => _areas.ContainsKey(code);

    /// <returns>False when a cell lies outside the area.</returns>
    public bool TryRead(int code, long start, Span<ushort> into)
    {
        lock (_gate)
        {
            if (!_areas.TryGetValue(code, out var cells) || start < 0 || start + into.Length > cells.Length) return false;
            cells.AsSpan((int)start, into.Length).CopyTo(into);
            return true;
        }
    }

    public bool TryWrite(int code, long start, ReadOnlySpan<ushort> values)
    {
        lock (_gate)
        {
            if (!_areas.TryGetValue(code, out var cells) || start < 0 || start + values.Length > cells.Length) return false;
            values.CopyTo(cells.AsSpan((int)start));
            return true;
        }
    }

    public ushort this[int code, int cell]
    {
        get { lock (_gate) return _areas[code][cell]; }
        set { lock (_gate) _areas[code][cell] = value; }
    }
}
