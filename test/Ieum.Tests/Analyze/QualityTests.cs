using System.Collections.Immutable;
using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Xml.Linq;
using Ieum.Analyze;
using Ieum.TestKit;

namespace Ieum.Tests.Analyze;

public sealed class QualityTests
{
    [Theory]   // published tables (ASTM E2587, ISO 7870-2), three decimals
    [InlineData(2, 1.128, 0.853, 0.7979)]
    [InlineData(3, 1.693, 0.888, 0.8862)]
    [InlineData(4, 2.059, 0.880, 0.9213)]
    [InlineData(5, 2.326, 0.864, 0.9400)]
    [InlineData(7, 2.704, 0.833, 0.9594)]
    [InlineData(10, 3.078, 0.797, 0.9727)]
    [InlineData(25, 3.931, 0.708, 0.9896)]
    public void The_constants_are_those_of_the_tables(int n, double d2, double d3, double c4)
    {
        Assert.Equal(d2, SpcConstants.D2(n), 0.00051);
        Assert.Equal(d3, SpcConstants.Spread(n), 0.00051);
        Assert.Equal(c4, SpcConstants.C4(n), 0.000051);
    }

    [Fact]
    public void A_chart_of_means_and_ranges_worked_by_hand()
    {
        // Means 2 and 4, ranges 2 and 2: centre 3, R̄ 2, A2 of 3 values = 1.023, D4 = 2.574, D3 = 0.
        var chart = ControlChart.XbarR([[1, 2, 3], [3, 4, 5]]);
        Assert.Equal((3, 3 + 1.023 * 2, 3 - 1.023 * 2), (chart.Points[0].Centre, chart.Points[0].High, chart.Points[0].Low), Near);
        Assert.Equal((2, 2.574 * 2, 0), (chart.Spread[0]!.Value.Centre, chart.Spread[0]!.Value.High, chart.Spread[0]!.Value.Low), Near);
    }

    private static readonly EqualityComparer<(double, double, double)> Near = EqualityComparer<(double, double, double)>.Create(
        (a, b) => Math.Abs(a.Item1 - b.Item1) < 0.003 && Math.Abs(a.Item2 - b.Item2) < 0.003 && Math.Abs(a.Item3 - b.Item3) < 0.003, _ => 0);

    [Fact]
    public void Charts_of_deviations_single_values_shares_and_rates_worked_by_hand()
    {
        // s = 1 and 1, A3 of 3 values = 1.954.
        Assert.Equal(3 + 1.954, ControlChart.XbarS([[1, 2, 3], [3, 4, 5]]).Points[0].High, 0.001);
        // Moving ranges 2, 1, 3: mean 2; limits 10.25 ± 2.660 · 2.
        var single = ControlChart.Individuals([10, 12, 11, 8]);
        Assert.Equal((10.25, 15.57, 4.93), (single.Points[0].Centre, single.Points[0].High, single.Points[0].Low), Near);
        Assert.Null(single.Spread[0]);
        Assert.Equal((2, 3.267 * 2, 0), (single.Spread[1]!.Value.Centre, single.Spread[1]!.Value.High, single.Spread[1]!.Value.Low), Near);
        // p̄ = 15 / 300 = 0.05; n = 100: 0.05 ± 3 · √(0.0475 / 100) = 0.05 ± 0.06538; n = 200: ± 0.04623.
        var p = ControlChart.P([(4, 100), (11, 200)]);
        Assert.Equal((0.05, 0.11538, 0), (p.Points[0].Centre, p.Points[0].High, p.Points[0].Low), Near);
        Assert.Equal(0.05 + 0.04623, p.Points[1].High, 0.0001);
        // ū = 30 / 20 = 1.5; n = 10: 1.5 ± 3 · √0.15 = ± 1.1619.
        Assert.Equal(1.5 + 1.1619, ControlChart.U([(12, 10), (18, 10)]).Points[0].High, 0.0001);
    }

