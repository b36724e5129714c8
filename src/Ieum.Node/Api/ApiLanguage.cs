using System.Globalization;
using Ieum.Node.Ui;
using Microsoft.Net.Http.Headers;

namespace Ieum.Node.Api;

/// <summary>The language in which the API says what it finds: the first of <c>Accept-Language</c> that is one of ours, else English. Rule ids, fields and figures are the same in all.</summary>
/// <remarks>The language of the pages, kept with the account, is not asked: a program reads the same words whoever it signs in as.</remarks>
internal static class ApiLanguage
{
    public static string Of(HttpRequest request) => request.GetTypedHeaders().AcceptLanguage.Where(l => l.Quality is not 0).OrderByDescending(l => l.Quality ?? 1)
        .Select(l => l.Value.Value is { Length: >= 2 } tag ? tag[..2].ToLowerInvariant() : "").FirstOrDefault(TextCatalogue.Languages.Contains) ?? "en";

    public static ValueTask<object?> FilterAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var language = Of(context.HttpContext.Request);
        CultureInfo.CurrentUICulture = CultureInfo.GetCultureInfo(language);
        context.HttpContext.Response.Headers.ContentLanguage = language;
        context.HttpContext.Response.Headers.Append(HeaderNames.Vary, HeaderNames.AcceptLanguage);
        return next(context);
    }
}
