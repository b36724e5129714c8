using System.Globalization;
using System.Text.RegularExpressions;

namespace Ieum.Analyze;

/// <summary>What the name of a recording tells, for example <c>Mazak01-20161129-20161130.txt.gz</c>.</summary>
/// <param name="First">First day the recording belongs to; null when the name carries no date.</param>
/// <param name="Last">Last day it may reach into.</param>
internal readonly partial record struct RecordingName(string Machine, DateOnly? First, DateOnly? Last)
{
    [GeneratedRegex(@"^(?<machine>.*?)[-_. ]?(?<first>(19|20|21)\d{6})([-_.](?<last>(19|20|21)\d{6}))?(?!\d)")]
    private static partial Regex Dated { get; }

    public static RecordingName Of(string path)
    {
        var name = Path.GetFileName(path);
        foreach (var extension in (string[])[".gz", ".txt", ".log", ".shdr", ".csv"])
            if (name.EndsWith(extension, StringComparison.OrdinalIgnoreCase)) name = name[..^extension.Length];
        var match = Dated.Match(name);
        if (!match.Success || Day(match.Groups["first"]) is not { } first) return new(name, null, null);
        var last = Day(match.Groups["last"]) is { } end && end >= first ? end : first;
        var machine = match.Groups["machine"].Value;
        return new(machine.Length > 0 ? machine : name, first, last);
    }

    private static DateOnly? Day(Group group) =>
        DateOnly.TryParseExact(group.ValueSpan, "yyyyMMdd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) ? day : null;
}