    [Theory]
    [InlineData(new[] { 0, 3.1, 0, -3.1, 3.0 }, "nelson-1", new[] { 1, 3 })]                                    // on the line is not beyond it
    [InlineData(new[] { 0, .1, .2, .1, .3, .1, .2, .1, .2, .1, .1 }, "nelson-2", new[] { 9, 10 })]            // nine on one side: from the tenth point on
    [InlineData(new[] { 0, .1, .2, .3, .4, .5, .4 }, "nelson-3", new[] { 5 })]                                // six rising: 0 to .5
    [InlineData(new[] { 0, 1.0, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 1 }, "nelson-4", new[] { 13 })]           // fourteen up and down
    [InlineData(new[] { 0, 2.1, 0, 2.2, 0, -2.1, 2.1 }, "nelson-5", new[] { 3 })]                             // the last pair lies on two sides
    [InlineData(new[] { 1.1, 1.2, 0, 1.1, 1.3, 0 }, "nelson-6", new[] { 4 })]                                 // four of five, and the point itself
    [InlineData(new[] { .5, -.5, .5, -.5, .5, -.5, .5, .1, .5, -.5, .5, -.5, .5, -.5, .9, 1.0 }, "nelson-7", new[] { 14 })]
    [InlineData(new[] { 1.1, -1.1, 1.2, -1.2, 1.1, -1.1, 1.2, -1.2, .9 }, "nelson-8", new[] { 7 })]
    [InlineData(new[] { 0, 3.1, 0, -3.1, 3.0 }, "western-1", new[] { 1, 3 })]
    [InlineData(new[] { 0, 2.1, 0, 2.2 }, "western-2", new[] { 3 })]
    [InlineData(new[] { 1.1, 1.2, 0, 1.1, 1.3 }, "western-3", new[] { 4 })]
    [InlineData(new[] { .1, .2, .1, .3, .1, .2, .1, .2, -.1 }, "western-4", new[] { 7 })]
    public void A_rule_speaks_at_the_point_that_completes_it(double[] z, string rule, int[] indices)
    {
        var points = z.Select(v => new ChartPoint(v, 0, -3, 3, 1)).ToImmutableArray();
        var found = rule[0] == 'n' ? ChartRules.Nelson(points) : ChartRules.WesternElectric(points);
        Assert.Equal(indices, found.Where(f => f.Rule == rule).Select(f => f.Index));
    }

    [Fact]
    public void Capability_has_an_interval()
    {
        // 20 values with mean 10 and overall deviation 1: Pp of ± 3 is 1; χ² of 19 at 2.5 % and 97.5 %: 8.9065 and 32.852.
        var step = Math.Sqrt(19 / 20.0);
        var values = Enumerable.Range(0, 20).Select(i => 10 + (i % 2 == 0 ? step : -step)).ToArray();
        var c = Capability.Of(values, 7, 13, sigmaWithin: 1, freedomWithin: 19)!;
        Assert.Equal((1.0, 0.68466, 1.31494), (c.Pp!.Value.Value, c.Pp.Value.Low, c.Pp.Value.High), Near);
        // Cpk 1: 1 ± 1.96 · √(1/180 + 1/38) = ± 0.3497.
        Assert.Equal((1.0, 0.6503, 1.3497), (c.Cpk.Value, c.Cpk.Low, c.Cpk.High), Near);
        Assert.Null(Capability.Of(values, null, 13)!.Cp);
        Assert.Null(Capability.Of([1, 1, 1], 0, 2));
        Assert.Null(Capability.Of(values, null, null));
    }

    private static byte[] Unzip(string file)
    {
        using var stream = new GZipStream(File.OpenRead(Needs.Shared(file)), CompressionMode.Decompress);
        using var memory = new MemoryStream();
        stream.CopyTo(memory);
        return memory.ToArray();
    }

