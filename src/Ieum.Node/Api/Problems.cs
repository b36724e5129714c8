using Microsoft.AspNetCore.Mvc;

namespace Ieum.Node.Api;

/// <summary>Refusals of the API: problem documents (RFC 9457) with the stable rule id.</summary>
internal static class Problems
{
    public static string TypeOf(string rule) => $"urn:ieum:rule:{rule}";

    public static IResult Of(int status, string rule, string message) => TypedResults.Problem(new ProblemDetails
    {
        Status = status,
        Type = TypeOf(rule),
        Title = ApiRules.All.GetValueOrDefault(rule, rule),
        Detail = message,
        Extensions = { ["rule"] = rule },
    });

    public static IResult NotFound(string what) => Of(404, ApiRules.NotFound, what);
    public static IResult Wrong(string what) => Of(400, ApiRules.WrongValue, what);
}

/// <summary>Rules of the API.</summary>
public static class ApiRules
{
    public const string NotFound = "api-not-found";
    public const string WrongValue = "api-wrong-value";
    public const string WrongRange = "api-wrong-range";
    public const string Failed = "api-failed";
    public const string Conflict = "api-conflict";
    public const string Busy = "api-busy";

    public static IReadOnlyDictionary<string, string> All { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        [NotFound] = "There is no such thing here.",
        [WrongValue] = "A value of the request cannot be used.",
        [WrongRange] = "The range of time cannot be used.",
        [Failed] = "The node failed at this request; its log says why.",
        [Conflict] = "The request contradicts what is stored.",
        [Busy] = "Other plans are being tried out; try again in some seconds.",
    };
}
