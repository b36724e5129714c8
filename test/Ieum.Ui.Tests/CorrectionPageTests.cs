using Bunit;
using Ieum.Act;
using Ieum.Node.Ui.Pages;
using Ieum.Ui.Tests.Fakes;
using Microsoft.AspNetCore.Components;

namespace Ieum.Ui.Tests;

/// <summary>The page on which an owner says which set point changes when a signal goes wrong.</summary>
public sealed class CorrectionPageTests : FakePage
{
    [Theory]
    [InlineData("ko", "spindleTemp이(가) 60", "다른 이름을 쓰세요")]
    [InlineData("ja", "spindleTemp が 60", "別の名前にしてください")]
    [InlineData("en", "When spindleTemp is above 60", "Choose another one")]
    public void What_holds_is_said_in_words_with_what_came_of_it_and_a_mistake_changes_nothing(string language, string sentence, string taken)
    {
        Open(language);
        var desk = Get<FakeCorrections>();
        var before = desk.All;
        var page = Render<SettingsCorrections>();
        Assert.Contains(sentence, page.Find("[data-correction=cooling]").TextContent, StringComparison.Ordinal);
        Assert.Contains("23.1 → 4.2", page.Find("[data-correction=cooling] .audit").TextContent, StringComparison.Ordinal);   // the effect of the entry in the ledger
        Assert.Equal("/writes/rule?machine=B-L1&signal=coolantFlow", page.Find("[data-correction=cooling] .warn a").GetAttribute("href"));   // nobody listed it yet

        Get<NavigationManager>().NavigateTo("/settings/corrections?edit=");
        page.Render();
        Type(page, ("cooling", 0), ("Sload", 1), ("60", 2), ("5", 3), ("recipe", 4), ("1", 5), ("70", 6));
        page.Find("[data-correction-form] .primary").Click();
        var told = page.Find("[role=alert]").TextContent;
        Assert.Contains(taken, told, StringComparison.Ordinal);
        Assert.Equal(2, page.FindAll("[role=alert] li").Count);             // the name, and a target past the limit
        Assert.Equal(before, desk.All);

        Type(page, ("calmer", 0), ("40", 6));
        page.Find("[data-correction-form] .primary").Click();
        Assert.Equal(new Correction("calmer", new(new("B-MC1"), "Sload"), new(new("B-MC1"), "recipe"), 1, 40)
            { When = CorrectionTrigger.Above, Limit = 60, For = TimeSpan.FromMinutes(5), Settle = TimeSpan.FromMinutes(15) }, desk.All[^1]);
        Assert.Contains("calmer", page.FindAll(".audit")[^1].TextContent, StringComparison.Ordinal);
    }

    private static void Type(IRenderedComponent<SettingsCorrections> page, params (string Text, int Field)[] what)
    {
        foreach (var (text, field) in what) page.FindAll("[data-correction-form] input")[field].Change(text);
    }
}
