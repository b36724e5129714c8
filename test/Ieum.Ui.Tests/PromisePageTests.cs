using Bunit;
using Ieum.Model;
using Ieum.Node.Ui.Pages;
using Ieum.Node.Views;
using Ieum.Plan;
using Ieum.Ui.Tests.Fakes;
using Microsoft.AspNetCore.Components;

namespace Ieum.Ui.Tests;

/// <summary>Promise dates and the reasons of lateness, as people read and take them.</summary>
public sealed class PromisePageTests : FakePage
{
    [Theory]
    [InlineData("en", "no price known", "(becomes late)")]
    [InlineData("ko", "비용 단가 미등록", "(납기 지연)")]
    [InlineData("ja", "単価未登録", "(納期遅れ)")]
    public void Asked_for_a_date_the_page_gives_three_ways_with_cost_and_whom_they_push(string language, string price, string late)
    {
        Open(language);
        var page = Render<PromisePage>();
        page.Find("input[type=number]").Change("120");
        page.Find("button.primary.tall").Click();
        page.WaitForElement("tr[data-way=rush]");
        Assert.Contains(price, page.Find("tr[data-way=overtime]").TextContent, StringComparison.Ordinal);
        Assert.Contains(late, page.Find("tr[data-way=rush]").TextContent, StringComparison.Ordinal);
        Assert.DoesNotContain(late, page.Find("tr[data-way=free]").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public void An_offer_is_held_under_its_number_and_a_refusal_keeps_it_on_the_page()
    {
        Open();
        var page = Render<PromisePage>();
        page.Find("button.primary.tall").Click();
        page.WaitForElement("tr[data-way=free] button").Click();
        Assert.Contains("Give an order number", page.Find(".note.bad").TextContent, StringComparison.Ordinal);
        page.Find("input[maxlength='60']").Change("PO-9");
        Get<FakePromises>().Refuse = PromiseRules.QuoteGone;
        page.Find("tr[data-way=free] button").Click();
        Assert.Contains("Ask again", page.Find(".note.bad").TextContent, StringComparison.Ordinal);
        Get<FakePromises>().Refuse = null;
        page.Find("tr[data-way=overtime] button").Click();
        Assert.Equal(("q1", PromiseWay.Overtime, new OrderId("PO-9"), (TimeSpan?)24.Hours, "kim"), Assert.Single(Get<FakePromises>().Taken));
        Assert.Empty(page.FindAll("tr[data-way]"));
        page.FindAll("tr[data-held] button")[0].Click();
        page.WaitForAssertion(() => Assert.Empty(page.FindAll("tr[data-held]")));
    }

    [Fact]
    public void A_late_order_tells_its_chain_in_words_then_what_would_help_and_what_clashes()
    {
        Open();
        var page = Render<LatePage>();
        var panel = page.FindAll("section[data-late]")[0];
        Assert.Contains("which is busy with", panel.TextContent, StringComparison.Ordinal);
        Assert.Contains("Then the shift ends", panel.TextContent, StringComparison.Ordinal);
        Assert.Contains("Waits for material SEAL-20A", panel.TextContent, StringComparison.Ordinal);
        page.FindAll("section[data-late] button")[0].Click();
        page.WaitForAssertion(() => Assert.Contains("6 h · costs 1,860", page.Find("section[data-late] table").TextContent, StringComparison.Ordinal));
        Assert.Contains("on time", page.Find("section[data-late] table tr:nth-child(1) .tag").TextContent, StringComparison.Ordinal);
        page.FindAll("section[data-late] button")[1].Click();
        page.WaitForAssertion(() => Assert.Contains("(proved)", page.Find("section[data-late] .note").TextContent, StringComparison.Ordinal));
    }

    [Fact]
    public void Any_operation_says_why_not_earlier()
    {
        Open();
        var op = Get<FakePlan>().InForce!.Operations[2].Operation;
        Get<NavigationManager>().NavigateTo($"/plan/late?op={op}");
        Assert.Contains($"Why not earlier? · {op}", Render<LatePage>().Find("section.panel h2").TextContent, StringComparison.Ordinal);
    }
}
