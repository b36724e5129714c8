using System.Text;
using CsCheck;
using Ieum.Connect.Polling;
using Ieum.Model;

namespace Ieum.Tests.Connect.Polling;

public sealed class RegisterCodecTests
{
    private static readonly Encoding Utf8 = new UTF8Encoding(false, true);
    private static readonly RegisterOrder[] Orders = Enum.GetValues<RegisterOrder>();

    [Theory]
    // 0x42F6E979 is 123.456 as IEEE 754 single; the orders as makers name them.
    [InlineData("float32", RegisterOrder.Abcd, "42F6E979", "123.45600128173828")]
    [InlineData("float32", RegisterOrder.Cdab, "E97942F6", "123.45600128173828")]
    [InlineData("float32", RegisterOrder.Badc, "F64279E9", "123.45600128173828")]
    [InlineData("float32", RegisterOrder.Dcba, "79E9F642", "123.45600128173828")]
    [InlineData("int32", RegisterOrder.Cdab, "FFFEFFFF", "-2")]
    [InlineData("uint32", RegisterOrder.Abcd, "FFFFFFFE", "4294967294")]
    [InlineData("int16", RegisterOrder.Badc, "FEFF", "-2")]
    [InlineData("uint64", RegisterOrder.Abcd, "0000000100000002", "4294967298")]
    [InlineData("int64", RegisterOrder.Cdab, "0002000000010000", "4294967298")]
    [InlineData("float64", RegisterOrder.Dcba, "000000000000F03F", "1")]
    [InlineData("bcd16", RegisterOrder.Abcd, "1234", "1234")]
    [InlineData("bcd32", RegisterOrder.Cdab, "56781234", "12345678")]
    [InlineData("string(6)", RegisterOrder.Abcd, "EAB080423100", "가B1")]
    [InlineData("string(6)", RegisterOrder.Badc, "B0EA42800031", "가B1")]
    [InlineData("bool", RegisterOrder.Abcd, "0100", "true")]
    public void A_value_is_read_in_the_order_of_its_maker(string type, object order, string cells, string value)
    {
        Assert.True(RegisterType.TryParse(type, out var t));
        Assert.True(RegisterCodec.TryDecode(Convert.FromHexString(cells), t, (RegisterOrder)order, -1, Utf8, out var raw));
        Assert.Equal(value, raw.ToString());
    }

    [Fact]
    public void Bit_0_is_the_least_significant_whatever_the_byte_order()
    {
        Assert.True(Bit("0001", RegisterOrder.Abcd, 0));
        Assert.True(Bit("8000", RegisterOrder.Abcd, 15));
        Assert.True(Bit("0100", RegisterOrder.Badc, 0));
        Assert.True(Bit("0080", RegisterOrder.Badc, 15));
        Assert.False(Bit("FFFE", RegisterOrder.Abcd, 0));
        var cell = new byte[2];
        foreach (var order in Orders)
            for (var bit = 0; bit < 16; bit++)
            {
                RegisterCodec.SetBit(cell, order, bit, true);
                Assert.True(Bit(Convert.ToHexString(cell), order, bit));
                RegisterCodec.SetBit(cell, order, bit, false);
                Assert.Equal("0000", Convert.ToHexString(cell));
            }

        static bool Bit(string cells, RegisterOrder order, int bit) =>
            RegisterCodec.TryDecode(Convert.FromHexString(cells), new(RegisterKind.Bool, 0), order, bit, Utf8, out var raw) && raw.Boolean;
    }

