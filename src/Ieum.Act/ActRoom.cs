using Ieum.Model;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Ieum.Act;

/// <summary>Puts the Act room into a node.</summary>
public static class ActRoom
{
    /// <summary>
    /// Adds <see cref="IDispatcher"/>, <see cref="ILoopLedger"/>, <see cref="IWriteDesk"/> and <see cref="IWriteDoor"/>. Asks for
    /// <see cref="IShopEventStore"/>, <see cref="ILoopStore"/>, <see cref="IMachineWriters"/>, <see cref="IWriteScene"/>,
    /// <see cref="IWriteAuditStore"/>, <see cref="IWriteRuleStore"/>, <see cref="Clocks"/> and logging; options are checked at start.
    /// </summary>
    public static IServiceCollection AddAct(this IServiceCollection services, Action<ActOptions>? configure = null)
    {
        var options = services.AddOptions<ActOptions>().ValidateOnStart();
        if (configure is not null) options.Configure(configure);
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<ActOptions>, ActOptionsCheck>());
        services.TryAddSingleton<IDispatcher, Dispatcher>();
        services.TryAddSingleton<ILoopLedger, LoopLedger>();
        services.AddOptions<WriteBackOptions>().ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<WriteBackOptions>, WriteBackOptionsCheck>());
        services.TryAddSingleton<IWriteDesk, GuardedWrites>();
        services.TryAddSingleton<IWriteDoor>(s => s.GetRequiredService<IWriteDesk>());
        return services;
    }
}
