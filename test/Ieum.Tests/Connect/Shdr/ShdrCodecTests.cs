using System.Globalization;
using System.Text;
using CsCheck;
using Ieum.Connect;
using Ieum.Connect.Shdr;

namespace Ieum.Tests.Connect.Shdr;

public class ShdrCodecTests
{
    [Theory]
    [InlineData("2016-12-08T13:41:09.412Z", "2016-12-08T13:41:09.4120000Z")]
    [InlineData("2016-12-08T13:41:09Z", "2016-12-08T13:41:09.0000000Z")]
    [InlineData("2016-12-08T13:41:09", "2016-12-08T13:41:09.0000000Z")]                  // no zone: UTC, as the agent takes it
    [InlineData("2022-08-08T13:51:34.716714612Z", "2022-08-08T13:51:34.7167146Z")]       // nanoseconds are cut to 100 ns
    [InlineData("2026-03-02T18:00:00+09:00", "2026-03-02T09:00:00.0000000Z")]            // Seoul and Tokyo
    [InlineData("2026-03-02T18:00:00.5+0900", "2026-03-02T09:00:00.5000000Z")]
    [InlineData("2026-03-01T23:30:00-05", "2026-03-02T04:30:00.0000000Z")]
    [InlineData("2016-12-31T23:59:60Z", "2016-12-31T23:59:59.9999999Z")]                 // a leap second
    public void A_time_is_read_to_the_tick(string text, string expected)
    {
        Assert.True(WireTime.TryParse(Encoding.UTF8.GetBytes(text), out var ticks));
        Assert.Equal(expected, new DateTime(ticks, DateTimeKind.Utc).ToString("o", CultureInfo.InvariantCulture));
    }

    [Theory]
    [InlineData("")]
    [InlineData("2016-12-08")]
    [InlineData("2016-13-08T13:41:09Z")]
    [InlineData("2015-02-29T13:41:09Z")]
    [InlineData("2016-12-08T24:00:00Z")]
    [InlineData("2016-12-08T13:41:09.Z")]
    [InlineData("2016-12-08T13:41:09+25:00")]
    [InlineData("2016-12-08T13:41:0x")]
    [InlineData("0000-12-08T13:41:09Z")]
    public void A_broken_time_is_refused(string text) => Assert.False(WireTime.TryParse(Encoding.UTF8.GetBytes(text), out _));

    [Fact]
    public void Every_finite_double_comes_back_bit_for_bit()
    {
        Gen.Double.Where(double.IsFinite).Sample(number =>
        {
            var text = number.ToString("R", CultureInfo.InvariantCulture);
            return WireNumber.TryParse(Encoding.UTF8.GetBytes(text), out var read)
                && BitConverter.DoubleToInt64Bits(read) == BitConverter.DoubleToInt64Bits(number);
        });
    }

    [Fact]
    public void Short_decimals_are_rounded_exactly_as_the_runtime_rounds_them()
    {
        Gen.Select(Gen.Long[0, 999_999_999_999_999], Gen.Int[0, 15], Gen.Bool).Sample((digits, decimals, negative) =>
        {
            var text = digits.ToString("D16", CultureInfo.InvariantCulture);
            text = (negative ? "-" : "") + text[..(16 - decimals)].TrimStart('0') + "." + text[(16 - decimals)..];
            var known = double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var expected);
            return WireNumber.TryParse(Encoding.UTF8.GetBytes(text), out var read) == known
                && (!known || BitConverter.DoubleToInt64Bits(read) == BitConverter.DoubleToInt64Bits(expected));
        });
    }

    [Theory]
    [InlineData("1,5")]
    [InlineData("1 2 3")]
    [InlineData("0x10")]
    [InlineData("-")]
    [InlineData(".")]
    [InlineData("1e999")]
    [InlineData("")]
    public void What_is_no_number_stays_text(string text) => Assert.False(WireNumber.TryParse(Encoding.UTF8.GetBytes(text), out _));

    [Fact]
    public void However_the_bytes_are_cut_the_same_lines_come_out()
    {
        var text = string.Join("", Enumerable.Range(0, 200).Select(i => $"2026-03-02T09:00:00.{i:D3}Z|Xabs|{i}|메시지|가공 중 {i}{(i % 3 == 0 ? "\r\n" : "\n")}"));
        var bytes = Encoding.UTF8.GetBytes(text);
        var expected = text.Replace("\r", "", StringComparison.Ordinal).Split('\n')[..^1];
        Gen.Int[1, 700].Array[1, 400].Sample(cuts =>
        {
            var buffer = new ShdrLineBuffer();
            var lines = new List<string>();
            var at = 0;
            for (var i = 0; at < bytes.Length; i++)
            {
                var count = Math.Min(cuts[i % cuts.Length], bytes.Length - at);
                bytes.AsMemory(at, count).CopyTo(buffer.Free);
                buffer.Filled(count);
                at += count;
                while (buffer.TryTake(out var line)) lines.Add(Encoding.UTF8.GetString(line));
            }
            Assert.Equal(expected, lines);
        }, iter: 200);
    }

    [Theory]
    [InlineData(65_536, 0)]        // exactly 64 KiB is allowed
    [InlineData(65_537, 1)]
    [InlineData(131_072, 1)]
    [InlineData(10_000_000, 1)]
    public void A_line_over_64_KiB_is_dropped_to_its_end_and_the_next_one_is_read(int length, int dropped)
    {
        var buffer = new ShdrLineBuffer();
        var bytes = Encoding.ASCII.GetBytes("first|1\n" + new string('x', length) + "\nlast|2\n");
        var lines = new List<int>();
        for (var at = 0; at < bytes.Length;)
        {
            var count = Math.Min(Math.Min(8192, buffer.Free.Length), bytes.Length - at);
            bytes.AsMemory(at, count).CopyTo(buffer.Free);
            buffer.Filled(count);
            at += count;
            while (buffer.TryTake(out var line)) lines.Add(line.Length);
        }
        Assert.Equal(dropped == 0 ? [7, length, 6] : [7, 6], lines);
        Assert.Equal(dropped, buffer.TooLong);
    }

    [Fact]
    public void Random_bytes_never_throw()
    {
        var harness = new ShdrHarness(("max-keys", "100"));
        Gen.Byte.Array[0, 300].Sample(bytes => { lock (harness) harness.Session.Take(bytes, ShdrHarness.Now.UtcTicks); }, iter: 20_000);
        string[] words = ["2026-03-02T09:00:00Z", "|", "||", "\"", "\\|", "@ASSET@", "--multiline--A", "FAULT", "Normal", "* ", "PONG", "-1e5", "NaN", ":", "\u0001"];
        Gen.Int[0, words.Length - 1].Select(i => words[i]).Array[0, 20].Sample(parts => { lock (harness) harness.Take(string.Concat(parts)); }, iter: 20_000);
    }
}
