using Ieum.Connect.OpcUa;
using Ieum.Connect.OpcUa.Client;
using Ieum.Connect.OpcUa.Server;
using Ieum.Model;
using Microsoft.Extensions.Logging.Abstractions;

namespace Ieum.Tests.Connect.OpcUa;

/// <summary>A machine whose maker derived types from a companion model and keeps its nodes in a namespace of its own.</summary>
public class ModelBrowseTests
{
    [Fact]
    public async Task A_machine_of_a_derived_type_is_recognised_and_its_points_have_unit_and_range()
    {
        await using var bench = await new Bench().StartAsync();
        var (space, own) = (bench.Engine.Space, bench.Index);
        var model = space.Namespace("http://opcfoundation.org/UA/MachineTool/");
        TypeNode Type(ushort index, string name, NodeId of) => space.Add(new TypeNode(new(index, name), NodeClass.ObjectType, new(index, name), new(name)), of, NodeIds.HasSubtype);
        var makers = Type(own, "VM500Type", Type(own, "MachineBaseType", Type(model, "MachineToolType", Ids.BaseObjectType).Id).Id);
        var plain = Type(own, "CabinetType", Ids.BaseObjectType);
        ObjectNode Object(string name, NodeId above, NodeId type) => space.Add(new ObjectNode(new(own, name), new(own, name), new(name)), above, NodeIds.HasComponent, type);
        var mill = Object("Mill", NodeIds.ObjectsFolder, makers.Id);
        var channel = Object("Channel1", mill.Id, plain.Id);
        Object("Cabinet", NodeIds.ObjectsFolder, plain.Id);
        var flow = new VariableNode(new(own, "flow"), new(own, "CoolantFlow"), new("CoolantFlow"), new(11)) { Span = (0, 40) };
        flow.Set(new(Variant.Of(12.5), StatusCodes.Good));
        space.Add(flow, channel.Id, NodeIds.HasComponent, NodeIds.AnalogUnitType);
        Property("EURange", Ids.Range, new Ieum.Connect.OpcUa.Range { Low = 0, High = 40 });
        // Many a maker leaves the id of the unit empty and writes the unit alone.
        Property("EngineeringUnits", Ids.EUInformation, new EUInformation { NamespaceUri = "urn:maker", UnitId = -1, DisplayName = new("L/min") });

        using var factory = new OpcUaFactory(Clocks.Real, NullLoggerFactory.Instance, bench);
        var top = await BrowseAsync(null);
        Assert.Equal("MachineTool", top["Mill"].Model);
        Assert.Null(top["Cabinet"].Model);
        var part = (await BrowseAsync(top["Mill"].Address))["Channel1"];
        Assert.Equal("MachineTool", part.Model);   // below a machine of the model everything is the machine's
        var point = (await BrowseAsync(part.Address))["CoolantFlow"];
        Assert.Equal(("MachineTool", "L2", new ValueRange(0, 40), "12.5"), (point.Model, point.Point!.Unit, point.Range, point.Value));
        Assert.Equal("Mill/Channel1/CoolantFlow", point.Point.Name);

        async Task<Dictionary<string, BrowseItem>> BrowseAsync(string? at)
        {
            var answer = await factory.BrowseAsync(bench.Settings, at, TestContext.Current.CancellationToken);
            Assert.True(answer.Ok, answer.Message);
            return answer.Items.Where(i => i.Name != "Server").ToDictionary(i => i.Name);
        }

        void Property(string name, NodeId type, IEncodable value)
        {
            var node = new VariableNode(new(own, "flow/" + name), new(0, name), new(name), type);
            node.Set(new(Variant.Of(value), StatusCodes.Good));
            space.Add(node, flow.Id, NodeIds.HasProperty, NodeIds.PropertyType);
        }
    }

    [Theory]
    [InlineData("ExecuteState", "CurrentState", "Execute", SignalRole.PackMlState, "EXECUTE")]
    [InlineData("MachineStatus", "MachineMode", "2", SignalRole.ControllerMode, "SEMI_AUTOMATIC")]
    [InlineData("Status", "UnitModeCurrent", "1", SignalRole.ControllerMode, "AUTOMATIC")]
    public void Words_of_a_model_become_words_of_the_house(string above, string name, string raw, SignalRole role, string word)
    {
        var meaning = CompanionModels.Meaning(name, [above]);
        Assert.Equal((role, word), (meaning.Role, meaning.Words[raw]));
    }

    [Fact]
    public void A_unit_that_is_only_written_is_known_when_one_unit_is_written_so()
    {
        Assert.Equal("L2", CompanionModels.UnitWritten("L/min")?.Code);
        Assert.Null(CompanionModels.UnitWritten("shots"));
        Assert.Null(CompanionModels.UnitWritten(""));
    }
}
