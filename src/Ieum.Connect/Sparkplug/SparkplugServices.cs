using Ieum.Connect.Broker;
using Ieum.Connect.Sparkplug.Edge;
using Ieum.Connect.Sparkplug.Host;
using Ieum.Model;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Ieum.Connect.Sparkplug;

internal static class SparkplugServices
{
    /// <summary>The embedded broker, the host applications and the protocol. <see cref="BrokerOptions"/> are bound by the node.</summary>
    public static IServiceCollection AddSparkplug(this IServiceCollection services)
    {
        services.AddOptions<BrokerOptions>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<BrokerOptions>, BrokerOptionsCheck>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<BrokerOptions>, BrokerExposureCheck>());
        services.TryAddSingleton<INodePublisher>(p => new NodePublisher(p.GetRequiredService<EmbeddedBroker>()));
        services.TryAddSingleton(p => new EmbeddedBroker(p.GetRequiredService<IOptions<BrokerOptions>>().Value, p.GetRequiredService<Clocks>().Wire, p.GetRequiredService<Microsoft.Extensions.Logging.ILogger<EmbeddedBroker>>()));
        services.TryAddSingleton<SparkplugHosts>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<SparkplugEdgeOptions>, SparkplugEdgeOptionsCheck>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<SparkplugEdgeOptions>, SparkplugEdgeBrokerCheck>());
        services.AddOptions<SparkplugEdgeOptions>();
        services.TryAddSingleton<ISparkplugEdge, SparkplugEdge>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IProtocolFactory, SparkplugFactory>());
        return services;
    }
}
