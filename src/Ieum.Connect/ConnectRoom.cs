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

    private IProtocolFactory FactoryOf(ConnectionSettings settings) =>
        _factories.TryGetValue(settings.Protocol, out var factory)
            ? factory
            : throw new ConnectionSettingsException(ConnectRules.ProtocolUnknown,
                $"Connection '{settings.Source}' names the protocol '{settings.Protocol}'. Known: {string.Join(", ", Protocols.Order(StringComparer.Ordinal))}.");
}
