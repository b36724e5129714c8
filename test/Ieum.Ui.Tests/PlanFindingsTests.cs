using System.Collections.Immutable;
using System.Globalization;
using System.Text.RegularExpressions;
using Ieum.Model;
using Ieum.Node.Ui;
using Ieum.Plan;
using Microsoft.Extensions.DependencyInjection;

namespace Ieum.Ui.Tests;

/// <summary>What the planner finds wrong is said in the reader's language, to the last word that is not an id.</summary>
public sealed partial class PlanFindingsTests
{
    private static readonly DateTimeOffset Monday = new(2026, 11, 2, 8, 0, 0, TimeSpan.FromHours(9));
    private static readonly MachineId M1 = new("M1"), Shut = new("M2");

    [GeneratedRegex("[a-z]{2,}")] private static partial Regex English();

    private static Order Order(string id, DateTimeOffset due, params RoutingStep[] steps) => new(new(id), new(new("X"), [.. steps]), 5, Monday, due);
    private static RoutingStep.Work Work(int number, MachineId machine, double hours = 1) => new(number, "W", [new(machine, TimeSpan.Zero, TimeSpan.FromHours(hours))]);

    /// <summary>A factory in which much is wrong; every order but the first for another reason.</summary>
    private static PlanRequest Faulty()
    {
        Order[] orders =
        [
            Order("A", Monday.AddDays(2), Work(10, M1), Work(20, M1)),
            Order("B", Monday.AddDays(2), Work(10, new("NONE"))),
            Order("C", Monday.AddDays(2), Work(10, Shut)),
            Order("D", Monday.AddDays(2), Work(10, M1, 200_000)),
            Order("E", Monday.AddDays(2), Work(10, M1) with { Needs = [new("WELD")] }),
            Order("F", Monday.AddDays(2), Work(10, M1), new RoutingStep.Transport(20, "T", "ZEP"), Work(30, M1)),
            Order("G", Monday.AddDays(2), Work(10, M1) with { Takes = [new(new("BAR"), 3)] }),
            Order("H", Monday.AddDays(2), Work(10, M1) with { Takes = [new(new("GOLD"), 3)] }),
            new(new("I"), new(new("X"), [Work(10, M1, 10)]), 5, Monday, Monday.AddHours(1), deadline: Monday.AddHours(2)),
            Order("A", Monday.AddDays(3), Work(10, M1)),
        ];
        var always = WorkCalendar.Always(TimeSpan.FromHours(9));
        var never = new WorkCalendar(TimeSpan.FromHours(9), new Dictionary<DayOfWeek, IReadOnlyList<Shift>>());
        return new(Monday, [.. orders], ImmutableDictionary<MachineId, WorkCalendar>.Empty.Add(M1, always).Add(Shut, never), [], [], [], null, "first")
        {
            Trials = 1,
            Limit = TimeSpan.Zero,
            Locks = [new(new("A.10"), M1, Monday.AddHours(1)), new(new("A.20"), M1, Monday.AddHours(2))],
            Factory = new()
            {
                Machines = [new(M1, "NOTABLE", "NOBODY")],
                SetUpTables = [new("T", [new("R", "S", TimeSpan.FromMinutes(5))])],
                Materials = [new(new("GOLD"), LocalName.Same("GOLD"), 1, false, [])],
            },
        };
    }

    [Fact]
    public async Task Every_finding_of_a_faulty_factory_is_said_in_three_languages()
    {
        using var services = new ServiceCollection().AddLogging().AddSingleton(Clocks.Real).AddPlan().BuildServiceProvider();
        var outcome = Assert.IsType<PlanOutcome.Planned>(await services.GetRequiredService<IPlanner>().PlanAsync(Faulty(), TestContext.Current.CancellationToken));
        Assert.True(outcome.Findings.Select(f => (f.Rule, f.Detail)).Distinct().Count() >= 12, string.Join(", ", outcome.Findings.Select(f => $"{f.Rule}.{f.Detail}")));
        foreach (var language in (string[])["ko", "ja"])
        {
            var t = new Texts(CultureInfo.GetCultureInfo(language));
            foreach (var f in outcome.Findings)
                foreach (var said in (string[])[FindingWords.Row(t, f), FindingWords.Field(t, f), FindingWords.Detail(t, f)])
                    Assert.False(English().IsMatch(said), $"{language}, {f.Rule}.{f.Detail}: {said}");
        }
        // In English it says what the planner says, apart from the row that stands beside it.
        var english = new Texts(CultureInfo.GetCultureInfo("en"));
        var unmet = outcome.Findings.First(f => f.Rule == PlanRules.NeedUnmet);
        Assert.Contains(FindingWords.Detail(english, unmet).TrimEnd('.'), unmet.Message, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void What_nobody_has_translated_stays_as_it_was_told()
    {
        PlanConflict old = new("plan-no-machine", "Something older.", new("A")) { Row = "order A, its name", Field = "colour" };
        var t = new Texts(CultureInfo.GetCultureInfo("ko"));
        Assert.Equal(("오더 A, its name", "colour", "Something older."), (FindingWords.Row(t, old), FindingWords.Field(t, old), FindingWords.Detail(t, old)));
    }
}
