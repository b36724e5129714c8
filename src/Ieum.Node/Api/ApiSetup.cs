using Ieum.Node.Security;
using Scalar.AspNetCore;

namespace Ieum.Node.Api;

internal static class ApiSetup
{
    public static void AddApi(this IServiceCollection services)
    {
        services.ConfigureHttpJsonOptions(o =>
        {
            o.SerializerOptions.TypeInfoResolverChain.Insert(0, ApiJson.Default);
            // A context lends its shapes to other options, its converters it keeps to itself.
            foreach (var converter in ApiJson.Default.Options.Converters) o.SerializerOptions.Converters.Add(converter);
        });
        services.AddProblemDetails(o => o.CustomizeProblemDetails = c =>
        {
            if (!c.ProblemDetails.Extensions.ContainsKey("rule") && c.ProblemDetails.Status is { } status)
                c.ProblemDetails.Extensions["rule"] = status switch { 404 => ApiRules.NotFound, 409 => ApiRules.Conflict, >= 500 => ApiRules.Failed, _ => ApiRules.WrongValue };
        });
        services.AddSingleton<TrialGate>();
        services.AddOpenApi("v1", o => o.AddDocumentTransformer((document, _, _) =>
        {
            document.Info.Title = "Ieum node";
            document.Info.Version = "v1";
            document.Info.Description = $"Sign in with POST /api/v1/session; every change carries the header {ChangeGuard.Header}: 1.";
            return Task.CompletedTask;
        }));
    }

    public static void MapApi(this WebApplication app)
    {
        var api = app.MapGroup("/api/v1").AddEndpointFilter(ApiLanguage.FilterAsync);
        MachineRoutes.Map(api);
        EntryRoutes.Map(api);
        LossRoutes.Map(api);
        PlanRoutes.Map(api);
        PromiseRoutes.Map(api);
        ReplanRoutes.Map(api);
        BranchRoutes.Map(api);
        ExchangeRoutes.Map(api);
        InstructionRoutes.Map(api);
        SettingsRoutes.Map(api);
        WriteRoutes.Map(api);
        QueryRoutes.Map(api);
        Prom.PromRoutes.Map(app);
        AnomalyRoutes.Map(api);
        ExploreRoutes.Map(api);
        PushRoutes.Map(api);
        app.MapOpenApi().RequireAuthorization(Policies.CanView);
        app.MapScalarApiReference(o => o.WithTitle("Ieum").DisableDefaultFonts()).RequireAuthorization(Policies.CanView);
    }
}
