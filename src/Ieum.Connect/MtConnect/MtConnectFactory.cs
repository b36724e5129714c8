using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using Ieum.Model;
using Microsoft.Extensions.Logging;

namespace Ieum.Connect.MtConnect;

/// <summary>Makes and tests MTConnect connections.</summary>
internal sealed class MtConnectFactory(Clocks clocks, ILoggerFactory logs, IPlaces? places = null) : IProtocolFactory
{
    public string Protocol => "mtconnect";
    public IReadOnlyList<int> UsualPorts => [5000];

    public async Task<IReadOnlyList<ScanHit>> KnockAsync(IPEndPoint at, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(at);
        var endpoint = $"http://{at}";
        var test = await TestAsync(new(new("scan"), new("scan"), Protocol, endpoint, ImmutableDictionary<string, string>.Empty), cancel).ConfigureAwait(false);
        return test.Ok ? [new(Protocol, endpoint, test.Message, ImmutableDictionary<string, string>.Empty)] : [];
    }

    public IMachineSource Create(ConnectionSettings settings, ISignalDirectory signals) =>
        new MtConnectSource(settings, MtConnectOptions.Read(settings), signals, places, clocks, logs.CreateLogger<MtConnectSource>());

    public async Task<ConnectionTest> TestAsync(ConnectionSettings settings, CancellationToken cancel)
    {
        var options = MtConnectOptions.Read(settings);
        using var client = new MtClient(options, clocks.Wire);
        try
        {
            var body = await client.ProbeAsync(cancel).ConfigureAwait(false);
            if (!new MtDecoder().TryDecode(body, out var document, out var reason))
                return new(false, MtConnectRules.XmlUnreadable, $"'{settings.Endpoint}' answers, but not with MTConnect: {reason}", []);
            if (document.Kind != MtDocumentKind.Devices)
                return new(false, MtConnectRules.AgentError, $"'{settings.Endpoint}' refused: {string.Join("; ", document.Errors.Select(e => $"{e.Code} {e.Text}"))}", []);
            string? note = null;
            var device = MtIntake.Pick(document, options, (_, message) => note = " " + message, settings.Endpoint);
            var signals = MtSignals.SignalsOf(settings.Machine, device, options, (_, _) => { }).Select(s => s.Signal).ToList();
            return new(true, null, $"MTConnect {document.Header.Version} from {document.Header.Sender}: device {device.Name} ({device.Description}), {signals.Count} data items, buffer of {document.Header.BufferSize}.{note}", [.. signals.Take(500)]);
        }
        catch (MtConnectFault fault)
        {
            return new(false, fault.Rule, fault.Message, []);
        }
        catch (Exception fault) when (fault is HttpRequestException or IOException or SocketException)
        {
            var (broken, said) = Reach.Of(settings.Endpoint, fault);
            return new(false, broken, said, []);
        }
    }
}
