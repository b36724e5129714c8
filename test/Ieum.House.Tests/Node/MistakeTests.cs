using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Ieum.Connect;
using Ieum.Connect.Broker;
using Ieum.Connect.Files;
using Ieum.Connect.Manual;
using Ieum.Connect.OpcUa;
using Ieum.Connect.PlainMqtt;
using Ieum.Connect.Polling;
using Ieum.Connect.Modbus;
using Ieum.Model;
using Ieum.Node.Cli;
using Ieum.Node.Store;
using Ieum.Node.Store.Config;
using Ieum.Node.Ui;
using Ieum.TestKit;
using Microsoft.Extensions.DependencyInjection;

namespace Ieum.House.Tests.Node;

/// <summary>What people do wrong when they connect a machine: each mistake is told by its own rule, with who and what, in three languages, and a good connection goes on.</summary>
public sealed class MistakeTests : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateDirectory(Path.Combine(Needs.Scratch, $"mistakes-{Guid.NewGuid():N}")).FullName;
    private readonly CancellationTokenSource _stop = new();
    private readonly TcpListener _modbus = new(IPAddress.Loopback, 0);
    private ServiceProvider _services = null!;
    private IConnectRoom _room = null!;
    private Task _serving = Task.CompletedTask;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync()
    {
        _services = Room("client", _ => { });
        _room = _services.GetRequiredService<IConnectRoom>();
        _modbus.Start();
        _serving = ServeAsync();
        return default;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _modbus.Stop();
        await _serving.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _services.DisposeAsync();
        _stop.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Each_mistake_says_who_what_which_rule_and_what_to_do_in_three_languages()
    {
        var modbus = _modbus.LocalEndpoint.ToString()!;
        var door = await DoorAsync("server", 0);
        await using var broker = new BrokerWithUsers(_services);
        var mqtt = await broker.OpenAsync();
        File.WriteAllBytes(Path.Combine(Directory.CreateDirectory(Path.Combine(_folder, "drop")).FullName, "측정.csv"), [.. Encoding.ASCII.GetBytes("time,"), 0xB3, 0xBB, 0xB0, 0xE6, .. Encoding.ASCII.GetBytes("\n2026-03-02 17:00:00,1\n")]);

        (string Mistake, string Rule, string Says, Func<Task<(string? Rule, string Message)>> Try)[] table =
        [
            ("wrong port", ConnectRules.PortClosed, "127.0.0.1:1", () => Test("modbus", "127.0.0.1:1")),
            ("a host that nobody knows", ConnectRules.HostUnknown, "no-such-host.invalid", () => Test("opcua", "opc.tcp://no-such-host.invalid:4840")),
            ("a web address in an OPC UA field", ConnectRules.EndpointWrong, "opc.tcp://", () => Test("opcua", "http://192.168.0.20:4840")),
            ("wrong password (OPC UA)", OpcUaRules.UserRefused, "user name", () => Test("opcua", door.Endpoint, [], ("security", "none"), ("user", "scada"), ("password", "guess"))),
            ("wrong password (MQTT)", MqttRules.BrokerRefused, "user", () => Test("mqtt", mqtt, [new("x", "a/b")], ("user", "box"), ("password", "guess"))),
            ("a certificate that nobody trusted", OpcUaRules.CertificateUntrusted, "thumbprint", () => Test("opcua", door.Endpoint, [], ("security", "basic256sha256"))),
            ("a unit number that does not answer", PollRules.DeviceSilent, "unit number", () => Test("modbus", modbus, [new("x", "holding:0")], ("unit", "77"), ("timeout", "0.2"))),
            ("a register that the device does not have", ModbusRules.IllegalAddress, "holding:5000", () => Test("modbus", modbus, [new("far", "holding:5000"), new("near", "holding:3")], ("unit", "1"))),
            ("a float across the end of the table", ConnectRules.PointWrong, "holding:65535", () => Test("modbus", modbus, [new("end", "holding:65535") { Type = "float32" }])),
            ("a topic that nobody publishes", MqttRules.NothingHeard, "shop/+/gauge", () => Browse("mqtt", mqtt, "shop/+/gauge", ("user", "box"), ("password", "right"), ("listen", "0.3"))),
            ("a CSV in another encoding", FilesRules.EncodingWrong, "encoding", () => Preview("files", Path.Combine(_folder, "drop"), [new("bore", "내경")], ("encoding", "utf-8"), ("settle", "0"), ("period", "0.05"), ("time", "time"))),
            ("the same name twice", ConnectRules.PointWrong, "twice", () => Test("modbus", modbus, [new("x", "holding:0"), new("x", "holding:1")])),
            ("a setting that the protocol does not know", ConnectRules.OptionUnknown, "untt", () => Test("modbus", modbus, [], ("untt", "1"))),
            ("a protocol misspelt", ConnectRules.ProtocolUnknown, "modbuss", () => Test("modbuss", modbus)),
            ("a connection file of a newer version", ConfigRules.NewerFile, "version 7", () => ReadFile("""{ "ieum": "connection", "version": 7, "connection": { "machine": "A", "protocol": "p", "endpoint": "e" } }""")),
            ("a template where a connection belongs", ConfigRules.OtherFile, "template", () => ReadFile("""{ "ieum": "template", "version": 1, "connection": { "machine": "A", "protocol": "p", "endpoint": "e" } }""")),
        ];
        var faults = new List<string>();
        foreach (var (mistake, rule, says, attempt) in table)
        {
            var told = await attempt();
            if (told.Rule != rule || !told.Message.Contains(says, StringComparison.OrdinalIgnoreCase)) faults.Add($"{mistake}: expected {rule} and '{says}', told {told.Rule}: {told.Message}");
            if (!TextCatalogue.All.TryGetValue($"rule.{told.Rule}", out var text) || new[] { text.Ko, text.Ja, text.En }.Any(t => t.Length < 10)) faults.Add($"{mistake}: rule {told.Rule} has no text.");
            if (told.Message.Contains("  ", StringComparison.Ordinal) || told.Message.Contains("..", StringComparison.Ordinal)) faults.Add($"{mistake}: badly put: {told.Message}");
        }
        Assert.True(faults.Count == 0, string.Join('\n', faults));

        // Trusted; then the server shows another certificate at the same address.
        var trust = _services.GetRequiredService<ICertificateTrust>();
        // From the command line too, for who has no page: the answer says what to type, and typing it helps.
        var refused = await Test("opcua", door.Endpoint, [], ("security", "basic256sha256"));
        var thumbprint = Assert.Single(trust.Rejected).Thumbprint;
        var folder = Path.Combine(_folder, "client");
        Assert.EndsWith($"./ieum connect trust {thumbprint} --data {folder}", TrustVerb.Hint(trust, refused.Rule, refused.Message, folder), StringComparison.Ordinal);
        string[] ask = ["connect", "test", door.Endpoint, "--protocol", "opcua", "--option", "security=basic256sha256", "--data", folder];
        Assert.Equal(1, await Verbs.RunAsync(ask));
        Assert.Equal(1, await Verbs.RunAsync(["connect", "trust", thumbprint[..12], "--data", folder]));
        Assert.Empty(trust.Trusted);
        Assert.Equal(0, await Verbs.RunAsync(["connect", "trust", string.Join(':', thumbprint.Chunk(2).Select(p => new string(p))).ToLowerInvariant(), "--data", folder]));
        Assert.Equal(thumbprint, Assert.Single(trust.Trusted).Thumbprint);
        // Now it is the server that does not know this node: another rule, and no hint to trust anything here.
        var other = await Test("opcua", door.Endpoint, [], ("security", "basic256sha256"));
        Assert.NotEqual(OpcUaRules.CertificateUntrusted, other.Rule);
        Assert.Null(TrustVerb.Hint(trust, other.Rule, other.Message, folder));
        var port = new Uri(door.Endpoint).Port;
        await door.DisposeAsync();
        await using var renewed = await DoorAsync("renewed", port);
        var changed = await Test("opcua", renewed.Endpoint, [], ("security", "basic256sha256"));
        Assert.Equal(OpcUaRules.CertificateChanged, changed.Rule);

        // After all that a good connection is as good as before, and the dropped file lies where it was laid: looking takes nothing.
        var good = await Preview("modbus", modbus, [new("near", "holding:3")], ("unit", "1"));
        Assert.Equal((null, "near = 3"), good);
        Assert.Equal(["측정.csv"], Directory.EnumerateFiles(Path.Combine(_folder, "drop"), "*", SearchOption.AllDirectories).Select(Path.GetFileName));
    }

    [Fact]
    public async Task Looking_takes_nothing_from_the_connection_that_runs()
    {
        var drop = Directory.CreateDirectory(Path.Combine(_folder, "rows")).FullName;
        File.WriteAllText(Path.Combine(drop, "a.csv"), "time,bore\n2026-03-02 17:00:00,12.5\n");
        var files = Settings("files", drop, [new("bore", "bore")], ("settle", "0"), ("period", "0.05"), ("time", "time"));
        Assert.Equal("bore = 12.5", (await Preview(files)).Message);
        using var sink = new CollectingSink();
        await using (var source = _room.Create(files, new InMemorySignals()))
        {
            var running = source.RunAsync(sink, _stop.Token);
            await sink.UntilAsync(s => s.Samples.Count == 1, TimeSpan.FromMinutes(2));   // the row was not counted as taken by looking at it
            await TrueAsync(() => File.Exists(Path.Combine(drop, "done", "a.csv")));

            var manual = Settings("manual", "phone", [new("count", "count") { Type = "int64" }]);
            await using var paper = _room.Create(manual, new InMemorySignals());
            using var typed = new CollectingSink();
            var typing = paper.RunAsync(typed, _stop.Token);
            var desk = _services.GetRequiredService<IManualEntries>();
            await TrueAsync(() => desk.PointsOf(manual.Machine).Length == 1);
            await Preview(manual);
            Assert.Single(desk.PointsOf(manual.Machine));   // phones still find the one that runs
            await _stop.CancelAsync();
            await Task.WhenAll(running, typing).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        }
    }

    private ServiceProvider Room(string name, Action<IServiceCollection> more)
    {
        var folder = Directory.CreateDirectory(Path.Combine(_folder, name)).FullName;
        var services = new ServiceCollection().AddLogging().AddOptions().Configure<ConnectOptions>(o => o.Folder = folder).AddConnect();
        more(services);
        return services.BuildServiceProvider();
    }

    private static ConnectionSettings Settings(string protocol, string endpoint, ImmutableArray<PointSettings> points, params (string, string)[] options) =>
        new(new("m.x"), new("m"), protocol, endpoint, options.ToImmutableDictionary(o => o.Item1, o => o.Item2)) { Points = points };

    private Task<(string? Rule, string Message)> Test(string protocol, string endpoint, ImmutableArray<PointSettings>? points = null, params (string, string)[] options) =>
        Told(async () => { var t = await _room.TestAsync(Settings(protocol, endpoint, points ?? [], options), TimeSpan.FromMinutes(1), Stop); return (t.Rule, t.Message); });

    private Task<(string? Rule, string Message)> Browse(string protocol, string endpoint, string at, params (string, string)[] options) =>
        Told(async () => { var t = await _room.BrowseAsync(Settings(protocol, endpoint, [], options), at, TimeSpan.FromMinutes(1), Stop); return (t.Rule, t.Message); });

    private Task<(string? Rule, string Message)> Preview(string protocol, string endpoint, ImmutableArray<PointSettings> points, params (string, string)[] options) => Preview(Settings(protocol, endpoint, points, options));

    private Task<(string? Rule, string Message)> Preview(ConnectionSettings settings) => Told(async () =>
    {
        var p = await _room.PreviewAsync(settings, TimeSpan.FromSeconds(3), Stop);
        return p.Problems.Count > 0 ? (p.Problems[0].Rule, p.Problems[0].Message) : (null, string.Join(", ", p.Values.Select(v => $"{v.Signal.Id.Name} = {v.Newest?.Value}")));
    });

    private static Task<(string? Rule, string Message)> ReadFile(string json) => Told(() => { ConnectionFile.Read("press.connection.json", json); return Task.FromResult<(string?, string)>((null, "read")); });

    private static async Task<(string? Rule, string Message)> Told(Func<Task<(string? Rule, string Message)>> ask)
    {
        try { return await ask(); }
        catch (ConnectionSettingsException e) { return (e.Rule, e.Message); }
        catch (ConfigException e) { return (e.Problems[0].Rule, e.Message); }
    }

    private static async Task TrueAsync(Func<bool> condition)
    {
        using var look = new PeriodicTimer(20.Milliseconds, TimeProvider.System);
        while (!condition()) await look.WaitForNextTickAsync(Stop);
    }

    private async Task<Door> DoorAsync(string name, int port)
    {
        var services = Room(name, s => s.Configure<OpcUaDoorOptions>(o => (o.Enabled, o.Port) = (true, port)));
        var door = services.GetRequiredService<IOpcUaDoor>();
        await door.OpenAsync(new(new("W"), new InMemorySignals(), null!, null, (_, _, _) => ValueTask.FromResult<DoorUser?>(null)), Stop);
        return new(services, door);
    }

    private sealed class Door(ServiceProvider services, IOpcUaDoor door) : IAsyncDisposable
    {
        public string Endpoint => door.Endpoint;
        public ValueTask DisposeAsync() => services.DisposeAsync();
    }

    /// <summary>Unit 1 has ten holding registers that hold their own number; other units say nothing.</summary>
    private async Task ServeAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            var client = await _modbus.AcceptTcpClientAsync(_stop.Token);
            _ = Task.Run(async () =>
            {
                using var _ = client;
                var stream = client.GetStream();
                var head = new byte[7];
                while (true)
                {
                    await stream.ReadExactlyAsync(head, _stop.Token);
                    var pdu = new byte[head[4] * 256 + head[5] - 1];
                    await stream.ReadExactlyAsync(pdu, _stop.Token);
                    if (head[6] != 1) continue;
                    var (start, count) = (pdu[1] * 256 + pdu[2], pdu[3] * 256 + pdu[4]);
                    byte[] body = start + count > 10 ? [(byte)(pdu[0] | 0x80), 2] : [pdu[0], (byte)(2 * count), .. Enumerable.Range(start, count).SelectMany(r => new byte[] { 0, (byte)r })];
                    await stream.WriteAsync((byte[])[.. head[..4], 0, (byte)(body.Length + 1), 1, .. body], _stop.Token);
                }
            }, CancellationToken.None).ContinueWith(t => t.Exception, TaskScheduler.Default);   // a client that hangs up ends its task
        }
    }

    private sealed class BrokerWithUsers(ServiceProvider services) : IAsyncDisposable
    {
        private readonly EmbeddedBroker _broker = new(Options(), TimeProvider.System, services.GetRequiredService<Microsoft.Extensions.Logging.ILogger<EmbeddedBroker>>());

        public async Task<string> OpenAsync()
        {
            await _broker.OpenAsync(new Nobody(), Stop);
            return string.Create(CultureInfo.InvariantCulture, $"mqtt://127.0.0.1:{_broker.Port}");
        }

        public ValueTask DisposeAsync() => _broker.DisposeAsync();

        private static BrokerOptions Options()
        {
            var options = new BrokerOptions { Port = 0 };
            options.Users["box"] = "right";
            return options;
        }

        private sealed class Nobody : IBrokerIntake
        {
            public ValueTask<bool> TakeAsync(BrokerMessage message, CancellationToken cancel) => ValueTask.FromResult(true);
        }
    }
}
