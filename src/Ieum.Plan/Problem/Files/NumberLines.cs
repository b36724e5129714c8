using System.Globalization;

namespace Ieum.Plan;

/// <summary>The numbers of a text file with the lines they stand on; comments and words that name a block are kept apart.</summary>
internal sealed class NumberLines
{
    /// <param name="Number">Line from 1.</param>
    /// <param name="Word">First word, when the line holds words; null for a line of numbers.</param>
    internal sealed record Line(int Number, double[] Values, string? Word);

    private NumberLines(string file, Line[] lines) => (File, Lines) = (file, lines);

    public string File { get; }
    public Line[] Lines { get; }

    /// <summary>Lines of numbers only.</summary>
    public Line[] Numeric => [.. Lines.Where(l => l.Word is null)];

    /// <exception cref="JobShopFileException">A line mixes numbers and something that is none.</exception>
    public static NumberLines Of(string file, string text)
    {
        List<Line> lines = [];
        var number = 0;
        // Line ends of any system: \n, \r\n, and \r alone.
        foreach (var raw in text.Split(["\r\n", "\n", "\r"], StringSplitOptions.None))
        {
            number++;
            var words = WithoutComment(raw).Split([' ', '\t', ',', ';', '\u00A0', '\u3000', '\uFEFF'], StringSplitOptions.RemoveEmptyEntries);
            if (words.Length == 0 || words[0][0] is '/' or '%' or '!') continue;
            var values = new double[words.Length];
            var good = 0;
            for (var i = 0; i < words.Length; i++)
                if (double.TryParse(words[i], NumberStyles.Float, CultureInfo.InvariantCulture, out values[i]) && double.IsFinite(values[i])) good++;
            if (good == words.Length) lines.Add(new(number, values, null));
            // Text lines name a block (Taillard) or the instance; a word amid numbers is a slip of the pen.
            else if (char.IsLetter(words[0][0]) || words[0][0] == '+') lines.Add(new(number, [], words[0]));
            else throw Bad(file, PlanRules.FileNotANumber, number, $"'{words.First(w => !IsNumber(w))}' is not a number; write whole numbers with blanks between them");
        }
        return new(file, [.. lines]);
    }

    public JobShopFileException Fault(string rule, int line, string what) => Bad(File, rule, line, what);

    /// <summary>A whole number from 0 to <paramref name="most"/>.</summary>
    /// <param name="remedy">What to do when it is larger; empty where nothing helps but another number.</param>
    public int Whole(double value, int line, int most, string what, string remedy = "")
    {
        if (value != Math.Floor(value) || value < 0 || value > most)
            throw Fault(PlanRules.FileOutOfRange, line, string.Create(CultureInfo.InvariantCulture, $"{what} is {value}; it must be a whole number from 0 to {most:#,0}{(value > most && remedy.Length > 0 ? "; " + remedy : "")}"));
        return (int)value;
    }

    /// <summary>A comment begins at <c>#</c> or <c>//</c>, wherever that stands.</summary>
    private static string WithoutComment(string line)
    {
        var hash = line.IndexOf('#', StringComparison.Ordinal);
        var slashes = line.IndexOf("//", StringComparison.Ordinal);
        var end = hash < 0 || slashes >= 0 && slashes < hash ? slashes : hash;
        return end < 0 ? line : line[..end];
    }

    private static bool IsNumber(string word) => double.TryParse(word, NumberStyles.Float, CultureInfo.InvariantCulture, out var v) && double.IsFinite(v);

    private static JobShopFileException Bad(string file, string rule, int line, string what) =>
        new(rule, line, line == 0 ? $"{Path.GetFileName(file)}: {what}." : $"{Path.GetFileName(file)}, line {line}: {what}.");
}
