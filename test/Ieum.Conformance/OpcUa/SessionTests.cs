using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Ieum.Connect.OpcUa;
using Ieum.Connect.OpcUa.Client;
using Ieum.Model;
using Microsoft.Extensions.Logging.Abstractions;

namespace Ieum.Conformance.OpcUa;

/// <summary>Sessions and services of our client against a server by others.</summary>
public sealed class SessionTests : IAsyncLifetime
{
    private NodeOpcUa _server = null!;
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _server = await NodeOpcUa.StartAsync(arguments: ["--max-read=100", "--max-browse=50", "--max-browse-points=2"]);

    public ValueTask DisposeAsync()
    {
        _server.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>Pitfall 9: the log-in has its own policy; name and password pass in every policy and mode.</summary>
    [Fact]
    public async Task Every_policy_and_mode_logs_in_with_name_and_password_and_reads()
    {
        foreach (var policy in (string[])["basic256sha256", "aes128", "aes256"])
            foreach (var mode in (string[])["sign", "encrypt"])
            {
                await using var session = await _server.OpenAsync(("security", policy), ("mode", mode), ("user", "keeper"), ("password", "비밀번호"));
                var values = await session.Services.ReadAsync([_server.Node("temperature"), _server.Node("program"), _server.Node("nothing")], AttributeIds.Value, Stop);
                Assert.Equal(21.5, values[0].Value.Number);
                Assert.Equal("O1000 가공 加工", values[1].Value.Text);
                Assert.Equal(StatusCodes.BadNodeIdUnknown, values[2].StatusCode);
                Assert.Equal(mode == "sign" ? MessageSecurityMode.Sign : MessageSecurityMode.SignAndEncrypt, session.Services.Line.Endpoint.SecurityMode);
            }
    }

    [Fact]
    public async Task The_strongest_endpoint_is_taken_when_nothing_is_said()
    {
        await using var session = await _server.OpenAsync();
        Assert.Equal("Aes256_Sha256_RsaPss/SignAndEncrypt", EndpointChoice.Words(session.Services.Line.Endpoint));
        Assert.Equal(100, session.Services.Facts.Read.Most);
        Assert.Contains("urn:ieum:counterpart", session.Services.Facts.Namespaces.Uris);
        Assert.True(session.Services.Facts.StartTicks > 0);
    }

    [Fact]
    public async Task Without_security_an_anonymous_client_reads_and_a_password_still_travels_encrypted()
    {
        await using var nobody = await _server.OpenAsync(("security", "none"));
        Assert.Equal(7u, (await nobody.Services.ReadAsync([_server.Node("count")], AttributeIds.Value, Stop))[0].Value.Value);
        await using var named = await _server.OpenAsync(("security", "none"), ("user", "operator"), ("password", "shift-1"));
        Assert.Equal(7u, (await named.Services.ReadAsync([_server.Node("count")], AttributeIds.Value, Stop))[0].Value.Value);
    }

    [Fact]
    public async Task A_wrong_password_is_told_as_such()
    {
        var fault = await Assert.ThrowsAsync<OpcUaException>(() => _server.OpenAsync(("user", "operator"), ("password", "wrong")));
        Assert.Equal(OpcUaRules.UserRefused, OpcUaFaults.RuleOf(fault));
    }

    [Fact]
    public async Task A_user_certificate_logs_in()
    {
        var file = Path.Combine(NodeOpcUa.NewFolder(), "user.pfx");
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=operator", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature | X509KeyUsageFlags.NonRepudiation | X509KeyUsageFlags.DataEncipherment | X509KeyUsageFlags.KeyEncipherment, true));
        var now = TimeProvider.System.GetUtcNow();
        using var certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(30));
        await File.WriteAllBytesAsync(file, certificate.Export(X509ContentType.Pfx, "word"), Stop);
        await using var session = await _server.OpenAsync(("user-certificate", file), ("user-certificate-password", "word"));
        Assert.Equal(21.5, (await session.Services.ReadAsync([_server.Node("temperature")], AttributeIds.Value, Stop))[0].Value.Number);
    }

    [Fact]
    public async Task A_thousand_tags_are_browsed_over_continuation_points_and_read_in_batches()
    {
        await using var session = await _server.OpenAsync(("security", "none"));
        var tags = new List<NodeId>();
        await foreach (var page in session.Services.BrowseAsync([_server.Node("tags")], NodeIds.HierarchicalReferences, 0, Stop))
            tags.AddRange(page.References.Select(r => r.NodeId.Node));
        Assert.Equal(1000, tags.Count);
        var values = await session.Services.ReadAsync(tags, AttributeIds.Value, Stop);
        Assert.Equal(Enumerable.Range(0, 1000).Select(i => (double)i), values.Select(v => v.Value.Number));
        // Twenty folders at once with two continuation points in the server.
        var pages = 0;
        await foreach (var page in session.Services.BrowseAsync([.. Enumerable.Repeat(_server.Node("tags"), 5)], NodeIds.HierarchicalReferences, 0, Stop))
        {
            Assert.False(page.Status.IsBad, page.Status.Name);
            pages += page.References.Length;
        }
        Assert.Equal(5000, pages);
    }

    [Fact]
    public async Task A_server_that_does_not_tell_its_limits_is_asked_for_less_when_it_refuses()
    {
        await using var session = await _server.OpenAsync(("security", "none"));
        var facts = new ServerFacts();   // as if the server had told nothing
        var blind = new Blind(session.Services, facts);
        var values = await blind.ReadAsync([.. Enumerable.Repeat(_server.Node("count"), 700)], AttributeIds.Value, Stop);
        Assert.All(values, v => Assert.Equal(7u, v.Value.Value));
        Assert.InRange(facts.Read.Most, 1, 100);
    }

