using Bunit;
using Ieum.Connect;
using Ieum.Node.Ui.Pages;
using Ieum.Ui.Tests.Fakes;

namespace Ieum.Ui.Tests;

/// <summary>The page that lets SCADA see the machines, and the one that tells damage of the record.</summary>
public sealed class EdgePageTests : FakePage
{
    [Fact]
    public void Machines_signals_and_names_are_chosen_and_a_mistake_changes_nothing()
    {
        Open();
        var desk = Get<FakeEdge>();
        var before = desk.Settings;
        var page = Render<SettingsSparkplug>();
        Assert.Contains("Waiting for the primary host", page.Find(".edge-now").TextContent, StringComparison.Ordinal);
        Assert.Contains("33,615 values of 14 signals, since", page.Find(".edge-now").TextContent, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", page.Markup, StringComparison.Ordinal);

        page.FindAll(".form input").First(i => i.GetAttribute("placeholder") == "B").Change("a/b");
        page.FindAll("button.primary")[^1].Click();
        Assert.Contains("no '/', '+' or '#'", page.Find("[role=alert]").TextContent, StringComparison.Ordinal);
        Assert.Equal(before, desk.Settings);

        page.FindAll(".form input").First(i => i.GetAttribute("placeholder") == "B").Change("공장");
        page.FindAll("label.check input")[1].Change(false);                 // not every machine
        page.FindAll(".edge-machines tbody tr")[0].QuerySelector("input")!.Change(true);
        page.FindAll(".edge-machines tbody tr")[0].QuerySelectorAll("input")[1].Change("mc-1");
        page.FindAll(".edge-machines tbody tr")[0].QuerySelector("button")!.Click();
        Assert.Equal(25, page.FindAll(".signal-list li").Count);            // of 200
        page.Find(".edge-signals label.check input").Change(false);         // not every signal
        page.Find(".edge-signals input[type=search]").Input("value-177");
        page.Find(".signal-list li input[type=checkbox]").Change(true);
        page.FindAll(".signal-list li input")[1].Change("Axes/X");
        page.FindAll("button.primary")[^1].Click();
        Assert.Empty(page.FindAll("[role=alert]"));
        var saved = desk.Settings;
        Assert.Equal(("공장", false, "secret", "edge"), (saved.Group, saved.EveryMachine, saved.Password, saved.User));
        Assert.Equal([new SparkplugEdgeDevice("B-MC1", "mc-1", false, [new("axis/2/value-177", "Axes/X")])], saved.Devices);
        Assert.Contains("공장", page.Find(".audit").TextContent, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ko", "검사합이 맞지 않는 묶음")]
    [InlineData("ja", "チェックサムが合わないブロック")]
    [InlineData("en", "A block that fails its checksum")]
    public void Damage_of_the_record_says_what_whose_when_what_was_done_and_what_to_do(string language, string what)
    {
        Open(language);
        var record = Get<FakeRecord>();
        var calm = Render<SettingsRecord>();
        Assert.Single(calm.FindAll(".note.good"));
        record.IsDamaged = true;
        var bar = Render<Node.Ui.Parts.RecordBar>();
        Assert.Equal("/settings/record", bar.Find("a").GetAttribute("href"));
        var page = Render<SettingsRecord>();
        Assert.Equal(3, page.FindAll("tbody tr").Count);
        Assert.Contains(what, page.FindAll("tbody tr")[0].TextContent, StringComparison.Ordinal);
        Assert.Contains("Xload", page.FindAll("tbody tr")[0].TextContent, StringComparison.Ordinal);
        Assert.StartsWith("/explore?s=6&from=", page.FindAll("tbody tr")[0].QuerySelectorAll("a")[1].GetAttribute("href"), StringComparison.Ordinal);
        Assert.Equal(3, page.FindAll("ol.todo li").Count);
        page.FindAll("button")[^1].Click();
        bar.Render();
        Assert.Empty(bar.FindAll(".note"));
    }
}
