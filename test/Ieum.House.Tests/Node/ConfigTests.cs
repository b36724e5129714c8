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
    public void What_a_factory_has_is_read_and_a_wrong_name_is_told()
    {
        var config = ConfigFile.Parse("ieum.json", $$"""
            { {{Machines}}, "calendar": { "week": { "monday": ["08:00-17:00"] }, "publicHolidays": "KR", "holidays": ["2026-12-24"] },
              "products": [{ "item": "X", "steps": [{ "step": 10, "machines": [{ "machine": "MC1", "perPiece": "1 min" }], "family": "steel", "needs": [{ "skill": "setter" }], "takes": [{ "item": "bar", "perPiece": 0.5 }], "transfer": 5 }],
                "alternatives": [{ "steps": [{ "step": 10, "machines": [{ "machine": "MC1", "perPiece": "2 min", "unbroken": true }] }] }] }],
              "orders": [{ "id": "A", "item": "X", "quantity": 2, "release": "2026-11-02T08:00+09:00", "due": "2026-11-03T08:00+09:00", "deadline": "2026-11-04T08:00+09:00" }],
              "planning": { "setUpTables": [{ "id": "T", "times": [{ "from": "steel", "to": "alu", "time": "20 min" }] }], "machines": [{ "machine": "MC1", "setUpTable": "T", "crew": "setter", "family": "alu" }],
                "resources": [{ "id": "kim", "skills": ["setter"], "calendar": "company", "absences": [{ "from": "2026-11-05T08:00+09:00", "to": "2026-11-05T17:00+09:00" }] }],
                "materials": [{ "item": "bar", "onHand": 3, "fromCustomer": true, "arrivals": [{ "at": "2026-11-06T08:00+09:00", "amount": 10 }] }],
                "transport": [{ "id": "ferry", "cutOff": "4 h", "week": [{ "day": "tuesday", "at": "12:00", "travel": "28 h" }], "notOn": ["2026-12-25"] }],
                "overtime": [{ "machine": "MC1", "from": "2026-11-06T18:00+09:00", "to": "2026-11-06T20:00+09:00", "pricePerHour": 30 }],
                "maintenance": [{ "machine": "MC1", "from": "2026-11-07T08:00+09:00", "to": "2026-11-07T12:00+09:00" }], "goal": { "stability": 5 } } }
            """);
        var order = Assert.Single(config.Orders);
        Assert.Equal((new DateTimeOffset(2026, 11, 4, 8, 0, 0, TimeSpan.FromHours(9)), 2), (order.Deadline, order.Routings.Count()));
        var work = Assert.IsType<RoutingStep.Work>(order.Routing.Steps[0]);
        Assert.Equal(("steel", 5, new ResourceNeed("setter"), new MaterialUse(new("bar"), 0.5)), (work.Family, work.Transfer, work.Needs[0], work.Takes[0]));
        Assert.True(Assert.IsType<RoutingStep.Work>(order.Alternatives[0].Steps[0]).Options[0].Unbroken);
        var f = config.Planning;
        Assert.Equal(new MachineRules(new("MC1"), "T", "setter", 0, "alu"), Assert.Single(f.Machines));
        Assert.Equal(new SetUpTime("steel", "alu", TimeSpan.FromMinutes(20)), Assert.Single(Assert.Single(f.SetUpTables).Times));
        Assert.Same(config.Calendar, Assert.Single(f.Resources).Calendar);
        Assert.Equal(9, Assert.Single(f.Resources[0].Absences).Duration.TotalHours);
        Assert.Equal((3, true, 10), (f.Materials[0].OnHand, f.Materials[0].FromCustomer, f.Materials[0].Arrivals[0].Amount));
        Assert.Equal(new Departure(DayOfWeek.Tuesday, TimeSpan.FromHours(12), TimeSpan.FromHours(28)), Assert.Single(Assert.Single(f.Transport).Week));
        Assert.Equal((30, 4, 5), (f.Overtime[0].PricePerHour, f.Maintenance[0].Range.Duration.TotalHours, config.Goal.Stability));
        Assert.Contains(new DateOnly(2026, 7, 17), config.Calendar.Holidays);
        Assert.Contains(new DateOnly(2026, 12, 24), config.Calendar.Holidays);

        var e = Assert.Throws<ConfigException>(() => ConfigFile.Parse("ieum.json", $$"""
            { {{Machines}}, "planning": { "machines": [{ "machine": "MC1", "setUpTable": "nowhere", "crew": "nobody" }, { "machine": "MC9" }], "overtime": [{ "machine": "MC1", "from": "2026-11-06T18:00+09:00", "to": "2026-11-06T17:00+09:00", "pricePerHour": -1 }] } }
            """));
        Assert.Equal(5, e.Problems.Length);
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
