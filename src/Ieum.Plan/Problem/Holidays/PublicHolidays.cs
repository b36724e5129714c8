using System.Collections.Frozen;
using System.Globalization;

namespace Ieum.Plan;

/// <summary>Public holidays of a country, from the data files beside this one, which name their source and year.</summary>
public static class PublicHolidays
{
    private static readonly FrozenDictionary<string, FrozenDictionary<DateOnly, string>> Tables = new Dictionary<string, FrozenDictionary<DateOnly, string>>
    {
        ["KR"] = Load("kr"),
        ["JP"] = Load("jp"),
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>Holidays of one year with their names in the country's language; substitute holidays included.</summary>
    /// <param name="country">ISO 3166-1 alpha-2: <c>KR</c> or <c>JP</c>.</param>
    /// <returns>Null when the tables do not know the country or the year: then nobody may take it for a year without holidays.</returns>
    public static IReadOnlyDictionary<DateOnly, string>? Of(string country, int year)
    {
        if (!Tables.TryGetValue(country, out var table)) return null;
        var days = table.Where(d => d.Key.Year == year).ToDictionary();
        return days.Count == 0 ? null : days;
    }

    private static FrozenDictionary<DateOnly, string> Load(string country)
    {
        using var stream = typeof(PublicHolidays).Assembly.GetManifestResourceStream($"Ieum.Plan.Holidays.{country}.tsv")
            ?? throw new InvalidOperationException($"The holidays of '{country}' are not in the assembly.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd().Split('\n').Where(l => l.Length > 0 && l[0] != '#').Select(l => l.TrimEnd('\r').Split('\t'))
            .ToFrozenDictionary(l => DateOnly.ParseExact(l[0], "yyyy-MM-dd", CultureInfo.InvariantCulture), l => l[1]);
    }
}
