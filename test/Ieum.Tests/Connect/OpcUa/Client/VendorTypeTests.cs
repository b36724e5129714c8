using Ieum.Connect.OpcUa;
using Ieum.Connect.OpcUa.Server;
using Ieum.Model;

namespace Ieum.Tests.Connect.OpcUa;

/// <summary>Structures and enumerations that a server defined itself become signals, without a word of configuration.</summary>
public class VendorTypeTests
{
    [Fact]
    public async Task A_structure_becomes_one_signal_per_field_nested_ones_included()
    {
        await using var bench = new Bench();
        var (type, encoding) = AddTypes(bench, bind: true);
        var node = AddVariable(bench, "drive", type);
        bench.Points = [new("drive", "nsu=urn:bench:machine;s=drive")];
        Set(node, Variant.Of(ExtensionObject.Of(encoding, Body(850.5f, 2))));
        await bench.StartAsync();
        await Bench.UntilAsync(() => bench.Sink.Samples.Count >= 3);
        Assert.Equal(["drive/Speed=850.5", "drive/State=Heating", "drive/Zone/Name=front"], Told(bench));
        Set(node, Variant.OfArray((ExtensionObject[])[ExtensionObject.Of(encoding, Body(1, 0)), ExtensionObject.Of(encoding, Body(2, 2))]));
        await Bench.UntilAsync(() => bench.Sink.Samples.Count >= 9);
        Assert.Contains("drive[1]/Speed=2", Told(bench));
    }

    /// <summary>A variable of the abstract type Structure: what it holds is known only when it comes.</summary>
    [Fact]
    public async Task A_type_nobody_announced_is_looked_up_when_its_first_value_comes()
    {
        await using var bench = new Bench();
        var (_, encoding) = AddTypes(bench, bind: false);
        var node = AddVariable(bench, "any", NodeIds.Structure);
        bench.Points = [new("any", "nsu=urn:bench:machine;s=any")];
        Set(node, Variant.Of(ExtensionObject.Of(encoding, Body(1, 0))));
        await bench.StartAsync();
        await Bench.UntilAsync(() => bench.Source.Health.Problems.Any(p => p.Rule == OpcUaRules.ValueUnreadable));
        await Bench.UntilAsync(() => bench.Sink.Samples.Count > 0);
        Assert.Equal(Quality.Bad, bench.Sink.Samples[0].Quality);
        await UntilReadAsync(bench, node, encoding);
    }

    /// <summary>Servers from before 1.04 know no DataTypeDefinition; their dictionary says the same.</summary>
    [Fact]
    public async Task A_structure_of_an_old_server_is_read_by_its_dictionary()
    {
        await using var bench = new Bench();
        var (space, index) = (bench.Engine.Space, bench.Index);
        NodeId type = new(index, "Old"), encoding = new(index, "Old.Binary");
        space.Add(new TypeNode(type, NodeClass.DataType, new(index, "Old"), new("Old")), NodeIds.Structure, NodeIds.HasSubtype);
        space.Add(new ObjectNode(encoding, new(0, "Default Binary"), new("Default Binary")), type, NodeIds.HasEncoding);
        var dictionary = space.Add(new VariableNode(new(index, "Dictionary"), new(index, "Dictionary"), new("Dictionary"), NodeIds.ByteString), NodeIds.ObjectsFolder, NodeIds.Organizes);
        Set(dictionary, Variant.Of(System.Text.Encoding.UTF8.GetBytes("""
            <opc:TypeDictionary xmlns:opc="http://opcfoundation.org/BinarySchema/" xmlns:tns="urn:old" TargetNamespace="urn:old" DefaultByteOrder="LittleEndian">
              <opc:StructuredType Name="Old"><opc:Field Name="Speed" TypeName="opc:Float"/><opc:Field Name="State" TypeName="opc:Int32"/><opc:Field Name="Text" TypeName="opc:CharArray"/></opc:StructuredType>
            </opc:TypeDictionary>
            """)));
        var description = space.Add(new VariableNode(new(index, "Description"), new(index, "Old"), new("Old"), NodeIds.String), dictionary.Id, NodeIds.HasComponent);
        Set(description, Variant.Of("Old"));
        space.AddReference(encoding, NodeIds.HasDescription, description.Id);
        var node = AddVariable(bench, "any", type);
        bench.Points = [new("any", "nsu=urn:bench:machine;s=any")];
        Set(node, Variant.Of(ExtensionObject.Of(encoding, Body(1, 0))));
        await bench.StartAsync();
        await UntilReadAsync(bench, node, encoding);
        Assert.Contains("any/Text=front", Told(bench));
    }

