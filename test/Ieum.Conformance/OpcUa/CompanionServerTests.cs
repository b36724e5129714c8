using System.Collections.Immutable;
using System.IO.Compression;
using System.Text.Json;
using Ieum.Conformance.Sparkplug;
using Ieum.Connect.OpcUa.Client;
using Ieum.Model;
using Ieum.TestKit;
using Microsoft.Extensions.Logging.Abstractions;

namespace Ieum.Conformance.OpcUa;

/// <summary>Machines of companion models in a server by others that loaded the published NodeSets; the instances stand in the maker's own namespace.</summary>
public sealed class CompanionServerTests(CompanionServer server) : IClassFixture<CompanionServer>
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Machines_of_five_models_are_recognised_and_their_points_have_meaning_unit_and_range()
    {
        // A mill of a type that the maker derived from MachineTool, found below the folder of Machinery.
        var mill = await AtAsync("Machines", "VM500");
        Assert.Equal("MachineTool", mill.Model);
        var channel = await InsideAsync("Machines", "VM500", "Monitoring", "Channel1");
        var state = channel["ChannelState"];
        Assert.Equal((SignalRole.Execution, "ACTIVE", "MachineTool"), (state.Point!.Role, state.Point.Words["0"], state.Model));
        Assert.Equal("Channel1/ChannelState", string.Join('/', state.Point.Name.Split('/')[^2..]));
        var spindle = channel["SpindleSpeed"];
        Assert.Equal((SignalRole.SpindleSpeed, "RPM", new ValueRange(0, 12000)), (spindle.Point!.Role, spindle.Point.Unit, spindle.Range));
        // The maker's own variable belongs to the machine that it stands in, and its unit is known by how it is written.
        Assert.Equal(("MachineTool", "L2", new ValueRange(0, 40)), (channel["CoolantFlow"].Model, channel["CoolantFlow"].Point!.Unit, channel["CoolantFlow"].Range));
        Assert.StartsWith("nsu=urn:ieum:maker;", spindle.Point.Address, StringComparison.Ordinal);
        var program = (await InsideAsync("Machines", "VM500", "Production", "ActiveProgram"))["Name"];
        Assert.Equal((SignalRole.Program, "O1000"), (program.Point!.Role, program.Value));

        Assert.Equal("PackML", (await AtAsync("Packer")).Model);
        Assert.Equal(SignalRole.ControllerMode, (await InsideAsync("Packer", "Status"))["UnitModeCurrent"].Point!.Role);
        Assert.Equal("IMM2MES", (await AtAsync("Press")).Model);
        Assert.Equal(SignalRole.ControllerMode, (await InsideAsync("Press", "MachineStatus"))["MachineMode"].Point!.Role);
        Assert.Equal("MTConnect", (await AtAsync("Lathe")).Model);
        Assert.Equal((SignalRole.Execution, "ACTIVE"), ((await InsideAsync("Lathe"))["Execution"].Point!.Role, (await InsideAsync("Lathe"))["Execution"].Value));
    }

    [Fact]
    public async Task A_connection_without_points_takes_the_variables_of_the_models_and_tells_which_they_are()
    {
        var test = await server.Factory.TestAsync(server.Settings, Stop);
        Assert.True(test.Ok, test.Message);
        foreach (var model in (string[])["Machinery", "MachineTool", "PackML", "IMM2MES", "MTConnect"]) Assert.Contains(model, test.Message, StringComparison.Ordinal);
        Assert.Contains(test.Signals, s => s.Id.Name.EndsWith("VM500/Monitoring/Channel1/SpindleSpeed", StringComparison.Ordinal) && s.Unit.Code == "RPM");
    }

    private async Task<BrowseItem> AtAsync(params string[] path) => (await InsideAsync(path[..^1]))[path[^1]];

    private async Task<Dictionary<string, BrowseItem>> InsideAsync(params string[] path)
    {
        var answer = await server.Factory.BrowseAsync(server.Settings, null, Stop);
        foreach (var step in path)
        {
            Assert.True(answer.Ok, answer.Message);
            answer = await server.Factory.BrowseAsync(server.Settings, (answer.Items.FirstOrDefault(i => i.Name == step)
                ?? throw new KeyNotFoundException($"'{step}' of {string.Join('/', path)} is not among {string.Join(", ", answer.Items.Select(i => i.Name))}.")).Address, Stop);
        }
        Assert.True(answer.Ok, answer.Message);
        return answer.Items.ToDictionary(i => i.Name);
    }
}

/// <summary>The one server of these tests: loading eleven NodeSets costs it five seconds of a processor.</summary>
public sealed class CompanionServer : IAsyncLifetime
{
    private Counterpart _process = null!;
    private ChannelDialer _dialer = null!;

    internal OpcUaFactory Factory { get; private set; } = null!;
    public ConnectionSettings Settings { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        _process = Counterpart.Script("node-opcua", "opcua-companions.cjs",
            Unpacked("Opc.Ua.PlasticsRubber.GeneralTypes.NodeSet2.xml"), Unpacked("Opc.Ua.PlasticsRubber.IMM2MES.NodeSet2.xml"), Unpacked("Opc.Ua.MTConnect.NodeSet2.xml"));
        using var ready = JsonDocument.Parse(await _process.UntilAsync(line => line.StartsWith("{\"ready\"", StringComparison.Ordinal)));
        _dialer = new(NodeOpcUa.NewFolder(), Clocks.Real);
        Factory = new(Clocks.Real, NullLoggerFactory.Instance, _dialer);
        Settings = new(new("m.opcua"), new("m"), "opcua", $"opc.tcp://127.0.0.1:{ready.RootElement.GetProperty("port").GetInt32()}/ieum",
            ImmutableDictionary<string, string>.Empty.Add("trust", ready.RootElement.GetProperty("thumbprint").GetString()!));
    }

    public ValueTask DisposeAsync()
    {
        Factory?.Dispose();
        _dialer?.Dispose();
        _process?.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>Models that the package does not have come from the published files.</summary>
    private static string Unpacked(string file)
    {
        var at = Path.Combine(Directory.CreateDirectory(Path.Combine(Needs.Scratch, "nodesets-" + Guid.NewGuid().ToString("N")[..8])).FullName, file);
        using var packed = new GZipStream(File.OpenRead(Needs.Shared($"data/opcua/nodesets/{file}.gz")), CompressionMode.Decompress);
        using var plain = File.Create(at);
        packed.CopyTo(plain);
        return at;
    }
}
