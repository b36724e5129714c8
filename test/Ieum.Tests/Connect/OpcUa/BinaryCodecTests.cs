using CsCheck;
using Ieum.Connect.OpcUa;

namespace Ieum.Tests.Connect.OpcUa;

public sealed class BinaryCodecTests
{
    [Fact]
    public void Values_have_the_bytes_of_the_standard()
    {
        // Examples of OPC 10000-6, 5.2.2.
        Assert.Equal("06000000E6B0B4426F79", Hex(w => w.WriteString("水Boy")));
        Assert.Equal("FFFFFFFF", Hex(w => w.WriteString(null)));
        Assert.Equal("912B967 2 75FA E64A 8D28 B404DC7DAF63".Replace(" ", "", StringComparison.Ordinal), Hex(w => w.WriteGuid(new("72962B91-FA75-4AE6-8D28-B404DC7DAF63"))));
        Assert.Equal("0072", Hex(w => w.WriteNodeId(new(0x72))));
        Assert.Equal("01050104", Hex(w => w.WriteNodeId(new(5, 1025))));
        Assert.Equal("03010006000000486F74E6B0B4", Hex(w => w.WriteNodeId(new(1, "Hot水"))));
        Assert.Equal("0000D0C0", Hex(w => w.WriteFloat(-6.5f)));
        Assert.Equal("0000000000000000", Hex(w => w.WriteDateTime(default)));
        Assert.Equal("80" + "03000000" + "010203", "80" + Hex(w => w.WriteByteString([1, 2, 3])));
        // An array of three Int32 as 3 × 1 matrix: type 6, array and dimension bits, elements, then dimensions.
        Assert.Equal("C6" + "03000000" + "010000000200000003000000" + "02000000" + "0300000001000000", Hex(w => w.WriteVariant(Variant.OfArray(new[] { 1, 2, 3 }, 3, 1))));
    }

    [Fact]
    public void Times_count_from_1601_and_stay_inside_the_calendar()
    {
        var noon = new DateTimeOffset(2026, 11, 2, 12, 0, 0, TimeSpan.FromHours(9));
        Assert.Equal(noon.UtcTicks, OpcTime.Of(noon).UtcTicks);
        Assert.Equal(new DateTimeOffset(1601, 1, 2, 0, 0, 0, TimeSpan.Zero).UtcTicks, new OpcTime(TimeSpan.TicksPerDay).UtcTicks);
        Assert.Equal((0L, DateTime.MaxValue.Ticks), (new OpcTime(-5).UtcTicks, new OpcTime(long.MaxValue).UtcTicks));
        Assert.True(OpcTime.FromUtcTicks(0).IsNone);
    }

    [Fact]
    public void Every_value_comes_back_as_it_was() => Values.Any.Sample(v =>
    {
        var bytes = Bytes(w => w.WriteVariant(v));
        var r = new OpcReader(bytes);
        var back = r.ReadVariant();
        Assert.Null(r.Error);
        Assert.Equal(0, r.Remaining);
        Assert.Equal(v, back);
        Assert.Equal(v.Dimensions ?? [], back.Dimensions ?? []);
    }, iter: 3000);

    [Fact]
    public void Every_data_value_comes_back_as_it_was() =>
        Gen.Select(Values.Any, Gen.UInt, Gen.Long, Gen.Long, Gen.UShort, Gen.UShort, (v, s, a, b, p, q) => new DataValue(v, new(s), new(a), new(b), p, q)).Sample(v =>
        {
            var r = new OpcReader(Bytes(w => w.WriteDataValue(v)));
            Assert.Equal(v, r.ReadDataValue());
            Assert.Equal((null, 0), (r.Error, r.Remaining));
        });

    [Fact]
    public void NaN_payloads_and_minus_zero_are_kept_to_the_bit()
    {
        foreach (var bits in (long[])[unchecked((long)0x8000000000000000), 0x7FF80000DEADBEEF, unchecked((long)0xFFF0000000000001)])
        {
            var r = new OpcReader(Bytes(w => w.WriteVariant(Variant.Of(BitConverter.Int64BitsToDouble(bits)))));
            Assert.Equal(bits, BitConverter.DoubleToInt64Bits(r.ReadVariant().Number));
        }
    }

    [Fact]
    public void A_structure_of_the_standard_is_known_again_inside_a_value()
    {
        var unit = new EUInformation { NamespaceUri = "http://www.opcfoundation.org/UA/units/un/cefact", UnitId = 4408652, DisplayName = new("°C") };
        var r = new OpcReader(Bytes(w => w.WriteVariant(Variant.Of(unit))));
        var body = Assert.IsType<EUInformation>(((ExtensionObject)r.ReadVariant().Value!).Body);
        Assert.Equal(unit, body);
    }

