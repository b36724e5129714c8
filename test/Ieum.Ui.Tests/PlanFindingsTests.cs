using System.Globalization;
using System.Text.RegularExpressions;
using Ieum.Node.Ui;
using Ieum.Plan;

namespace Ieum.Ui.Tests;

/// <summary>What the planner finds wrong is said in the reader's language, to the last word that is not an id.</summary>
public sealed partial class PlanFindingsTests
{
    [GeneratedRegex("[a-z]{2,}")] private static partial Regex English();

    [Theory]
    [InlineData("ko")]
    [InlineData("ja")]
    public void No_word_of_a_finding_stays_english(string language)
    {
        string[] keys = [.. TextCatalogue.All.Keys.Where(k => k.StartsWith("finding.plan-", StringComparison.Ordinal))];
        Assert.True(keys.Length >= 35, $"only {keys.Length} sentences");
        var t = new Texts(CultureInfo.GetCultureInfo(language));
        foreach (var key in keys)
        {
            var parts = key.Split('.');
            PlanConflict finding = new(parts[1], "English words.", new("A")) { Row = "order A, routing 2, step 20", Field = "time", Detail = parts[2], Arguments = ["1", "2", "3", "4", "5", "6"] };
            foreach (var said in (string[])[FindingWords.Row(t, finding), FindingWords.Field(t, finding), FindingWords.Detail(t, finding)])
                Assert.False(English().IsMatch(said), $"{key}: {said}");
        }
    }

    [Fact]
    public void A_sentence_names_what_stands_there()
    {
        PlanConflict finding = new("plan-machine-no-calendar", "English words.", new("A")) { Row = "order A, step 10", Field = "machine", Detail = "machine", Arguments = ["10", "milling", "A", "M9"] };
        var t = new Texts(CultureInfo.GetCultureInfo("en"));
        Assert.Equal("Step 10 'milling' of order 'A' names machine 'M9', which has no calendar; add the machine or correct the routing.", FindingWords.Detail(t, finding));
    }

    [Fact]
    public void What_nobody_has_translated_stays_as_it_was_told()
    {
        PlanConflict old = new("plan-no-machine", "Something older.", new("A")) { Row = "order A, its name", Field = "colour" };
        var t = new Texts(CultureInfo.GetCultureInfo("ko"));
        Assert.Equal(("오더 A, its name", "colour", "Something older."), (FindingWords.Row(t, old), FindingWords.Field(t, old), FindingWords.Detail(t, old)));
    }
}
