using System.Text.Json;
using System.Text.Json.Nodes;
using Ieum.Connect.Sparkplug.Payload;

namespace Ieum.Conformance.Sparkplug;

/// <summary>Our codec against npm sparkplug-payload, in both directions.</summary>
public class PayloadWitnessTests
{
    private static Metric M(string name, SparkplugDataType type, SparkplugValue value) =>
        new() { Name = name, Alias = 3, Timestamp = 1_700_000_000_123, DataType = type, Value = value };

    /// <summary>Name, what we send, what the witness must read.</summary>
    private static readonly (Metric Sent, string Read)[] Scalars =
    [
        (M("int8 −128", SparkplugDataType.Int8, SparkplugValue.Of(-128)), "-128"),
        (M("int16", SparkplugDataType.Int16, SparkplugValue.Of(-32768)), "-32768"),
        (M("int32", SparkplugDataType.Int32, SparkplugValue.Of(int.MinValue)), "-2147483648"),
        (M("int64", SparkplugDataType.Int64, SparkplugValue.Of(long.MinValue)), """{"$long":"-9223372036854775808"}"""),
        (M("uint8", SparkplugDataType.UInt8, SparkplugValue.Of(255u)), "255"),
        (M("uint16", SparkplugDataType.UInt16, SparkplugValue.Of(65535u)), "65535"),
        (M("uint64", SparkplugDataType.UInt64, SparkplugValue.Of(ulong.MaxValue)), """{"$long":"18446744073709551615"}"""),
        (M("float", SparkplugDataType.Float, SparkplugValue.Of(-1.5f)), "-1.5"),
        (M("double", SparkplugDataType.Double, SparkplugValue.Of(-0.1)), "-0.1"),
        (M("double −0", SparkplugDataType.Double, SparkplugValue.Of(-0.0)), """{"$number":"-0"}"""),
        (M("double ∞", SparkplugDataType.Double, SparkplugValue.Of(double.NegativeInfinity)), """{"$number":"-Infinity"}"""),
        (M("double NaN", SparkplugDataType.Double, SparkplugValue.Of(double.NaN)), """{"$number":"NaN"}"""),
        (M("boolean", SparkplugDataType.Boolean, SparkplugValue.Of(true)), "true"),
        (M("축 온도", SparkplugDataType.String, SparkplugValue.Of("정상")), "\"정상\""),
        (M("主軸", SparkplugDataType.Text, SparkplugValue.Of("温度−5℃")), "\"温度−5℃\""),
        (M("uuid", SparkplugDataType.Uuid, SparkplugValue.Of("b7e1")), "\"b7e1\""),
        (M("time", SparkplugDataType.DateTime, SparkplugValue.Of(1_700_000_000_123UL)), """{"$long":"1700000000123"}"""),
        (M("bytes", SparkplugDataType.Bytes, SparkplugValue.Of([0, 255, 128])), """{"$bytes":"00ff80"}"""),
        (M("file", SparkplugDataType.File, SparkplugValue.Of([1])), """{"$bytes":"01"}"""),
    ];

    [Fact]
    public async Task The_witness_reads_every_scalar_we_write()
    {
        using var witness = Counterpart.Script("sparkplug-payload", "sparkplug-payload.cjs");
        var hex = Convert.ToHexString(PayloadEncoder.Encode(new(1_700_000_000_999, [.. Scalars.Select(s => s.Sent)], 255)));
        var json = JsonNode.Parse(await witness.AskAsync("decode " + hex))!;
        Assert.Equal("1700000000999", (string)json["timestamp"]!["$long"]!);
        Assert.Equal("255", (string)json["seq"]!["$long"]!);
        var metrics = json["metrics"]!.AsArray();
        Assert.Equal(Scalars.Length, metrics.Count);
        for (var i = 0; i < Scalars.Length; i++)
        {
            Assert.Equal(Scalars[i].Sent.Name, (string)metrics[i]!["name"]!);
            Assert.True(JsonNode.DeepEquals(JsonNode.Parse(Scalars[i].Read), metrics[i]!["value"]), $"{Scalars[i].Sent.Name}: {metrics[i]}");
            Assert.Equal(Scalars[i].Sent.DataType!.Value.ToString().ToUpperInvariant(), ((string)metrics[i]!["type"]!).ToUpperInvariant());
        }
    }

    [Fact]
    public async Task The_witness_reads_tables_templates_and_properties_we_write()
    {
        using var witness = Counterpart.Script("sparkplug-payload", "sparkplug-payload.cjs");
        var table = new DataSet(["이름", "値"], [SparkplugDataType.String, SparkplugDataType.Double], [[SparkplugValue.Of("가"), SparkplugValue.Of(-5.5)]]);   // the witness cannot read whole numbers in a table, not even its own
        var template = new Template("1.0", [M("x", SparkplugDataType.Int32, SparkplugValue.Of(-7))], [new("p", SparkplugDataType.String, SparkplugValue.Of("q"))], "motor", false);
        var properties = new PropertySet([KeyValuePair.Create("engUnit", new PropertyValue(SparkplugDataType.String, SparkplugValue.Of("℃"))),
            KeyValuePair.Create("inner", new PropertyValue(SparkplugDataType.PropertySet, SparkplugValue.Of(new PropertySet([KeyValuePair.Create("k", new PropertyValue(SparkplugDataType.Int32, SparkplugValue.Of(-1)))]))))]);
        var payload = new SparkplugPayload(1, [
            M("table", SparkplugDataType.DataSet, SparkplugValue.Of(table)), M("template", SparkplugDataType.Template, SparkplugValue.Of(template)),
            M("props", SparkplugDataType.Double, SparkplugValue.Of(1.0)) with { Properties = properties, IsHistorical = true, MetaData = new() { FileName = "도면.stp" } },
            M("null", SparkplugDataType.Int32, SparkplugValue.None) with { IsNull = true }], 0);
        var metrics = JsonNode.Parse(await witness.AskAsync("decode " + Convert.ToHexString(PayloadEncoder.Encode(payload))))!["metrics"]!.AsArray();
        Assert.Equal("가", (string)metrics[0]!["value"]!["rows"]![0]![0]!);
        Assert.Equal(-5.5, (double)metrics[0]!["value"]!["rows"]![0]![1]!);
        Assert.Equal("motor", (string)metrics[1]!["value"]!["templateRef"]!);
        Assert.Equal(-7, (int)metrics[1]!["value"]!["metrics"]![0]!["value"]!);
        Assert.Equal("q", (string)metrics[1]!["value"]!["parameters"]![0]!["value"]!);
        Assert.Equal("℃", (string)metrics[2]!["properties"]!["engUnit"]!["value"]!);
        Assert.Equal(-1, (int)metrics[2]!["properties"]!["inner"]!["value"]!["k"]!["value"]!);
        Assert.True((bool)metrics[2]!["isHistorical"]!);
        Assert.Equal("도면.stp", (string)metrics[2]!["metadata"]!["fileName"]!);
        Assert.Null(metrics[3]!["value"]);
    }

