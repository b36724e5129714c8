using System.Collections.Immutable;
using System.Diagnostics;
using System.Net;
using Ieum.Bench.Harness;
using Ieum.Connect.OpcUa;
using Ieum.Connect.OpcUa.Client;
using Ieum.Connect.OpcUa.Secure;
using Ieum.Connect.OpcUa.Security;
using Ieum.Connect.OpcUa.Server;
using Ieum.Model;
using Microsoft.Extensions.Logging.Abstractions;

namespace Ieum.Bench.Connect;

/// <summary>Subscribed values from our own server over a real secure channel into sample batches; server and client share the cores of this one process.</summary>
/// <remarks>Budget: 50,000 values a second on two cores, the server's work included, with little garbage per value.</remarks>
internal static class OpcUaBench
{
    private const int Signals = 1_000;
    private const long Values = 5_000_000;

    public static async Task RunAsync(FigureSheet sheet, CancellationToken cancel)
    {
        await FloodAsync(sheet, "opcua", SecurityPolicy.None, MessageSecurityMode.None, cancel);
        await FloodAsync(sheet, "opcuaEncrypted", SecurityPolicy.Aes256Sha256RsaPss, MessageSecurityMode.SignAndEncrypt, cancel);
    }

    private static async Task FloodAsync(FigureSheet sheet, string name, SecurityPolicy policy, MessageSecurityMode mode, CancellationToken cancel)
    {
        var folder = Directory.CreateTempSubdirectory("ieum-bench-").FullName;
        using var own = ApplicationCertificate.Create("bench", "urn:bench", TimeProvider.System.GetUtcNow());
        using var engine = new ServerEngine(new()
        {
            Name = "bench", ApplicationUri = "urn:bench", EndpointUrl = () => "opc.tcp://127.0.0.1", Securities = [new(policy.Uri, mode)],
        }, new Proofs(own), Clocks.Real, NullLogger.Instance);
        var index = engine.Space.Namespace("urn:bench:machine");
        var nodes = Enumerable.Range(0, Signals).Select(i => engine.Space.Add(
            new VariableNode(new(index, $"s{i}"), new(index, $"s{i}"), new($"s{i}"), NodeIds.Double), NodeIds.ObjectsFolder, NodeIds.Organizes, NodeIds.BaseDataVariableType)).ToArray();
        using var client = ApplicationCertificate.LoadOrCreate(Path.Combine(folder, "pki"), "ieum", TimeProvider.System.GetUtcNow());
        var trust = new TrustList(Path.Combine(folder, "server"), TimeProvider.System);
        trust.Trust(client.Der);
        await using var listener = ChannelListener.Open(new(new(IPAddress.Loopback, 0), [(policy, mode)], own, trust,
            (request, peer, stop) => engine.AnswerAsync(request, new(peer.Id, peer.Mode, peer.PolicyUri, peer.ClientCertificate, peer.Address), stop),
            peer => engine.Sessions.ChannelGone(peer.Id)), Clocks.Real);

        var options = new Dictionary<string, string> { ["publishing"] = "0.05", ["sampling"] = "0", ["queue"] = "10000" };
        if (!policy.IsNone) options["trust"] = Convert.ToHexString(own.Thumbprint);
        var settings = new ConnectionSettings(new("bench.opcua"), new("bench"), "opcua", $"opc.tcp://127.0.0.1:{listener.Endpoint.Port}", options.ToImmutableDictionary())
        { Points = [.. Enumerable.Range(0, Signals).Select(i => new PointSettings($"s{i}", $"nsu=urn:bench:machine;s=s{i}"))] };
        using var dialer = new ChannelDialer(folder, Clocks.Real);
        var sink = new CountingSink();
        await using var source = new OpcUaSource(settings, OpcUaOptions.Read(settings), dialer, new Numbers(), Clocks.Real, NullLogger.Instance);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var running = source.RunAsync(sink, stop.Token);
        while (sink.Count < Signals) await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, cancel);

