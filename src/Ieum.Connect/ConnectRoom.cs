using System.Collections.Frozen;
using Ieum.Model;

namespace Ieum.Connect;

/// <summary>Finds the protocol of a connection and lets its factory do the rest.</summary>
internal sealed class ConnectRoom(IEnumerable<IProtocolFactory> factories, Clocks clocks) : IConnectRoom
{
    private readonly FrozenDictionary<string, IProtocolFactory> _factories =
        factories.ToFrozenDictionary(f => f.Protocol, StringComparer.Ordinal);

    public IReadOnlyCollection<string> Protocols => _factories.Keys;

    public IMachineSource Create(ConnectionSettings settings, ISignalDirectory signals)
    {
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentNullException.ThrowIfNull(signals);
        return FactoryOf(settings).Create(settings, signals);
    }

    public async Task<ConnectionTest> TestAsync(ConnectionSettings settings, TimeSpan limit, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(settings);
        using var timer = new CancellationTokenSource(limit, clocks.Wire);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancel);
        try
        {
            return await FactoryOf(settings).TestAsync(settings, both.Token).ConfigureAwait(false);
        }
        catch (ConnectionSettingsException wrong)
        {
            return new(false, wrong.Rule, wrong.Message, []);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return new(false, ConnectRules.TestTimedOut,
                $"'{settings.Endpoint}' did not answer within {limit.TotalSeconds:0.#} s. Check that it is switched on and that the address and port are right.", []);
        }
    }

    public bool TakesPoints(string protocol) => _factories.TryGetValue(protocol, out var factory) && factory.TakesPoints;

    public Task<IReadOnlyList<ScanHit>> ScanAsync(IReadOnlyList<AddressRange> ranges, string? protocol, IProgress<ScanProgress>? progress, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(ranges);
        if (protocol is not null && !_factories.ContainsKey(protocol)) throw Unknown("A scan", protocol);
        return new Scanner(_factories.Values, clocks.Wire).ScanAsync(ranges, protocol, progress, cancel);
    }

    public async Task<BrowseAnswer> BrowseAsync(ConnectionSettings settings, string? address, TimeSpan limit, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(settings);
        using var timer = new CancellationTokenSource(limit, clocks.Wire);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancel);
        try
        {
            return await FactoryOf(settings).BrowseAsync(settings, address, both.Token).ConfigureAwait(false);
        }
        catch (ConnectionSettingsException wrong)
        {
            return new(false, wrong.Rule, wrong.Message, []);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return new(false, ConnectRules.TestTimedOut,
                $"'{settings.Endpoint}' did not answer within {limit.TotalSeconds:0.#} s. Check that it is switched on and that the address and port are right.", []);
        }
    }

    public Task<PreviewAnswer> PreviewAsync(ConnectionSettings settings, TimeSpan most, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(settings);
        var factory = FactoryOf(settings);
        return PreviewRun.RunAsync(signals => factory.CreateToLook(settings, signals), most, clocks.Wire, cancel);
    }

    private IProtocolFactory FactoryOf(ConnectionSettings settings)
    {
        if (_factories.TryGetValue(settings.Protocol, out var factory))
        {
            CheckPoints(settings, factory.TakesPoints);
            return factory;
        }
        throw Unknown($"Connection '{settings.Source}'", settings.Protocol);
    }

    private ConnectionSettingsException Unknown(string who, string protocol) => new(ConnectRules.ProtocolUnknown,
        $"{who} names the protocol '{protocol}'. Known: {string.Join(", ", Protocols.Order(StringComparer.Ordinal))}.");

    private static void CheckPoints(ConnectionSettings settings, bool taken)
    {
        if (settings.Points.IsEmpty) return;
        if (!taken)
            throw new ConnectionSettingsException(ConnectRules.PointsUnknown,
                $"Connection '{settings.Source}' lists {settings.Points.Length} points, but {settings.Protocol} tells by itself what there is. Remove 'points'.");
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var p in settings.Points)
        {
            if (p.Name.Trim().Length == 0 || p.Address.Trim().Length == 0) throw Wrong(p, "it needs a name and an address");
            if (!names.Add(p.Name)) throw Wrong(p, "the name stands twice; give each point its own");
            if (p.Scale == 0 || !double.IsFinite(p.Scale) || !double.IsFinite(p.Offset)) throw Wrong(p, "scale and offset must be finite numbers, scale not 0");
            if (!(p.Deadband >= 0) || p.Period < TimeSpan.Zero) throw Wrong(p, "deadband and period must not be negative");
            if (p.Unit.Length > 0 && !Unit.TryFind(p.Unit, out _)) throw Wrong(p, $"'{p.Unit}' is not a common code of UN/ECE Recommendation 20 that this product knows");
        }

        ConnectionSettingsException Wrong(PointSettings p, string why) =>
            new(ConnectRules.PointWrong, $"Connection '{settings.Source}' ({settings.Protocol}): point '{p.Name}' at '{p.Address}': {why}.");
    }
}