    [Fact]
    public async Task Values_are_written_and_methods_called()
    {
        await using var session = await _server.OpenAsync();
        var written = await session.Services.WriteAsync([
            new() { NodeId = _server.Node("setpoint"), AttributeId = AttributeIds.Value, Value = new(Variant.Of(123.5)) },
            new() { NodeId = _server.Node("setpoint"), AttributeId = AttributeIds.Value, Value = new(Variant.Of("text")) },
            new() { NodeId = _server.Node("count"), AttributeId = AttributeIds.Value, Value = new(Variant.Of(1u)) }], Stop);
        Assert.True(written[0].IsGood);
        Assert.Equal(StatusCodes.BadTypeMismatch, written[1]);
        Assert.True(written[2].IsBad);
        Assert.Equal(123.5, (await session.Services.ReadAsync([_server.Node("setpoint")], AttributeIds.Value, Stop))[0].Value.Number);
        var sum = await session.Services.CallMethodsAsync([new() { ObjectId = _server.Node("cell"), MethodId = _server.Node("add"), InputArguments = [Variant.Of(1.5), Variant.Of(2.0)] }], Stop);
        Assert.Equal(3.5, sum[0].OutputArguments[0].Number);
        var registered = await session.Services.RegisterAsync([_server.Node("count")], Stop);
        Assert.Equal(7u, (await session.Services.ReadAsync(registered, AttributeIds.Value, Stop))[0].Value.Value);
        await session.Services.UnregisterAsync(registered, Stop);
    }

    [Fact]
    public async Task Raw_history_is_read_whole_over_several_answers()
    {
        await using var session = await _server.OpenAsync(("security", "none"));
        Assert.True(NodeAddress.TryParse("nsu=urn:ieum:counterpart;s=past", out var address));
        var point = new OpcPoint(1, NodeOpcUa.Point("past"), address);
        Assert.Empty(await new PointResolver(session.Services).ResolveAsync([point], Stop));
        Assert.True(point.HasHistory);
        var hole = Hole.Of(new(new(2025, 1, 1, 0, 1, 40, TimeSpan.Zero), new(2025, 1, 1, 0, 5, 0, TimeSpan.Zero)), GapCause.Disconnected, "", [point]);
        var blocks = System.Threading.Channels.Channel.CreateUnbounded<FillBlock>();
        var outcome = await HistoryFill.RunAsync(session.Services, hole, TimeSpan.Zero, blocks.Writer, Stop, valuesPerAnswer: 50);
        Assert.True(outcome.Unknown.Count == 0, outcome.Why);
        Assert.Empty(outcome.Cut);
        var values = new List<double>();
        while (blocks.Reader.TryRead(out var block)) values.AddRange(block.Values.Select(v => v.Value.Number));
        // 100 s to 300 s with two seconds at both ends; one value per second, half its number.
        Assert.Equal(Enumerable.Range(98, 204).Select(i => i / 2.0), values.Take(204));
    }

    [Fact]
    public async Task A_connection_is_tested_found_and_browsed()
    {
        using var factory = new OpcUaFactory(Clocks.Real, NullLoggerFactory.Instance, _server.Dialer);
        var settings = _server.Settings([NodeOpcUa.Point("temperature"), NodeOpcUa.Point("count")]);
        var test = await factory.TestAsync(settings, Stop);
        Assert.True(test.Ok, test.Message);
        Assert.Equal(["temperature", "count"], test.Signals.Select(s => s.Id.Name));
        Assert.Equal("CEL", test.Signals[0].Unit.Code);
        var wrong = await factory.TestAsync(settings with { Points = [NodeOpcUa.Point("gone"), NodeOpcUa.Point("count")] }, Stop);
        Assert.Equal((false, OpcUaRules.NodeUnknown), (wrong.Ok, wrong.Rule));

        var hit = Assert.Single(await factory.KnockAsync(new(System.Net.IPAddress.Loopback, _server.Port), Stop));
        Assert.Contains("Aes256_Sha256_RsaPss", hit.Message, StringComparison.Ordinal);
        Assert.Equal(_server.Endpoint, hit.Endpoint);

        var top = await factory.BrowseAsync(settings, null, Stop);
        var cell = top.Items.Single(i => i.Name == "Cell");
        var inside = await factory.BrowseAsync(settings, cell.Address, Stop);
        var temperature = inside.Items.Single(i => i.Name == "temperature");
        Assert.Equal(("Cell/temperature", "nsu=urn:ieum:counterpart;s=temperature", "CEL", "21.5"), (temperature.Point!.Name, temperature.Point.Address, temperature.Point.Unit, temperature.Value));
        Assert.Null(inside.Items.Single(i => i.Name == "Tags").Point);
    }

    [Fact]
    public async Task What_speaks_no_opc_ua_is_nobody_when_knocked_at()
    {
        using var deaf = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        deaf.Start();
        using var factory = new OpcUaFactory(Clocks.Real, NullLoggerFactory.Instance, _server.Dialer);
        var knock = factory.KnockAsync((System.Net.IPEndPoint)deaf.LocalEndpoint, Stop);
        using var client = await deaf.AcceptTcpClientAsync(Stop);
        await client.GetStream().WriteAsync("HTTP/1.1 400 Bad Request\r\n\r\n"u8.ToArray(), Stop);
        client.Close();
        Assert.Empty(await knock);
    }

    private sealed class Blind(IOpcUaServices services, ServerFacts facts) : IOpcUaServices
    {
        public ServerFacts Facts => facts;
        public Task<TResponse> CallAsync<TResponse>(Func<RequestHeader, IServiceRequest> request, CancellationToken cancel, TimeSpan? limit = null) where TResponse : class, IServiceResponse =>
            services.CallAsync<TResponse>(request, cancel, limit);
    }
}
