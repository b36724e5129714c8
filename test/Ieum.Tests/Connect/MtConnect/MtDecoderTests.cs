using System.Text;
using CsCheck;
using Ieum.Connect;
using Ieum.Connect.MtConnect;
using Ieum.Model;
using Ieum.TestKit;

namespace Ieum.Tests.Connect.MtConnect;

public class MtDecoderTests
{
    private static MtDocument Decode(string xml)
    {
        Assert.True(new MtDecoder().TryDecode(Encoding.UTF8.GetBytes(xml), out var document, out var reason), reason);
        return document;
    }

    private static string Streams(string inner, string version = "2.2") =>
        $"""<?xml version="1.0" encoding="UTF-8"?><m:MTConnectStreams xmlns:m="urn:mtconnect.org:MTConnectStreams:{version}"><m:Header instanceId="7" bufferSize="8" firstSequence="1" lastSequence="9" nextSequence="10" sender="s" version="{version}"/><m:Streams><m:DeviceStream name="M" uuid="u"><m:ComponentStream>{inner}</m:ComponentStream></m:DeviceStream></m:Streams></m:MTConnectStreams>""";

    [Theory]
    [InlineData("1.3")]
    [InlineData("2.7")]
    public void Values_are_read_whatever_the_version_of_the_namespace(string version)
    {
        var d = Decode(Streams("""
            <m:Samples><m:Position dataItemId="x" sequence="1" timestamp="2026-03-02T09:00:00.123456Z"> -1.5e1 </m:Position><m:Position dataItemId="x" sequence="2" timestamp="2026-03-02T09:00:00Z">UNAVAILABLE</m:Position></m:Samples>
            <m:Events><m:Execution dataItemId="e" sequence="3" timestamp="2026-03-02T09:00:00Z">ACTIVE</m:Execution><m:Block dataItemId="b" sequence="4" timestamp="2026-03-02T09:00:00Z"><![CDATA[G01 <X1> & ]]>Y2</m:Block><m:Message dataItemId="m" sequence="5" timestamp="x"/></m:Events>
            <m:Condition><m:Fault dataItemId="c" sequence="6" timestamp="2026-03-02T09:00:00Z" type="SYSTEM" nativeCode="11|02" nativeSeverity="3" qualifier="HIGH">축 간섭 | 정지</m:Fault><m:Normal dataItemId="c" sequence="7" timestamp="2026-03-02T09:00:00Z" type="SYSTEM"/></m:Condition>
            """, version));
        Assert.Equal(new MtHeader(7, 8, 1, 9, 10, "s", version), d.Header);
        Assert.Equal([1, 2, 3, 4, 5, 6, 7], d.Observations.Select(o => o.Sequence));
        Assert.Equal((-15.0, (string?)null), (d.Observations[0].Number, d.Observations[0].Text));
        Assert.Equal(new DateTimeOffset(2026, 3, 2, 9, 0, 0, TimeSpan.Zero).AddTicks(1_234_560).UtcTicks, d.Observations[0].Ticks);
        Assert.True(d.Observations[1].IsUnavailable);
        Assert.Equal(["ACTIVE", "G01 <X1> & Y2", "", "FAULT|11/02|3|HIGH|축 간섭 | 정지", "NORMAL||||"], d.Observations.Skip(2).Select(o => o.Text));
        Assert.Equal(0, d.Observations[4].Ticks);
        Assert.True(ConditionReport.TryParse(d.Observations[5].Text, out var report));
        Assert.Equal(new(ConditionLevel.Fault, "11/02", "3", "HIGH", "축 간섭 | 정지"), report);
    }

    [Fact]
    public void Data_sets_tables_and_time_series_are_kept_as_text()
    {
        var d = Decode(Streams("""
            <m:Samples><m:TemperatureTimeSeries dataItemId="t" sequence="1" timestamp="2026-03-02T09:00:00Z" sampleCount="3" sampleRate="100">1.5 2.5 3.5</m:TemperatureTimeSeries></m:Samples>
            <m:Events><m:VariableDataSet dataItemId="v" sequence="2" timestamp="2026-03-02T09:00:00Z" count="3" resetTriggered="MANUAL"><m:Entry key="a">1</m:Entry><m:Entry key="b">two words</m:Entry><m:Entry key="c" removed="true"/></m:VariableDataSet>
            <m:WorkOffsetTable dataItemId="w" sequence="3" timestamp="2026-03-02T09:00:00Z" count="1"><m:Entry key="G54"><m:Cell key="X">1</m:Cell><m:Cell key="Y">2</m:Cell></m:Entry></m:WorkOffsetTable></m:Events>
            """));
        Assert.Equal(["1.5 2.5 3.5", ":MANUAL a=1 b=\"two words\" c", "G54={X=1 Y=2}"], d.Observations.Select(o => o.Text));
    }

