using Ieum.Connect.OpcUa;
using Ieum.Connect.OpcUa.Structures;

namespace Ieum.Tests.Connect.OpcUa;

/// <summary>A structure of a vendor with everything in it: enumeration, nested structures, arrays, union, optional field. Shared with the long fuzz of bench.</summary>
internal static class VendorRecipe
{
    public static NodeId Encoding { get; } = new(4, 5001);
    private static readonly NodeId Recipe = new(4, 3001), Mode = new(4, 3002), Zone = new(4, 3003), Choice = new(4, 3004);

    /// <param name="kind">With optional fields, the mode is one.</param>
    public static TypeBook Book(StructureType kind = StructureType.Structure)
    {
        var book = new TypeBook();
        book.Add(Mode, new EnumDefinition { Fields = [new() { Name = "Idle", Value = 0 }, new() { Name = "Heating", Value = 2 }] });
        book.Add(Zone, new StructureDefinition { Fields = [Field("Celsius", new(10)), Field("Name", new(12))] });
        // A union that may hold a whole recipe again: nothing must follow damaged bytes without an end.
        book.Add(Choice, new StructureDefinition { StructureType = StructureType.Union, Fields = [Field("Number", new(6)), Field("Text", new(12)), Field("Nested", Recipe)] });
        book.Add(Recipe, new StructureDefinition
        {
            DefaultEncodingId = Encoding, StructureType = kind,
            Fields = [Field("Id", new(7)), Field("Mode", Mode) with { IsOptional = kind != StructureType.Structure }, Field("Zones", Zone, 1), Field("Limits", new(11), 1), Field("Choice", Choice), Field("Hold", new(290))],
        });
        return book;

        static StructureField Field(string name, NodeId type, int rank = -1) => new() { Name = name, DataType = type, ValueRank = rank };
    }

    /// <summary>One recipe on the wire.</summary>
    /// <param name="optional">With the mask of optional fields in front.</param>
    public static byte[] Body(bool optional = false, bool hasMode = true)
    {
        using var w = new OpcWriter(16);
        if (optional) w.WriteUInt32(hasMode ? 1u : 0u);
        w.WriteUInt32(17);
        if (hasMode) w.WriteInt32(2);
        w.WriteInt32(2);
        w.WriteFloat(850.5f);
        w.WriteString("front");
        w.WriteFloat(840f);
        w.WriteString("back");
        w.WriteInt32(2);
        w.WriteDouble(1.5);
        w.WriteDouble(2.5);
        w.WriteUInt32(2);
        w.WriteString("carburise");
        w.WriteDouble(90_000);
        return w.ToArray();
    }
}
