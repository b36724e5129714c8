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
    private SparkplugEdgeStatus _status = new(SparkplugEdgeState.Off, "", "", "", null, 0, DateTimeOffset.MinValue, 0, 0, 0, 0, 0, 0, 0, 0, null);
    private long _sent, _historical, _untold, _rebirths, _written, _refused;

    public SparkplugEdgeStatus Status => _status with
    {
        Sent = Interlocked.Read(ref _sent), Historical = Interlocked.Read(ref _historical), Behind = _backlog.Behind, Untold = Interlocked.Read(ref _untold),
        Rebirths = Interlocked.Read(ref _rebirths), Written = Interlocked.Read(ref _written), Refused = Interlocked.Read(ref _refused),
    };

    public void Dispose() => _news.Dispose();

    public void Show(IReadOnlyList<SparkplugEdgeMachine> machines)
    {
        var only = options.Value.Machines.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        _machines = only.Length == 0 ? machines : [.. machines.Where(m => only.Contains(m.Machine.Value))];
        Wake();
    }

    public void Tell(ReadOnlySpan<Sample> samples)
    {
        if (!options.Value.Enabled || samples.IsEmpty) return;
        _backlog.Add(samples);
        Wake();
    }

    /// <summary>The own broker's messages come by the connection like those of any other broker.</summary>
    public ValueTask<bool> TakeAsync(string topic, ReadOnlySequence<byte> payload, CancellationToken cancel) => ValueTask.FromResult(true);

    public async Task RunAsync(SparkplugEdgeHouse house, CancellationToken cancel)
    {
        var o = options.Value;
        if (!o.Enabled) return;
        var group = o.Group.Length > 0 ? o.Group : house.Company.Value;
        var own = o.Broker.Length == 0;
        var place = EdgePlace.Load(PlaceOf(house));
        var node = new EdgeNode(group, o.Node, house.Signals, house.History.Last);
        _status = _status with { Group = group, Node = o.Node, PrimaryHost = o.PrimaryHost.Length > 0 ? o.PrimaryHost : null, Broker = own ? "embedded broker" : o.Broker };
        // What was measured since the last run told something, and what that run may have lost on its way.
        var resume = place.Through is null ? null : place;
        // The very first run owes what is measured from now on, also when it is killed before any host listens.
        place = place with { Through = place.Through ?? clocks.Factory.GetUtcNow().UtcTicks };
        var retry = new ReconnectPolicy(clocks.Wire);
        var leased = false;
        try
        {
            while (!cancel.IsCancellationRequested)
            {
                var message = "the broker closed the connection.";
                try
                {
                    Become(SparkplugEdgeState.Connecting);
                    if (own && !leased)
                    {
                        await broker.OpenAsync(this, cancel).ConfigureAwait(false);
                        leased = true;
                    }
                    place = place with { Next = (byte)(place.Next + 1) };
                    place.Save(PlaceOf(house));
                    var session = new Run(house, node, (byte)(place.Next - 1), resume, place);
                    try
                    {
                        if (await SessionAsync(session, AddressOf(o), retry, cancel).ConfigureAwait(false) is { } refused) message = refused;
                    }
                    finally
                    {
                        (place, resume) = (session.Place, session.Resume);
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
        finally
        {
            await Task.WhenAll(_writing.Keys).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (leased) await broker.CloseAsync(this).ConfigureAwait(false);
            Become(SparkplugEdgeState.Off);
        }
    }

    private sealed class Run(SparkplugEdgeHouse house, EdgeNode node, byte bdSeq, EdgePlace? resume, EdgePlace place)
    {
        public SparkplugEdgeHouse House => house;
        public EdgeNode Node => node;
        public byte BdSeq => bdSeq;
        /// <summary>Where an earlier run stopped; null once what it left untold stands in the backlog, however many tries that takes.</summary>
        public EdgePlace? Resume { get; set; } = resume;
        public EdgePlace Place { get; set; } = place;
        public long PlacedAt { get; set; }
    }

    /// <returns>Why the broker refused; null when the session ended otherwise.</returns>
    private async Task<string?> SessionAsync(Run run, BrokerAddress address, ReconnectPolicy retry, CancellationToken cancel)
    {
        var (node, host) = (run.Node, new PrimaryHost(options.Value.PrimaryHost));
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
        _status = _status with { BdSeq = run.BdSeq };
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
            _status = _status with { Devices = 0 };
        }
        return host.IsOnline ? null : $"its primary host '{host.Id}' went offline.";
    }

    private async Task WaitForHostAsync(PrimaryHost host, CancellationToken cancel)
    {
        if (host.IsOnline) return;
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
        var now = clocks.Factory.GetUtcNow().UtcTicks;
        foreach (var message in run.Node.Births(_machines, Now)) await PublishAsync(client, message, 0, cancel).ConfigureAwait(false);
        if (run.Resume is { } left)
            foreach (var machine in _machines)
                foreach (var (number, signal) in run.House.Signals.Of(machine.Machine))
                    if (left.Since(signal.Id) is var from && run.House.History.Last(number) is { } newest && newest.SourceTicks >= from) _backlog.Later(number, from, Math.Min(now, newest.SourceTicks));
        run.Resume = null;
        retry.Succeeded();
        Become(SparkplugEdgeState.Online);
        _status = _status with { Devices = run.Node.BornDevices };
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

    private BrokerAddress AddressOf(SparkplugEdgeOptions o)
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

    private void Become(SparkplugEdgeState state, string? problem = null) =>
        _status = _status with { State = state, Since = clocks.Factory.GetUtcNow(), Problem = problem ?? _status.Problem };

    private void Wake()
    {
        try { _news.Release(); }
        catch (SemaphoreFullException) { }
        catch (ObjectDisposedException) { }
    }
}
