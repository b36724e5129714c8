using Microsoft.AspNetCore.Components.Authorization;

namespace Ieum.Node.Ui;

/// <summary>Who sits at a page.</summary>
internal static class SignedIn
{
    /// <returns>The name under which the person is signed in; empty for nobody.</returns>
    public static async Task<string> NameAsync(this AuthenticationStateProvider who) => (await who.GetAuthenticationStateAsync()).User.Identity?.Name ?? "";
}
