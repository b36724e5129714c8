using AngleSharp.Dom;
using Bunit;
using Ieum.Node.Ui.Pages;
using Ieum.Ui.Tests.Fakes;

namespace Ieum.Ui.Tests;

/// <summary>A controller with two hundred values: the connect page stays a page that people can read.</summary>
public sealed class ConnectListTests : FakePage
{
    private IRenderedComponent<SettingsConnect> Found()
    {
        Open();
        Get<FakeSettings>().Wide = 200;
        var page = Render<SettingsConnect>();
        page.Find("input[placeholder]").Input("192.168.0.30");
        Press(page, "Search");
        page.Find(".pick button").Click();
        return page;
    }

    private static void Press(IRenderedComponent<SettingsConnect> page, string words) => page.FindAll("button").First(b => b.TextContent.Trim() == words).Click();
    private static IReadOnlyList<IElement> Offered(IRenderedComponent<SettingsConnect> page) => [.. page.Find("table.rows:not(.points)").QuerySelectorAll("tbody tr")];
    private static IReadOnlyList<IElement> Chosen(IRenderedComponent<SettingsConnect> page) => page.FindAll("table.points tbody tr");

    [Fact]
    public void Two_hundred_values_come_twenty_five_first_and_what_is_searched_is_found_among_all()
    {
        var page = Found();
        Assert.Equal(25, Offered(page).Count);
        Press(page, "Show 175 more");
        Assert.Equal(125, Offered(page).Count);   // a press brings four times as many
        page.Find("input[type=search]").Input("axis-1");
        // axis-100, -104 … -196: every fourth of a hundred.
        Assert.Equal(25, Offered(page).Count);
        Assert.All(Offered(page), r => Assert.Contains("axis-1", r.TextContent, StringComparison.Ordinal));
        page.Find("input[type=search]").Input("axis");
        Assert.Equal(25, Offered(page).Count);
        Press(page, "Show 25 more");   // fifty in all
        Assert.Equal(50, Offered(page).Count);
    }

    [Fact]
    public void All_that_the_filter_shows_is_chosen_at_once_listed_in_pieces_and_taken_off_by_the_same_filter()
    {
        var page = Found();
        page.Find("input[type=search]").Input("axis");
        Press(page, "Add all of these");
        Assert.Equal((25, "50 points chosen"), (Chosen(page).Count, page.FindAll("h3").Last(h => h.TextContent.Contains("chosen", StringComparison.Ordinal)).TextContent));
        var search = page.FindAll("input[type=search]");
        search[^1].Input("axis-19");   // 192, 196
        Assert.Equal(2, Chosen(page).Count);
        Press(page, "Remove the points found");
        Assert.Equal("48 points chosen", page.FindAll("h3").Last(h => h.TextContent.Contains("chosen", StringComparison.Ordinal)).TextContent);
        // The range that the counterpart told came along.
        Assert.Equal(("0", "100"), (Chosen(page)[0].QuerySelectorAll(".range input")[0].GetAttribute("value"), Chosen(page)[0].QuerySelectorAll(".range input")[1].GetAttribute("value")));
        Press(page, "Add a point by hand");
        Assert.Equal("", Chosen(page)[^1].QuerySelector("input")!.GetAttribute("value") ?? "");   // a row to fill stands where it is seen
    }
}
