using Ieum.Node.Security;
using Ieum.Node.Ui;
using Ieum.Node.Views;

namespace Ieum.Node.Api;

/// <param name="From">From which level it is told: 0 at once, 1 with the planner, 2 with the owner; absent as the person's role has it.</param>
internal sealed record PushSubscribeDto(string? Endpoint, string? P256dh, string? Auth, string? Language, int? From, string? Device);

internal sealed record PushRemoveDto(string? Endpoint);

internal sealed record PushKeyDto(bool Enabled, string Key);

internal sealed record PushTriedDto(int Taken);

/// <summary>Browsers that calls are sent to; everybody sees and changes their own only.</summary>
internal static class PushRoutes
{
    public static void Map(RouteGroupBuilder api)
    {
        var g = api.MapGroup("/push").WithTags("andon").RequireAuthorization(Policies.CanView);
        g.MapGet("/key", (IPushDesk desk) => new PushKeyDto(desk.Enabled, desk.PublicKey));
        g.MapPost("/subscriptions", async (PushSubscribeDto s, IPushDesk desk, HttpContext http, CancellationToken cancel) =>
            s is { Endpoint: not null, P256dh: not null, Auth: not null } && await desk.SubscribeAsync(new(s.Endpoint, s.P256dh, s.Auth, PlanRoutes.Name(http),
                TextCatalogue.Languages.Contains(s.Language) ? s.Language! : "en", s.From, s.Device is { Length: > 0 } d ? d[..Math.Min(d.Length, 80)] : "", default), cancel)
                ? Results.NoContent() : Problems.Wrong("endpoint is the https address of a known push service (Push.Hosts), p256dh a point on P-256 and auth 16 bytes in base64url; from is 0, 1 or 2."));
        g.MapPost("/subscriptions/remove", async (PushRemoveDto r, IPushDesk desk, HttpContext http, CancellationToken cancel) =>
            r.Endpoint is not null && await desk.RemoveAsync(PlanRoutes.Name(http), r.Endpoint, cancel) ? Results.NoContent() : Problems.NotFound("You have no such browser."));
        g.MapPost("/try", async (IPushDesk desk, HttpContext http, CancellationToken cancel) => new PushTriedDto(await desk.TryAsync(PlanRoutes.Name(http), cancel)));
    }
}
