using Ieum.Node.Security;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Ieum.House.Tests.Node;

/// <summary>No route forgets who may use it.</summary>
public sealed class RouteTests
{
    /// <summary>Open to everybody, on purpose: sign-in, first set-up, scripts without data, and what a monitor asks.</summary>
    private static readonly string[] Open =
    [
        "/api/v1/session", "/health/live", "/health/ready", "/set/language", "/login", "/setup", "/account/login", "/account/logout", "/not-found", "/scalar/scalar.js", "/scalar/scalar.aspnetcore.js", "/scalar/favicon.svg",
    ];

    [Fact]
    public async Task Every_route_names_its_policy_or_stands_in_the_list_of_open_ones()
    {
        await using var node = await RunningNode.StartAsync();
        var routes = node.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>().ToList();
        var nameless = new List<string>();
        var open = new List<string>();
        foreach (var r in routes)
        {
            var pattern = "/" + r.RoutePattern.RawText?.TrimStart('/');
            if (IsFramework(pattern) || r.DisplayName?.Contains("static", StringComparison.OrdinalIgnoreCase) == true || IsAsset(r)) continue;
            if (r.Metadata.GetMetadata<IAllowAnonymous>() is not null) open.Add(pattern);
            else if (r.Metadata.GetOrderedMetadata<IAuthorizeData>().All(a => a.Policy is null)) nameless.Add(pattern);
        }
        Assert.NotEmpty(routes);
        Assert.Contains("/api/v1/session", open);
        Assert.Empty(nameless);
        Assert.Empty(open.Except(Open));
    }

    [Fact]
    public async Task What_forgets_a_policy_is_for_signed_in_people_only()
    {
        await using var node = await RunningNode.StartAsync();
        var fallback = await node.Services.GetRequiredService<IAuthorizationPolicyProvider>().GetFallbackPolicyAsync();
        Assert.NotNull(fallback);
        Assert.Contains(fallback.Requirements, r => r is Microsoft.AspNetCore.Authorization.Infrastructure.DenyAnonymousAuthorizationRequirement);
    }

    [Theory]
    [InlineData(Policies.CanView, "viewer", true)]
    [InlineData(Policies.CanOperate, "viewer", false)]
    [InlineData(Policies.CanOperate, "operator", true)]
    [InlineData(Policies.CanPlan, "operator", false)]
    [InlineData(Policies.CanPlan, "planner", true)]
    [InlineData(Policies.CanOwn, "planner", false)]
    [InlineData(Policies.CanOwn, "owner", true)]
    [InlineData(Policies.CanOperate, "owner", true)]
    public async Task Each_role_may_do_what_the_weaker_ones_may(string policy, string role, bool may)
    {
        await using var node = await RunningNode.StartAsync();
        var user = new System.Security.Claims.ClaimsPrincipal(new System.Security.Claims.ClaimsIdentity([new(System.Security.Claims.ClaimTypes.Role, role)], "test"));
        var answer = await node.Services.GetRequiredService<IAuthorizationService>().AuthorizeAsync(user, null, policy);
        Assert.Equal(may, answer.Succeeded);
    }

    // Blazor's circuit and the answer for files that do not exist name no policy of their own; the fallback policy covers them.
    private static bool IsFramework(string pattern) => pattern == "/{**path:file}" || pattern.StartsWith("/_blazor", StringComparison.Ordinal) || pattern.StartsWith("/_framework", StringComparison.Ordinal);
    private static bool IsAsset(RouteEndpoint r) => r.Metadata.Any(m => m.GetType().FullName?.Contains("StaticAsset", StringComparison.Ordinal) == true);
}
