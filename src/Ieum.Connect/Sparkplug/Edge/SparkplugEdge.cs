using System.Buffers;
using System.Collections.Concurrent;
using Ieum.Connect.Broker;
using Ieum.Connect.Sparkplug.Session;
using Ieum.Model;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using MQTTnet;
using MQTTnet.Exceptions;
using MQTTnet.Protocol;

namespace Ieum.Connect.Sparkplug.Edge;

/// <summary>The only I/O of the edge node: one MQTT connection after the other, see <see cref="ISparkplugEdge"/>.</summary>
internal sealed partial class SparkplugEdge(
    IOptions<SparkplugEdgeOptions> options, IOptions<BrokerOptions> brokerOptions, EmbeddedBroker broker, Clocks clocks, ILogger<SparkplugEdge> log) : ISparkplugEdge, IBrokerIntake, IDisposable
{
    private static readonly TimeSpan KeepAlive = TimeSpan.FromSeconds(5), PlaceEvery = TimeSpan.FromSeconds(1);

    private readonly EdgeBacklog _backlog = new(clocks.Wire);
    private readonly SemaphoreSlim _news = new(0, 1);
    private readonly ConcurrentQueue<(string Topic, byte[] Payload)> _heard = new();
    private readonly ConcurrentDictionary<Task, bool> _writing = new();
    private volatile IReadOnlyList<SparkplugEdgeMachine> _machines = [];
    private volatile bool _gone;
    private readonly Lock _gate = new();
    private SparkplugEdgeSettings _settings = SparkplugEdgeSettings.Of(options.Value);
    private volatile EdgeNames _names = new(SparkplugEdgeSettings.Of(options.Value));
    private CancellationTokenSource? _underWay;
    private bool _leased, _begun;

    /// <summary>Where an earlier run of the program stopped; null once what it left untold stands in the backlog, however many tries that takes.</summary>
    private EdgePlace? _resume;
    private SparkplugEdgeStatus _status = new(SparkplugEdgeState.Off, "", "", "", null, 0, DateTimeOffset.MinValue, 0, 0, 0, 0, 0, 0, 0, 0, null);
    private long _sent, _historical, _untold, _rebirths, _written, _refused;

    public SparkplugEdgeStatus Status => _status with
    {
        Sent = Interlocked.Read(ref _sent), Historical = Interlocked.Read(ref _historical), Behind = _backlog.Behind, Untold = Interlocked.Read(ref _untold),
        Rebirths = Interlocked.Read(ref _rebirths), Written = Interlocked.Read(ref _written), Refused = Interlocked.Read(ref _refused),
        Oldest = _backlog.Oldest is { } ticks ? new DateTimeOffset(ticks, TimeSpan.Zero) : null,
    };

    public SparkplugEdgeSettings Settings => _settings;

    public void Dispose() => _news.Dispose();

    public void Use(SparkplugEdgeSettings settings)
    {
        CancellationTokenSource? ended;
        lock (_gate)
        {
            var before = _settings;
            if (before == settings) return;
            (_settings, _names) = (settings, new(settings));
            ended = before.SameSession(settings) ? null : _underWay;
        }
        try { ended?.Cancel(); }
        catch (ObjectDisposedException) { /* it ended by itself meanwhile */ }
        Wake();
    }

    public void Show(IReadOnlyList<SparkplugEdgeMachine> machines)
    {
        _machines = machines;
        Wake();
    }

    public void Tell(ReadOnlySpan<Sample> samples)
    {
        if (!_settings.Enabled || samples.IsEmpty) return;
        _backlog.Add(samples);
        Wake();
    }

    /// <summary>The own broker's messages come by the connection like those of any other broker.</summary>
    public ValueTask<bool> TakeAsync(BrokerMessage message, CancellationToken cancel) => ValueTask.FromResult(true);

    public async Task RunAsync(SparkplugEdgeHouse house, CancellationToken cancel)
    {
        _house = house;
        try
        {
            while (!cancel.IsCancellationRequested)
            {
                using var until = CancellationTokenSource.CreateLinkedTokenSource(cancel);
                SparkplugEdgeSettings settings;
                lock (_gate) (settings, _underWay) = (_settings, until);
                // Between two sessions at the broker inside the node it stays open: others are connected to it.
                if (!settings.Enabled || settings.Broker.Length > 0) await GiveBackBrokerAsync().ConfigureAwait(false);
                try
                {
                    if (settings.Enabled) await PublishAsync(house, settings, cancel, until.Token).ConfigureAwait(false);
                    else await RestAsync(house, until.Token).ConfigureAwait(false);
                }
                finally
                {
                    lock (_gate) _underWay = null;
                }
            }
        }
        finally
        {
            await Task.WhenAll(_writing.Keys).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await GiveBackBrokerAsync().ConfigureAwait(false);
            Become(SparkplugEdgeState.Off);
        }
    }

    private async Task GiveBackBrokerAsync()
    {
        if (_leased) await broker.CloseAsync(this).ConfigureAwait(false);
        _leased = false;
    }

    /// <summary>Nothing is published. What was owed is forgotten, also on the disk: who switched off did not mean "later".</summary>
    private async Task RestAsync(SparkplugEdgeHouse house, CancellationToken until)
    {
        _backlog.Clear();
        (_resume, _begun) = (null, true);
        if (EdgePlace.Load(PlaceOf(house)) is { Through: not null } place)
            try { (place with { Through = null, Owed = null }).Save(PlaceOf(house)); }
            catch (IOException e) { Refuse("place", e.Message); }
        Become(s => s with { State = SparkplugEdgeState.Off, Since = clocks.Factory.GetUtcNow(), Devices = 0, HostOnline = null });
        await Task.Delay(Timeout.InfiniteTimeSpan, clocks.Wire, until).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <param name="stop">The node stops.</param>
    /// <param name="cancel">The node stops, or other settings hold.</param>
    private async Task PublishAsync(SparkplugEdgeHouse house, SparkplugEdgeSettings o, CancellationToken stop, CancellationToken cancel)
    {
        var own = o.Broker.Length == 0;
        var group = o.GroupOf(house.Company);
        var place = EdgePlace.Load(PlaceOf(house));
        var node = new EdgeNode(group, o.Node, house.Signals, house.History.Last, _names);
        Become(s => s with { Group = group, Node = o.Node, PrimaryHost = o.PrimaryHost.Length > 0 ? o.PrimaryHost : null, Broker = own ? "embedded broker" : o.Broker, Problem = null });
        if (!_begun) _resume = place.Through is null ? null : place;
        _begun = true;
        // The very first run owes what is measured from now on, also when it is killed before any host listens.
        place = place with { Through = place.Through ?? clocks.Factory.GetUtcNow().UtcTicks };
        var retry = new ReconnectPolicy(clocks.Wire);
        while (!cancel.IsCancellationRequested)
        {
            var message = "the broker closed the connection.";
            try
            {
                Become(SparkplugEdgeState.Connecting);
                if (own && !_leased)
                {
                    await broker.OpenAsync(this, cancel).ConfigureAwait(false);
                    _leased = true;
                }
                place = place with { Next = (byte)(place.Next + 1) };
                place.Save(PlaceOf(house));
                var session = new Run(house, node, (byte)(place.Next - 1), place, stop);
                try
                {
                    if (await SessionAsync(session, AddressOf(o), retry, cancel).ConfigureAwait(false) is { } refused) message = refused;
                }
                finally
                {
                    place = session.Place;
                }
            }
            catch (Exception e) when (e is MqttCommunicationException or MqttProtocolViolationException or IOException or System.Net.Sockets.SocketException
                or System.Security.Authentication.AuthenticationException or InvalidOperationException or OperationCanceledException && !cancel.IsCancellationRequested)
            {
                message = e.Message;
            }
            catch (Exception e) when (e is not OperationCanceledException and not OutOfMemoryException)
            {
                Log.Unexpected(log, e);
                message = e.Message;
            }
            if (cancel.IsCancellationRequested) break;
            Become(SparkplugEdgeState.Connecting, message);
            Log.Lost(log, group, o.Node, _status.Broker, message);
            await retry.WaitAsync(cancel).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private sealed class Run(SparkplugEdgeHouse house, EdgeNode node, byte bdSeq, EdgePlace place, CancellationToken stop)
    {
        public SparkplugEdgeHouse House => house;
        public EdgeNode Node => node;
        public byte BdSeq => bdSeq;
        /// <summary>The node stops; other settings alone do not break off a guarded write.</summary>
        public CancellationToken Stop => stop;
        public EdgePlace Place { get; set; } = place;
        public long PlacedAt { get; set; }
    }

    /// <returns>Why the broker refused; null when the session ended otherwise.</returns>
    private async Task<string?> SessionAsync(Run run, BrokerAddress address, ReconnectPolicy retry, CancellationToken cancel)
    {
        var (node, host) = (run.Node, new PrimaryHost(_status.PrimaryHost));
        using var client = new MqttClientFactory().CreateMqttClient();
        _gone = false;
        _heard.Clear();
        client.DisconnectedAsync += _ => { _gone = true; Wake(); return Task.CompletedTask; };
        client.ApplicationMessageReceivedAsync += m =>
        {
            _heard.Enqueue((m.ApplicationMessage.Topic, m.ApplicationMessage.Payload.ToArray()));
            Wake();
            return Task.CompletedTask;
        };
        node.Begin(run.BdSeq);
        Become(s => s with { BdSeq = run.BdSeq, HostOnline = null });
        var answer = await client.ConnectAsync(OptionsOf(address, node.Death(Now)), cancel).ConfigureAwait(false);
        if (answer.ResultCode != MqttClientConnectResultCode.Success) return $"{address} refused the connection of user '{address.User}': {answer.ResultCode}. Check SparkplugEdge:User and Password.";
        var topics = new MqttClientSubscribeOptionsBuilder()
            .WithTopicFilter(SparkplugTopic.Of(MessageKind.NCommand, _status.Group, _status.Node), MqttQualityOfServiceLevel.AtLeastOnce)
            .WithTopicFilter(SparkplugTopic.Of(MessageKind.DCommand, _status.Group, _status.Node, "+"), MqttQualityOfServiceLevel.AtLeastOnce);
        if (host.Topic is { } state) topics = topics.WithTopicFilter(state, MqttQualityOfServiceLevel.AtLeastOnce);
        await client.SubscribeAsync(topics.Build(), cancel).ConfigureAwait(false);
        var orderly = false;
        try
        {
            await WaitForHostAsync(host, cancel).ConfigureAwait(false);
            if (_gone) return null;
            await BirthAsync(client, run, retry, cancel).ConfigureAwait(false);
            while (!_gone && host.IsOnline) await TurnAsync(client, run, host, cancel).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            // The node stops: it says good-bye below.
        }
        finally
        {
            if (client.IsConnected) orderly = await LeaveAsync(client, node).ConfigureAwait(false);
            _backlog.Close(orderly);
            SavePlace(run);
            Become(s => s with { Devices = 0, HostOnline = null });
        }
        return host.IsOnline ? null : $"its primary host '{host.Id}' went offline.";
    }

    private async Task WaitForHostAsync(PrimaryHost host, CancellationToken cancel)
    {
        if (host.IsOnline) return;
        Become(s => s with { HostOnline = false });
        Become(SparkplugEdgeState.WaitingForHost);
        Log.Waiting(log, _status.Group, _status.Node, host.Id!);
        while (!_gone)
        {
            while (_heard.TryDequeue(out var m)) if (m.Topic == host.Topic) Hear(host, m.Payload);
            if (host.IsOnline) return;
            await _news.WaitAsync(cancel).ConfigureAwait(false);
        }
    }

    private async Task BirthAsync(IMqttClient client, Run run, ReconnectPolicy retry, CancellationToken cancel)
    {
        // Before the births are written: what comes while they are is told after them.
        _backlog.Open();
        run.Node.Use(_names);
        var now = clocks.Factory.GetUtcNow().UtcTicks;
        foreach (var message in run.Node.Births(_machines, Now)) await PublishAsync(client, message, 0, cancel).ConfigureAwait(false);
        if (_resume is { } left)
            foreach (var machine in _machines)
                foreach (var (number, signal) in run.House.Signals.Of(machine.Machine))
                    if (left.Since(signal.Id) is var from && run.House.History.Last(number) is { } newest && newest.SourceTicks >= from) _backlog.Later(number, from, Math.Min(now, newest.SourceTicks));
        _resume = null;
        retry.Succeeded();
        Become(SparkplugEdgeState.Online);
        Become(s => s with { Devices = run.Node.BornDevices, LastBirth = clocks.Factory.GetUtcNow() });
        Log.Online(log, _status.Group, _status.Node, _status.Broker, run.Node.BornDevices, run.BdSeq);
    }

    /// <summary>Says good-bye: NDEATH first, because after a DISCONNECT the broker keeps the will to itself (5.9).</summary>
    private async Task<bool> LeaveAsync(IMqttClient client, EdgeNode node)
    {
        using var limit = new CancellationTokenSource(ReconnectPolicy.ConnectLimit, clocks.Wire);
        try
        {
            if (node.IsBorn) await PublishAsync(client, node.Death(Now), MqttQualityOfServiceLevel.AtLeastOnce, limit.Token).ConfigureAwait(false);
            await client.DisconnectAsync(new MqttClientDisconnectOptions(), limit.Token).ConfigureAwait(false);
            return true;
        }
        catch (Exception e) when (e is MqttCommunicationException or IOException or OperationCanceledException or InvalidOperationException)
        {
            // The cable is cut: the broker tells the will.
            return false;
        }
    }

    private MqttClientOptions OptionsOf(BrokerAddress address, EdgeMessage death)
    {
        var builder = new MqttClientOptionsBuilder()
            .WithProtocolVersion(MQTTnet.Formatter.MqttProtocolVersion.V311).WithCleanSession()
            .WithClientId($"ieum-edge-{_status.Group}-{_status.Node}").WithKeepAlivePeriod(KeepAlive).WithTimeout(ReconnectPolicy.ConnectLimit)
            .WithWillTopic(death.Topic).WithWillPayload(death.Payload).WithWillQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce).WithWillRetain(false);
        address.Apply(builder);
        return builder.Build();
    }

    private BrokerAddress AddressOf(SparkplugEdgeSettings o)
    {
        if (o.Broker.Length > 0)
            return BrokerAddress.TryParse(o.Broker, Filled(o.User), Filled(o.Password), Filled(o.Ca), out var address) ? address! : throw new InvalidOperationException($"SparkplugEdge:Broker is '{o.Broker}'.");
        // The broker inside this node, as any client sees it: the will and the births are its, whoever looks.
        var user = Filled(o.User) ?? brokerOptions.Value.Users.Keys.FirstOrDefault();
        var bind = brokerOptions.Value.Bind is "0.0.0.0" ? "127.0.0.1" : brokerOptions.Value.Bind is "::" ? "::1" : brokerOptions.Value.Bind;
        return new(bind, broker.Port, false, user, user is null ? null : Filled(o.Password) ?? brokerOptions.Value.Users.GetValueOrDefault(user), null);
    }

    private static string? Filled(string text) => text.Length > 0 ? text : null;

    private static string PlaceOf(SparkplugEdgeHouse house) => Path.Combine(house.Folder, "sparkplug-edge.json");

    private ulong Now => (ulong)clocks.Factory.GetUtcNow().ToUnixTimeMilliseconds();

    private void Become(SparkplugEdgeState state, string? problem = null) => Become(s => s with { State = state, Since = clocks.Factory.GetUtcNow(), Problem = problem ?? s.Problem });

    private void Become(Func<SparkplugEdgeStatus, SparkplugEdgeStatus> step) { lock (_gate) _status = step(_status); }

    private void Wake()
    {
        try { _news.Release(); }
        catch (SemaphoreFullException) { }
        catch (ObjectDisposedException) { }
    }
}