    private static async Task UntilReadAsync(Bench bench, VariableNode node, NodeId encoding)
    {
        for (var n = 2; !Told(bench).Any(t => t.StartsWith("any/Speed=", StringComparison.Ordinal)); n++)
        {
            Assert.True(n < 1000, string.Join("; ", Told(bench)));
            Set(node, Variant.Of(ExtensionObject.Of(encoding, Body(n, 0))));
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }

    [Fact]
    public async Task An_enumeration_is_told_by_its_names_unless_numbers_are_wanted()
    {
        await using var bench = new Bench();
        AddTypes(bench, bind: true);
        var node = AddVariable(bench, "state", new(bench.Index, "Mode"));
        bench.Points = [new("state", "nsu=urn:bench:machine;s=state"), new("number", "nsu=urn:bench:machine;s=state") { Type = "number" }];
        Set(node, Variant.Of(2));
        await bench.StartAsync();
        await Bench.UntilAsync(() => bench.Sink.Samples.Count >= 2);
        Assert.Equal(["number=2", "state=Heating"], Told(bench));
    }

    private static string[] Told(Bench bench) => [.. bench.Sink.Samples.Select(s => $"{bench.Signals.Find(s.Signal)!.Id.Name}={s.Value}").Order(StringComparer.Ordinal)];

    private static void Set(VariableNode node, Variant value)
    {
        var at = OpcTime.Of(TimeProvider.System.GetUtcNow());
        node.Set(new(value, StatusCodes.Good, at, at));
    }

    private static VariableNode AddVariable(Bench bench, string name, NodeId type)
    {
        var index = bench.Index;
        return bench.Engine.Space.Add(new VariableNode(new(index, name), new(index, name), new(name), type), new(index, "machine"), NodeIds.HasComponent, NodeIds.BaseDataVariableType);
    }

    /// <param name="bind">The definition names its encoding; else only a reference leads from one to the other.</param>
    private static (NodeId Type, NodeId Encoding) AddTypes(Bench bench, bool bind)
    {
        var (space, index) = (bench.Engine.Space, bench.Index);
        NodeId type = new(index, "Drive"), encoding = new(index, "Drive.Binary"), mode = new(index, "Mode"), zone = new(index, "Zone");
        space.Add(new TypeNode(mode, NodeClass.DataType, new(index, "Mode"), new("Mode")) { Definition = new EnumDefinition { Fields = [new() { Name = "Idle", Value = 0 }, new() { Name = "Heating", Value = 2 }] } }, NodeIds.Enumeration, NodeIds.HasSubtype);
        space.Add(new TypeNode(zone, NodeClass.DataType, new(index, "Zone"), new("Zone")) { Definition = new StructureDefinition { Fields = [Field("Name", NodeIds.String)] } }, NodeIds.Structure, NodeIds.HasSubtype);
        space.Add(new TypeNode(type, NodeClass.DataType, new(index, "Drive"), new("Drive"))
        {
            Definition = new StructureDefinition { DefaultEncodingId = bind ? encoding : default, Fields = [Field("Speed", NodeIds.Float), Field("State", mode), Field("Zone", zone)] },
        }, NodeIds.Structure, NodeIds.HasSubtype);
        space.Add(new ObjectNode(encoding, new(0, "Default Binary"), new("Default Binary")), type, NodeIds.HasEncoding);
        return (type, encoding);

        static StructureField Field(string name, NodeId of) => new() { Name = name, DataType = of, ValueRank = -1 };
    }

    private static byte[] Body(float speed, int state) => BinaryCodecTests.Bytes(w =>
    {
        w.WriteFloat(speed);
        w.WriteInt32(state);
        w.WriteString("front");
    });
}
