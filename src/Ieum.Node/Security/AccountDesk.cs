using System.Threading.RateLimiting;
using Ieum.Node.Store;
using Ieum.Node.Views;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Ieum.Node.Security;

/// <summary>People of the node, over ASP.NET Core Identity.</summary>
/// <remarks>Opens a scope of its own per question, because a page's circuit lives for hours and Identity's context must not.</remarks>
internal sealed class AccountDesk(IServiceScopeFactory scopes, IHttpContextAccessor http, OwnerLink link, SignInLimit limit, ILogger<AccountDesk> log) : IAccountDesk
{
    private static readonly AccountAnswer Good = new(true);

    public async Task<bool> NeedsOwnerAsync(CancellationToken cancel)
    {
        await using var scope = scopes.CreateAsyncScope();
        return (await Users(scope).GetUsersInRoleAsync(Roles.Owner)).All(u => u.UserName == DemoOwner.UserName);
    }

    public async Task<AccountAnswer> SignInAsync(string user, string password, bool remember, CancellationToken cancel)
    {
        var context = http.HttpContext ?? throw new InvalidOperationException("Signing in needs a request; call it while a page is rendered on the server.");
        var from = context.Connection.RemoteIpAddress?.ToString() ?? "unknown";
        if (!limit.Allows(from))
        {
            Log.SignInRefused(log, from, AccountRules.TooManyTries);
            return Refuse(AccountRules.TooManyTries);
        }
        var signIn = context.RequestServices.GetRequiredService<SignInManager<NodeUser>>();
        var result = await signIn.PasswordSignInAsync(user, password, remember, lockoutOnFailure: true);
        if (result.Succeeded) return Good;
        var rule = result.IsLockedOut ? AccountRules.LockedOut : AccountRules.WrongPassword;
        Log.SignInRefused(log, from, rule);
        return Refuse(rule);
    }

    public async Task SignOutAsync(CancellationToken cancel)
    {
        if (http.HttpContext is { } context) await context.RequestServices.GetRequiredService<SignInManager<NodeUser>>().SignOutAsync();
    }

    public async Task KeepLanguageAsync(string language, CancellationToken cancel)
    {
        // A link on a foreign site may lead here, but must not write to the account.
        if (http.HttpContext is not { User.Identity.IsAuthenticated: true } context || !Loopback.IsOwnPage(context)) return;
        var signIn = context.RequestServices.GetRequiredService<SignInManager<NodeUser>>();
        if (await signIn.UserManager.GetUserAsync(context.User) is not { } user || user.UserName == DemoOwner.UserName || user.Language == language) return;
        user.Language = language;
        if (await signIn.UserManager.UpdateAsync(user) is { Succeeded: true }) await signIn.RefreshSignInAsync(user);
    }

    public async Task<AccountAnswer> CreateOwnerAsync(string token, string user, string password, CancellationToken cancel)
    {
        if (!link.IsGood(token) || !await NeedsOwnerAsync(cancel)) return Refuse(AccountRules.OwnerLinkSpent);
        var answer = await SaveAsync(new(user, Roles.Owner), password, "one-time link", cancel);
        if (!answer.Ok) return answer;   // a weak password must not cost the link
        link.Spend(token);
        if (http.HttpContext is { } context)
        {
            var signIn = context.RequestServices.GetRequiredService<SignInManager<NodeUser>>();
            if (await signIn.UserManager.FindByNameAsync(user) is { } made) await signIn.SignInAsync(made, isPersistent: false);
        }
        return Good;
    }

    public async Task<IReadOnlyList<UserLine>> UsersAsync(CancellationToken cancel)
    {
        await using var scope = scopes.CreateAsyncScope();
        var users = Users(scope);
        var lines = new List<UserLine>();
        foreach (var u in await users.Users.OrderBy(u => u.UserName).ToListAsync(cancel))
            lines.Add(new(u.UserName!, (await users.GetRolesAsync(u)).FirstOrDefault() ?? Roles.Viewer));
        return lines;
    }

