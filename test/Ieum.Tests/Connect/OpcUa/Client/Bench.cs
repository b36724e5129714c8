using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Net.Sockets;
using Ieum.Connect.OpcUa;
using Ieum.Connect.OpcUa.Client;
using Ieum.Connect.OpcUa.Server;
using Ieum.Model;
using Ieum.TestKit;
using Microsoft.Extensions.Logging.Abstractions;

namespace Ieum.Tests.Connect.OpcUa;

/// <summary>A client source and a server engine in one process, joined by a line that a test can cut, deafen and tamper with.</summary>
internal sealed class Bench : IDialer, IAsyncDisposable
{
    public static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);
    private const string None = "http://opcfoundation.org/UA/SecurityPolicy#None";

    private CancellationTokenSource _stop = new();
    private readonly List<ServerEngine> _engines = [];
    private readonly ConcurrentDictionary<uint, Line> _lines = [];
    private readonly ServerLimits _limits;
    private readonly int _signals;
    private Task? _running;
    private uint _channel;
    private bool _isOff;

    public Bench(ServerLimits? limits = null, int signals = 3, params (string Key, string Value)[] options)
    {
        (_limits, _signals) = (limits ?? new() { AnonymousTransfer = true }, signals);
        Options = options.Append(("publishing", "0.05")).Append(("sampling", "0")).DistinctBy(o => o.Item1).ToImmutableDictionary(o => o.Item1, o => o.Item2);
        Points = [.. Enumerable.Range(0, signals).Select(i => new PointSettings($"s{i}", $"nsu=urn:bench:machine;s=s{i}"))];
    }

    public ServerEngine Engine { get => field ??= NewEngine(); private set; }
    public ImmutableDictionary<string, string> Options { get; set; }
    public ImmutableArray<PointSettings> Points { get; set; }
    public CollectingSink Sink { get; private set; } = new();
    public ISignalDirectory Signals { get; set; } = new InMemorySignals();

    /// <summary>What the source may ask about an earlier run of the node; null: nothing.</summary>
    public OpcUaPast? Past { get; set; }

    /// <summary>The clock of the node; that of the server is the system's.</summary>
    public TimeProvider NodeClock { get; set; } = TimeProvider.System;

    /// <summary>Values the history of s0 holds.</summary>
    public int HistorySize { get; init; } = 10_000;

    public OpcUaSource Source { get; private set; } = null!;

    /// <summary>Requests in the order they came, with the channel they came over.</summary>
    public ConcurrentQueue<(uint Channel, IServiceRequest Request)> Seen { get; } = [];

    /// <summary>Answers a request in place of the server; null lets it through.</summary>
    public Func<IServiceRequest, StatusCode?> Refuse { get; set; } = _ => null;

    /// <summary>Changes a request on its way.</summary>
    public Func<IServiceRequest, IServiceRequest> Change { get; set; } = request => request;

    /// <summary>Changes an answer on its way; null swallows it.</summary>
    public Func<IServiceRequest, IServiceResponse, IServiceResponse?> Tamper { get; set; } = (_, answer) => answer;

    /// <summary>Holds an answer up on its way, so that others overtake it.</summary>
    public Func<IServiceResponse, Task> Late { get; set; } = _ => Task.CompletedTask;

    /// <summary>What the line says of the longest message, bytes; 0: nothing.</summary>
    public int MostAnswer { get; set; }

    /// <summary>Adds nodes to a fresh server, beside its signals.</summary>
    public Action<ServerEngine> Furnish { get; set; } = _ => { };

    public ushort Index => Engine.Space.Namespace("urn:bench:machine");
    public VariableNode Node(int signal) => (VariableNode)Engine.Space.Find(new NodeId(Index, $"s{signal}"))!;

    public ConnectionSettings Settings => new(new("press.opcua"), new("press"), "opcua", "opc.tcp://bench:4840", Options) { Points = Points };

    /// <summary>Starts the source and waits until it is connected.</summary>
    public async Task<Bench> StartAsync()
    {
        Source = new(Settings, OpcUaOptions.Read(Settings), this, Signals, new(NodeClock, TimeProvider.System), NullLogger.Instance, Past);
        _running = Source.RunAsync(Sink, _stop.Token);
        await UntilAsync(() => Source.Health.Link == LinkState.Connected);
        return this;
    }

    /// <summary>A session of its own, beside that of the source.</summary>
    public async Task<IOpcUaServices> SessionAsync() =>
        (await OpcUaDial.SessionAsync(this, Settings, OpcUaOptions.Read(Settings), new(), TimeProvider.System, CancellationToken.None)).Session;

    public void Set(int signal, double value, DateTimeOffset? at = null, StatusCode status = default)
    {
        var time = OpcTime.Of(at ?? TimeProvider.System.GetUtcNow());
        Node(signal).Set(new(Variant.Of(value), status, time, time));
    }

    public double[] Values(int signal)
    {
        var number = Signals.Find(new SignalId(new("press"), $"s{signal}"));
        return [.. Sink.Samples.Where(s => s.Signal == number).Select(s => s.Value.Number)];
    }

    /// <summary>Waits for a condition that other threads bring about.</summary>
    public static async Task UntilAsync(Func<bool> condition, string what = "")
    {
        using var limit = new CancellationTokenSource(Limit);
        while (!condition())
        {
            Assert.False(limit.IsCancellationRequested, $"Not reached: {what}");
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, CancellationToken.None);
        }
    }

    public Task UntilValueAsync(int signal, double value) => UntilAsync(() => Values(signal).Contains(value), $"s{signal} = {value}; has {string.Join(", ", Values(signal))}; {string.Join("; ", Source.Health.Problems.Select(p => p.Message))}");

    /// <summary>Breaks every line; new ones cannot be made until <see cref="Mend"/>.</summary>
    public void Cut()
    {
        _isOff = true;
        foreach (var line in _lines.Values) line.Break();
    }

    public void Mend() => _isOff = false;

    /// <summary>The server forgets the session of the client; its subscriptions live on or not.</summary>
    public async Task EndSessionAsync(bool deleteSubscriptions)
    {
        var (channel, request) = Seen.Last(s => s.Request is ReadRequest or PublishRequest);
        await Engine.AnswerAsync(new CloseSessionRequest { RequestHeader = request.RequestHeader, DeleteSubscriptions = deleteSubscriptions },
            new(channel, MessageSecurityMode.None, None, [], "test"), CancellationToken.None);
    }

    /// <summary>The server process ends and another begins, with nothing but its own start values.</summary>
    public void Restart()
    {
        Cut();
        Engine = NewEngine();
        Furnish(Engine);
        Mend();
    }

    public Task<EndpointDescription[]> EndpointsAsync(Uri server, CancellationToken cancel)
    {
        if (_isOff) throw new SocketException((int)SocketError.ConnectionRefused);
        return Task.FromResult<EndpointDescription[]>([new()
        {
            EndpointUrl = "opc.tcp://0.0.0.0:4840", SecurityMode = MessageSecurityMode.None, SecurityPolicyUri = None,
            UserIdentityTokens = [new() { PolicyId = "anonymous", TokenType = UserTokenType.Anonymous }],
        }]);
    }

    public Task<ApplicationDescription[]> ServersAsync(Uri server, CancellationToken cancel) => Task.FromResult<ApplicationDescription[]>([]);

    public Task<ILine> OpenAsync(Uri server, EndpointDescription endpoint, OpcUaOptions options, CancellationToken cancel)
    {
        if (_isOff) throw new SocketException((int)SocketError.ConnectionRefused);
        var line = new Line(this, endpoint, Interlocked.Increment(ref _channel), Engine);
        _lines[line.Channel] = line;
        return Task.FromResult<ILine>(line);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        try
        {
            await (_running ?? Task.CompletedTask).WaitAsync(Limit);
        }
        catch (OperationCanceledException)
        {
            // How a source ends.
        }
        foreach (var engine in _engines) engine.Dispose();
        Sink.Dispose();
        _stop.Dispose();
    }

    /// <summary>The node is started again: a new source with a new sink, on the same server.</summary>
    public async Task<Bench> StartAgainAsync(OpcUaPast past)
    {
        _stop.Dispose();
        Sink.Dispose();
        (_stop, Sink, Past) = (new(), new(), past);
        return await StartAsync();
    }

    /// <summary>Stops the source and waits for its last batch.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _running!.WaitAsync(Limit));
    }

    private ServerEngine NewEngine()
    {
        var engine = new ServerEngine(new()
        {
            Name = "bench", ApplicationUri = "urn:bench", EndpointUrl = () => "opc.tcp://127.0.0.1:4840", Securities = [new(None, MessageSecurityMode.None)], Limits = _limits, Admit = (_, _) => new(new UaUser("", true)),
        }, new Plain(), Clocks.Real, NullLogger.Instance);
        _engines.Add(engine);
        var index = engine.Space.Namespace("urn:bench:machine");
        var machine = engine.Space.Add(new ObjectNode(new(index, "machine"), new(index, "Machine"), new("Machine")), NodeIds.ObjectsFolder, NodeIds.Organizes, NodeIds.FolderType);
        for (var i = 0; i < _signals; i++)
        {
            var node = engine.Space.Add(new VariableNode(new(index, $"s{i}"), new(index, $"S{i}"), new($"S{i}"), NodeIds.Double)
            {
                Span = (0, 200),
                History = i == 0 ? new HistoryRing(HistorySize, null) : null,
                OnWrite = (w, _) =>
                {
                    w.Node.Set(w.Value);
                    return new(new WriteVerdict(StatusCodes.Good));
                },
            }, machine.Id, NodeIds.HasComponent, NodeIds.AnalogItemType);
            var at = OpcTime.Of(TimeProvider.System.GetUtcNow());
            node.Set(new(Variant.Of(0.0), StatusCodes.Good, at, at));
        }
        return engine;
    }

    private sealed class Line(Bench bench, EndpointDescription endpoint, uint channel, ServerEngine engine) : ILine
    {
        private readonly TaskCompletionSource _broken = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public uint Channel => channel;
        public EndpointDescription Endpoint => endpoint;
        public ApplicationDescription Client => new() { ApplicationUri = "urn:bench:client", ApplicationType = ApplicationType.Client };
        public byte[] ClientCertificate => [];
        public int MostAnswer => bench.MostAnswer;

        public void Break() => _broken.TrySetResult();

        public async Task<TResponse> CallAsync<TResponse>(IServiceRequest request, TimeSpan limit, CancellationToken cancel) where TResponse : class, IServiceResponse
        {
            bench.Seen.Enqueue((channel, request));
            if (_broken.Task.IsCompleted) throw new OpcUaException(StatusCodes.BadConnectionClosed, "The line is cut.");
            if (bench.Refuse(request) is { } refused) throw new OpcUaException(refused);
            var asked = engine.AnswerAsync(bench.Change(request), new(channel, MessageSecurityMode.None, None, [], "test"), cancel).AsTask();
            var timeUp = Task.Delay(limit, TimeProvider.System, cancel);
            if (await Task.WhenAny(asked, _broken.Task, timeUp) != asked)
                throw cancel.IsCancellationRequested ? new OperationCanceledException(cancel)
                    : _broken.Task.IsCompleted ? new OpcUaException(StatusCodes.BadConnectionClosed, "The line is cut.") : new OpcUaException(StatusCodes.BadTimeout, "No answer.");
            var answer = bench.Tamper(request, await asked);
            if (answer is null)
            {
                await Task.WhenAny(_broken.Task, timeUp);
                throw new OpcUaException(StatusCodes.BadTimeout, "The answer was swallowed.");
            }
            await bench.Late(answer);
            return answer as TResponse ?? throw new OpcUaException(answer.ResponseHeader.ServiceResult) { IsAnswer = true };
        }

        public SignatureData Sign(byte[] serverCertificate, byte[] serverNonce) => new();
        public bool IsSignedByServer(SignatureData signature, byte[] clientNonce) => true;

        public (ExtensionObject Token, SignatureData Signature) Identify(OpcUaOptions options, UserTokenPolicy policy, string policyUri, byte[] serverNonce) =>
            (ExtensionObject.Of(new AnonymousIdentityToken { PolicyId = policy.PolicyId }), new());

        public ValueTask DisposeAsync()
        {
            Break();
            bench._lines.TryRemove(channel, out _);
            engine.Sessions.ChannelGone(channel);
            return ValueTask.CompletedTask;
        }
    }

    private sealed class Plain : ISessionSecurity
    {
        public byte[] Certificate => [];
        public SignatureData Sign(string policyUri, byte[] clientCertificate, byte[] clientNonce) => new();
        public bool Verify(string policyUri, byte[] certificate, SignatureData signature, byte[] serverNonce) => false;

        public bool TryDecrypt(string policyUri, byte[] secret, string? algorithm, byte[] serverNonce, out string password)
        {
            password = "";
            return true;
        }
    }
}
