using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Ieum.Model;
using Ieum.Node.Security;
using Microsoft.Extensions.Time.Testing;

namespace Ieum.House.Tests.Node;

public sealed class SecurityTests
{
    [Fact]
    public async Task The_owner_link_works_once_and_the_owner_may_then_do_everything()
    {
        await using var node = await RunningNode.StartAsync();
        Assert.Equal(HttpStatusCode.Unauthorized, (await node.GetAsync("/api/v1/machines")).StatusCode);
        await Refused("/setup?token=" + node.Address.OwnerLink!.Split("token=")[1], "en", "This form is out of date");
        await Refused("/account/login", "ko", "양식이 오래되었습니다");

        await node.SignInAsOwnerAsync();

        Assert.Equal(HttpStatusCode.OK, (await node.GetAsync("/api/v1/machines")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await node.GetAsync("/api/v1/users")).StatusCode);
        var desk = (Ieum.Node.Views.IAccountDesk)node.Services.GetService(typeof(Ieum.Node.Views.IAccountDesk))!;
        var again = await desk.CreateOwnerAsync(node.Address.OwnerLink!.Split("token=")[1], "second", "a long password", TestContext.Current.CancellationToken);
        Assert.Equal(AccountRules.OwnerLinkSpent, again.Rule);

        // A form that the node did not hand out is told so, and does nothing: the link is still good after it.
        async Task Refused(string path, string language, string words)
        {
            using var form = new HttpRequestMessage(HttpMethod.Post, path)
            {
                Content = new FormUrlEncodedContent([new("_handler", "setup"), new("Form.Name", "owner"), new("Form.Password", "a long password"), new("Form.Repeat", "a long password")]),
            };
            form.Headers.Add("Accept-Language", language);
            var answer = await node.SendAsync(form);
            Assert.Equal((HttpStatusCode.BadRequest, "text/html"), (answer.StatusCode, answer.Content.Headers.ContentType?.MediaType));
            Assert.Contains(words, WebUtility.HtmlDecode(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void An_owner_link_dies_after_24_hours()
    {
        var wire = new FakeTimeProvider();
        var link = new OwnerLink(new(wire, wire));
        var token = link.Make();
        wire.Advance(24.Hours - 1.Seconds);
        Assert.True(link.IsGood(token));
        wire.Advance(1.Seconds);
        Assert.False(link.IsGood(token));
    }

    [Fact]
    public void An_owner_link_is_spent_by_exactly_one_caller()
    {
        var wire = new FakeTimeProvider();
        var link = new OwnerLink(new(wire, wire));
        var token = link.Make();
        Assert.Equal(43, token.Length);   // 256 bits in base64url: 43 characters without padding
        Assert.False(link.Spend(token + "x"));
        Assert.Equal(1, Enumerable.Range(0, 100).AsParallel().Count(_ => link.Spend(token)));
    }

    [Fact]
    public async Task A_change_without_the_header_is_refused_even_with_the_cookie()
    {
        await using var node = await RunningNode.StartAsync();
        await node.SignInAsOwnerAsync();
        node.Http.DefaultRequestHeaders.Remove("X-Ieum-Request");

        var answer = await node.PostAsync("/api/v1/plan/replan", new { reason = "asked" });

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal(AccountRules.MissingHeader, await RuleOf(answer));
    }

    [Fact]
    public async Task A_change_from_another_origin_is_refused()
    {
        await using var node = await RunningNode.StartAsync();
        await node.SignInAsOwnerAsync();
        node.Http.DefaultRequestHeaders.Add("Origin", "https://elsewhere.example");

        Assert.Equal(HttpStatusCode.BadRequest, (await node.PostAsync("/api/v1/plan/replan", new { reason = "asked" })).StatusCode);
    }

    [Fact]
    public async Task Guessing_passwords_ends_at_the_limit_of_the_address()
    {
        await using var node = await RunningNode.StartAsync("""{ "Security": { "SignInsPerMinute": 3 } }""");
        var answers = new List<string?>();
        for (var i = 0; i < 4; i++) answers.Add(await RuleOf(await node.PostAsync("/api/v1/session", new { user = $"guess{i}", password = "wrong" })));

        Assert.Equal([AccountRules.WrongPassword, AccountRules.WrongPassword, AccountRules.WrongPassword, AccountRules.TooManyTries], answers);
    }

    [Fact]
    public async Task The_demo_owner_comes_in_by_itself_but_not_for_another_site()
    {
        await using var node = await RunningNode.StartAsync("""{ "Security": { "DemoOwner": true } }""");
        Assert.Null(node.Address.OwnerLink);
        using var foreign = new HttpRequestMessage(HttpMethod.Get, "/api/v1/machines");
        foreign.Headers.Add("Sec-Fetch-Site", "cross-site");
        Assert.Equal(HttpStatusCode.Unauthorized, (await node.SendAsync(foreign)).StatusCode);
        using var passed = new HttpRequestMessage(HttpMethod.Get, "/api/v1/machines");
        passed.Headers.Add("X-Forwarded-For", "203.0.113.9");
        Assert.Equal(HttpStatusCode.Unauthorized, (await node.SendAsync(passed)).StatusCode);

        Assert.Equal(HttpStatusCode.OK, (await node.GetAsync("/api/v1/machines")).StatusCode);
    }

    [Fact]
    public async Task A_foreign_host_name_is_refused_on_loopback()
    {
        await using var node = await RunningNode.StartAsync();
        using var rebound = new HttpRequestMessage(HttpMethod.Get, "/health/live");
        rebound.Headers.Host = "rebound.example";
        Assert.Equal(HttpStatusCode.BadRequest, (await node.SendAsync(rebound)).StatusCode);
    }

    [Fact]
    public async Task Every_answer_carries_the_security_headers()
    {
        await using var node = await RunningNode.StartAsync();
        var answer = await node.GetAsync("/health/live");
        Assert.Contains("frame-ancestors 'none'", Assert.Single(answer.Headers.GetValues("Content-Security-Policy")), StringComparison.Ordinal);
        Assert.Equal("nosniff", Assert.Single(answer.Headers.GetValues("X-Content-Type-Options")));
    }

    [Fact]
    public async Task The_last_owner_cannot_be_removed_or_demoted()
    {
        await using var node = await RunningNode.StartAsync();
        await node.SignInAsOwnerAsync();
        Assert.Equal(AccountRules.LastOwner, await RuleOf(await node.DeleteAsync("/api/v1/users/owner")));
        Assert.Equal(AccountRules.LastOwner, await RuleOf(await node.PutAsync("/api/v1/users/owner", new { role = "viewer" })));
        Assert.Equal(HttpStatusCode.NoContent, (await node.PutAsync("/api/v1/users/둘째", new { role = "owner", password = "비밀번호는 길게 씁니다" })).StatusCode);
        Assert.Equal(HttpStatusCode.NoContent, (await node.PutAsync("/api/v1/users/owner", new { role = "viewer" })).StatusCode);
    }

    private static async Task<string?> RuleOf(HttpResponseMessage answer) =>
        (await answer.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken)).GetProperty("rule").GetString();
}
