using Ieum.Connect.OpcUa.Client;
using Ieum.Model;
using Ieum.TestKit;
using System.IO.Compression;

namespace Ieum.Tests.Connect.OpcUa;

public class CompanionModelTests
{
    [Theory]
    [InlineData(4408652, "CEL")]   // 0x43 0x45 0x4C
    [InlineData(17476, "DD")]
    [InlineData(20529, "P1")]
    [InlineData(5066068, "MMT")]
    public void A_unit_is_read_from_the_packed_code(int unitId, string code) =>
        Assert.Equal(code, CompanionModels.UnitOf(CompanionModels.UneceUri, unitId)?.Code);

    [Fact]
    public void A_unit_of_another_table_or_an_unknown_code_is_no_unit()
    {
        Assert.Null(CompanionModels.UnitOf("http://vendor.example/units", 4408652));
        Assert.Null(CompanionModels.UnitOf(CompanionModels.UneceUri, -1));
        Assert.Null(CompanionModels.UnitOf(null, 0));
    }

    [Fact]
    public void The_program_of_a_machine_tool_is_known_by_what_stands_above_it()
    {
        Assert.Equal(SignalRole.Program, CompanionModels.Meaning("Name", ["Production", "ActiveProgram"]).Role);
        Assert.Equal(SignalRole.None, CompanionModels.Meaning("Name", ["Tool"]).Role);
        var state = CompanionModels.Meaning("CurrentState", ["Production", "ActiveProgram", "State"]);
        Assert.Equal((SignalRole.Execution, "ACTIVE"), (state.Role, state.Words["Running"]));
        Assert.Equal("MANUAL", CompanionModels.Meaning("OperationMode", []).Words["0"]);
    }

    [Theory]
    [InlineData("Opc.Ua.Machinery.NodeSet2.xml.gz", "Machinery")]
    [InlineData("Opc.Ua.MachineTool.NodeSet2.xml.gz", "MachineTool")]
    [InlineData("Opc.Ua.PackML.NodeSet2.xml.gz", "PackML")]
    [InlineData("Opc.Ua.MTConnect.NodeSet2.xml.gz", "MTConnect")]
    [InlineData("Opc.Ua.PlasticsRubber.IMM2MES.NodeSet2.xml.gz", "IMM2MES")]
    public void The_published_node_sets_are_recognised_by_their_namespace(string file, string model)
    {
        using var text = new StreamReader(new GZipStream(File.OpenRead(Needs.Shared("data/opcua/nodesets/" + file)), CompressionMode.Decompress));
        var xml = text.ReadToEnd();
        var from = xml.IndexOf("<Uri>", StringComparison.Ordinal) + 5;
        Assert.Equal(model, CompanionModels.NameOf(xml[from..xml.IndexOf("</Uri>", from, StringComparison.Ordinal)]));
    }
}
