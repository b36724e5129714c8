using System.IO.Compression;
using System.Xml;
using System.Xml.Linq;
using System.Xml.Schema;
using Ieum.TestKit;

namespace Ieum.Conformance.Sim;

/// <summary>Every document the simulated agent sends is valid against the schema it names.</summary>
public sealed class AgentSchemaTests
{
    private static readonly XNamespace Xs = "http://www.w3.org/2001/XMLSchema";
    private static readonly string[] Types = ["mill", "fiveaxis", "lathe", "hone"];

    [Theory]
    [InlineData("1.3")]
    [InlineData("1.8")]
    [InlineData("2.0")]
    [InlineData("2.5")]
    public async Task Devices_streams_and_errors_are_valid(string schema)
    {
        var devices = Schema("Devices", schema);
        var streams = Schema("Streams", schema);
        var errors = Schema("Error", schema);
        await using var sim = await SimProcess.RunAsync(string.Join(',', Types.Select(t =>
            $$$"""{"id":"{{{t}}}","protocol":"mtconnect","schema":"{{{schema}}}","source":{"generated":"{{{t}}}","seed":3}}""")), speed: 600);
        foreach (var type in Types)
        {
            var agent = sim.Endpoint(type);
            Valid(await SimProcess.TextAsync(agent + "/probe"), devices);
            var current = Valid(await SimProcess.TextAsync(agent + "/current"), streams);
            Assert.Contains(current.Descendants(), e => e.Name.LocalName == "Execution");
            await Until(async () => (await sim.StatusAsync(type)).GetProperty("produced").GetInt64() > 300);
            var sample = Valid(await SimProcess.TextAsync(agent + "/sample?from=1&count=5000"), streams);
            Assert.Contains(sample.Descendants(), e => e.Name.LocalName == "Normal");
            Valid(await SimProcess.TextAsync(agent + "/current?path=//Path"), streams);
            Assert.Equal("OUT_OF_RANGE", await ErrorAsync(agent + "/sample?from=999999999", 404));
            Assert.Equal("OUT_OF_RANGE", await ErrorAsync(agent + "/sample?count=0", 404));
            Assert.Equal("INVALID_REQUEST", await ErrorAsync(agent + "/sample?from=x", 400));
            Assert.Equal("INVALID_PATH", await ErrorAsync(agent + "/sample?path=//[", 400));
            Assert.Equal("INVALID_PATH", await ErrorAsync(agent + "/sample?path=//Nothing", 400));
            Assert.Equal("NO_DEVICE", await ErrorAsync(agent + "/other/probe", 404));
            Assert.Equal("UNSUPPORTED", await ErrorAsync(agent + "/asset", 404));
        }

        async Task<string> ErrorAsync(string url, int status)
        {
            using var answer = await SimProcess.AnswerAsync(url);
            Assert.Equal(status, (int)answer.StatusCode);
            return Valid(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), errors).Descendants().Single(e => e.Name.LocalName == "Error").Attribute("errorCode")!.Value;
        }
    }

    [Theory]
    [InlineData("Mazak01-20161129")]
    [InlineData("GFAgie01-20161013")]
    [InlineData("Hurco01-20170227")]
    public async Task Recorded_machines_are_valid_too(string prefix)
    {
        var recordings = Needs.Shared("data/machine-recordings/raw");
        await using var sim = await SimProcess.RunAsync(
            $$$"""{"id":"M","protocol":"mtconnect","schema":"1.3","source":{"recordings":"{{{recordings}}}","prefix":"{{{prefix}}}","from":"first-run"}}""", speed: 3600);
        var agent = sim.Endpoint("M");
        Valid(await SimProcess.TextAsync(agent + "/probe"), Schema("Devices", "1.3"));
        await Until(async () => (await sim.StatusAsync("M")).GetProperty("produced").GetInt64() > 1500);
        Valid(await SimProcess.TextAsync(agent + "/sample?from=1&count=100000"), Schema("Streams", "1.3"));
        Assert.Contains("AVAILABLE<", await SimProcess.TextAsync(agent + "/current"), StringComparison.Ordinal);
    }

    internal static async Task Until(Func<Task<bool>> condition)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!await condition()) await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, limit.Token);
    }

    private static XDocument Valid(string xml, XmlSchemaSet schema)
    {
        var document = XDocument.Parse(xml);
        var problems = new List<string>();
        document.Validate(schema, (_, e) => problems.Add(e.Message));
        Assert.True(problems.Count == 0, string.Join('\n', problems.Distinct().Take(10)) + "\n" + xml[..Math.Min(600, xml.Length)]);
        return document;
    }

    private static XmlSchemaSet Schema(string document, string version)
    {
        using var file = File.OpenRead(Needs.Shared($"data/mtconnect/MTConnect{document}_{version}.xsd.gz"));
        using var text = new GZipStream(file, CompressionMode.Decompress);
        var schema = XDocument.Load(text);
        // The files use two constructs of XSD 1.1, told here in the words of 1.0: a wildcard for other namespaces, and wildcards
        // or repetition inside xs:all, which become a free choice. That only loosens the order inside those few elements.
        foreach (var any in schema.Descendants(Xs + "any").Where(e => e.Attribute("notNamespace") is not null))
        {
            any.Attribute("notNamespace")!.Remove();
            any.SetAttributeValue("namespace", "##other");
        }
        foreach (var all in schema.Descendants(Xs + "all").Where(a => a.Elements(Xs + "any").Any() || a.Elements().Any(e => e.Attribute("maxOccurs")?.Value is not (null or "0" or "1"))))
        {
            all.Name = Xs + "choice";
            all.SetAttributeValue("minOccurs", "0");
            all.SetAttributeValue("maxOccurs", "unbounded");
            // A wildcard beside named elements of the same namespace would be ambiguous; the documents have nothing foreign there.
            if (all.Elements(Xs + "element").Any()) all.Elements(Xs + "any").Remove();
        }
        // Assets refer to xlink; the schema of those two attributes is not part of the set and not used by these documents.
        var set = new XmlSchemaSet { XmlResolver = null };
        set.Add(XmlSchema.Read(XmlReader.Create(new StringReader(XLink)), null)!);
        set.Add(XmlSchema.Read(schema.CreateReader(), null)!);
        set.Compile();
        return set;
    }

    private const string XLink = """
        <xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="http://www.w3.org/1999/xlink">
          <xs:simpleType name="hrefType"><xs:restriction base="xs:anyURI"/></xs:simpleType>
          <xs:attribute name="type" type="xs:string"/><xs:attribute name="href" type="xs:anyURI"/>
        </xs:schema>
        """;
}
