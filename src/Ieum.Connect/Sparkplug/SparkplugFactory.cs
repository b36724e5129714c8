using Ieum.Connect.Sparkplug.Host;
using Ieum.Connect.Sparkplug.Payload;
using Ieum.Connect.Sparkplug.Session;
using Ieum.Model;
using Microsoft.Extensions.Logging;

namespace Ieum.Connect.Sparkplug;

/// <summary>MQTT Sparkplug B 3.0, protocol key <c>sparkplug</c>.</summary>
internal sealed class SparkplugFactory(SparkplugHosts hosts, Clocks clocks, ILogger<SparkplugSource> log) : IProtocolFactory
{
    public string Protocol => "sparkplug";

    public IMachineSource Create(ConnectionSettings settings, ISignalDirectory signals) =>
        new SparkplugSource(settings, SparkplugSettings.Read(settings), signals, hosts, clocks, log);

    public async Task<ConnectionTest> TestAsync(ConnectionSettings settings, CancellationToken cancel)
    {
        var read = SparkplugSettings.Read(settings);
        await using var lease = hosts.Lease(read.Broker);
        var metrics = await lease.Host.ProbeAsync(read, cancel).ConfigureAwait(false);
        var naming = new SignalNaming(settings.Machine, read);
        var signals = new List<Signal>();
        foreach (var m in metrics)
        {
            if (m.Name is not { Length: > 0 } name || name == "bdSeq" || name.StartsWith("Node Control/", StringComparison.Ordinal)) continue;
            if (signals.Count == 500) break;
            var bytes = PayloadEncoder.Encode(new(null, [m], null));
            if (!PayloadView.TryRead(bytes, out var payload, out _)) continue;
            var walk = payload.Metrics;
            if (!walk.TryNext(out var one) || !MetricView.TryRead(one, out var view, out _)) continue;
            signals.Add(naming.SignalOf(new MetricScope(read.Device), new MetricSlot(name, []) { DataType = view.DataType }, view));
        }
        return new(true, null, $"{settings.Endpoint} answered with a birth of {metrics.Count} metrics.", signals);
    }
}
