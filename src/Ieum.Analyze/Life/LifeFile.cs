using System.Collections.Immutable;
using System.Globalization;

namespace Ieum.Analyze;

/// <summary>Units that ran towards failure, in the format of NASA's C-MAPSS sets: 26 numbers a line, blanks between.</summary>
internal static class LifeFile
{
    public const int Columns = 26, Settings = 3, Sensors = 21;
    private static readonly char[] Blanks = [' ', '\t', ',', ';'];

    /// <exception cref="RecordingException">The file cannot be read, or a line breaks the format; with line, rule and remedy.</exception>
    public static async Task<ImmutableArray<LifeUnit>> ReadAsync(string file, CancellationToken cancel)
    {
        var units = ImmutableArray.CreateBuilder<LifeUnit>();
        var known = new HashSet<int>();
        var (unit, line) = (0, 0);
        var rows = new List<LifeRow>();
        try
        {
            await foreach (var text in File.ReadLinesAsync(file, cancel).ConfigureAwait(false))
            {
                line++;
                // Copies of the sets often carry column names in the first line.
                if (string.IsNullOrWhiteSpace(text) || (line == 1 && IsHeader(text))) continue;
                var (number, row) = Parse(file, text, line);
                if (number != unit)
                {
                    if (rows.Count > 0) units.Add(new(unit, [.. rows]));
                    rows.Clear();
                    unit = number;
                    if (!known.Add(unit)) throw Broken(AnalyzeRules.LifeOrder, file, line, $"unit {unit} was there already and comes again.");
                }
                if (rows.Count > 0 && row.Cycle <= rows[^1].Cycle)
                    throw Broken(AnalyzeRules.LifeOrder, file, line, $"cycle {row.Cycle} of unit {unit} follows cycle {rows[^1].Cycle}.");
                rows.Add(row);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw RecordingException.NotReadable(file, e);
        }
        if (rows.Count > 0) units.Add(new(unit, [.. rows]));
        return units.Count > 0 ? units.ToImmutable() : throw new RecordingException(AnalyzeRules.LifeEmpty, $"'{file}': {AnalyzeRules.All[AnalyzeRules.LifeEmpty]}");
    }

    private static (int Unit, LifeRow Row) Parse(string file, string text, int line)
    {
        var fields = text.Split(Blanks, StringSplitOptions.RemoveEmptyEntries);
        if (fields.Length != Columns) throw Broken(AnalyzeRules.LifeLine, file, line, $"{fields.Length} numbers stand there, 26 are needed.");
        var numbers = new double[Columns];
        for (var i = 0; i < Columns; i++)
            if (!double.TryParse(fields[i], NumberStyles.Float, CultureInfo.InvariantCulture, out numbers[i]) || !double.IsFinite(numbers[i]))
                throw Broken(AnalyzeRules.LifeLine, file, line, $"column {i + 1} reads '{(fields[i].Length > 40 ? fields[i][..40] : fields[i])}', which is no finite number.");
        if (numbers[0] is not (>= 1 and <= int.MaxValue) || numbers[0] % 1 != 0) throw Broken(AnalyzeRules.LifeLine, file, line, "the unit (column 1) is no whole number from 1 on.");
        if (numbers[1] is not (>= 0 and <= int.MaxValue) || numbers[1] % 1 != 0) throw Broken(AnalyzeRules.LifeLine, file, line, "the cycle (column 2) is no whole number.");
        return ((int)numbers[0], new((int)numbers[1], numbers[2..(2 + Settings)], numbers[(2 + Settings)..]));
    }

    private static bool IsHeader(string text) => text.AsSpan().TrimStart("\uFEFF\" #") is { IsEmpty: false } words && char.IsAsciiLetter(words[0]);

    private static RecordingException Broken(string rule, string file, int line, string what) => new(rule, $"'{file}', line {line}: {what} {AnalyzeRules.All[rule]}");
}

/// <summary>One unit with its cycles in order.</summary>
internal sealed record LifeUnit(int Number, ImmutableArray<LifeRow> Rows)
{
    /// <summary>The unit as it was known after its first <paramref name="rows"/> rows.</summary>
    public LifeUnit After(int rows) => this with { Rows = Rows[..rows] };
}

internal sealed record LifeRow(int Cycle, double[] Settings, double[] Sensors);
