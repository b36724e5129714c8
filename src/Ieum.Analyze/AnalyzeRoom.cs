using Ieum.Model;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Ieum.Analyze;

/// <summary>Puts the Analyze room into a node.</summary>
public static class AnalyzeRoom
{
    /// <summary>
    /// Adds <see cref="IAnalyst"/>. The node provides <see cref="IMeasurementHistory"/>, <see cref="ISignalDirectory"/>
    /// and <see cref="Clocks"/>, and <see cref="IMachineSources"/> where gaps are to be seen: without it no gap is known.
    /// </summary>
    public static IServiceCollection AddAnalyze(this IServiceCollection services)
    {
        services.AddOptions<StackLampOptions>().ValidateOnStart();
        services.AddOptions<CurrentClampOptions>().ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<StackLampOptions>, StackLampOptionsCheck>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<CurrentClampOptions>, CurrentClampOptionsCheck>());
        services.TryAddSingleton(s => new RetrofitRules(
            s.GetRequiredService<IOptions<StackLampOptions>>().Value, s.GetRequiredService<IOptions<CurrentClampOptions>>().Value));
        services.TryAddSingleton<IMachineSources, NoSources>();
        services.TryAddSingleton<IAnalyst, Analyst>();
        return services;
    }

    private sealed class NoSources : IMachineSources
    {
        public IReadOnlyList<SourceId> Of(MachineId machine) => [];
    }
}

/// <summary>Which connections deliver a machine's data; the node knows, the measurements do not.</summary>
public interface IMachineSources
{
    IReadOnlyList<SourceId> Of(MachineId machine);
}
