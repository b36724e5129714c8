using System.Collections.Immutable;
using Ieum.Connect;
using Ieum.Connect.OpcUa.Client;
using Ieum.Model;
using Ieum.TestKit;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Ieum.Tests.Connect.OpcUa;

public class FactoryRoomTests
{
    [Fact]
    public async Task The_room_makes_opc_ua_sources_and_keeps_certificates_in_its_folder()
    {
        var folder = Directory.CreateTempSubdirectory("ieum-ua-").FullName;
        using var factory = new OpcUaFactory(Clocks.Real, NullLoggerFactory.Instance, Options.Create(new ConnectOptions { Folder = folder }));
        var room = new ConnectRoom([factory], Clocks.Real);
        Assert.Equal(["opcua"], room.Protocols);
        var settings = new ConnectionSettings(new("m.opcua"), new("m"), "opcua", "opc.tcp://127.0.0.1:9", ImmutableDictionary<string, string>.Empty) { Points = [new("p", "i=2258")] };
        await using var source = room.Create(settings, new InMemorySignals());
        Assert.NotNull(source.Writer);
        var wrong = Assert.Throws<ConnectionSettingsException>(() => room.Create(settings with { Points = [new("p", "not an address")] }, new InMemorySignals()));
        Assert.Equal(ConnectRules.PointWrong, wrong.Rule);
        Assert.Empty(((ChannelDialer)factory.Dialer).Trust.Trusted);
        Assert.True(Directory.Exists(Path.Combine(folder, "pki", "trusted", "certs")));
        Directory.Delete(folder, recursive: true);
    }
}
