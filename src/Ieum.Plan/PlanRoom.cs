using Ieum.Model;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Ieum.Plan;

/// <summary>Puts the Plan room into a node.</summary>
public static class PlanRoom
{
    /// <summary>Adds <see cref="IPlanner"/>, <see cref="IPlanAdvisor"/> and <see cref="IReplanner"/>; CP-SAT runs in a process of its own when a <see cref="SolverProgram"/> is registered. Asks for <see cref="Clocks"/> and logging; options are checked at start.</summary>
    public static IServiceCollection AddPlan(this IServiceCollection services, Action<PlanOptions>? configure = null)
    {
        var options = services.AddOptions<PlanOptions>().ValidateOnStart();
        if (configure is not null) options.Configure(configure);
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<PlanOptions>, PlanOptionsCheck>());
        services.TryAddSingleton<IPlanner, Planner>();
        services.TryAddSingleton<IPlanAdvisor, PlanAdvisor>();
        services.TryAddSingleton<IReplanner, Replanner>();
        return services;
    }
}
