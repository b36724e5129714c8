using Ieum.Node.Api;
using Microsoft.AspNetCore.Mvc;

namespace Ieum.Node.Security;

/// <summary>Headers on every answer: scripts only from here, no frames, no sniffing, no referrer to others.</summary>
internal sealed class SecurityHeaders(RequestDelegate next)
{
    // Inline styles: MudBlazor and ECharts size elements by style attributes, which a nonce cannot cover.
    private const string Pages = "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; "
        + "connect-src 'self' ws: wss:; object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'";
    // The API reference starts itself by an inline script; it shows no data of the node until asked.
    private const string Reference = "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; "
        + "connect-src 'self'; object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'";

    public Task InvokeAsync(HttpContext context)
    {
        var headers = context.Response.Headers;
        headers.ContentSecurityPolicy = context.Request.Path.StartsWithSegments("/scalar") ? Reference : Pages;
        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";
        headers["Referrer-Policy"] = "same-origin";
        headers["Permissions-Policy"] = "camera=(), microphone=(), geolocation=()";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        return next(context);
    }
}

/// <summary>
/// Changes over the API need a header that no foreign page can send without a preflight: with the cookie alone, any web site
/// that an operator visits could report in their name.
/// </summary>
internal sealed class ChangeGuard(RequestDelegate next)
{
    public const string Header = "X-Ieum-Request";

    public async Task InvokeAsync(HttpContext context)
    {
        var request = context.Request;
        var safe = HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method) || HttpMethods.IsOptions(request.Method);
        if (safe || !request.Path.StartsWithSegments("/api") || request.Headers.ContainsKey(Header) && Loopback.IsOwnPage(context))
        {
            await next(context);
            return;
        }
        context.Response.StatusCode = StatusCodes.Status400BadRequest;
        await context.Response.WriteAsJsonAsync(
            new ProblemDetails { Status = 400, Title = AccountRules.All[AccountRules.MissingHeader], Type = Problems.TypeOf(AccountRules.MissingHeader), Extensions = { ["rule"] = AccountRules.MissingHeader } },
            ApiJson.Default.ProblemDetails, "application/problem+json", context.RequestAborted);
    }
}
