using Ieum.Connect.OpcUa;
using Ieum.Connect.OpcUa.Structures;

namespace Ieum.Tests.Connect.OpcUa;

public sealed class StructureReaderTests
{
    [Fact]
    public void A_structure_of_a_vendor_becomes_named_values()
    {
        Assert.True(StructureReader.TryRead(ExtensionObject.Of(VendorRecipe.Encoding, VendorRecipe.Body()), VendorRecipe.Book(), out var members, out var error), error);
        Assert.Equal(
            ["Id=17", "Mode=Heating", "Zones[0].Celsius=850.5", "Zones[0].Name=front", "Zones[1].Celsius=840", "Zones[1].Name=back", "Limits=[1.5, 2.5]", "Choice.Text=carburise", "Hold=90000"],
            members.Select(m => $"{m.Name}={(m.Value.Elements is double[] d ? FormattableString.Invariant($"[{d[0]}, {d[1]}]") : m.Value.ToString())}"));
    }

    [Fact]
    public void Optional_fields_are_read_by_their_mask()
    {
        var book = VendorRecipe.Book(StructureType.StructureWithOptionalFields);
        Assert.True(StructureReader.TryRead(ExtensionObject.Of(VendorRecipe.Encoding, VendorRecipe.Body(optional: true, hasMode: false)), book, out var without, out var error), error);
        Assert.DoesNotContain(without, m => m.Name == "Mode");
        Assert.True(StructureReader.TryRead(ExtensionObject.Of(VendorRecipe.Encoding, VendorRecipe.Body(optional: true)), book, out var with, out error), error);
        Assert.Contains(with, m => m.Name == "Mode" && m.Value.Text == "Heating");
        Assert.Equal(with.Count, without.Count + 1);
    }

    [Fact]
    public void An_unknown_type_and_a_short_body_are_refused_with_a_reason()
    {
        Assert.False(StructureReader.TryRead(ExtensionObject.Of(new NodeId(9, 9), new byte[] { 1 }), VendorRecipe.Book(), out _, out var unknown));
        Assert.Contains("ns=9;i=9", unknown, StringComparison.Ordinal);
        for (var cut = 0; cut < VendorRecipe.Body().Length; cut++)
        {
            Assert.False(StructureReader.TryRead(ExtensionObject.Of(VendorRecipe.Encoding, VendorRecipe.Body().AsMemory(0, cut)), VendorRecipe.Book(), out var members, out var error));
            Assert.True(error.Length > 0 && members.Count == 0);
        }
    }

    [Fact]
    public void Damaged_bodies_never_throw()
    {
        var random = new Random(3);
        for (var i = 0; i < 20_000; i++)
        {
            var bytes = VendorRecipe.Body();
            for (var hits = random.Next(1, 5); hits > 0; hits--) bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            if (!StructureReader.TryRead(ExtensionObject.Of(VendorRecipe.Encoding, bytes), VendorRecipe.Book(), out _, out var error)) Assert.NotEmpty(error);
        }
    }

    [Fact]
    public void An_old_type_dictionary_defines_the_same()
    {
        const string Bsd = """
            <opc:TypeDictionary xmlns:opc="http://opcfoundation.org/BinarySchema/" xmlns:ua="http://opcfoundation.org/UA/" xmlns:tns="urn:press" TargetNamespace="urn:press" DefaultByteOrder="LittleEndian">
              <opc:EnumeratedType Name="Mode" LengthInBits="32"><opc:EnumeratedValue Name="Idle" Value="0"/><opc:EnumeratedValue Name="Pressing" Value="1"/></opc:EnumeratedType>
              <opc:StructuredType Name="Stroke" BaseType="ua:ExtensionObject">
                <opc:Field Name="ForceSpecified" TypeName="opc:Bit"/><opc:Field Name="Reserved1" TypeName="opc:Bit" Length="31"/>
                <opc:Field Name="Number" TypeName="opc:UInt32"/><opc:Field Name="Mode" TypeName="tns:Mode"/>
                <opc:Field Name="Force" TypeName="opc:Double" SwitchField="ForceSpecified"/>
                <opc:Field Name="NoOfCurve" TypeName="opc:Int32"/><opc:Field Name="Curve" TypeName="opc:Float" LengthField="NoOfCurve"/>
              </opc:StructuredType>
              <opc:StructuredType Name="Strange"><opc:Field Name="x" TypeName="other:Thing"/></opc:StructuredType>
            </opc:TypeDictionary>
            """;
        var book = new TypeBook();
        Assert.Equal(["Stroke"], BsdDictionary.AddTo(book, System.Text.Encoding.UTF8.GetBytes(Bsd), 3));
        book.AddEncoding(new(3, 77), new NodeId(3, "Stroke"));
        var body = BinaryCodecTests.Bytes(w =>
        {
            w.WriteUInt32(1);
            w.WriteUInt32(8);
            w.WriteInt32(1);
            w.WriteDouble(12.5);
            w.WriteInt32(2);
            w.WriteFloat(1);
            w.WriteFloat(2);
        });
        Assert.True(StructureReader.TryRead(ExtensionObject.Of(new NodeId(3, 77), body), book, out var members, out var error), error);
        Assert.Equal(["Number=8", "Mode=Pressing", "Force=12.5", "Curve=System.Single[]"], members.Select(m => $"{m.Name}={m.Value}"));
        Assert.Empty(BsdDictionary.AddTo(new(), "<!DOCTYPE a [<!ENTITY b 'c'>]><a/>"u8.ToArray(), 3));
    }
}
