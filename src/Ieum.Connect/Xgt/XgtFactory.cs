using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using Ieum.Connect.Polling;
using Ieum.Model;
using Microsoft.Extensions.Logging;

namespace Ieum.Connect.Xgt;

/// <summary>Makes, tests and finds XGT FEnet connections, protocol key <c>xgt</c>.</summary>
internal sealed class XgtFactory(Clocks clocks, ILoggerFactory logs) : IProtocolFactory
{
    /// <summary>D0 is there in every CPU of the family.</summary>
    private static readonly RegisterRequest Question = new(new(0, 'D', 0, CellSize.Word), 0, 1);

    public string Protocol => "xgt";
    public bool TakesPoints => true;
    public IReadOnlyList<int> UsualPorts => [XgtOptions.DefaultPort];

    public IMachineSource Create(ConnectionSettings settings, ISignalDirectory signals)
    {
        var options = XgtOptions.Read(settings);
        return new PolledSource(settings, options.Poll, new XgtProtocol(options), signals, clocks, logs.CreateLogger<PolledSource>());
    }

    public Task<ConnectionTest> TestAsync(ConnectionSettings settings, CancellationToken cancel)
    {
        var options = XgtOptions.Read(settings);
        return PollProbe.TestAsync(settings, options.Poll, new XgtProtocol(options), Question, clocks, cancel);
    }

    public async Task<IReadOnlyList<ScanHit>> KnockAsync(IPEndPoint at, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(at);
        var poll = new PollOptions { Host = at.Address.ToString(), Port = at.Port };
        try
        {
            using var link = await RegisterLink.OpenAsync(poll, new XgtProtocol(new() { Poll = poll }), clocks.Wire, cancel).ConfigureAwait(false);
            var answer = await link.AskAsync(Question, cancel).ConfigureAwait(false);
            return answer.Kind is AnswerKind.Done or AnswerKind.Refused
                ? [new(Protocol, at.ToString(), "LS XGT PLC (FEnet dedicated service); no encryption, no password", ImmutableDictionary<string, string>.Empty)] : [];
        }
        catch (Exception fault) when (fault is SocketException or TimeoutException or IOException)
        {
            return [];
        }
    }
}
