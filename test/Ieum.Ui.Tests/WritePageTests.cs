using System.Collections.Immutable;
using System.Globalization;
using Bunit;
using Ieum.Act;
using Ieum.Model;
using Ieum.Node.Ui;
using Ieum.Node.Ui.Pages;
using Ieum.Ui.Tests.Fakes;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using MudBlazor.Services;

namespace Ieum.Ui.Tests;

/// <summary>The pages of guarded writes over the real guard and machines in memory.</summary>
public sealed class WritePageTests : BunitContext
{
    private static readonly string[] Everything = [UiPolicies.View, UiPolicies.Operate, UiPolicies.Plan, UiPolicies.Own];
    private readonly FakeTimeProvider _wire = new();

    private Bunit.TestDoubles.BunitAuthorizationContext? _who;

    private IWriteDesk Desk => Services.GetRequiredService<IWriteDesk>();
    private FakeWrites Writes => Services.GetRequiredService<FakeWrites>();

    private async Task OpenAsync(string language = "en", string user = "kim", string[]? policies = null)
    {
        PageHost.AddFakes(Services, 8);
        Services.AddLogging();
        Services.AddMudServices();
        Services.AddSingleton<TimeProvider>(_wire);
        Services.AddScoped(_ => new Texts(CultureInfo.GetCultureInfo(language)));
        JSInterop.Mode = JSRuntimeMode.Loose;
        _who = AddAuthorization();
        _who.SetAuthorized(user);
        _who.SetPolicies(policies ?? Everything);
        SetRendererInfo(new RendererInfo("Server", true));
        await FakeWrites.BeginAsync(Desk);
    }

    private IRenderedComponent<WritesAsk> Ask(SignalId signal)
    {
        Services.GetRequiredService<NavigationManager>().NavigateTo($"/writes/ask?machine={signal.Machine}&signal={signal.Name}");
        return Render<WritesAsk>();
    }

    private static void Check(IRenderedComponent<WritesAsk> page, string value)
    {
        page.Find("input.entry-field").Input(value);
        page.Find(".form button").Click();
    }

    [Fact]
    public async Task A_value_beyond_its_limit_is_told_check_by_check_in_the_readers_language_and_nothing_is_sent()
    {
        await OpenAsync("ko");
        var sent = Writes.Sent.Count;
        var page = Ask(FakeWrites.Oven);
        Check(page, "60.001");
        page.WaitForAssertion(() => Assert.Equal("refused", page.Find("[data-dry]").GetAttribute("data-dry")));
        var refused = Assert.Single(page.FindAll(".checks li.refused"), l => l.TextContent.Contains("한도", StringComparison.Ordinal));
        Assert.Contains("15부터 60 °C까지", refused.TextContent, StringComparison.Ordinal);
        Assert.Contains("상한보다 큰 값입니다", refused.TextContent, StringComparison.Ordinal);
        Assert.Equal(14, page.FindAll(".checks li").Count);
        Assert.Empty(page.FindAll("[data-dry] button"));
        Assert.Equal(sent, Writes.Sent.Count);
    }