        var (begun, garbage, cpu) = (Stopwatch.GetTimestamp(), GC.GetTotalAllocatedBytes(), Process.GetCurrentProcess().TotalProcessorTime);
        var first = sink.Count;
        for (long sent = 0; sent < Values;)
        {
            var now = OpcTime.Of(TimeProvider.System.GetUtcNow());
            for (var i = 0; i < Signals; i++) nodes[i].Set(new(Variant.Of((double)++sent), StatusCodes.Good, now, now));
            // Never more than the queues hold: what is measured is the way through, not the loss.
            while (sent - (sink.Count - first) > 100_000) await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, cancel);
        }
        while (sink.Count - first < Values) await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, cancel);
        var seconds = Stopwatch.GetElapsedTime(begun).TotalSeconds;
        sheet.Add(name + "ValuesPerSecond", Values / seconds);
        sheet.Add(name + "BytesPerValue", (double)(GC.GetTotalAllocatedBytes() - garbage) / Values);
        sheet.Add(name + "CoresUsed", (Process.GetCurrentProcess().TotalProcessorTime - cpu).TotalSeconds / seconds);
        sheet.Add(name + "Gaps", source.Health.Counters.Gaps);
        if (!policy.IsNone) await CutsAsync(sheet, listener, nodes[0], sink, cancel);
        await stop.CancelAsync();
        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Directory.Delete(folder, recursive: true);
    }

    /// <summary>Fifty times: every line is cut; how long until a value arrives again?</summary>
    private static async Task CutsAsync(FigureSheet sheet, ChannelListener listener, VariableNode node, CountingSink sink, CancellationToken cancel)
    {
        var times = new List<double>();
        for (var round = 0; round < 50; round++)
        {
            var before = sink.Count;
            var cut = Stopwatch.GetTimestamp();
            listener.CutAll();
            var now = OpcTime.Of(TimeProvider.System.GetUtcNow());
            node.Set(new(Variant.Of((double)-round - 1), StatusCodes.Good, now, now));
            while (sink.Count == before) await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, cancel);
            times.Add(Stopwatch.GetElapsedTime(cut).TotalMilliseconds);
        }
        times.Sort();
        sheet.Add("opcuaReconnectP50Ms", times[25]);
        sheet.Add("opcuaReconnectMaxMs", times[^1]);
    }

    private sealed class CountingSink : ISampleSink
    {
        private long _count;
        public long Count => Volatile.Read(ref _count);

        public ValueTask WriteAsync(SampleBatch batch, CancellationToken cancel)
        {
            Interlocked.Add(ref _count, batch.Samples.Length);
            return ValueTask.CompletedTask;
        }
    }

    private sealed class Numbers : ISignalDirectory
    {
        private readonly Dictionary<SignalId, SignalNumber> _numbers = [];
        public SignalNumber Register(Signal signal) => _numbers.TryGetValue(signal.Id, out var n) ? n : _numbers[signal.Id] = new(_numbers.Count + 1);
        public Signal? Find(SignalNumber number) => null;
        public SignalNumber? Find(SignalId id) => _numbers.TryGetValue(id, out var n) ? n : null;
        public IReadOnlyList<(SignalNumber Number, Signal Signal)> Of(MachineId machine) => [];
    }

    private sealed class Proofs(ApplicationCertificate own) : ISessionSecurity
    {
        public byte[] Certificate => own.Der;
        public SignatureData Sign(string policyUri, byte[] clientCertificate, byte[] clientNonce) => SessionProofs.Sign(SecurityPolicy.Find(policyUri, false)!, own.Key, clientCertificate, clientNonce);
        public bool Verify(string policyUri, byte[] certificate, SignatureData signature, byte[] serverNonce) =>
            SessionProofs.Verify(SecurityPolicy.Find(policyUri, false)!, certificate, signature, own.Der, serverNonce);
        public bool TryDecrypt(string policyUri, byte[] secret, string? algorithm, byte[] serverNonce, out string password)
        {
            password = "";
            return false;
        }
    }
}
