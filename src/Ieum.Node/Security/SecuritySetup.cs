using Ieum.Node.Store;
using Ieum.Node.Views;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.HostFiltering;
using Microsoft.AspNetCore.Identity;

namespace Ieum.Node.Security;

internal static class SecuritySetup
{
    public static void AddSecurity(this WebApplicationBuilder builder, NodeSetup setup)
    {
        var services = builder.Services;
        var options = builder.Configuration.GetSection(SecurityOptions.Section).Get<SecurityOptions>() ?? new();
        services.AddHttpContextAccessor();
        services.AddSingleton<OwnerLink>().AddSingleton<SignInLimit>().AddSingleton<IAccountDesk, AccountDesk>();
        // Keys beside the data, readable by this user only, so that people stay signed in over a restart.
        var keys = Directory.CreateDirectory(Path.Combine(setup.DataFolder, "keys"));
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(keys.FullName, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        services.AddDataProtection().SetApplicationName("ieum").PersistKeysToFileSystem(keys);
        services.AddIdentity<NodeUser, IdentityRole>(o =>
        {
            // Length beats composition rules (NIST SP 800-63B 5.1.1.2).
            o.Password.RequiredLength = 10;
            o.Password.RequireDigit = o.Password.RequireLowercase = o.Password.RequireUppercase = o.Password.RequireNonAlphanumeric = false;
            o.Lockout.MaxFailedAccessAttempts = 5;
            o.Lockout.DefaultLockoutTimeSpan = TimeSpan.FromMinutes(5);
            // Names in Korean and Japanese are names too.
            o.User.AllowedUserNameCharacters = "";
        }).AddEntityFrameworkStores<NodeDb>().AddDefaultTokenProviders().AddClaimsPrincipalFactory<AccountClaims>();
        services.ConfigureApplicationCookie(c =>
        {
            c.Cookie.Name = $"ieum-{setup.Port}";   // cookies know no ports: two nodes on one machine must not sign each other out
            c.Cookie.HttpOnly = true;
            c.Cookie.SameSite = SameSiteMode.Lax;
            c.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
            c.ExpireTimeSpan = options.SessionLength;
            c.SlidingExpiration = true;
            c.LoginPath = c.AccessDeniedPath = "/login";
            // The API answers with a status; only pages are sent to the sign-in page.
            c.Events.OnRedirectToLogin = r => Answer(r, StatusCodes.Status401Unauthorized);
            c.Events.OnRedirectToAccessDenied = r => Answer(r, StatusCodes.Status403Forbidden);
        });
        services.Configure<SecurityStampValidatorOptions>(o => o.ValidationInterval = TimeSpan.FromMinutes(5));
        services.AddAntiforgery(a =>
        {
            a.Cookie.Name = $"ieum-form-{setup.Port}";
            a.Cookie.SameSite = SameSiteMode.Strict;
        });
        Policies.Add(services.AddAuthorizationBuilder());
        if (Loopback.IsLoopback(setup.Bind))
            // A loopback node is asked by loopback names only; other names mean a rebound DNS entry of a foreign site.
            services.Configure<HostFilteringOptions>(o => o.AllowedHosts = ["localhost", "127.0.0.1", "[::1]"]);
    }

    private static Task Answer(Microsoft.AspNetCore.Authentication.RedirectContext<Microsoft.AspNetCore.Authentication.Cookies.CookieAuthenticationOptions> r, int status)
    {
        if (r.Request.Path.StartsWithSegments("/api") || r.Request.Path.StartsWithSegments("/openapi") || r.Request.Path.StartsWithSegments("/metrics") || r.Request.Path.StartsWithSegments("/prometheus")) r.Response.StatusCode = status;
        else r.Response.Redirect(r.RedirectUri);
        return Task.CompletedTask;
    }

    /// <summary>Head of the pipeline: host names, security headers, who is asking, and the guard of changes.</summary>
    public static void UseSecurity(this WebApplication app)
    {
        app.UseHostFiltering();
        app.UseMiddleware<SecurityHeaders>();
        app.UseAuthentication();
        app.UseMiddleware<DemoOwner>();
        app.UseAuthorization();
        app.UseMiddleware<ChangeGuard>();
        app.UseAntiforgery();
    }
}
