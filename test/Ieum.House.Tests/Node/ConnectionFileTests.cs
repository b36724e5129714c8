using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using Ieum.Connect;
using Ieum.Model;
using Ieum.Node.Store;
using Ieum.Node.Store.Config;
using Ieum.TestKit;
using Microsoft.Extensions.DependencyInjection;

namespace Ieum.House.Tests.Node;

public sealed class ConnectionFileTests
{
    private static readonly ConnectionSettings Press = new(new("PR1.modbus"), new("PR1"), "modbus", "192.168.0.30:502",
        ImmutableDictionary<string, string>.Empty.Add("unit", "3").Add("password", "secret"))
    {
        Points =
        [
            new("실행", "holding:0") { Role = SignalRole.Execution, Words = ImmutableSortedDictionary<string, string>.Empty.Add("1", "ACTIVE") },
            new("pressure", "holding:10") { Type = "int16", Unit = "BAR", Scale = 0.1, Offset = -1.5, Deadband = 0.2, Period = TimeSpan.FromMilliseconds(250), Description = "ラム圧", Range = new(-0.5, 160) },
        ],
    };

    [Fact]
    public void A_connection_comes_back_from_its_file_without_its_password()
    {
        var back = ConnectionFile.Read("x.json", ConnectionFile.Write(Press));
        Assert.Equal((Press.Source, Press.Machine, Press.Protocol, Press.Endpoint), (back.Source, back.Machine, back.Protocol, back.Endpoint));
        Assert.Equal([new("unit", "3")], back.Options);
        Assert.Equal(Press.Points.Select(p => p with { Words = ImmutableSortedDictionary<string, string>.Empty }), back.Points.Select(p => p with { Words = ImmutableSortedDictionary<string, string>.Empty }));
        Assert.Equal(Press.Points[0].Words, back.Points[0].Words);
        Assert.DoesNotContain("secret", ConnectionFile.Write(Press), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{ "ieum": "template", "version": 1, "connection": {} }""", "$.ieum")]
    [InlineData("""{ "ieum": "connection", "version": 2, "connection": { "machine": "A", "protocol": "p", "endpoint": "e" } }""", "$.version")]
    [InlineData("""{ "ieum": "connection", "version": 1 }""", "$.connection")]
    [InlineData("""{ "ieum": "connection", "version": 1, "connection": { "machine": "A", "protocol": "p", "endpoint": "e" }, "x": 1 }""", "$.x")]
    [InlineData("not json", "$")]
    public void What_is_wrong_in_a_file_is_told_with_its_place(string json, string path) =>
        Assert.Contains(Assert.Throws<ConfigException>(() => ConnectionFile.Read("x.json", json)).Problems, p => p.Path == path);

    [Fact]
    public async Task Every_template_of_the_product_opens_a_connection()
    {
        await using var services = new ServiceCollection().AddLogging().AddOptions().AddConnect().BuildServiceProvider();
        var room = services.GetRequiredService<IConnectRoom>();
        var templates = TemplateShelf.BuiltIn().ToList();
        Assert.True(templates.Count >= 8);
        foreach (var t in templates)
        {
            await using var source = room.Create(t.Settings, new InMemorySignals());
            Assert.All((string[])[t.Name.Ko, t.Name.Ja, t.Name.En, t.Note.Ko, t.Note.Ja, t.Note.En], text => Assert.NotEmpty(text));
        }
    }

    [Fact]
    public async Task A_scan_passes_over_closed_ports_and_over_what_speaks_nothing()
    {
        using var mute = new TcpListener(IPAddress.Loopback, 0);
        mute.Start();
        using var closed = new TcpListener(IPAddress.Loopback, 0);
        closed.Start();
        var gone = ((IPEndPoint)closed.LocalEndpoint).Port;
        closed.Stop();
        await using var services = new ServiceCollection().AddLogging().AddOptions().AddConnect().BuildServiceProvider();
        var reports = 0;
        var hits = await services.GetRequiredService<IConnectRoom>().ScanAsync(
            await AddressRange.ReadAsync($"127.0.0.1:{gone}", TestContext.Current.CancellationToken), "modbus", new Count(() => Interlocked.Increment(ref reports)), TestContext.Current.CancellationToken);
        Assert.Empty(hits);
        Assert.Equal(1, reports);
    }

    private sealed class Count(Action report) : IProgress<ScanProgress>
    {
        public void Report(ScanProgress value) => report();
    }
}
