using System.Security.Claims;
using Ieum.Node.Store;
using Ieum.Node.Ui;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;

namespace Ieum.Node.Security;

/// <summary>Puts a person's language and look into the sign-in, so that pages know them without asking the database.</summary>
/// <remarks>The demo owner is everybody at this machine and has no taste of its own: each browser's cookie decides there.</remarks>
internal sealed class AccountClaims(UserManager<NodeUser> users, RoleManager<IdentityRole> roles, IOptions<IdentityOptions> options)
    : UserClaimsPrincipalFactory<NodeUser, IdentityRole>(users, roles, options)
{
    protected override async Task<ClaimsIdentity> GenerateClaimsAsync(NodeUser user)
    {
        var identity = await base.GenerateClaimsAsync(user);
        if (user.UserName == DemoOwner.UserName) return identity;
        if (user.Language is { } language) identity.AddClaim(new(UiClaims.Language, language));
        if (user.DarkMode is { } dark) identity.AddClaim(new(UiClaims.Theme, dark ? "dark" : "light"));
        return identity;
    }
}