    [Fact]
    public void A_QIF_study_gives_the_averages_and_indices_that_its_own_software_computed()
    {
        var bytes = Unzip("data/machine-recordings/tdp-mtc/QIF/7_28_2017 8_16_42 AM Box_Results.qif.gz");
        var file = GaugeFile.Read(bytes);
        Assert.Empty(file.Problems);
        Assert.Equal(19 * 45, file.Values.Length);

        var root = XDocument.Load(new MemoryStream(bytes)).Root!;
        var names = root.Descendants().Where(e => e.Name.LocalName.EndsWith("CharacteristicItem", StringComparison.Ordinal)).ToDictionary(e => e.Attribute("id")!.Value, e => Child(e, "Name")!);
        var items = root.Descendants().Where(e => e.Name.LocalName.EndsWith("CharacteristicActual", StringComparison.Ordinal)).ToDictionary(e => e.Attribute("id")!.Value, e => Child(e, "CharacteristicItemId")!);
        var compared = 0;
        foreach (var stats in root.Descendants().Where(e => e.Name.LocalName.EndsWith("CharacteristicStats", StringComparison.Ordinal)))
        {
            var ids = stats.Descendants().Where(e => e.Name.LocalName == "Subgroup").SelectMany(s => s.Descendants().Where(e => e.Name.LocalName == "Id")).Select(e => e.Value).ToArray();
            var item = items[ids[0]];
            var values = file.Values.Where(v => v.Characteristic == names[item]).ToArray();
            Assert.Equal(19, values.Length);
            Near9(Figure(stats, "Average"), values.Average(v => v.Value));
            Near9(Figure(stats, "StandardDeviation"), Math.Sqrt(values.Sum(v => Math.Pow(v.Value - values.Average(x => x.Value), 2)) / 18));
            // The serial number stands among them as a "characteristic"; nobody asks what it is capable of.
            if (stats.Name.LocalName == "UserDefinedLinearCharacteristicStats") continue;
            var c = Capability.Of([.. values.Select(v => v.Value)], values[0].Lower, values[0].Upper)!;
            if (c.Pp is { } pp) Near9(Figure(stats, "Pp"), pp.Value);
            if (c.Cp is { } cp) Near9(Figure(stats, "Cp"), cp.Value);
            Near9(Figure(stats, "Ppk"), c.Ppk.Value);
            Near9(Figure(stats, "Cpk"), c.Cpk.Value);
            compared++;
        }
        Assert.True(compared == 43, $"only {compared} indices were compared");

        static void Near9(double? expected, double actual) => Assert.True(expected is null || Math.Abs(expected.Value - actual) <= 0.006 * Math.Max(0.1, Math.Abs(actual)), $"{expected} in the file, {actual} computed");
        static string? Child(XElement e, string name) => e.Elements().FirstOrDefault(c => c.Name.LocalName == name)?.Value;
        static double? Figure(XElement stats, string name) => stats.Descendants().FirstOrDefault(e => e.Name.LocalName == name) is { } f
            && double.TryParse(f.HasElements ? f.Elements().First().Value : f.Value, NumberStyles.Float, CultureInfo.InvariantCulture, out var n) ? n : null;
    }

    [Fact]
    public void Deviations_of_a_QIF_file_are_laid_round_the_target()
    {
        var file = GaugeFile.Read(Unzip("data/machine-recordings/tdp-mtc/QIF/BoxResults_19_samples.QIF.gz"));
        var diameter = file.Values.First(v => v.Characteristic == "DIAMETER1");
        Assert.Equal((3.1, 3.5), (Math.Round(diameter.Lower!.Value, 9), Math.Round(diameter.Upper!.Value, 9)));   // 3.3 ± 0.2
        Assert.Equal(437, file.Values.Count(v => v.Characteristic.StartsWith("DIAMETER", StringComparison.Ordinal)));
        Assert.True(file.Values.Select(v => v.Part).Distinct().Count() >= 18);
    }

