using Ieum.Model;
using Ieum.Node.Store.Config;
using Ieum.TestKit;

namespace Ieum.House.Tests.Node;

public sealed class ConfigTests
{
    private const string Machines = """
        "company": { "id": "B", "country": "KR", "sites": [{ "id": "s", "areas": [{ "id": "a", "lines": [{ "id": "l", "machines": [{ "id": "MC1" }, { "id": "MC2" }] }] }] }] }
        """;

    private static ConfigProblem Only(string json) =>
        Assert.Single(Assert.Throws<ConfigException>(() => ConfigFile.Parse("ieum.json", json)).Problems);

    [Theory]
    [InlineData("""{ "compani": {} }""", "$.compani", ConfigRules.UnknownKey, "company")]
    [InlineData("""{ "company": { "id": "B", "nmae": "x" } }""", "$.company.nmae", ConfigRules.UnknownKey, "name")]
    [InlineData("""{ "Plan": { "SolveLimt": "20 s" } }""", "$.Plan.SolveLimt", ConfigRules.UnknownKey, "SolveLimit")]
    public void An_unknown_key_is_named_with_its_place_and_the_nearest_known_one(string json, string path, string rule, string remedy)
    {
        var p = Only(json);
        Assert.Equal((path, rule), (p.Path, p.Rule));
        Assert.Contains($"Did you mean '{remedy}'?", p.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"20 sec\"", ConfigRules.WrongUnit)]
    [InlineData("\"20\"", ConfigRules.WrongUnit)]
    [InlineData("20", ConfigRules.WrongUnit)]
    [InlineData("\"20 kg\"", ConfigRules.WrongUnit)]
    [InlineData("\"soon\"", ConfigRules.WrongValue)]
    [InlineData("\"-3 s\"", ConfigRules.OutOfRange)]
    [InlineData("\"1e9 d\"", ConfigRules.OutOfRange)]
    [InlineData("true", ConfigRules.WrongType)]
    public void A_duration_needs_a_number_and_a_known_unit(string value, string rule)
    {
        var p = Only($$"""{ "Plan": { "SolveLimit": {{value}} } }""");
        Assert.Equal(("$.Plan.SolveLimit", rule), (p.Path, p.Rule));
    }

    [Theory]
    [InlineData("1500 ms", 1.5)]
    [InlineData("1.5 h", 5400)]
    [InlineData("2min", 120)]
    [InlineData("1 d", 86_400)]
    public void A_duration_is_read_in_its_unit_whatever_the_culture(string text, double seconds)
    {
        var before = System.Globalization.CultureInfo.CurrentCulture;
        try
        {
            System.Globalization.CultureInfo.CurrentCulture = new("de-DE");   // writes 1,5
            var config = ConfigFile.Parse("ieum.json", $$"""{ {{Machines}}, "products": [{ "item": "X", "steps": [{ "step": 10, "wait": "{{text}}" }] }] }""");
            Assert.Equal(seconds, Assert.IsType<RoutingStep.Wait>(Assert.Single(Assert.Single(config.Products).Routing.Steps)).Duration.TotalSeconds);
        }
        finally
        {
            System.Globalization.CultureInfo.CurrentCulture = before;
        }
    }

    [Theory]
    [InlineData("""{ "company": [] }""", "$.company", ConfigRules.WrongType)]
    [InlineData("""{ "company": { "id": 7 } }""", "$.company.id", ConfigRules.WrongType)]
    [InlineData("""{ "company": { "name": "B" } }""", "$.company.id", ConfigRules.MissingKey)]
    [InlineData("""{ "company": { "id": "a/b" } }""", "$.company.id", ConfigRules.WrongValue)]
    [InlineData("""{ "company": { "id": "B" }, "company": { "id": "C" } }""", "$.company", ConfigRules.DoubleKey)]
    [InlineData("""{ "calendar": { "week": { "monday": ["17:00-08:00"] } } }""", "$.calendar.week.monday", ConfigRules.WrongValue)]
    [InlineData("""{ "calendar": { "week": { "monday": ["08:00-12:00", "11:00-15:00"] } } }""", "$.calendar.week.monday", ConfigRules.WrongValue)]
    [InlineData("""{ "calendar": { "week": {}, "holidays": ["2026-02-30"] } }""", "$.calendar.holidays[0]", ConfigRules.WrongValue)]
    [InlineData("""{ "calendar": { "offset": "9", "week": {} } }""", "$.calendar.offset", ConfigRules.WrongValue)]
    [InlineData("""{ "connections": [{ "machine": "MC9", "protocol": "shdr", "endpoint": "h:1" }] }""", "$.connections[0].machine", ConfigRules.UnknownName)]
    [InlineData("""{ "Plan": { "Threads": "two" } }""", "$.Plan.Threads", ConfigRules.WrongType)]
    [InlineData("""{ "Security": { "DemoOwner": "yes" } }""", "$.Security.DemoOwner", ConfigRules.WrongType)]
    [InlineData("""{ "company": """, "$", ConfigRules.BrokenJson)]
    public void Every_wrong_value_is_told_with_place_and_rule(string json, string path, string rule)
    {
        var p = Only(json);
        Assert.Equal((path, rule), (p.Path, p.Rule));
    }

    [Fact]
    public void All_problems_are_told_at_once()
    {
        var e = Assert.Throws<ConfigException>(() => ConfigFile.Parse("ieum.json", """{ "compani": 1, "Plan": { "Threads": true, "SolveLimit": 3 } }"""));
        Assert.Equal(3, e.Problems.Length);
        Assert.StartsWith("ieum.json: $.", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_documented_example_can_be_used_as_it_stands()
    {
        var text = File.ReadAllText(Path.Combine(Needs.Repository, "docs", "configuration.md"));
        var begin = text.IndexOf("```json", StringComparison.Ordinal) + 7;
        var config = ConfigFile.Parse("docs/configuration.md", text[begin..text.IndexOf("```", begin, StringComparison.Ordinal)]);

        Assert.Equal(["HT", "MC1"], config.Company.Machines.Select(m => m.Id.Value).Order());
        Assert.Equal(TimeSpan.FromHours(9), config.Calendar.Offset);
        Assert.True(config.CalendarOf(new("HT")).IsWorking(new(2026, 11, 8, 3, 0, 0, TimeSpan.FromHours(9))));   // always, so also on a Sunday night
        var order = Assert.Single(config.Orders);
        // 30 min set-up and 12 pieces of 15.5 min: 216 min
        Assert.Equal(216, Assert.IsType<RoutingStep.Work>(order.Routing.Steps[0]).Options[0].For(order.Quantity).TotalMinutes);
    }

    [Fact]
    public void Every_option_is_documented()
    {
        var text = File.ReadAllText(Path.Combine(Needs.Repository, "docs", "configuration.md"));
        var missing = OptionSections.All.SelectMany(s => s.Settings.Select(p => $"`{s.Name}.{p.Name}`")).Where(o => !text.Contains(o, StringComparison.Ordinal));
        Assert.Empty(missing);
    }

    [Fact]
    public void Every_option_that_a_room_checks_can_be_written_in_the_file()
    {
        Assert.Contains(OptionSections.All, s => s.Name == "Plan");
        Assert.Contains(OptionSections.All, s => s.Name == "Record");
        Assert.Equal(OptionSections.All.Count, OptionSections.All.Select(s => s.Name).Distinct().Count());
    }
}
