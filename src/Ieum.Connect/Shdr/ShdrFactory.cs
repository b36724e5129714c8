using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using Ieum.Model;
using Microsoft.Extensions.Logging;

namespace Ieum.Connect.Shdr;

/// <summary>Makes and tests SHDR connections.</summary>
internal sealed class ShdrFactory(Clocks clocks, ILoggerFactory logs) : IProtocolFactory
{
    public string Protocol => "shdr";
    public IReadOnlyList<int> UsualPorts => [ShdrOptions.DefaultPort];

    public async Task<IReadOnlyList<ScanHit>> KnockAsync(IPEndPoint at, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(at);
        var test = await TestAsync(new(new("scan"), new("scan"), Protocol, at.ToString(), ImmutableDictionary<string, string>.Empty), cancel).ConfigureAwait(false);
        return test.Ok ? [new(Protocol, at.ToString(), test.Message, ImmutableDictionary<string, string>.Empty)] : [];
    }

    public IMachineSource Create(ConnectionSettings settings, ISignalDirectory signals) =>
        new ShdrSource(settings, ShdrOptions.Read(settings), signals, clocks, logs.CreateLogger<ShdrSource>());

    public async Task<ConnectionTest> TestAsync(ConnectionSettings settings, CancellationToken cancel)
    {
        var options = ShdrOptions.Read(settings);
        var probe = new ShdrProbe();
        var lines = new ShdrLineBuffer();
        var session = new ShdrSession(settings, options, probe, probe);
        try
        {
            using var socket = await ShdrDial.ConnectAsync(options, clocks.Wire, cancel).ConfigureAwait(false);
            await socket.SendAsync("* PING\n"u8.ToArray(), SocketFlags.None, cancel).ConfigureAwait(false);
            using var enough = new CancellationTokenSource(TimeSpan.FromSeconds(2), clocks.Wire);
            using var both = CancellationTokenSource.CreateLinkedTokenSource(enough.Token, cancel);
            try
            {
                while (await socket.ReceiveAsync(lines.Free, both.Token).ConfigureAwait(false) is > 0 and var count)
                {
                    lines.Filled(count);
                    while (lines.TryTake(out var line)) session.Take(line, clocks.Factory.GetUtcNow().UtcTicks);
                }
            }
            catch (Exception fault) when (fault is OperationCanceledException or SocketException)
            {
                // The time to listen is over, or the adapter hung up; what was heard decides.
            }
        }
        catch (Exception fault) when (fault is SocketException or TimeoutException)
        {
            var (broken, said) = Reach.Of(settings.Endpoint, fault);
            return new(false, broken, said, []);
        }
        return probe.Answer(settings, session);
    }

    /// <summary>Takes the first seconds of an adapter without keeping anything in the node.</summary>
    private sealed class ShdrProbe : ISignalDirectory, IShdrEffects
    {
        private readonly List<Signal> _signals = [];
        private readonly Dictionary<SignalId, int> _numbers = [];
        private int _samples;
        private bool _pong;
        private (string Rule, string Message)? _problem;

        public ConnectionTest Answer(ConnectionSettings settings, ShdrSession session)
        {
            if (_samples == 0 && _problem is { } problem) return new(false, problem.Rule, problem.Message, []);
            if (_samples == 0 && !_pong)
                return new(false, ShdrRules.Silent, $"'{settings.Endpoint}' took the connection but sent nothing and answers no PING. Is it an SHDR adapter?", []);
            var version = session.Version is { } v ? $" SHDR {v}," : "";
            return new(true, null, $"SHDR adapter,{version} {_signals.Count} keys, {(_pong ? "answers PING" : "does not answer PING: a cut is seen by TCP keep-alive only")}.", [.. _signals.Take(500)]);
        }

        public SignalNumber Register(Signal signal)
        {
            if (_numbers.TryGetValue(signal.Id, out var at))
            {
                _signals[at - 1] = signal;
                return new(at);
            }
            _signals.Add(signal);
            return new(_numbers[signal.Id] = _signals.Count);
        }

        public Signal? Find(SignalNumber number) => number.Value >= 1 && number.Value <= _signals.Count ? _signals[number.Value - 1] : null;
        public SignalNumber? Find(SignalId id) => _numbers.TryGetValue(id, out var n) ? new(n) : null;
        public IReadOnlyList<(SignalNumber Number, Signal Signal)> Of(MachineId machine) => [.. _signals.Select((s, i) => (new SignalNumber(i + 1), s))];
        public void Sample(in Sample sample) => _samples++;
        public void Problem(string rule, string message, int rejected) => _problem ??= (rule, message);
        public void Pong(TimeSpan interval) => _pong = true;
    }
}