    /// <summary>Edition 3.0 calls an actual a measurement; written by hand after the schema of ISO 23952, with a diameter given by deviations and a position by its zone.</summary>
    [Fact]
    public void A_QIF_3_document_is_read_like_one_of_edition_2()
    {
        var file = GaugeFile.Read(Encoding.UTF8.GetBytes("""
            <QIFDocument xmlns="http://qifstandards.org/xsd/qif3" versionQIF="3.0.0" idMax="20">
              <Characteristics>
                <CharacteristicDefinitions n="2">
                  <DiameterCharacteristicDefinition id="1"><Tolerance><MaxValue>0.13</MaxValue><MinValue>-0.12</MinValue><DefinedAsLimit>false</DefinedAsLimit></Tolerance></DiameterCharacteristicDefinition>
                  <PositionCharacteristicDefinition id="2"><ToleranceValue>0.5</ToleranceValue></PositionCharacteristicDefinition>
                </CharacteristicDefinitions>
                <CharacteristicNominals n="2">
                  <DiameterCharacteristicNominal id="3"><CharacteristicDefinitionId>1</CharacteristicDefinitionId><TargetValue>19</TargetValue></DiameterCharacteristicNominal>
                  <PositionCharacteristicNominal id="4"><CharacteristicDefinitionId>2</CharacteristicDefinitionId></PositionCharacteristicNominal>
                </CharacteristicNominals>
                <CharacteristicItems n="2">
                  <DiameterCharacteristicItem id="5"><Name>구멍 지름</Name><CharacteristicNominalId>3</CharacteristicNominalId></DiameterCharacteristicItem>
                  <PositionCharacteristicItem id="6"><Name>位置</Name><CharacteristicNominalId>4</CharacteristicNominalId></PositionCharacteristicItem>
                </CharacteristicItems>
              </Characteristics>
              <MeasurementsResults>
                <MeasurementResultsSet n="1">
                  <MeasurementResults id="7">
                    <MeasuredCharacteristics>
                      <CharacteristicMeasurements n="3">
                        <DiameterCharacteristicMeasurement id="8"><Status><CharacteristicStatusEnum>PASS</CharacteristicStatusEnum></Status><CharacteristicItemId>5</CharacteristicItemId><Value>19.02</Value></DiameterCharacteristicMeasurement>
                        <PositionCharacteristicMeasurement id="9"><CharacteristicItemId>6</CharacteristicItemId><Value>0.61</Value></PositionCharacteristicMeasurement>
                        <PositionCharacteristicMeasurement id="10"><CharacteristicItemId>6</CharacteristicItemId></PositionCharacteristicMeasurement>
                      </CharacteristicMeasurements>
                    </MeasuredCharacteristics>
                    <InspectionStatus><InspectionStatusEnum>FAIL</InspectionStatusEnum></InspectionStatus>
                    <ActualComponentIds n="1"><Id>11</Id></ActualComponentIds>
                  </MeasurementResults>
                </MeasurementResultsSet>
                <ActualComponentSets n="1"><ActualComponentSet n="1"><ActualComponent id="11"><SerialNumber>S-7</SerialNumber></ActualComponent></ActualComponentSet></ActualComponentSets>
              </MeasurementsResults>
            </QIFDocument>
            """));
        Assert.Empty(file.Problems);
        Assert.Equal([("S-7", "구멍 지름", 19.02, 18.88, 19.13, true), ("S-7", "位置", 0.61, double.NaN, 0.5, false)],
            file.Values.Select(v => (v.Part, v.Characteristic, v.Value, v.Lower ?? double.NaN, v.Upper!.Value, v.IsGood == true)));
    }

    [Fact]
    public void A_table_of_gauge_values_is_read_and_what_is_wrong_is_told_by_line()
    {
        var file = GaugeFile.Read(Encoding.UTF8.GetBytes("""
            部品;測定項目;測定値;下限;上限;時刻
            S-1;内径;18.003;18.000;18.008;2026-11-02T08:00:00+09:00
            S-2;内径;18,009;18.000;18.008;
            S-3;内径;18.009;18.008;18.000;yesterday
            """));
        Assert.Equal(2, file.Values.Length);
        Assert.Equal(("S-1", "内径", 18.003, true), (file.Values[0].Part, file.Values[0].Characteristic, file.Values[0].Value, file.Values[0].IsGood));
        Assert.Equal([(3, GaugeRules.NoNumber), (4, GaugeRules.LimitsCrossed), (4, GaugeRules.NoTime)], file.Problems.Select(p => (p.Line, p.Rule)));
        Assert.Equal(GaugeRules.NoColumn, GaugeFile.Read("a,b\n1,2"u8).Problems[0].Rule);
        Assert.Equal(GaugeRules.NotQif, GaugeFile.Read("<html/>"u8).Problems[0].Rule);
        Assert.Equal(GaugeRules.NotXml, GaugeFile.Read("<QIFDocument>"u8).Problems[0].Rule);
    }

