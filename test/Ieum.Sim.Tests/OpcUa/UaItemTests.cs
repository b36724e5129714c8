using Ieum.Connect.OpcUa;
using Ieum.Sim.OpcUa;

namespace Ieum.Sim.Tests.OpcUa;

public class UaItemTests
{
    private static UaItem Item(string category, string type, string? units = null) => new(new("x", category, type, Units: units), new UaBook(), null);

    private static DataValue Value(UaItem item, string text) => item.Value(text, default, default);

    [Fact]
    public void A_measurement_is_a_double_with_unit_and_range()
    {
        var load = Item("SAMPLE", "LOAD", "PERCENT");
        Assert.Equal(NodeIds.AnalogItemType, load.TypeDefinition);
        Assert.Equal((('P' << 8) | '1', "%"), (load.Unit!.UnitId, load.Unit.DisplayName.Text));
        Assert.Equal((0.0, 300.0), load.Node.Span);
        Assert.Equal(12.5, Value(load, "12.5").Value.Value);
    }

    [Fact]
    public void What_the_machine_does_not_know_is_bad_and_a_text_says_so_itself()
    {
        Assert.Equal(new(StatusCodes.BadNotConnected), Value(Item("SAMPLE", "LOAD", "PERCENT"), "UNAVAILABLE"));
        Assert.Equal(StatusCodes.BadDataUnavailable, Value(Item("SAMPLE", "LOAD", "PERCENT"), "n/a").StatusCode);
        Assert.Equal("UNAVAILABLE", Value(Item("EVENT", "EXECUTION"), "UNAVAILABLE").Value.Text);
    }

    [Fact]
    public void Counters_are_whole_and_conditions_are_texts()
    {
        Assert.Equal(7L, Value(Item("EVENT", "PART_COUNT"), "7").Value.Value);
        Assert.Equal("Fault|100|1||문 열림", Value(Item("CONDITION", "SYSTEM"), "Fault|100|1||문 열림").Value.Text);
    }

    [Fact]
    public void Security_is_read_by_policy_and_mode()
    {
        var securities = UaSettings.Parse("m", ["None", "Basic256Sha256", "Aes256_Sha256_RsaPss:Sign"]);
        Assert.Equal(["None/None", "Basic256Sha256/Sign", "Basic256Sha256/SignAndEncrypt", "Aes256_Sha256_RsaPss/Sign"],
            securities.Select(s => $"{s.PolicyUri[(s.PolicyUri.IndexOf('#', StringComparison.Ordinal) + 1)..]}/{s.Mode}"));
        Assert.Contains("Rot13", Assert.Throws<InvalidDataException>(() => UaSettings.Parse("m", ["Rot13"])).Message, StringComparison.Ordinal);
        Assert.Throws<InvalidDataException>(() => UaSettings.Parse("m", ["Basic256Sha256:Open"]));
        Assert.Throws<InvalidDataException>(() => UaSettings.Parse("m", []));
    }
}