    [Theory]
    [InlineData("""<MTConnectError><Header instanceId="1"/><Errors><Error errorCode="OUT_OF_RANGE">from must be greater than 5</Error></Errors></MTConnectError>""")]
    [InlineData("""<MTConnectError><Header instanceId="1"/><Errors><OutOfRange errorCode="OUT_OF_RANGE"><ErrorMessage>from must be greater than 5</ErrorMessage></OutOfRange></Errors></MTConnectError>""")]
    public void Errors_are_read_in_the_old_and_the_new_form(string xml)
    {
        var error = Assert.Single(Decode(xml).Errors);
        Assert.True(error.IsOutOfRange);
        Assert.Equal("from must be greater than 5", error.Text);
    }

    [Theory]
    [InlineData("")]
    [InlineData("hello")]
    [InlineData("<html><body/></html>")]
    [InlineData("<MTConnectStreams><Header></MTConnectStreams>")]
    [InlineData("<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><MTConnectStreams>&x;</MTConnectStreams>")]
    public void What_is_not_MTConnect_is_refused_with_a_reason(string text)
    {
        Assert.False(new MtDecoder().TryDecode(Encoding.UTF8.GetBytes(text), out var document, out var reason));
        Assert.NotEqual("", reason);
        Assert.Empty(document.Observations);
    }

    [Fact]
    public void A_document_cut_or_changed_anywhere_never_throws_and_leaves_nothing_half_read()
    {
        var whole = Encoding.UTF8.GetBytes(Streams("""<m:Samples><m:Position dataItemId="x" sequence="1" timestamp="2026-03-02T09:00:00Z">1</m:Position></m:Samples>"""));
        Gen.Select(Gen.Int[0, whole.Length - 1], Gen.Byte, Gen.Bool).Sample((at, value, cut) =>
        {
            var bytes = cut ? whole[..at] : [.. whole[..at], value, .. whole[(at + 1)..]];
            if (!new MtDecoder().TryDecode(bytes, out var d, out var reason)) Assert.True(reason.Length > 0 && d.Observations.Count == 0);
        }, iter: 3_000);
    }

    [Theory]
    [InlineData("NaN", double.NaN, Quality.Bad, MtConnectRules.NotANumber, 1)]
    [InlineData("-INF", double.NegativeInfinity, Quality.Bad, MtConnectRules.NotANumber, 1)]
    [InlineData("abc", double.NaN, Quality.Bad, MtConnectRules.ValueWrong, 1)]
    [InlineData("12.5", 12.5, Quality.Good, null, 0)]
    public void A_sample_that_is_no_number_is_kept_marked_bad_and_told(string text, double number, Quality quality, string? rule, int problems)
    {
        var (sample, told) = SampleOf(text, "2026-03-02T09:00:00Z");
        Assert.Equal((number, quality), (sample!.Value.Value.Number, sample.Value.Quality));
        Assert.Equal(problems, told.Count);
        if (rule is not null) Assert.Equal(rule, told[0]);
    }

    [Theory]
    [InlineData("1989-12-31T23:59:59Z", ConnectRules.TimeOutOfRange)]
    [InlineData("2026-03-03T09:00:01Z", ConnectRules.TimeOutOfRange)]
    [InlineData("yesterday", MtConnectRules.TimeUnreadable)]
    public void A_sample_with_an_impossible_time_is_refused_and_told(string time, string rule)
    {
        var (sample, told) = SampleOf("1", time);
        Assert.Null(sample);
        Assert.Equal([rule], told);
    }

    [Fact]
    public void An_old_value_of_the_snapshot_is_legal_from_1990_on() => Assert.NotNull(SampleOf("1", "1990-01-01T00:00:00Z").Sample);

    private static (Sample? Sample, List<string> Told) SampleOf(string text, string time)
    {
        var settings = new ConnectionSettings(new("s"), new("MC1"), "mtconnect", "http://h:5000", System.Collections.Immutable.ImmutableDictionary<string, string>.Empty);
        var told = new List<string>();
        var signals = new MtSignals(settings, MtConnectOptions.Read(settings), new InMemorySignals(), (rule, _) => told.Add(rule));
        signals.Load(new("d", "M", "u", false, "", [new("x", "Xabs", MtCategory.Sample, "POSITION", "ACTUAL", "MILLIMETER", "", "X")]));
        var o = Decode(Streams($"""<m:Samples><m:Position dataItemId="x" sequence="1" timestamp="{time}">{text}</m:Position></m:Samples>""")).Observations[0];
        return signals.TrySample(o, new DateTimeOffset(2026, 3, 2, 9, 0, 0, TimeSpan.Zero).UtcTicks, out var sample, out _, out _) ? (sample, told) : (null, told);
    }
}