    [Fact]
    public async Task Only_what_was_checked_can_be_sent_and_what_was_sent_is_shown_with_what_was_read_back()
    {
        await OpenAsync();
        var page = Ask(FakeWrites.Oven);
        Check(page, "45.5");
        page.WaitForAssertion(() => Assert.Equal("free", page.Find("[data-dry]").GetAttribute("data-dry")));
        Assert.Contains("45.5 °C", page.Find("[data-dry] button.primary").TextContent, StringComparison.Ordinal);
        page.Find("input.entry-field").Input("46");   // the check is of the value before
        Assert.Empty(page.FindAll("[data-dry]"));
        Check(page, "46");
        page.WaitForElement("[data-dry=free] button.primary").Click();
        page.WaitForAssertion(() => Assert.Equal("/writes", new Uri(Services.GetRequiredService<NavigationManager>().Uri).AbsolutePath));
        Assert.Equal((FakeWrites.Oven, SampleValue.Of(46.0)), Writes.Sent.Last());
        var card = Render<Writes>().FindAll("article.write").Single(a => a.TextContent.Contains("46 °C", StringComparison.Ordinal));
        Assert.Contains("Confirmed", card.QuerySelector(".state-word")!.TextContent, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1,234")]
    [InlineData("NaN")]
    [InlineData("12 °C")]
    [InlineData("")]
    public async Task What_is_no_plain_number_never_reaches_the_guard(string text)
    {
        await OpenAsync();
        var before = (await Desk.AuditNewestAsync(1, Xunit.TestContext.Current.CancellationToken))[0].Number;
        var page = Ask(FakeWrites.Oven);
        Check(page, text);
        Assert.Contains("Give a number", page.Find(".note.bad").TextContent, StringComparison.Ordinal);
        Assert.Equal(before, (await Desk.AuditNewestAsync(1, Xunit.TestContext.Current.CancellationToken))[0].Number);
    }

    [Fact]
    public async Task The_asker_cannot_approve_and_another_person_can()
    {
        await OpenAsync(user: "반장");
        Assert.Empty(Render<Writes>().FindAll("button.primary"));
        _who!.SetAuthorized("kim");
        _who.SetPolicies(Everything);
        var page = Render<Writes>();
        page.Find("button.primary").Click();
        page.WaitForAssertion(() => Assert.Equal((FakeWrites.Load, SampleValue.Of(55.0)), Writes.Sent.Last()));
        page.WaitForAssertion(() => Assert.Contains("Approved by kim", page.Find("article.write").TextContent, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_request_counts_down_to_its_end_and_a_write_to_the_end_of_its_taking_back()
    {
        await OpenAsync();
        var floor = Services.GetRequiredService<FakeFloor>();
        var page = Render<Writes>();
        Assert.Equal("15 min left to approve", page.Find("b.countdown").TextContent);
        Assert.Equal("can be taken back for 10 min", page.Find("span.countdown").TextContent);
        Pass(TimeSpan.FromSeconds(9 * 60 + 59));
        Assert.Equal("can be taken back for 1 s", page.Find("span.countdown").TextContent);
        Pass(1.Seconds);
        Assert.Empty(page.FindAll("span.countdown"));

        void Pass(TimeSpan time)
        {
            floor.Now += time;
            _wire.Advance(1.Seconds);
        }
    }

    [Fact]
    public async Task Taking_back_writes_what_was_there_before()
    {
        await OpenAsync();
        var page = Render<Writes>();
        var undo = page.FindAll("button").Single(b => b.TextContent.Contains("Take back", StringComparison.Ordinal));
        Assert.Equal("Take back to 38.25 °C", undo.TextContent);
        undo.Click();
        page.WaitForAssertion(() => Assert.Equal((FakeWrites.Oven, SampleValue.Of(38.25)), Writes.Sent.Last()));
    }

    [Fact]
    public async Task Who_may_only_look_finds_no_button_to_press()
    {
        await OpenAsync(user: "guest", policies: [UiPolicies.View]);
        Assert.Empty(Render<Writes>().FindAll("button"));
        var list = Render<WritesList>();
        Assert.Empty(list.FindAll("a.btn"));
        Assert.Contains("15 to 60 °C", list.Find("[data-rule=S1temp]").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_audit_that_was_changed_from_outside_says_from_where_on()
    {
        await OpenAsync("ja");
        var page = Render<WritesAudit>();
        page.WaitForAssertion(() => Assert.Contains("書いたときのままです", page.Find("section").TextContent, StringComparison.Ordinal));
        Writes.Tamper(2);
        page.Find("button").Click();
        page.WaitForAssertion(() => Assert.Contains("記録2から変わっているか欠けています", page.Find("section").TextContent, StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_owner_lists_a_value_and_wrong_limits_are_told_before_anything_is_kept()
    {
        await OpenAsync();
        Services.GetRequiredService<NavigationManager>().NavigateTo("/writes/rule?machine=B-MC3&signal=S1speed");
        var page = Render<WritesRule>();
        page.FindAll("input[inputmode=decimal]")[0].Change("9000");
        page.Find("button.primary").Click();
        Assert.Contains("Give both limits", page.Find(".note.bad").TextContent, StringComparison.Ordinal);
        page.FindAll("input[inputmode=decimal]")[1].Change("500");
        page.Find("button.primary").Click();
        Assert.Contains("lies above the upper one", page.Find(".note.bad").TextContent, StringComparison.Ordinal);
        page.FindAll("input[inputmode=decimal]")[0].Change("0");
        page.Find("button.primary").Click();
        page.WaitForAssertion(() => Assert.Equal("/writes/list", new Uri(Services.GetRequiredService<NavigationManager>().Uri).AbsolutePath));
        // Everything that was not touched is the careful default.
        Assert.Equal(new WriteRule(new(new("B-MC3"), "S1speed")) { Unit = "RPM", Min = 0, Max = 500 }, Desk.Rules.Single(r => r.Signal.Name == "S1speed"));
    }

    [Fact]
    public async Task The_range_that_the_machine_tells_is_offered_as_limits_and_limits_beyond_it_are_told()
    {
        await OpenAsync();
        var settings = Services.GetRequiredService<FakeSettings>();
        await settings.SaveAsync(new(new("B-MC3.opcua"), new("B-MC3"), "opcua", "opc.tcp://192.168.0.9:4840", ImmutableDictionary<string, string>.Empty)
        {
            Points = [new("S1speed", "ns=1;s=speed") { Range = new(0, 6000) }],
        }, "kim", Xunit.TestContext.Current.CancellationToken);
        Services.GetRequiredService<NavigationManager>().NavigateTo("/writes/rule?machine=B-MC3&signal=S1speed");
        var page = Render<WritesRule>();
        Assert.Equal(["0", "6000"], Limits());
        Assert.Contains("0", page.Find("p.note:not(.warn):has(button)").TextContent, StringComparison.Ordinal);
        // A person may choose others; what the machine does not expect is said before it is kept.
        page.FindAll("input[inputmode=decimal]")[1].Change("6000.5");
        Assert.Contains("6,000", page.Find("p.note.warn:has(button)").TextContent, StringComparison.Ordinal);
        page.Find("p.note.warn button").Click();
        Assert.Equal(["0", "6000"], Limits());
        page.Find("button.primary").Click();
        page.WaitForAssertion(() => Assert.Equal((0.0, 6000.0), Desk.Rules.Where(r => r.Signal.Name == "S1speed").Select(r => (r.Min!.Value, r.Max!.Value)).Single()));

        string?[] Limits() => [.. page.FindAll("input[inputmode=decimal]").Take(2).Select(i => i.GetAttribute("value"))];
    }

    [Fact]
    public async Task Saving_a_line_that_was_only_opened_changes_nothing_of_it()
    {
        await OpenAsync();
        foreach (var rule in Desk.Rules)
        {
            Services.GetRequiredService<NavigationManager>().NavigateTo($"/writes/rule?machine={rule.Signal.Machine}&signal={rule.Signal.Name}");
            Render<WritesRule>().Find("button.primary").Click();
            Assert.Equal(rule, Desk.Rules.Single(r => r.Signal == rule.Signal));
        }
    }
}
