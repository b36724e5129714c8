using Ieum.Connect.Broker;
using Ieum.Model;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Ieum.Connect.Sparkplug.Host;

/// <summary>The host applications of this node, one per broker. Started by the first machine, stopped with the last.</summary>
internal sealed class SparkplugHosts(EmbeddedBroker broker, IOptions<BrokerOptions> options, Clocks clocks, ILoggerFactory logs)
{
    private sealed class Entry(SparkplugHost host)
    {
        public SparkplugHost Host { get; } = host;
        public CancellationTokenSource Stop { get; } = new();
        public Task Running { get; set; } = Task.CompletedTask;
        public int Leases { get; set; }
    }

    /// <summary>A share in a running host; give it back by disposing.</summary>
    internal sealed class HostLease(SparkplugHost host, Func<ValueTask> release) : IAsyncDisposable
    {
        public SparkplugHost Host { get; } = host;
        public ValueTask DisposeAsync() => release();
    }

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Entry> _entries = new(StringComparer.Ordinal);
    private readonly ILogger _log = logs.CreateLogger<SparkplugHost>();

    /// <param name="address">Null for the broker inside the node.</param>
    public HostLease Lease(BrokerAddress? address)
    {
        var key = address is null ? "" : $"{address} {address.User}";
        lock (_gate)
        {
            if (!_entries.TryGetValue(key, out var entry))
            {
                ISparkplugTransport transport = address is null
                    ? new EmbeddedTransport(broker, options.Value, clocks)
                    : new OutsideTransport(address, options.Value.HostId, clocks);
                _entries[key] = entry = new(new(transport, options.Value, clocks, _log));
                entry.Running = Task.Run(() => RunAsync(entry, transport.Name));
            }
            entry.Leases++;
            return new(entry.Host, () => ReleaseAsync(key, entry));
        }
    }

    private async Task RunAsync(Entry entry, string name)
    {
        try
        {
            await entry.Host.RunAsync(entry.Stop.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (entry.Stop.IsCancellationRequested)
        {
            // The last machine left.
        }
        catch (Exception fault)
        {
            Log.Unexpected(_log, fault, name);
            throw;
        }
    }

    private async ValueTask ReleaseAsync(string key, Entry entry)
    {
        lock (_gate)
        {
            if (--entry.Leases > 0) return;
            _entries.Remove(key);
        }
        await entry.Stop.CancelAsync().ConfigureAwait(false);
        await entry.Running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        entry.Stop.Dispose();
    }
}
