using Ieum.Connect.Modbus;
using Ieum.Connect.OpcUa.Door;
using Ieum.Connect.Fins;
using Ieum.Connect.Files;
using Ieum.Connect.Manual;
using Ieum.Connect.MtConnect;
using Ieum.Connect.OpcUa.Security;
using Ieum.Connect.S7;
using Ieum.Connect.Queue;
using Ieum.Connect.OpcUa.Client;
using Ieum.Connect.PlainMqtt;
using Ieum.Connect.Shdr;
using Ieum.Connect.Slmp;
using Ieum.Connect.Sparkplug;
using Ieum.Connect.Xgt;
using Ieum.Model;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Ieum.Connect;

/// <summary>Puts the Connect room into a service collection.</summary>
public static class ConnectServices
{
    /// <summary>Adds <see cref="IConnectRoom"/> and every protocol. Takes <see cref="Clocks"/> from the collection; real time when there is none. Needs logging.</summary>
    public static IServiceCollection AddConnect(this IServiceCollection services)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.TryAddSingleton(Clocks.Real);
        services.TryAddSingleton<IConnectRoom, ConnectRoom>();
        services.AddSingleton<IProtocolFactory, MtConnectFactory>();
        services.AddSingleton<IProtocolFactory, ShdrFactory>();
        services.AddSingleton<IProtocolFactory, ModbusFactory>();
        services.AddSingleton<IProtocolFactory, XgtFactory>();
        services.AddSingleton<IProtocolFactory, S7Factory>();
        services.AddSingleton<IProtocolFactory, SlmpFactory>();
        services.AddSingleton<IProtocolFactory, FinsFactory>();
        services.AddSingleton<IValidateOptions<QueueOptions>, QueueOptionsCheck>();
        services.TryAddSingleton<IQueueRoom, QueueRoom>();
        services.AddSingleton<IProtocolFactory, OpcUaFactory>();
        services.AddSingleton<IProtocolFactory, MqttFactory>();
        services.AddSingleton<IValidateOptions<OpcUaDoorOptions>, OpcUaDoorOptionsCheck>().AddSingleton<IValidateOptions<OpcUaDoorOptions>, OpcUaDoorPolicyCheck>();
        services.TryAddSingleton<IOpcUaDoor, OpcUaDoor>();
        services.TryAddSingleton<ICertificateTrust>(p => new TrustList(
            Path.Combine(p.GetRequiredService<IOptions<ConnectOptions>>().Value.Folder, "pki"), p.GetRequiredService<Clocks>().Factory));
        services.TryAddSingleton<ManualDesk>();
        services.TryAddSingleton<IManualEntries>(p => p.GetRequiredService<ManualDesk>());
        services.AddSingleton<IProtocolFactory, ManualFactory>();
        services.AddSingleton<IProtocolFactory, FilesFactory>();
        services.AddSparkplug();
        return services;
    }
}