    public async Task<AccountAnswer> SaveAsync(UserLine user, string? password, string by, CancellationToken cancel)
    {
        if (!Roles.All.Contains(user.Role)) return Refuse(AccountRules.UnknownRole, $"'{user.Role}' is not a role; choose one of {string.Join(", ", Roles.All)}.");
        await using var scope = scopes.CreateAsyncScope();
        var users = Users(scope);
        await EnsureRolesAsync(scope);
        var known = await users.FindByNameAsync(user.Name);
        if (known is null)
        {
            if (password is null) return Refuse(AccountRules.NeedsPassword);
            known = new NodeUser { UserName = user.Name };
            if (await users.CreateAsync(known, password) is { Succeeded: false } failed) return Refuse(failed);
        }
        else
        {
            if (user.Role != Roles.Owner && await IsLastOwnerAsync(users, known)) return Refuse(AccountRules.LastOwner);
            if (password is not null && await users.ResetPasswordAsync(known, await users.GeneratePasswordResetTokenAsync(known), password) is { Succeeded: false } failed)
                return Refuse(failed);
        }
        var roles = await users.GetRolesAsync(known);
        if (!roles.SequenceEqual([user.Role]))
        {
            await users.RemoveFromRolesAsync(known, roles);
            await users.AddToRoleAsync(known, user.Role);
            await users.UpdateSecurityStampAsync(known);   // sessions with the old role end within the check interval
        }
        Log.AccountSaved(log, user.Name, user.Role, by);
        return Good;
    }

    public async Task<AccountAnswer> RemoveAsync(string user, string by, CancellationToken cancel)
    {
        await using var scope = scopes.CreateAsyncScope();
        var users = Users(scope);
        if (await users.FindByNameAsync(user) is not { } known) return Refuse(AccountRules.UnknownUser);
        if (await IsLastOwnerAsync(users, known)) return Refuse(AccountRules.LastOwner);
        await users.DeleteAsync(known);
        Log.AccountRemoved(log, user, by);
        return Good;
    }

    internal static async Task EnsureRolesAsync(AsyncServiceScope scope)
    {
        var roles = scope.ServiceProvider.GetRequiredService<RoleManager<IdentityRole>>();
        foreach (var role in Roles.All)
            if (!await roles.RoleExistsAsync(role)) await roles.CreateAsync(new(role));
    }

    private static async Task<bool> IsLastOwnerAsync(UserManager<NodeUser> users, NodeUser user) =>
        await users.IsInRoleAsync(user, Roles.Owner) && (await users.GetUsersInRoleAsync(Roles.Owner)).Count == 1;

    private static UserManager<NodeUser> Users(AsyncServiceScope scope) => scope.ServiceProvider.GetRequiredService<UserManager<NodeUser>>();

    private static AccountAnswer Refuse(string rule, string? message = null) => new(false, rule, message ?? AccountRules.All[rule]);

    private static AccountAnswer Refuse(IdentityResult failed)
    {
        var rule = failed.Errors.Any(e => e.Code.StartsWith("Password", StringComparison.Ordinal)) ? AccountRules.WeakPassword : AccountRules.WrongName;
        return Refuse(rule, string.Join(" ", failed.Errors.Select(e => e.Description)));
    }
}

/// <summary>Counts sign-ins per address; the same for the page and the API.</summary>
internal sealed class SignInLimit(IOptions<SecurityOptions> options) : IDisposable
{
    private readonly PartitionedRateLimiter<string> _limiter = PartitionedRateLimiter.Create<string, string>(address =>
        RateLimitPartition.GetFixedWindowLimiter(address, _ => new() { PermitLimit = options.Value.SignInsPerMinute, Window = TimeSpan.FromMinutes(1), QueueLimit = 0 }));

    public bool Allows(string address)
    {
        using var lease = _limiter.AttemptAcquire(address);
        return lease.IsAcquired;
    }

    public void Dispose() => _limiter.Dispose();
}
