using System.Globalization;
using System.Net;
using Ieum.Node.Ui.Shell;
using Ieum.Node.Views;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Hosting.StaticWebAssets;
using Microsoft.AspNetCore.Localization;
using Microsoft.Extensions.DependencyInjection.Extensions;
using MudBlazor;
using MudBlazor.Services;

namespace Ieum.Node.Ui;

/// <summary>Joins the pages to the host. They read nothing but the view interfaces.</summary>
public static class UiSetup
{
    private static readonly PathString[] MachinePaths = ["/api", "/openapi", "/metrics", "/health"];
    internal const string ThemeCookie = "ieum.theme";

    public static IServiceCollection AddIeumUi(this IServiceCollection services)
    {
        services.AddRazorComponents().AddInteractiveServerComponents(o =>
        {
            // A wall board that lost its network for a shift change comes back to the same circuit.
            o.DisconnectedCircuitRetentionPeriod = TimeSpan.FromMinutes(10);
        });
        services.AddMudServices(o =>
        {
            o.SnackbarConfiguration.PositionClass = Defaults.Classes.Position.BottomCenter;
            o.SnackbarConfiguration.PreventDuplicates = true;
        });
        services.AddCascadingAuthenticationState();
        services.AddHttpContextAccessor();
        services.TryAddSingleton(TimeProvider.System);
        services.AddScoped<Texts>();
        services.Configure<RequestLocalizationOptions>(o =>
        {
            CultureInfo[] ours = [.. TextCatalogue.Languages.Select(CultureInfo.GetCultureInfo)];
            (o.SupportedCultures, o.SupportedUICultures) = (ours, ours);
            o.DefaultRequestCulture = new RequestCulture("en");
            o.RequestCultureProviders = [new AccountCultureProvider(), new CookieRequestCultureProvider(), new AcceptLanguageHeaderRequestCultureProvider()];
        });
        return services;
    }

    public static WebApplication MapIeumUi(this WebApplication app)
    {
        // Unpublished, the style sheets of packages lie in the package folder; published, the manifest is absent and this does nothing.
        StaticWebAssetsLoader.UseStaticWebAssets(app.Environment, app.Configuration);
        app.UseRequestLocalization();
        // An address without a page is told on a page of ours; the API and the health checks answer in their own way.
        app.UseStatusCodePagesWithReExecute("/not-found", createScopeForStatusCodePages: true);
        app.Use((context, next) =>
        {
            if (IsForMachines(context.Request.Path) && context.Features.Get<IStatusCodePagesFeature>() is { } pages) pages.Enabled = false;
            return next(context);
        });
        // The node has looked at the form's token already, a host of pages alone has not; whoever reads a form after a bad answer gets an exception, so nobody may.
        app.Use(RefuseStaleForm);
        app.UseAntiforgery();
        app.Use(RefuseStaleForm);
        app.MapStaticAssets(Manifest()).AllowAnonymous();
        app.MapGet("/set/language", SetLanguage).AllowAnonymous().ExcludeFromDescription();
        app.MapPost("/account/logout", SignOut).AllowAnonymous().ExcludeFromDescription();
        app.MapRazorComponents<App>().AddInteractiveServerRenderMode();
        return app;
    }

    private static bool IsForMachines(PathString path) =>
        MachinePaths.Any(p => path.StartsWithSegments(p)) || Path.HasExtension(path.Value);

    // Named after the pages' assembly, not the process: the test host serves the same files.
    private static string Manifest() => Path.Combine(AppContext.BaseDirectory, $"{typeof(UiSetup).Assembly.GetName().Name}.staticwebassets.endpoints.json");

    /// <summary>Keeps the reader's language with the account and in this browser for a year, and leads back. Changes nothing but the reader's own view, so a plain link may do it.</summary>
    internal static async Task<IResult> SetLanguage(string to, string? back, IAccountDesk desk, HttpContext context)
    {
        if (TextCatalogue.Languages.Contains(to))
        {
            context.Response.Cookies.Append(CookieRequestCultureProvider.DefaultCookieName,
                CookieRequestCultureProvider.MakeCookieValue(new RequestCulture(to)),
                new CookieOptions { MaxAge = TimeSpan.FromDays(365), IsEssential = true, SameSite = SameSiteMode.Lax, HttpOnly = true, Path = "/" });
            await desk.KeepLanguageAsync(to, context.RequestAborted);
        }
        return Results.LocalRedirect(IsLocal(back) ? back! : "/");
    }

    /// <summary>Leaves by form post only, so that no foreign link can sign somebody out.</summary>
    internal static async Task<IResult> SignOut(IAccountDesk desk, IAntiforgery forms, HttpContext context)
    {
        if (!await forms.IsRequestValidAsync(context)) return Results.BadRequest();
        await desk.SignOutAsync(context.RequestAborted);
        return Results.LocalRedirect("/account/login");
    }

    /// <summary>A form that this node did not hand out, or not to this browser: nothing is done, and the reader is told what to do.</summary>
    private static Task RefuseStaleForm(HttpContext context, RequestDelegate next)
    {
        if (context.Features.Get<IAntiforgeryValidationFeature>() is not { IsValid: false }) return next(context);
        var texts = context.RequestServices.GetRequiredService<Texts>();
        var (title, body, again) = (WebUtility.HtmlEncode(texts["form.stale"]), WebUtility.HtmlEncode(texts["form.stale.body"]), WebUtility.HtmlEncode(texts["form.stale.again"]));
        var here = WebUtility.HtmlEncode(context.Request.Path.ToUriComponent() + context.Request.QueryString.ToUriComponent());
        context.Response.StatusCode = StatusCodes.Status400BadRequest;
        context.Response.ContentType = "text/html; charset=utf-8";
        return context.Response.WriteAsync($"<!DOCTYPE html><html lang=\"{texts.Language}\"><head><meta charset=\"utf-8\"><title>{title}</title></head><body><h1>{title}</h1><p>{body}</p><p><a href=\"{here}\">{again}</a></p></body></html>", context.RequestAborted);
    }

    /// <summary>Whether an address leads to this node and nowhere else.</summary>
    internal static bool IsLocal(string? address) =>
        address is ['/', ..] and not ['/', '/' or '\\', ..];
}
