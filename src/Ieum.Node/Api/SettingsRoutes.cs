using System.Collections.Immutable;
using Ieum.Connect;
using Ieum.Model;
using Ieum.Node.Loop;
using Ieum.Node.Security;
using Ieum.Node.Store;
using Ieum.Node.Views;
using Ieum.Record;
using Microsoft.AspNetCore.Identity;

namespace Ieum.Node.Api;

/// <summary>Connections with their accounting, sessions and people.</summary>
internal static class SettingsRoutes
{
    public static void Map(RouteGroupBuilder api)
    {
        api.MapGet("/clock", (IShopFloor floor) => new ClockDto(floor.Now, floor.Company.Id.Value)).RequireAuthorization(Policies.CanView).WithTags("node");
        api.MapGet("/sources", (Intake intake) => intake.Connections.Select(c => SourceOf(c, intake)).OfType<SourceDto>().ToArray())
            .RequireAuthorization(Policies.CanView).WithTags("connections");
        api.MapGet("/sources/{source}/gaps", async (string source, DateTimeOffset? from, DateTimeOffset? to, Intake intake, IShopFloor floor, IRecorder recorder, CancellationToken cancel) =>
        {
            // A connection that was removed is still answered for: its gaps are facts about what is stored.
            if (intake.Connections.All(c => c.Source.Value != source) && recorder.MarkOf(new(source)) is null) return Problems.NotFound($"There is no connection '{source}'.");
            return MachineRoutes.TryRange(floor, from, to, out var range, out var wrong)
                ? TypedResults.Ok((await recorder.GapsAsync(new(source), range, cancel)).Select(g => new GapDto(g.Range.From, g.Range.To, g.Cause, g.Lost, g.Detail)).ToArray()) : wrong;
        }).Produces<GapDto[]>().RequireAuthorization(Policies.CanView).WithTags("connections");
        EdgeRoutes.Map(api);
        CorrectionRoutes.Map(api);
        RecordRoutes.Map(api);

        var connections = api.MapGroup("/connections").RequireAuthorization(Policies.CanOwn).WithTags("connections");
        connections.MapGet("/", (ISettingsDesk desk) => desk.Connections.Select(DtoOf).ToArray());
        connections.MapPost("/test", async (ConnectionDto c, ISettingsDesk desk, CancellationToken cancel) => await TryAsync(c, async s =>
        {
            var t = await desk.TestAsync(s, cancel);
            return TypedResults.Ok(new ConnectionTestDto(t.Ok, t.Rule, t.Message, [.. t.Signals.Select(x => SignalDto.Of(new(0), x))]));
        })).Produces<ConnectionTestDto>();
        connections.MapPost("/scan", async (ScanDto s, ISettingsDesk desk, CancellationToken cancel) =>
            await RefusableAsync(async () => TypedResults.Ok(await desk.ScanAsync(s.Addresses, s.Protocol, null, cancel)))).Produces<ScanHit[]>();
        connections.MapPost("/browse", async (BrowseDto b, ISettingsDesk desk, CancellationToken cancel) =>
            await TryAsync(b.Connection, async s => TypedResults.Ok(await desk.BrowseAsync(s, b.At, cancel)))).Produces<BrowseAnswer>();
        connections.MapPost("/preview", async (ConnectionDto c, ISettingsDesk desk, CancellationToken cancel) => await TryAsync(c, async s =>
        {
            var p = await desk.PreviewAsync(s, cancel);
            return TypedResults.Ok(new PreviewDto(p.Link,
                [.. p.Values.Select(v => new PreviewValueDto(SignalDto.Of(new(0), v.Signal), v.Newest?.Value.ToString(), v.Newest?.Quality, v.Newest?.SourceTime))],
                [.. p.Problems.Select(x => new ProblemDto(x.Rule, x.Message, x.At, x.Count))]));
        })).Produces<PreviewDto>();
        connections.MapGet("/templates", (ISettingsDesk desk) => desk.Templates.Select(t => new TemplateDto(t.Id, t.Name, t.Note, DtoOf(t.Settings))).ToArray());
        connections.MapGet("/{source}/file", (string source, ISettingsDesk desk) => desk.Connections.FirstOrDefault(c => c.Source.Value == source) is { } c
            ? Results.File(System.Text.Encoding.UTF8.GetBytes(ConnectionFile.Write(c)), "application/json", source + ".connection.json") : Problems.NotFound($"There is no connection '{source}'."));
        connections.MapPost("/file", async (HttpRequest request, ISettingsDesk desk, CancellationToken cancel) =>
        {
            using var reader = new StreamReader(request.Body);
            return await RefusableAsync(async () => TypedResults.Ok(DtoOf(ConnectionFile.Read("the file", await reader.ReadToEndAsync(cancel)))));
        }).Accepts<object>("application/json").Produces<ConnectionDto>();
        connections.MapPut("/{source}", async (string source, ConnectionDto c, ISettingsDesk desk, HttpContext http, CancellationToken cancel) => await TryAsync(c with { Source = source }, async s =>
        {
            await desk.SaveAsync(s, PlanRoutes.Name(http), cancel);
            return TypedResults.Ok(DtoOf(s));
        })).Produces<ConnectionDto>();
        connections.MapDelete("/{source}", async (string source, ISettingsDesk desk, HttpContext http, CancellationToken cancel) =>
        {
            if (desk.Connections.All(c => c.Source.Value != source)) return Problems.NotFound($"There is no connection '{source}'.");
            await desk.RemoveAsync(new(source), PlanRoutes.Name(http), cancel);
            return TypedResults.NoContent();
        });

        var certificates = api.MapGroup("/certificates").RequireAuthorization(Policies.CanOwn).WithTags("connections");
        certificates.MapGet("/", (ICertificateTrust trust) => new CertificatesDto([.. trust.Trusted], [.. trust.Rejected]));
        certificates.MapPut("/{thumbprint}", (string thumbprint, ICertificateTrust trust) =>
            trust.Trust(thumbprint) ? (IResult)TypedResults.NoContent() : Problems.NotFound($"No rejected certificate has the thumbprint '{thumbprint}'."));
        certificates.MapDelete("/{thumbprint}", (string thumbprint, ICertificateTrust trust) =>
            trust.Distrust(thumbprint) ? (IResult)TypedResults.NoContent() : Problems.NotFound($"No trusted certificate has the thumbprint '{thumbprint}'."));

        api.MapPost("/session", async (SignInDto s, IAccountDesk desk, CancellationToken cancel) => Answer(await desk.SignInAsync(s.User, s.Password, remember: false, cancel)))
            .AllowAnonymous().WithTags("people");
        api.MapDelete("/session", async (IAccountDesk desk, CancellationToken cancel) =>
        {
            await desk.SignOutAsync(cancel);
            return TypedResults.NoContent();
        }).RequireAuthorization(Policies.CanView).WithTags("people");
        api.MapGet("/me", async (HttpContext http, UserManager<NodeUser> users) =>
        {
            var user = await users.GetUserAsync(http.User);
            return new MeDto(PlanRoutes.Name(http), [.. Roles.All.Where(http.User.IsInRole)], user?.Language, user?.DarkMode);
        }).RequireAuthorization(Policies.CanView).WithTags("people");

        api.MapPut("/me", async (PreferencesDto p, HttpContext http, UserManager<NodeUser> users, SignInManager<NodeUser> signIn) =>
        {
            if (p.Language is not (null or "ko" or "ja" or "en")) return Problems.Wrong("language is ko, ja or en.");
            if (await users.GetUserAsync(http.User) is not { } user) return Problems.NotFound("This person was removed.");
            (user.Language, user.DarkMode) = (p.Language ?? user.Language, p.DarkMode ?? user.DarkMode);
            await users.UpdateAsync(user);
            await signIn.RefreshSignInAsync(user);   // the next page already speaks it
            return TypedResults.NoContent();
        }).RequireAuthorization(Policies.CanView).WithTags("people");

        var people = api.MapGroup("/users").RequireAuthorization(Policies.CanOwn).WithTags("people");
        people.MapGet("/", async (IAccountDesk desk, CancellationToken cancel) => (await desk.UsersAsync(cancel)).Select(u => new UserDto(u.Name, u.Role)).ToArray());
        people.MapPut("/{name}", async (string name, SaveUserDto u, IAccountDesk desk, HttpContext http, CancellationToken cancel) =>
            Answer(await desk.SaveAsync(new(name, u.Role), u.Password, PlanRoutes.Name(http), cancel)));
        people.MapDelete("/{name}", async (string name, IAccountDesk desk, HttpContext http, CancellationToken cancel) =>
            Answer(await desk.RemoveAsync(name, PlanRoutes.Name(http), cancel)));
    }

