using Bunit;
using Ieum.Model;
using Ieum.Node.Ui.Pages;
using Ieum.Node.Views;
using Ieum.Ui.Tests.Fakes;

namespace Ieum.Ui.Tests;

/// <summary>What-if branches as a planner begins, changes, compares and keeps them.</summary>
public sealed class BranchPageTests : FakePage
{
    [Theory]
    [InlineData("en", "Late orders", "✓ −2")]
    [InlineData("ko", "지연 주문", "✓ −2")]
    [InlineData("ja", "遅れる注文", "✓ −2")]
    public void A_branch_stands_beside_the_plan_with_what_is_better(string language, string late, string diff)
    {
        Open(language);
        var row = Render<BranchPage>().Find("section[data-branch=b1] table.compare tbody tr");
        Assert.Contains(late, row.TextContent, StringComparison.Ordinal);
        Assert.Contains(diff, row.TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public void A_branch_is_begun_changed_and_a_refusal_says_what_contradicts()
    {
        Open();
        var page = Render<BranchPage>();
        page.Find("form input[maxlength='60']").Change("one more shift");
        page.Find("form").Submit();
        page.WaitForElement("section[data-branch=b3] form");
        page.Find("section[data-branch=b3] form select").Change("down");
        page.Find("section[data-branch=b3] form").Submit();
        page.WaitForAssertion(() => Assert.IsType<PlanChange.MachineDown>(Assert.Single(Get<FakeBranches>().Branches.Single(b => b.Id == "b3").Changes)));
        page.Find("section[data-branch=b3] .changes button").Click();
        page.WaitForAssertion(() => Assert.Empty(Get<FakeBranches>().Branches.Single(b => b.Id == "b3").Changes));
        Get<FakeBranches>().Refuse = BranchRules.Conflict;
        page.Find("section[data-branch=b1] button[data-do=keep]").Click();
        page.WaitForAssertion(() => Assert.Contains("PO-2611-032-1-BODY", page.Find(".note.bad").TextContent, StringComparison.Ordinal));
        Get<FakeBranches>().Refuse = null;
        page.Find("section[data-branch=b1] button[data-do=keep]").Click();
        page.WaitForAssertion(() => Assert.Contains("Plan 8 is in force", page.Find(".note.good").TextContent, StringComparison.Ordinal));
    }
}
