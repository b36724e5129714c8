using System.Net;
using Microsoft.AspNetCore.Connections;
using Orleans.Configuration;
using Orleans.Serialization.Cloning;

namespace Ieum.Node.Cluster;

/// <summary>The actor runtime inside the node: one silo, all in memory, no port.</summary>
internal static class Silo
{
    public static void AddSilo(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<TwinBoard>();
        builder.UseOrleans(silo =>
        {
            silo.UseLocalhostClustering(siloPort: 11111, gatewayPort: 0, serviceId: "ieum", clusterId: "ieum");
            silo.Services.AddSingleton<IGeneralizedCopier, DomainHandOver>();
            silo.Configure<ClusterMembershipOptions>(o => o.LivenessEnabled = false);
            // Where grains of other silos are; the default makes room for a million, 19 MB of it before the first call.
            silo.Configure<GrainDirectoryOptions>(o => o.CacheSize = 1024);
            // A single silo has nobody to talk to. Without a listener, any number of nodes run on one machine, and there is no door to guard.
            for (var i = silo.Services.Count - 1; i >= 0; i--)
                if (silo.Services[i] is { IsKeyedService: true } s && s.ServiceType == typeof(IConnectionListenerFactory))
                {
                    var key = s.ServiceKey;
                    silo.Services.RemoveAt(i);
                    silo.Services.AddKeyedSingleton<IConnectionListenerFactory, DeafListeners>(key);
                }
        });
    }

    /// <summary>Values of the domain never change, so the runtime hands them over as they are instead of copying them.</summary>
    private sealed class DomainHandOver : IGeneralizedCopier
    {
        private static readonly HashSet<string?> Ours = [.. (string[])["Ieum.Model", "Ieum.Analyze", "Ieum.Plan", "Ieum.Act", "ieum"]];

        public bool IsSupportedType(Type type) => Ours.Contains(type.Assembly.GetName().Name);

        [return: System.Diagnostics.CodeAnalysis.NotNullIfNotNull(nameof(input))]
        public object? DeepCopy(object? input, CopyContext context) => input;
    }

    /// <summary>Listeners that nobody can reach.</summary>
    private sealed class DeafListeners : IConnectionListenerFactory
    {
        public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default) =>
            ValueTask.FromResult<IConnectionListener>(new Deaf(endpoint));

        private sealed class Deaf(EndPoint endpoint) : IConnectionListener
        {
            private readonly TaskCompletionSource<ConnectionContext?> _end = new(TaskCreationOptions.RunContinuationsAsynchronously);

            public EndPoint EndPoint => endpoint;
            public ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default) => new(_end.Task.WaitAsync(cancellationToken));

            public ValueTask UnbindAsync(CancellationToken cancellationToken = default)
            {
                _end.TrySetResult(null);
                return ValueTask.CompletedTask;
            }

            public ValueTask DisposeAsync() => UnbindAsync();
        }
    }
}