    [Fact]
    public void Quoted_cells_of_a_gauge_table_may_hold_separators_quotes_and_line_ends()
    {
        var file = GaugeFile.Read(Encoding.UTF8.GetBytes("part,\"characteristic\",value,\"note, free\"\r\n\"S-1\",\"bore, left \"\"A\"\"\",\"18.003\",\"two\r\nlines\"\r\nS-2,5\" pipe,18.004,\r\nS-3,x,no,\r\n"));
        Assert.Equal([("S-1", "bore, left \"A\"", 18.003), ("S-2", "5\" pipe", 18.004)], file.Values.Select(v => (v.Part, v.Characteristic, v.Value)));
        Assert.Equal([(5, GaugeRules.NoNumber)], file.Problems.Select(p => (p.Line, p.Rule)));   // the line of the file, not the row
    }

    [Fact]
    public void No_bytes_stop_the_gauge_reader()
    {
        var random = new Random(20261127);
        var seed = "part,characteristic,value,lower,upper\nA,B,1,0,2\n"u8.ToArray();
        var xml = "<QIFDocument xmlns=\"q\"><DiameterCharacteristicItem id=\"1\"><Name>n</Name></DiameterCharacteristicItem><MeasurementResults><DiameterCharacteristicActual id=\"2\"><CharacteristicItemId>1</CharacteristicItemId><Value>3</Value></DiameterCharacteristicActual></MeasurementResults></QIFDocument>"u8.ToArray();
        for (var i = 0; i < 20_000; i++)
        {
            var bytes = (byte[])(i % 2 == 0 ? seed : xml).Clone();
            for (var k = random.Next(1, 6); k > 0; k--) bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            var file = GaugeFile.Read(bytes.AsSpan(0, random.Next(bytes.Length + 1)));
            Assert.All(file.Values, v => Assert.True(double.IsFinite(v.Value)));
        }
    }

    [Fact]
    public void A_first_prediction_names_the_feature_that_makes_bad_parts()
    {
        var random = new Random(3);
        var (rows, bad) = (new List<double[]>(), new List<bool>());
        for (var i = 0; i < 400; i++)
        {
            var (load, heat) = (random.NextDouble() * 10, 20 + random.NextDouble() * 10);
            rows.Add([load, heat]);
            bad.Add(random.NextDouble() < 1 / (1 + Math.Exp(-(load - 8) * 1.5)));   // bad when the load is high; heat says nothing
        }
        var model = QualityModel.Learn(["spindle load", "coolant"], rows, bad)!;
        Assert.Equal("spindle load", model.Influences[0].Feature);
        Assert.True(model.Influences[0].Share > 0.8 && model.Influences[0].OddsPerDeviation > 3, $"{model.Influences[0]}");
        Assert.True(model.Check.RankingQuality > 0.85, $"{model.Check}");
        Assert.True(model.Risk([9.5, 25]) > 0.7 && model.Risk([2, 25]) < 0.1);
        var again = QualityModel.Learn(["spindle load", "coolant"], rows, bad)!;
        Assert.Equal(BitConverter.DoubleToInt64Bits(model.Risk([5, 25])), BitConverter.DoubleToInt64Bits(again.Risk([5, 25])));
    }

    [Fact]
    public void Nothing_is_learned_from_a_handful_of_bad_parts() =>
        Assert.Null(QualityModel.Learn(["x"], [.. Enumerable.Range(0, 100).Select(i => new double[] { i })], [.. Enumerable.Range(0, 100).Select(i => i >= 93)]));
}
