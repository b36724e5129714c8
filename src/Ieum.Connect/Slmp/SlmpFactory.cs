using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using Ieum.Connect.Polling;
using Ieum.Model;
using Microsoft.Extensions.Logging;

namespace Ieum.Connect.Slmp;

/// <summary>Makes, tests, finds and browses SLMP connections.</summary>
internal sealed class SlmpFactory(Clocks clocks, ILoggerFactory logs) : IProtocolFactory
{
    /// <summary>Devices a first look begins with, and how far it goes: what controllers have without any parameters set.</summary>
    private static readonly (string Device, int Last)[] Shown =
        [("D", 7999), ("M", 7999), ("X", 1023), ("Y", 1023), ("W", 511), ("B", 511), ("L", 511), ("R", 999), ("TN", 511), ("CN", 255), ("SM", 511), ("SD", 511)];

    public string Protocol => "slmp";
    public bool TakesPoints => true;

    /// <summary>Ports that manuals and integrators use for MC protocol; the controller has none until somebody opens one.</summary>
    public IReadOnlyList<int> UsualPorts { get; } = [5007, 5000, 5001, 1025, 1280];

    public IMachineSource Create(ConnectionSettings settings, ISignalDirectory signals)
    {
        var options = SlmpOptions.Read(settings);
        return new PolledSource(settings, options.Poll, options.NewProtocol(), signals, clocks, logs.CreateLogger<PolledSource>());
    }

    public Task<ConnectionTest> TestAsync(ConnectionSettings settings, CancellationToken cancel)
    {
        var options = SlmpOptions.Read(settings);
        var protocol = options.NewProtocol();
        return PollProbe.TestAsync(settings, options.Poll, protocol, new(SlmpProtocol.AreaOf("D"), 0, 1), clocks, cancel, WhoAsync);

        async ValueTask<string?> WhoAsync(RegisterLink link, CancellationToken stop) =>
            await AskTypeAsync(link, protocol, options.Poll.Timeout, stop).ConfigureAwait(false) is { } type ? type.Model : null;
    }

    /// <summary>Asks for the type in 3E, binary and then ASCII. An end code is an answer too: who sends one speaks SLMP.</summary>
    public async Task<IReadOnlyList<ScanHit>> KnockAsync(IPEndPoint at, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(at);
        var options = new PollOptions { Host = at.Address.ToString(), Port = at.Port };
        foreach (var isAscii in (bool[])[false, true])
        {
            var protocol = new SlmpProtocol(new(SlmpFrame.Frame3E, isAscii, SlmpCpu.Q), SlmpRoute.Own, timer: 4);
            try
            {
                using var link = await RegisterLink.OpenAsync(options, protocol, clocks.Wire, cancel).ConfigureAwait(false);
                if (await AskTypeAsync(link, protocol, options.Timeout, cancel).ConfigureAwait(false) is not { IsSlmp: true } type) continue;
                var found = ImmutableDictionary<string, string>.Empty.Add("frame", "3e").Add("code", isAscii ? "ascii" : "binary");
                if (CpuOf(type.Model) is { } cpu) found = found.Add("cpu", cpu);
                return [new(Protocol, at.ToString(), $"{(type.Model.Length > 0 ? type.Model : "A controller")}, SLMP 3E in {(isAscii ? "ASCII" : "binary")}; no encryption, no password", found)];
            }
            catch (Exception fault) when (fault is SocketException or TimeoutException or IOException)
            {
                // Nobody, as far as a scan is concerned. A port that hung up after binary may still speak ASCII.
            }
        }
        return [];
    }

    public Task<BrowseAnswer> BrowseAsync(ConnectionSettings settings, string? address, CancellationToken cancel)
    {
        var options = SlmpOptions.Read(settings);
        return PollBrowse.BrowseAsync(settings, options.Poll, options.NewProtocol(),
            [.. Shown.Select(s => new BrowseTop(SlmpProtocol.AreaOf(s.Device), 0, s.Last))], address, clocks, cancel);
    }

    /// <summary>The option <c>cpu</c> for a model name; null when the name does not tell.</summary>
    internal static string? CpuOf(string model) => model switch
    {
        ['R', >= '0' and <= '9', ..] => "iqr",
        ['F', 'X', '5', ..] => "iqf",
        ['F', 'X', ..] => "fx",
        ['L', >= '0' and <= '9', ..] => "l",
        ['Q', ..] => "q",
        _ => null,
    };

    /// <returns>Null when nothing came in time; not SLMP when what came is none.</returns>
    private async ValueTask<(bool IsSlmp, string Model)?> AskTypeAsync(RegisterLink link, SlmpProtocol protocol, TimeSpan limit, CancellationToken cancel)
    {
        using var timer = new CancellationTokenSource(limit, clocks.Wire);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancel);
        try
        {
            var frame = await link.SayAsync(protocol.AskType(), both.Token).ConfigureAwait(false);
            return protocol.TryType(frame, out var model) ? (true, model) : (false, "");
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return null;
        }
    }
}
