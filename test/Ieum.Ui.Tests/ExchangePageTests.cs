using Bunit;
using Ieum.Node.Ui.Pages;
using Ieum.Node.Views;
using Ieum.Ui.Tests.Fakes;
using Microsoft.AspNetCore.Components.Forms;

namespace Ieum.Ui.Tests;

/// <summary>The page that takes tables in: what waits by a former routing follows by one press, and never without it.</summary>
public sealed class ExchangePageTests : FakePage
{
    [Fact]
    public void Orders_that_wait_by_the_former_routing_are_named_and_follow_when_somebody_says_so()
    {
        Open();
        var exchange = (FakeExchange)Get<IExchangeDesk>();
        exchange.Waiting = ["PO-1", "PO-2"];
        var page = Render<ExchangePage>();
        page.FindComponent<InputFile>().UploadFiles(InputFileContent.CreateFromText("order,item,quantity,due\n", "routings.csv"));
        page.WaitForAssertion(() => Assert.Contains("PO-1, PO-2", page.Find(".note.warn").TextContent, StringComparison.Ordinal));
        Assert.Empty(exchange.Followed);
        page.Find(".note.warn button").Click();
        page.WaitForAssertion(() => Assert.Contains("2 orders", page.FindAll(".note.good")[^1].TextContent, StringComparison.Ordinal));
        Assert.Equal(["PO-1", "PO-2"], exchange.Followed);
        Assert.Empty(page.FindAll(".note.warn button"));
    }
}