    [Fact]
    public void A_structure_of_a_vendor_is_kept_as_bytes_and_written_again_unchanged()
    {
        var value = ExtensionObject.Of(new NodeId(4, 5001), new byte[] { 1, 2, 3 });
        var bytes = Bytes(w => w.WriteExtensionObject(value));
        var r = new OpcReader(bytes);
        var back = r.ReadExtensionObject();
        Assert.Equal(value, back);
        Assert.Equal(bytes, Bytes(w => w.WriteExtensionObject(back)));
    }

    [Theory]
    [InlineData("C6" + "03000000" + "010000000200000003000000" + "02000000" + "0300000002000000", "dimensions")]
    [InlineData("86FFFFFF7F", "longer than its message")]
    [InlineData("0CFFFFFF7F", "bytes are needed")]
    [InlineData("3F", "cannot hold")]
    [InlineData("1109", "form")]
    public void What_cannot_be_is_refused_with_a_reason(string hex, string reason)
    {
        var r = new OpcReader(Convert.FromHexString(hex));
        r.ReadVariant();
        Assert.Contains(reason, r.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Values_nested_without_end_are_refused()
    {
        // A variant that holds an array of one variant that holds …
        var bytes = Enumerable.Repeat(new byte[] { 0x98, 1, 0, 0, 0 }, 200).SelectMany(b => b).ToArray();
        var r = new OpcReader(bytes);
        r.ReadVariant();
        Assert.Contains("nested", r.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Random_bytes_are_refused_and_never_throw() => OpcUaTypesFuzz.Run(20_000, seed: 5);

    [Fact]
    public void A_thousand_values_cost_next_to_no_memory_to_read()
    {
        var items = Enumerable.Range(0, 1000).Select(i => new MonitoredItemNotification((uint)i, new(Variant.Of(i * 0.5), default, new(i), new(i)))).ToArray();
        var bytes = OpcWriter.Bytes(new DataChangeNotification { MonitoredItems = items });
        Assert.True(OpcReader.TryRead<DataChangeNotification>(bytes, out var warm, out _));
        Assert.Equal(items, warm!.MonitoredItems);
        var before = GC.GetAllocatedBytesForCurrentThread();
        OpcReader.TryRead<DataChangeNotification>(bytes, out _, out _);
        var each = (GC.GetAllocatedBytesForCurrentThread() - before) / 1000.0;
        // The array itself, and nothing beside it.
        Assert.InRange(each, 1, System.Runtime.CompilerServices.Unsafe.SizeOf<MonitoredItemNotification>() + 2);
    }

    [Fact]
    public void What_is_committed_is_what_the_generator_makes_of_the_dictionary()
    {
        var dictionary = Ieum.OpcUa.Generator.Dictionary.Read(TestKit.Needs.Shared("data/opcua"));
        var folder = Path.Combine(TestKit.Needs.Repository, "src", "Ieum.Connect", "OpcUa", "Types");
        var made = Ieum.OpcUa.Generator.Writer.Files(dictionary);
        Assert.Equal(Directory.GetFiles(folder, "*.g.cs").Select(f => Path.GetFileName(f)!).Order(StringComparer.Ordinal), made.Keys);
        foreach (var (name, text) in made) Assert.True(File.ReadAllText(Path.Combine(folder, name)) == text, $"{name} is not what the generator makes; run it again.");
    }

    internal static byte[] Bytes(Action<OpcWriter> write)
    {
        using var w = new OpcWriter(16);
        write(w);
        return w.ToArray();
    }

    private static string Hex(Action<OpcWriter> write) => Convert.ToHexString(Bytes(write));
}

/// <summary>Random values of every built-in type.</summary>
internal static class Values
{
    private static readonly Gen<string?> Text = Gen.Int[0, 5].Select(i => (string?)new[] { null, "", "a", "온도", "温度\0", "𝄞 long text with several words" }[i]);
    private static readonly Gen<byte[]> Bytes = Gen.Byte.Array[0, 9];
    public static readonly Gen<NodeId> Node = Gen.Select(Gen.Int[0, 3], Gen.UShort, Gen.UInt, Gen.Guid, Bytes, (k, ns, n, g, b) => k switch
    {
        0 => new NodeId(ns % 3 == 0 ? (ushort)0 : ns, n % 2 == 0 ? n % 300 : n),
        1 => new NodeId(ns, "s" + n),
        2 => new NodeId(ns, g),
        _ => new NodeId(ns, b),
    });
    private static readonly Gen<ExpandedNodeId> Expanded = Gen.Select(Node, Gen.Bool, Gen.Int[0, 3], (n, u, s) => new ExpandedNodeId(n, u ? "urn:x" : null, (uint)s));
    private static readonly Gen<ExtensionObject> Extension = Gen.Select(Gen.Int[0, 3], Node, Bytes, (k, n, b) => k switch
    {
        0 => default,
        1 => ExtensionObject.Of(new Ieum.Connect.OpcUa.Range { Low = -1, High = b.Length }),
        2 => new ExtensionObject(n.In(7), null, default, new XmlElement("<a/>")),
        _ => ExtensionObject.Of(n.In(7), b.Length == 0 ? [1] : b),
    });

    private static readonly Gen<Variant> Scalar = Gen.Select(Gen.Int[0, 22], Gen.Long, Gen.Double, Text, Node, Expanded, Extension, Bytes, (type, l, d, s, n, e, x, b) => type switch
    {
        0 => default,
        1 => Variant.Of(l % 2 == 0),
        2 => Variant.Of((sbyte)l),
        3 => Variant.Of((byte)l),
        4 => Variant.Of((short)l),
        5 => Variant.Of((ushort)l),
        6 => Variant.Of((int)l),
        7 => Variant.Of((uint)l),
        8 => Variant.Of(l),
        9 => Variant.Of((ulong)l),
        10 => Variant.Of((float)d),
        11 => Variant.Of(d),
        12 => Variant.Of(s),
        13 => Variant.Of(new OpcTime(l)),
        14 => Variant.Of(new Guid((int)l, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10)),
        15 => Variant.Of(b),
        16 => Variant.Of(new XmlElement(s)),
        17 => Variant.Of(n),
        18 => Variant.Of(e),
        19 => Variant.Of(new StatusCode((uint)l)),
        20 => Variant.Of(new QualifiedName((ushort)l, s)),
        21 => Variant.Of(new LocalizedText(s is null ? null : "ko", s)),
        _ => Variant.Of(x),
    });

    private static readonly Gen<Variant> Array = Gen.Select(Gen.Int[0, 13], Gen.Int[0, 2], Gen.Int[0, 3], Gen.Long, Node, Text, Scalar, (type, rows, columns, l, n, s, v) =>
    {
        var count = rows * columns;
        System.Array elements = type switch
        {
            0 => Fill(count, l % 2 == 0), 1 => Fill(count, (sbyte)l), 2 => Fill(count, (byte)l), 3 => Fill(count, (ushort)l), 4 => Fill(count, (int)l), 5 => Fill(count, (ulong)l),
            6 => Fill(count, (float)l), 7 => Fill(count, (double)l), 8 => Fill(count, s), 9 => Fill(count, new OpcTime(l)), 10 => Fill(count, n),
            11 => Fill<byte[]?>(count, s is null ? null : [1, 2]), 12 => Fill(count, new LocalizedText(s)), _ => Fill(count, v),
        };
        return l % 2 == 0 ? Variant.OfArray(elements) : Variant.OfArray(elements, rows, columns);
    });

    public static readonly Gen<Variant> Any = Gen.OneOf(Scalar, Array);

    private static T[] Fill<T>(int count, T value) => [.. Enumerable.Repeat(value, count)];
}

/// <summary>Random bytes, and good messages with random damage, into every decoder of the binary encoding.</summary>
public static class OpcUaTypesFuzz
{
    public static void Run(long count, int seed)
    {
        var random = new Random(seed);
        var good = new[]
        {
            BinaryCodecTests.Bytes(w => w.WriteVariant(Variant.OfArray(new[] { Variant.Of(1), Variant.Of("a"), Variant.Of(new NodeId(2, "x")) }))),
            OpcWriter.Bytes(new DataChangeNotification { MonitoredItems = [new(1, new(Variant.Of(1.0))), new(2, new(StatusCodes.BadNodeIdUnknown))], DiagnosticInfos = [new() { AdditionalInfo = "x" }] }),
            OpcWriter.Bytes(new ReadRequest { NodesToRead = [new() { NodeId = new(85), AttributeId = 13, IndexRange = "1:2" }] }),
            OpcWriter.Bytes(new StructureDefinition { Fields = [new() { Name = "a", DataType = new(11), ValueRank = -1 }] }),
        };
        uint[] known = [.. Enumerable.Range(1, 20_000).Select(i => (uint)i).Where(i => OpcTypes.DataTypeOf(i) is not null)];
        for (long i = 0; i < count; i++)
        {
            var bytes = i % 3 == 0 ? new byte[random.Next(0, 120)] : (byte[])good[random.Next(good.Length)].Clone();
            if (i % 3 == 0) random.NextBytes(bytes);
            else for (var hits = random.Next(1, 5); hits > 0; hits--) bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            var r = new OpcReader(bytes);
            switch (random.Next(4))
            {
                case 0: r.ReadVariant(); break;
                case 1: r.ReadExtensionObject(); break;
                case 2: r.ReadDiagnosticInfo(); break;
                default: OpcTypes.Decode(known[random.Next(known.Length)], ref r); break;
            }
            if (r.Failed && r.Remaining != 0) throw new InvalidOperationException("After a failure nothing is read any more.");
        }
    }
}
