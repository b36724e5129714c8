using Ieum.Node.Store;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;

namespace Ieum.Node.Security;

/// <summary>Signs visitors from this machine in as a demo owner, when the configuration asks for it and the node listens on loopback only.</summary>
internal sealed class DemoOwner(RequestDelegate next, IOptions<SecurityOptions> options, NodeSetup setup)
{
    public const string UserName = "demo";
    private readonly bool _on = options.Value.DemoOwner && Loopback.IsLoopback(setup.Bind);

    public async Task InvokeAsync(HttpContext context)
    {
        // A foreign site in the same browser must not come in through the demo's open door.
        if (_on && context.User.Identity is not { IsAuthenticated: true } && Loopback.IsFromThisMachine(context) && Loopback.IsOwnPage(context))
        {
            var signIn = context.RequestServices.GetRequiredService<SignInManager<NodeUser>>();
            if (await signIn.UserManager.FindByNameAsync(UserName) is { } user)
            {
                await signIn.SignInAsync(user, isPersistent: false);
                context.User = await signIn.CreateUserPrincipalAsync(user);
            }
        }
        await next(context);
    }

    /// <summary>Makes the demo owner, or takes it away when the demo is over: it has no password, so nobody else can be it.</summary>
    public static async Task PrepareAsync(IServiceProvider services, bool wanted)
    {
        await using var scope = services.CreateAsyncScope();
        await AccountDesk.EnsureRolesAsync(scope);
        var users = scope.ServiceProvider.GetRequiredService<UserManager<NodeUser>>();
        var known = await users.FindByNameAsync(UserName);
        if (wanted && known is null)
        {
            var made = new NodeUser { UserName = UserName };
            await users.CreateAsync(made);
            await users.AddToRoleAsync(made, Roles.Owner);
        }
        else if (!wanted && known is { PasswordHash: null }) await users.DeleteAsync(known);
    }
}
