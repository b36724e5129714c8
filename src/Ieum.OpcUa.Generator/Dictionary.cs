using System.Globalization;
using System.IO.Compression;
using System.Xml.Linq;

namespace Ieum.OpcUa.Generator;

/// <param name="Type">Name of the type without prefix.</param>
internal sealed record Field(string Name, string Type, bool IsArray);

internal sealed record Structure(string Name, string? Base, IReadOnlyList<Field> Fields, bool IsPlain);

internal sealed record Enumeration(string Name, int Bits, bool IsFlags, IReadOnlyList<(string Name, long Value)> Values);

/// <summary>The data files of the OPC Foundation: types, status codes, node ids and attribute ids.</summary>
internal sealed class Dictionary
{
    private Dictionary() { }

    public required IReadOnlyDictionary<string, Structure> Structures { get; init; }
    public required IReadOnlyDictionary<string, Enumeration> Enumerations { get; init; }
    public required IReadOnlyList<(string Name, uint Code)> StatusCodes { get; init; }
    public required IReadOnlyList<(string Name, uint Id, string Class)> NodeIds { get; init; }
    public required IReadOnlyList<(string Name, uint Id)> AttributeIds { get; init; }

    /// <param name="folder">Holds Opc.Ua.Types.bsd, StatusCode.csv, NodeIds.csv or NodeIds.csv.gz, AttributeIds.csv.</param>
    public static Dictionary Read(string folder)
    {
        var root = XDocument.Load(Path.Combine(folder, "Opc.Ua.Types.bsd")).Root!;
        return new()
        {
            Structures = root.Elements().Where(e => e.Name.LocalName == "StructuredType").Select(ReadStructure).ToDictionary(s => s.Name),
            Enumerations = root.Elements().Where(e => e.Name.LocalName == "EnumeratedType").Select(ReadEnumeration).ToDictionary(e => e.Name),
            StatusCodes = [.. Lines(folder, "StatusCode.csv").Select(l => l.Split(',', 3)).Select(p => (p[0], uint.Parse(p[1][2..], NumberStyles.HexNumber, CultureInfo.InvariantCulture)))],
            NodeIds = [.. Lines(folder, "NodeIds.csv").Select(l => l.Split(',')).Select(p => (p[0], uint.Parse(p[1], CultureInfo.InvariantCulture), p[2]))],
            // The first lines are the attributes; from the first line with a class on, data types follow.
            AttributeIds = [.. Lines(folder, "AttributeIds.csv").Select(l => l.Split(',')).TakeWhile(p => p.Length == 2).Select(p => (p[0], uint.Parse(p[1], CultureInfo.InvariantCulture)))],
        };
    }

    private static Structure ReadStructure(XElement e)
    {
        var fields = e.Elements().Where(f => f.Name.LocalName == "Field").ToList();
        // A count in front of an array is no field of its own.
        var counts = fields.Select(f => (string?)f.Attribute("LengthField")).OfType<string>().ToHashSet();
        var plain = fields.All(f => f.Attribute("SwitchField") is null && (string?)f.Attribute("TypeName") != "opc:Bit" && f.Attribute("Length") is null);
        return new((string)e.Attribute("Name")!, Local((string?)e.Attribute("BaseType")),
            [.. fields.Where(f => !counts.Contains((string)f.Attribute("Name")!))
                .Select(f => new Field((string)f.Attribute("Name")!, Local((string)f.Attribute("TypeName")!)!, f.Attribute("LengthField") is not null))], plain);
    }

    private static Enumeration ReadEnumeration(XElement e) => new((string)e.Attribute("Name")!, (int)e.Attribute("LengthInBits")!, (bool?)e.Attribute("IsOptionSet") ?? false,
        [.. e.Elements().Where(v => v.Name.LocalName == "EnumeratedValue").Select(v => ((string)v.Attribute("Name")!, (long)v.Attribute("Value")!))]);

    private static string? Local(string? name) => name?[(name.IndexOf(':', StringComparison.Ordinal) + 1)..];

    private static IEnumerable<string> Lines(string folder, string name)
    {
        var plain = Path.Combine(folder, name);
        using Stream file = File.Exists(plain) ? File.OpenRead(plain) : new GZipStream(File.OpenRead(plain + ".gz"), CompressionMode.Decompress);
        using var reader = new StreamReader(file);
        while (reader.ReadLine() is { } line)
            if (line.Length > 0) yield return line;
    }
}