    private static IResult Answer(AccountAnswer answer) => answer.Ok ? TypedResults.NoContent() : Problems.Of(answer.Rule switch
    {
        AccountRules.WrongPassword or AccountRules.LockedOut => 401,
        AccountRules.TooManyTries => 429,
        AccountRules.UnknownUser => 404,
        AccountRules.LastOwner => 409,
        _ => 400,
    }, answer.Rule ?? ApiRules.Failed, answer.Message);

    private static async Task<IResult> TryAsync(ConnectionDto c, Func<ConnectionSettings, Task<IResult>> then)
    {
        if (!Identifier.IsValid(c.Source) || !Identifier.IsValid(c.Machine)) return Problems.Wrong("source and machine must be names of 1 to 128 characters without '/'.");
        try
        {
            return await then(new(new(c.Source), new(c.Machine), c.Protocol, c.Endpoint, (c.Options ?? []).ToImmutableDictionary(StringComparer.Ordinal)) { Points = [.. c.Points ?? []] });
        }
        catch (ConnectionSettingsException e)
        {
            return Problems.Of(400, e.Rule, e.Message);
        }
    }

    private static async Task<IResult> RefusableAsync(Func<Task<IResult>> then)
    {
        try
        {
            return await then();
        }
        catch (ConnectionSettingsException e)
        {
            return Problems.Of(400, e.Rule, e.Message);
        }
        catch (Store.Config.ConfigException e)
        {
            return Problems.Of(400, e.Problems[0].Rule, e.Message);
        }
    }

    private static ConnectionDto DtoOf(ConnectionSettings c) => new(c.Source.Value, c.Machine.Value, c.Protocol, c.Endpoint, new(c.Options), [.. c.Points]);

    private static SourceDto? SourceOf(ConnectionSettings c, Intake intake)
    {
        if (intake.HealthOf(c.Source) is not { } h) return null;
        var way = intake.Line(c.Source)?.Way;
        return new(c.Source.Value, c.Machine.Value, c.Protocol, h.Link, h.Since, h.LastData, null, h.Counters.Received, way?.Stored ?? 0,
            h.Counters.Rejected + (way?.Refused ?? 0), h.Counters.Lost, h.Counters.Gaps + (way?.Gaps ?? 0), h.Counters.Marks, way?.Waiting ?? 0, h.Reconnects, h.ClockSkew?.TotalSeconds,
            [.. h.Problems.Select(p => new ProblemDto(p.Rule, p.Message, p.At, p.Count))],
            way?.Dropped ?? 0, way?.Restored ?? 0, way is null ? null : new(way.WaitingSamples, way.Bytes, way.OldestAt, way.Trouble));
    }
}
