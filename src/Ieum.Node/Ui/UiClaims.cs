using Microsoft.AspNetCore.Localization;

namespace Ieum.Node.Ui;

/// <summary>What pages read about the person from the sign-in.</summary>
internal static class UiClaims
{
    /// <summary><c>ko</c>, <c>ja</c> or <c>en</c>; absent until chosen.</summary>
    public const string Language = "ieum.language";

    /// <summary><c>light</c> or <c>dark</c>; absent until chosen.</summary>
    public const string Theme = "ieum.theme";
}

/// <summary>The language of the signed-in person: on a tablet that several people share it goes before the browser's cookie.</summary>
internal sealed class AccountCultureProvider : RequestCultureProvider
{
    public override Task<ProviderCultureResult?> DetermineProviderCultureResult(HttpContext httpContext) =>
        httpContext.User.FindFirst(UiClaims.Language) is { } claim ? Task.FromResult<ProviderCultureResult?>(new(claim.Value)) : NullProviderCultureResult;
}