    [Fact]
    public async Task We_read_what_the_witness_writes()
    {
        using var witness = Counterpart.Script("sparkplug-payload", "sparkplug-payload.cjs");
        const string Json = """
            {"timestamp":1700000000999,"seq":7,"metrics":[
              {"name":"i8","type":"Int8","value":-128,"timestamp":1700000000001,"alias":1},
              {"name":"i16","type":"Int16","value":-32768},{"name":"i32","type":"Int32","value":-2147483648},
              {"name":"u8","type":"UInt8","value":255},{"name":"u16","type":"UInt16","value":65535},{"name":"u32","type":"UInt32","value":4294967295},
              {"name":"u64","type":"UInt64","value":{"$long":"18446744073709551615"}},{"name":"i64","type":"Int64","value":{"$long":"-2"}},
              {"name":"f","type":"Float","value":-1.5},{"name":"d","type":"Double","value":{"$number":"-0"}},{"name":"inf","type":"Double","value":{"$number":"-Infinity"}},
              {"name":"b","type":"Boolean","value":true},{"name":"축","type":"String","value":"정상 −5℃ 主軸"},{"name":"t","type":"DateTime","value":1700000000123},
              {"name":"bytes","type":"Bytes","value":{"$bytes":"00ff80"}},
              {"name":"table","type":"DataSet","value":{"numOfColumns":2,"columns":["이름","値"],"types":["String","Int32"],"rows":[["가",-5]]}},
              {"name":"template","type":"Template","value":{"templateRef":"motor","isDefinition":false,"version":"1","metrics":[{"name":"x","type":"Double","value":2.5}],"parameters":[{"name":"p","type":"String","value":"q"}]}},
              {"name":"prop","type":"Double","value":1,"isHistorical":true,"properties":{"engUnit":{"type":"String","value":"kW"}}},
              {"name":"null","type":"Int32","value":null}]}
            """;
        var answer = await witness.AskAsync("encode " + JsonSerializer.Serialize(JsonNode.Parse(Json)));
        Assert.False(answer.StartsWith("error", StringComparison.Ordinal), answer);
        Assert.True(PayloadDecoder.TryDecode(Convert.FromHexString(answer), out var payload, out var reason), reason);
        Assert.Equal((1700000000999UL, 7UL), (payload.Timestamp!.Value, payload.Seq!.Value));
        var by = payload.Metrics.ToDictionary(m => m.Name!);
        Assert.Equal((1UL, 1700000000001UL), (by["i8"].Alias!.Value, by["i8"].Timestamp!.Value));
        Assert.Equal(SparkplugValue.Of(-128), by["i8"].Value);
        Assert.Equal(SparkplugValue.Of(-32768), by["i16"].Value);
        Assert.Equal(SparkplugValue.Of(int.MinValue), by["i32"].Value);
        Assert.Equal(SparkplugValue.Of(255u), by["u8"].Value);
        Assert.Equal(SparkplugValue.Of(65535u), by["u16"].Value);
        Assert.Equal(4294967295UL, by["u32"].Value.Bits);
        Assert.Equal(ulong.MaxValue, by["u64"].Value.Bits);
        Assert.Equal(SparkplugValue.Of(-2L), by["i64"].Value);
        Assert.Equal(SparkplugValue.Of(-1.5f), by["f"].Value);
        Assert.Equal(SparkplugValue.Of(-0.0).Bits, by["d"].Value.Bits);
        Assert.Equal(double.NegativeInfinity, by["inf"].Value.Double);
        Assert.Equal(SparkplugValue.Of(true), by["b"].Value);
        Assert.Equal("정상 −5℃ 主軸", by["축"].Value.Text);
        Assert.Equal(1700000000123UL, by["t"].Value.Bits);
        Assert.Equal([0, 255, 128], (byte[])by["bytes"].Value.Object!);
        var table = (DataSet)by["table"].Value.Object!;
        Assert.Equal(["이름", "値"], table.Columns);
        Assert.Equal(("가", SparkplugValue.Of(-5)), (table.Rows[0][0].Text, table.Rows[0][1]));
        var template = (Template)by["template"].Value.Object!;
        Assert.Equal(("motor", 2.5, "q"), (template.Reference, template.Metrics[0].Value.Double, template.Parameters[0].Value.Text));
        Assert.Equal("kW", by["prop"].Properties!.Find("engUnit")!.Value.Text);
        Assert.True(by["prop"].IsHistorical);
        Assert.True(by["null"].IsNull);
    }
}
