using System.Xml;
using System.Xml.Linq;

namespace Ieum.Connect.OpcUa.Structures;

/// <summary>Reads the type dictionary of a server from before 1.04, which has no DataTypeDefinition (OPC 10000-5, annex D; OPC Binary schema).</summary>
/// <remarks>Types of the dictionary are known by <c>NodeId(index, name)</c>; the client binds them to encodings by the description nodes.</remarks>
internal static class BsdDictionary
{
    private const int MostBytes = 4 << 20;
    private const string Schema = "http://opcfoundation.org/BinarySchema/";
    private const string Standard = "http://opcfoundation.org/UA/";

    /// <param name="index">Namespace index of the dictionary's types in this server.</param>
    /// <returns>Names of the structures that were added to <paramref name="book"/>; those that use what is not covered are left out.</returns>
    public static IReadOnlyList<string> AddTo(TypeBook book, ReadOnlyMemory<byte> xml, ushort index)
    {
        if (xml.Length > MostBytes || Load(xml) is not { } root) return [];
        var own = (string?)root.Attribute("TargetNamespace");
        var prefixes = root.Attributes().Where(a => a.IsNamespaceDeclaration).ToDictionary(a => a.Name.LocalName, a => a.Value, StringComparer.Ordinal);
        var enumerations = root.Elements().Where(e => e.Name.LocalName == "EnumeratedType").ToList();
        foreach (var e in enumerations)
            if (Name(e) is { } name)
                book.Add(new NodeId(index, name), new EnumDefinition
                {
                    Fields = [.. e.Elements().Where(v => v.Name.LocalName == "EnumeratedValue" && long.TryParse((string?)v.Attribute("Value"), out _))
                        .Select(v => new EnumField { Name = Name(v), Value = (long)v.Attribute("Value")! })],
                });
        var added = new List<string>();
        foreach (var s in root.Elements().Where(e => e.Name.LocalName == "StructuredType"))
            if (Name(s) is { } name && Definition(s, Resolve) is { } definition)
            {
                book.Add(new NodeId(index, name), definition);
                added.Add(name);
            }
        return added;

        NodeId? Resolve(string? type)
        {
            if (type?.Split(':') is not [var prefix, var local]) return null;
            var space = prefixes.GetValueOrDefault(prefix);
            if (space == own) return new NodeId(index, local);
            if (space is not (Schema or Standard)) return null;
            if (local == "CharArray") local = "String";
            return Enum.TryParse<BuiltInType>(local, out var simple) && simple != BuiltInType.Null ? new NodeId((uint)simple) : null;
        }
    }

    private static StructureDefinition? Definition(XElement s, Func<string?, NodeId?> resolve)
    {
        var all = s.Elements().Where(f => f.Name.LocalName == "Field").ToList();
        var lengths = all.Select(f => (string?)f.Attribute("LengthField")).OfType<string>().ToHashSet(StringComparer.Ordinal);
        var switches = all.Select(f => (string?)f.Attribute("SwitchField")).OfType<string>().ToHashSet(StringComparer.Ordinal);
        var isUnion = all.Any(f => f.Attribute("SwitchValue") is not null);
        var hasBits = all.Any(f => (string?)f.Attribute("TypeName") == "opc:Bit");
        var fields = new List<StructureField>();
        foreach (var f in all)
        {
            var name = Name(f);
            if (name is null) return null;
            if (lengths.Contains(name) || switches.Contains(name) || (string?)f.Attribute("TypeName") == "opc:Bit") continue;
            if (resolve((string?)f.Attribute("TypeName")) is not { } type) return null;
            fields.Add(new() { Name = name, DataType = type, ValueRank = f.Attribute("LengthField") is null ? -1 : 1, IsOptional = !isUnion && f.Attribute("SwitchField") is not null });
        }
        return new() { StructureType = isUnion ? StructureType.Union : hasBits ? StructureType.StructureWithOptionalFields : StructureType.Structure, Fields = [.. fields] };
    }

    private static string? Name(XElement e) => (string?)e.Attribute("Name") is { Length: > 0 and <= 256 } name ? name : null;

    private static XElement? Load(ReadOnlyMemory<byte> xml)
    {
        try
        {
            using var stream = new MemoryStream(xml.ToArray());
            using var reader = XmlReader.Create(stream, new() { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null, MaxCharactersInDocument = MostBytes });
            return XDocument.Load(reader).Root;
        }
        catch (XmlException)
        {
            return null;
        }
    }
}
