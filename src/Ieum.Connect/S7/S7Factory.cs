using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Ieum.Connect.Polling;
using Ieum.Model;
using Microsoft.Extensions.Logging;

namespace Ieum.Connect.S7;

/// <summary>Makes, tests and finds S7 connections, protocol key <c>s7</c>.</summary>
internal sealed class S7Factory(Clocks clocks, ILoggerFactory logs) : IProtocolFactory
{
    /// <summary>MB0: every CPU has flags, and reading them needs no data block.</summary>
    private static readonly RegisterRequest Question = new(new(0, (int)S7Area.Flags, 0, CellSize.Byte), 0, 1);

    public string Protocol => "s7";
    public bool TakesPoints => true;
    public IReadOnlyList<int> UsualPorts => [S7Options.DefaultPort];

    public IMachineSource Create(ConnectionSettings settings, ISignalDirectory signals)
    {
        var options = S7Options.Read(settings);
        return new PolledSource(settings, options.Poll, new S7Protocol(options), signals, clocks, logs.CreateLogger<PolledSource>());
    }

    public Task<ConnectionTest> TestAsync(ConnectionSettings settings, CancellationToken cancel)
    {
        var options = S7Options.Read(settings);
        return PollProbe.TestAsync(settings, options.Poll, new S7Protocol(options), Question, clocks, cancel);
    }

    /// <summary>Tries the slots CPUs usually have; who agrees on a message length speaks S7.</summary>
    public async Task<IReadOnlyList<ScanHit>> KnockAsync(IPEndPoint at, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(at);
        var poll = new PollOptions { Host = at.Address.ToString(), Port = at.Port };
        foreach (var slot in (int[])[1, 2, 0, 3])
        {
            try
            {
                using var link = await RegisterLink.OpenAsync(poll, new S7Protocol(new() { Poll = poll, Slot = slot }), clocks.Wire, cancel).ConfigureAwait(false);
                return [new(Protocol, at.ToString(), string.Create(CultureInfo.InvariantCulture, $"S7 CPU in slot {slot}; no encryption, no password"),
                    ImmutableDictionary<string, string>.Empty.Add("slot", slot.ToString(CultureInfo.InvariantCulture)))];
            }
            catch (IOException)
            {
                // Another slot, or not S7 at all: the next try tells.
            }
            catch (Exception fault) when (fault is SocketException or TimeoutException)
            {
                return [];
            }
        }
        return [];
    }
}
