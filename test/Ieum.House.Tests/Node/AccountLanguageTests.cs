using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Ieum.House.Tests.Node;

/// <summary>Language and look belong to the person, then to the browser, then to what the browser asks for.</summary>
public sealed partial class AccountLanguageTests
{
    [Fact]
    public async Task Two_people_on_one_browser_keep_their_own_language_and_look()
    {
        await using var node = await RunningNode.StartAsync();
        await node.SignInAsOwnerAsync();
        Assert.Equal(HttpStatusCode.NoContent, (await node.PutAsync("/api/v1/users/둘째", new { role = "viewer", password = "비밀번호는 길게 씁니다" })).StatusCode);
        await SetAsync(node, "ko");
        Assert.Equal(HttpStatusCode.NoContent, (await node.PutAsync("/api/v1/me", new { darkMode = true })).StatusCode);
        Assert.Equal(("ko", "dark"), await SeenAsync(node));

        await ChangeToAsync(node, "둘째", "비밀번호는 길게 씁니다");
        // nothing chosen yet: the language this browser spoke last
        Assert.Equal(("ko", ""), await SeenAsync(node));
        await SetAsync(node, "ja");
        Assert.Equal(("ja", ""), await SeenAsync(node));

        await ChangeToAsync(node, "owner", "a long password");
        Assert.Equal(("ko", "dark"), await SeenAsync(node));
        await node.DeleteAsync("/api/v1/session");
        // nobody is signed in: the browser's cookie, which the second person set
        Assert.Equal(("ja", ""), await SeenAsync(node, "/account/login"));
    }

    [Fact]
    public async Task A_language_saved_through_the_api_is_spoken_by_the_next_page()
    {
        await using var node = await RunningNode.StartAsync();
        node.Http.DefaultRequestHeaders.Add("Accept-Language", "ja");
        await node.SignInAsOwnerAsync();
        Assert.Equal("ja", (await SeenAsync(node)).Language);
        Assert.Equal(HttpStatusCode.NoContent, (await node.PutAsync("/api/v1/me", new { language = "ko" })).StatusCode);
        Assert.Equal("ko", (await SeenAsync(node)).Language);
    }

    [Fact]
    public async Task A_link_on_another_site_does_not_change_the_account()
    {
        await using var node = await RunningNode.StartAsync();
        await node.SignInAsOwnerAsync();
        await SetAsync(node, "ko");
        using var foreign = new HttpRequestMessage(HttpMethod.Get, "/set/language?to=ja");
        foreign.Headers.Add("Sec-Fetch-Site", "cross-site");
        await node.SendAsync(foreign);
        Assert.Equal("ko", (await SeenAsync(node)).Language);
        Assert.Equal("ko", (await node.JsonAsync("/api/v1/me")).GetProperty("language").GetString());
    }

    [Fact]
    public async Task Everybody_who_looks_at_the_demo_chooses_for_the_own_browser()
    {
        await using var node = await RunningNode.StartAsync("""{ "Security": { "DemoOwner": true } }""");
        Assert.Equal("en", (await SeenAsync(node)).Language);
        await SetAsync(node, "ko");
        Assert.Equal("ko", (await SeenAsync(node)).Language);
        await SetAsync(node, "ja");
        Assert.Equal("ja", (await SeenAsync(node)).Language);
        var kept = (await node.JsonAsync("/api/v1/me")).TryGetProperty("language", out var l) && l.ValueKind != JsonValueKind.Null;
        Assert.False(kept);
    }

    private static async Task SetAsync(RunningNode node, string language) =>
        Assert.Equal(HttpStatusCode.Redirect, (await node.GetAsync($"/set/language?to={language}&back=/")).StatusCode);

    private static async Task ChangeToAsync(RunningNode node, string user, string password)
    {
        await node.DeleteAsync("/api/v1/session");
        Assert.Equal(HttpStatusCode.NoContent, (await node.PostAsync("/api/v1/session", new { user, password })).StatusCode);
    }

    private static async Task<(string Language, string Theme)> SeenAsync(RunningNode node, string page = "/")
    {
        var answer = await node.GetAsync(page);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        var html = Html().Match(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        return (html.Groups[1].Value, html.Groups[2].Value);
    }

    [GeneratedRegex("<html lang=\"([a-z]+)\"(?: data-theme=\"([a-z]+)\")?")]
    private static partial Regex Html();
}
