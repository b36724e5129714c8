using System.Text.RegularExpressions;
using Ieum.TestKit;

namespace Ieum.House.Tests.Rules;

/// <summary>A log id names one thing in the whole product, so that a person can search for it.</summary>
public sealed partial class LogIdTests
{
    private static readonly Dictionary<string, (int From, int To)> Ranges = new()
    {
        ["Connect"] = (1000, 1999), ["Record"] = (2000, 2999), ["Analyze"] = (3000, 3999), ["Plan"] = (4000, 4999),
        ["Act"] = (5000, 5999), ["Share"] = (6000, 6499), ["Trace"] = (6500, 6999), ["Match"] = (7000, 7499),
        ["Sim"] = (8000, 8999), ["Node"] = (9000, 9999),
    };

    [Fact]
    public void Every_log_id_is_unique_and_lies_in_the_range_of_its_room()
    {
        var ids = (from top in new[] { "src", "sim" }
                   from file in Directory.EnumerateFiles(Path.Combine(Needs.Repository, top), "*.cs", SearchOption.AllDirectories)
                   let room = Path.GetRelativePath(Path.Combine(Needs.Repository, top), file).Split(Path.DirectorySeparatorChar)[0]["Ieum.".Length..]
                   from Match m in LoggerMessage().Matches(File.ReadAllText(file))
                   select (Room: room, File: Path.GetFileName(file), Id: int.Parse(m.Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture))).ToList();

        Assert.NotEmpty(ids);
        Assert.Empty(ids.GroupBy(i => i.Id).Where(g => g.Count() > 1).Select(g => $"{g.Key}: {string.Join(", ", g.Select(i => i.File))}"));
        Assert.Empty(ids.Where(i => i.Id < Ranges[i.Room].From || i.Id > Ranges[i.Room].To).Select(i => $"{i.Room}/{i.File}: {i.Id}"));
    }

    [GeneratedRegex(@"\[LoggerMessage\(\s*(?:EventId\s*=\s*)?(\d+)")]
    private static partial Regex LoggerMessage();
}
