using System.IO.Compression;
using System.Xml.Linq;
using Ieum.Connect.MtConnect;
using Ieum.TestKit;

namespace Ieum.Conformance.MtConnect;

/// <summary>Documents of real agents, counted a second time by XLinq, which shares no code with the decoder.</summary>
public class RecordedDocumentsTests
{
    [Theory]
    [InlineData("qdr_input001.xml.gz")]
    [InlineData("qdr_input002.xml.gz")]
    [InlineData("qdr_input003.xml.gz")]
    public void Every_observation_of_a_recorded_streams_document_is_read_with_its_number_time_and_value(string file)
    {
        var bytes = Read($"data/machine-recordings/qdr/{file}");
        Assert.True(new MtDecoder().TryDecode(bytes, out var document, out var reason), reason);
        var root = XDocument.Load(new MemoryStream(bytes)).Root!;
        var expected = root.Descendants().Where(e => e.Attribute("sequence") is not null)
            .Select(e => (Sequence: (long)e.Attribute("sequence")!, Id: (string)e.Attribute("dataItemId")!,
                Ticks: ((DateTimeOffset)e.Attribute("timestamp")!).UtcTicks, IsCondition: e.Parent!.Name.LocalName == "Condition", Level: e.Name.LocalName.ToUpperInvariant(), Text: e.Value.Trim()))
            .OrderBy(o => o.Sequence).ToList();
        document.Observations.Sort((a, b) => a.Sequence.CompareTo(b.Sequence));
        Assert.NotEmpty(expected);
        Assert.Equal(expected.Select(e => (e.Sequence, e.Id, e.Ticks)), document.Observations.Select(o => (o.Sequence, o.DataItemId, o.Ticks)));
        Assert.All(expected.Zip(document.Observations), p =>
        {
            if (p.First.IsCondition) Assert.StartsWith(p.First.Level + "|", p.Second.Text, StringComparison.Ordinal);
            else if (p.Second.Text is { } text) Assert.Equal(p.First.Text, text);
            else Assert.Equal(double.Parse(p.First.Text, System.Globalization.CultureInfo.InvariantCulture), p.Second.Number);
        });
        var header = root.Elements().Single(e => e.Name.LocalName == "Header");
        Assert.Equal((long)header.Attribute("nextSequence")!, document.Header.NextSequence);
        Assert.Equal((long)header.Attribute("instanceId")!, document.Header.InstanceId);
    }

    [Theory]
    [InlineData("data/mtconnect/sample-SimpleDevlce.xml")]
    [InlineData("data/mtconnect/sample-agent.mtconnect.org.xml")]
    [InlineData("data/mtconnect/sample-configuration.xml")]
    [InlineData("data/mtconnect/sample-data_set.xml")]
    [InlineData("data/mtconnect/sample-discrete_example.xml")]
    [InlineData("data/mtconnect/sample-fanuc.xml")]
    [InlineData("data/mtconnect/sample-haas.xml")]
    [InlineData("data/mtconnect/sample-reference_example.xml")]
    [InlineData("data/mtconnect/sample-two_devices.xml")]
    [InlineData("data/mtconnect/demo-Devices-mazak-okuma.xml")]
    [InlineData("data/machine-recordings/agent/Devices.xml")]
    public void Every_data_item_of_a_device_description_is_read(string file)
    {
        var bytes = Read(file);
        Assert.True(new MtDecoder().TryDecode(bytes, out var document, out var reason), reason);
        var expected = XDocument.Load(new MemoryStream(bytes)).Descendants().Where(e => e.Name.LocalName == "DataItem")
            .Select(e => ((string)e.Attribute("id")!, (string?)e.Attribute("name"), (string)e.Attribute("type")!, (string?)e.Attribute("units") ?? (string?)e.Attribute("nativeUnits") ?? "")).ToList();
        Assert.NotEmpty(expected);
        Assert.Equal(expected, document.Devices.SelectMany(d => d.Items).Select(i => (i.Id, i.Name, i.Type, i.Units)));
    }

    [Fact]
    public void The_first_recorded_document_holds_every_number_up_to_the_next()
    {
        // Header: firstSequence 1, nextSequence 10050; so 10049 observations, none missing.
        var bytes = Read("data/machine-recordings/qdr/qdr_input001.xml.gz");
        Assert.True(new MtDecoder().TryDecode(bytes, out var document, out var reason), reason);
        var session = new MtSession(new("s"));
        var start = new MtDocument { Kind = MtDocumentKind.Streams, Header = document.Header with { NextSequence = 1, FirstSequence = 1, LastSequence = 0 } };
        session.Snapshot(start);
        var step = session.Part(document, DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch);
        Assert.Equal(10_049, step.Accepted.Count);
        Assert.Null(step.Gap);
        Assert.Equal(10_050, session.Next);
    }

    private static byte[] Read(string relative)
    {
        var path = Needs.Shared(relative);
        using var file = File.OpenRead(path);
        using Stream stream = path.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(file, CompressionMode.Decompress) : file;
        using var all = new MemoryStream();
        stream.CopyTo(all);
        return all.ToArray();
    }
}
