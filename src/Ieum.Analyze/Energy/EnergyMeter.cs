using System.Collections.Immutable;
using System.Text.Json;
using Ieum.Model;

namespace Ieum.Analyze;

/// <summary>Energy of one machine in one range.</summary>
/// <param name="KilowattHours">Over the time that was measured; unmeasured time is not guessed.</param>
/// <param name="Measured">Time with a known power.</param>
/// <param name="Missing">Time without one: gaps, bad quality, silence.</param>
public readonly record struct Energy(double KilowattHours, TimeSpan Measured, TimeSpan Missing);

/// <summary>Integrates power over time.</summary>
internal sealed class EnergyMeter
{
    /// <summary>A value stands until the next one, for at most this long; a meter that was silent longer has missed something.</summary>
    public static readonly TimeSpan LongestStand = 15.Minutes;

    private readonly TimeRange _range;
    private double? _watts;
    private long _since;
    private double _wattTicks;
    private long _measured;

    public EnergyMeter(TimeRange range) => (_range, _since) = (range, range.From.UtcTicks);

    public long Count { get; private set; }

    /// <param name="watts">Null from here on nothing is known.</param>
    public void Read(DateTimeOffset at, double? watts)
    {
        Close(at.UtcTicks);
        (_watts, _since) = (watts, Math.Max(at.UtcTicks, _since));
        if (watts is not null && _range.Contains(at)) Count++;
    }

    public Energy End(DateTimeOffset until)
    {
        Close(until.UtcTicks);
        var whole = Math.Max(0, Math.Min(until.UtcTicks, _range.To.UtcTicks) - _range.From.UtcTicks);
        return new(_wattTicks / TimeSpan.TicksPerHour / 1000, new(_measured), new(Math.Max(0, whole - _measured)));
    }

    private void Close(long until)
    {
        if (_watts is not { } watts) return;
        var from = Math.Max(_since, _range.From.UtcTicks);
        var to = Math.Min(Math.Min(until, _range.To.UtcTicks), _since + LongestStand.Ticks);
        if (to <= from) return;
        _wattTicks += watts * (to - from);
        _measured += to - from;
    }

    /// <summary>Watts of a reading; null when the unit is none of power or the reading is not good.</summary>
    public static double? Watts(in Sample sample, Unit unit)
    {
        if (PartCounter.Number(sample) is not { } value || !double.IsFinite(value)) return null;
        return unit.Code switch { "WTT" => value, "KWT" => value * 1000, "MAW" => value * 1e6, _ => null };
    }
}

/// <summary>Greenhouse gas of a kilowatt hour from a country's grid.</summary>
/// <param name="Country">ISO 3166-1 alpha-2.</param>
/// <param name="Year">Year whose generation it describes.</param>
/// <param name="KilogramsPerKilowattHour">kg CO₂ equivalent per kWh.</param>
/// <param name="Source">Who published it, and where.</param>
/// <param name="Checked">Whether the figure was compared with a published text when it was written into the file.</param>
public sealed record GridFactor(string Country, int Year, double KilogramsPerKilowattHour, string Source, bool Checked);

/// <summary>The grid factors that come with the product; a company's own contract may give another.</summary>
public static class GridFactors
{
    public static ImmutableArray<GridFactor> All { get; } = Load();

    /// <summary>The factor of the newest year not after <paramref name="year"/>; else the oldest; null for a country without one.</summary>
    public static GridFactor? Find(string country, int year)
    {
        var of = All.Where(f => f.Country == country).OrderBy(f => f.Year).ToArray();
        return of.LastOrDefault(f => f.Year <= year) ?? of.FirstOrDefault();
    }

    private static ImmutableArray<GridFactor> Load()
    {
        using var stream = typeof(GridFactors).Assembly.GetManifestResourceStream("Ieum.Analyze.Energy.grid-factors.json")!;
        using var json = JsonDocument.Parse(stream);
        return [.. json.RootElement.GetProperty("factors").EnumerateArray().Select(f => new GridFactor(
            f.GetProperty("country").GetString()!, f.GetProperty("year").GetInt32(), f.GetProperty("kgPerKwh").GetDouble(),
            f.GetProperty("source").GetString()!, f.GetProperty("checked").GetBoolean()))];
    }
}

/// <summary>Energy and greenhouse gas of a machine and of each part it made.</summary>
/// <param name="Parts">Pieces made in the range.</param>
/// <param name="KilowattHoursPerPart">Null without pieces, or while less than nine tenths of the range were measured.</param>
/// <param name="Basis">Confidence: share of the range that was measured.</param>
public sealed record EnergyAnswer(MachineId Machine, TimeRange Range, Energy Energy, int Parts, double? KilowattHoursPerPart, double? KilogramsCo2, double? KilogramsCo2PerPart, GridFactor? Factor, Basis Basis)
{
    private const double LeastMeasured = 0.9;

    internal static EnergyAnswer Of(MachineId machine, TimeRange range, Energy energy, long readings, int parts, GridFactor? factor)
    {
        var whole = energy.Measured + energy.Missing;
        var share = whole > TimeSpan.Zero ? energy.Measured / whole : 0;
        double? perPart = parts > 0 && share >= LeastMeasured ? energy.KilowattHours / parts : null;
        return new(machine, range, energy, parts, perPart, readings > 0 ? energy.KilowattHours * factor?.KilogramsPerKilowattHour : null,
            perPart * factor?.KilogramsPerKilowattHour, factor, new("power-hold", 1, range, readings, share));
    }
}
