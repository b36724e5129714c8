using System.Net;
using System.Security.Cryptography;
using System.Text;
using Ieum.Node.Telemetry;
using Ieum.Node.Ui;
using Microsoft.AspNetCore.Authorization;
using Microsoft.Extensions.Options;

namespace Ieum.Node.Security;

/// <summary>Roles, weakest last; each may do what those after it may.</summary>
public static class Roles
{
    public const string Owner = "owner", Planner = "planner", Operator = "operator", Viewer = "viewer";

    public static IReadOnlyList<string> All { get; } = [Owner, Planner, Operator, Viewer];
}

/// <summary>Policies that routes and pages name.</summary>
public static class Policies
{
    /// <summary>See machines, plans and orders: every role.</summary>
    public const string CanView = UiPolicies.View;
    /// <summary>Report from a machine: operator and up.</summary>
    public const string CanOperate = UiPolicies.Operate;
    /// <summary>Plan, take orders, decide advice: planner and up.</summary>
    public const string CanPlan = UiPolicies.Plan;
    /// <summary>Settings, connections, people: owner.</summary>
    public const string CanOwn = UiPolicies.Own;

    /// <summary>Read the recorded past: every role, and a dashboard with the token of <see cref="Api.HistoryOptions"/>.</summary>
    public const string MayReadHistory = "may-read-history";

    internal static void Add(AuthorizationBuilder authorization) => authorization
        .AddPolicy(CanView, p => p.RequireRole(Roles.All))
        .AddPolicy(CanOperate, p => p.RequireRole(Roles.Owner, Roles.Planner, Roles.Operator))
        .AddPolicy(CanPlan, p => p.RequireRole(Roles.Owner, Roles.Planner))
        .AddPolicy(CanOwn, p => p.RequireRole(Roles.Owner))
        .AddPolicy(TelemetrySetup.MetricsPolicy, p => p.RequireAssertion(c => c.User.Identity is { IsAuthenticated: true } || MayScrape(c)))
        .AddPolicy(MayReadHistory, p => p.RequireAssertion(c => c.User.Identity is { IsAuthenticated: true } || (c.Resource is HttpContext http
            && Carries(http, http.RequestServices.GetRequiredService<IOptions<Api.HistoryOptions>>().Value.ReadToken))))
        // Whatever forgets to name a policy is for signed-in people only.
        .SetFallbackPolicy(new AuthorizationPolicyBuilder().RequireAuthenticatedUser().Build());

    private static bool MayScrape(AuthorizationHandlerContext context)
    {
        if (context.Resource is not HttpContext http) return false;
        if (Loopback.IsFromThisMachine(http)) return true;
        var token = http.RequestServices.GetRequiredService<IOptions<TelemetryOptions>>().Value.MetricsToken;
        return Carries(http, token);
    }

    private static bool Carries(HttpContext http, string? token)
    {
        return token is not null && CryptographicOperations.FixedTimeEquals(
            Encoding.UTF8.GetBytes(http.Request.Headers.Authorization.ToString()), Encoding.UTF8.GetBytes($"Bearer {token}"));
    }
}

/// <summary>Whether a request was made on the node's own machine, by its own pages.</summary>
internal static class Loopback
{
    public static bool IsLoopback(string bind) => bind == "localhost" || IPAddress.TryParse(bind, out var a) && IPAddress.IsLoopback(a);

    /// <summary>The connection comes from loopback and was not passed on by a proxy.</summary>
    public static bool IsFromThisMachine(HttpContext http) =>
        http.Connection.RemoteIpAddress is { } remote && IPAddress.IsLoopback(remote)
        && !http.Request.Headers.ContainsKey("X-Forwarded-For") && !http.Request.Headers.ContainsKey("Forwarded");

    /// <summary>No other web site made the browser ask: neither its fetch metadata nor its origin say so.</summary>
    public static bool IsOwnPage(HttpContext http)
    {
        var site = http.Request.Headers["Sec-Fetch-Site"].ToString();
        // The browser's own word, which no page can forge; it also holds behind a proxy that ends TLS.
        if (site == "same-origin") return true;
        if (site is not ("" or "none")) return false;
        var origin = http.Request.Headers.Origin.ToString();
        return origin.Length == 0 || origin == $"{http.Request.Scheme}://{http.Request.Host}";
    }
}