    [Fact]
    public void Whatever_is_written_is_read_back_the_same_in_every_order() =>
        Gen.Select(Gen.Enum<RegisterKind>(), Gen.Long, Gen.Enum<RegisterOrder>(), Gen.String[Gen.Char['가', '힣'], 0, 12]).Sample((kind, seed, order, text) =>
        {
            var (bytes, value) = kind switch
            {
                RegisterKind.Bool => (0, SampleValue.Of(seed % 2 == 0)),
                RegisterKind.Text => (40, SampleValue.Of(text)),
                RegisterKind.Float32 => (4, SampleValue.Of((double)(float)seed)),
                RegisterKind.Float64 => (8, SampleValue.Of((double)seed)),
                _ => (Size(kind), SampleValue.Of(InRange(kind, seed))),
            };
            Span<byte> cells = stackalloc byte[Math.Max(2, bytes)];
            Assert.True(RegisterCodec.TryEncode(value, new(kind, bytes), order, Utf8, cells));
            Assert.True(RegisterCodec.TryDecode(cells, new(kind, bytes), order, -1, Utf8, out var back));
            Assert.Equal(value, back);
        });

    [Fact]
    public void What_does_not_fit_is_refused_at_its_edge()
    {
        Span<byte> two = stackalloc byte[2];
        Assert.True(RegisterCodec.TryEncode(SampleValue.Of(32_767L), new(RegisterKind.Int16, 2), default, Utf8, two));
        Assert.False(RegisterCodec.TryEncode(SampleValue.Of(32_768L), new(RegisterKind.Int16, 2), default, Utf8, two));
        Assert.False(RegisterCodec.TryEncode(SampleValue.Of(-1L), new(RegisterKind.UInt16, 2), default, Utf8, two));
        Assert.False(RegisterCodec.TryEncode(SampleValue.Of(10_000L), new(RegisterKind.Bcd16, 2), default, Utf8, two));
        Assert.False(RegisterCodec.TryEncode(SampleValue.Of(1.5), new(RegisterKind.Int16, 2), default, Utf8, two));
        Assert.False(RegisterCodec.TryEncode(SampleValue.Of(double.NaN), new(RegisterKind.Int16, 2), default, Utf8, two));
        Assert.False(RegisterCodec.TryEncode(SampleValue.Of("가나"), new(RegisterKind.Text, 5), default, Utf8, stackalloc byte[6]));
        Assert.False(RegisterCodec.TryDecode(Convert.FromHexString("12A4"), new(RegisterKind.Bcd16, 2), default, -1, Utf8, out _));
        Assert.False(RegisterCodec.TryDecode(Convert.FromHexString("C328"), new(RegisterKind.Text, 2), default, -1, Utf8, out _));
    }

    [Fact]
    public void Foreign_bytes_never_throw() =>
        Gen.Select(Gen.Enum<RegisterKind>(), Gen.Byte.Array[0, 60], Gen.Enum<RegisterOrder>(), Gen.Int[-1, 15]).Sample((kind, cells, order, bit) =>
            RegisterCodec.TryDecode(cells, new(kind, kind == RegisterKind.Text ? 20 : kind == RegisterKind.Bool ? 0 : Size(kind)), order, bit, Utf8, out _)
                ? cells.Length >= 1 : true, iter: 20_000);

    [Theory]
    [InlineData("int15")]
    [InlineData("string(0)")]
    [InlineData("string(241)")]
    [InlineData("float32:abdc")]
    [InlineData("")]
    public void An_unknown_type_is_refused(string type) => Assert.False(RegisterType.TryParse(type, out _));

    [Fact]
    public void A_type_may_carry_its_own_order()
    {
        Assert.True(RegisterType.TryParse("Float32:CDAB", out var type));
        Assert.Equal(new(RegisterKind.Float32, 4, RegisterOrder.Cdab), type);
        Assert.Equal("float32:cdab", type.ToString());
    }

    private static int Size(RegisterKind kind) => kind switch
    {
        RegisterKind.Int8 or RegisterKind.UInt8 => 1,
        RegisterKind.Int16 or RegisterKind.UInt16 or RegisterKind.Bcd16 => 2,
        RegisterKind.Int64 or RegisterKind.UInt64 or RegisterKind.Float64 => 8,
        _ => 4,
    };

    private static long InRange(RegisterKind kind, long seed)
    {
        var (least, most) = RegisterCodec.Range(kind);
        var span = (UInt128)((Int128)most - least) + 1;
        return (long)((Int128)((UInt128)(ulong)seed % span) + least);
    }
}
