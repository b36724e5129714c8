using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using Ieum.Connect.Polling;
using Ieum.Model;
using Microsoft.Extensions.Logging;

namespace Ieum.Connect.Fins;

/// <summary>Makes, tests, finds and browses FINS connections.</summary>
internal sealed class FinsFactory(Clocks clocks, ILoggerFactory logs) : IProtocolFactory
{
    private static readonly (string Address, int Words)[] Shown = [("D0", 32768), ("CIO0", 6144), ("W0", 512), ("H0", 512), ("A0", 960), ("T0", 4096), ("C0", 4096), ("E0_0", 32768)];

    public string Protocol => "fins";
    public bool TakesPoints => true;
    public IReadOnlyList<int> UsualPorts { get; } = [FinsOptions.DefaultPort];

    public IMachineSource Create(ConnectionSettings settings, ISignalDirectory signals)
    {
        var options = FinsOptions.Read(settings);
        return new PolledSource(settings, options.Poll, options.NewProtocol(), signals, clocks, logs.CreateLogger<PolledSource>());
    }

    public Task<ConnectionTest> TestAsync(ConnectionSettings settings, CancellationToken cancel)
    {
        var options = FinsOptions.Read(settings);
        var protocol = options.NewProtocol();
        return PollProbe.TestAsync(settings, options.Poll, protocol, new(Place(protocol, "D0").Area, 0, 1), clocks, cancel,
            async (link, stop) => await ModelAsync(link, protocol, options.Poll.Timeout, stop).ConfigureAwait(false));
    }

    /// <summary>Exchanges node addresses over TCP and asks for the model.</summary>
    public async Task<IReadOnlyList<ScanHit>> KnockAsync(IPEndPoint at, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(at);
        var options = new PollOptions { Host = at.Address.ToString(), Port = at.Port };
        var protocol = new FinsProtocol(default, 0, isDatagram: false);
        try
        {
            using var link = await RegisterLink.OpenAsync(options, protocol, clocks.Wire, cancel).ConfigureAwait(false);
            var model = await ModelAsync(link, protocol, options.Timeout, cancel).ConfigureAwait(false);
            return [new(Protocol, at.ToString(), $"{(model is { Length: > 0 } ? model : "A controller")}, FINS/TCP; no encryption, no password", ImmutableDictionary<string, string>.Empty)];
        }
        catch (Exception fault) when (fault is SocketException or TimeoutException or IOException)
        {
            return [];
        }
    }

    public Task<BrowseAnswer> BrowseAsync(ConnectionSettings settings, string? address, CancellationToken cancel)
    {
        var options = FinsOptions.Read(settings);
        var protocol = options.NewProtocol();
        return PollBrowse.BrowseAsync(settings, options.Poll, protocol,
            [.. Shown.Select(s => Place(protocol, s.Address) is var place ? new BrowseTop(place.Area, place.Start, place.Start + s.Words - 1) : default)], address, clocks, cancel);
    }

    private static RegisterPlace Place(FinsProtocol protocol, string address) =>
        protocol.TryPlace(address, out var place, out var why) ? place : throw new ArgumentException(why, nameof(address));

    /// <returns>The model; empty when the controller does not tell; null when it does not answer.</returns>
    private async ValueTask<string?> ModelAsync(RegisterLink link, FinsProtocol protocol, TimeSpan limit, CancellationToken cancel)
    {
        using var timer = new CancellationTokenSource(limit, clocks.Wire);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancel);
        try
        {
            var frame = await link.SayAsync(protocol.EncodeRequest(new FinsRequest.ControllerData(), 1), both.Token).ConfigureAwait(false);
            return protocol.Unwrapped(frame) is { } fins && FinsCodec.TryDecode(fins, out var answer, out _) && answer.EndCode == 0
                && FinsCodec.TryControllerData(answer.Data, out var model, out var version) ? $"{model} {version}".Trim() : "";
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return null;
        }
    }
}
