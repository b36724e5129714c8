using System.Text;
using CsCheck;
using Ieum.Connect.MtConnect;

namespace Ieum.Tests.Connect.MtConnect;

public class MultipartParserTests
{
    private static string Part(string name, string end, bool counted, string mark = "--b")
    {
        var body = $"<MTConnectStreams>{name}</MTConnectStreams>";
        return $"{mark}{end}Content-type: text/xml{end}{(counted ? $"Content-Length: {Encoding.UTF8.GetByteCount(body)}{end}" : "")}{end}{body}{end}";
    }

    [Theory]
    [InlineData("\r\n", true)]
    [InlineData("\r\n", false)]
    [InlineData("\n", true)]
    [InlineData("\n", false)]
    public void However_the_bytes_are_cut_the_same_parts_come_out(string end, bool counted)
    {
        var names = Enumerable.Range(0, 20).Select(i => $"부품 {i}" + new string('x', i * 40)).ToArray();
        var bytes = Encoding.UTF8.GetBytes(string.Concat(names.Select(n => Part(n, end, counted))));
        Gen.Int[1, 300].Array[1, 200].Sample(cuts =>
        {
            var parser = new MultipartParser("b");
            var parts = new List<string>();
            for (int at = 0, i = 0; at < bytes.Length; i++)
            {
                var count = Math.Min(cuts[i % cuts.Length], bytes.Length - at);
                bytes.AsMemory(at, count).CopyTo(parser.Free);
                parser.Filled(count);
                at += count;
                while (parser.TryTake(out var part)) parts.Add(Encoding.UTF8.GetString(part.Span));
            }
            Assert.Equal(names.Select(n => $"<MTConnectStreams>{n}</MTConnectStreams>"), parts);
        }, iter: 100);
    }

    [Theory]
    [InlineData("multipart/x-mixed-replace;boundary=abc", "abc")]
    [InlineData("Multipart/X-Mixed-Replace; boundary=\"a b;c\"", "a b;c")]
    [InlineData("multipart/x-mixed-replace; boundary=--abc; charset=utf-8", "abc")]
    [InlineData("text/xml", null)]
    [InlineData("multipart/x-mixed-replace", null)]
    [InlineData(null, null)]
    public void The_boundary_is_found_in_the_forms_that_agents_send(string? type, string? boundary) =>
        Assert.Equal(boundary, MultipartParser.BoundaryOf(type));

    [Fact]
    public void A_part_said_to_be_larger_than_64_MB_breaks_the_stream_before_it_is_read()
    {
        var parser = Fed("--b\r\nContent-length: 67108865\r\n\r\n<");
        Assert.False(parser.TryTake(out _));
        Assert.Equal(MtConnectRules.PartTooLarge, parser.Broken);
    }

    [Fact]
    public void Bytes_without_any_delimiter_break_the_stream_instead_of_filling_the_memory()
    {
        var parser = Fed(new string('x', 20_000));
        Assert.False(parser.TryTake(out _));
        Assert.Equal(MtConnectRules.MultipartBroken, parser.Broken);
    }

    [Fact]
    public void The_closing_delimiter_ends_the_stream()
    {
        var parser = Fed(Part("1", "\r\n", true) + "--b--\r\n");
        Assert.True(parser.TryTake(out _));
        Assert.False(parser.TryTake(out _));
        Assert.True(parser.Ended);
    }

    [Fact]
    public void A_part_without_length_is_complete_at_its_end_tag_not_at_the_next_heartbeat()
    {
        var parser = Fed("--b\r\nContent-type: text/xml\r\n\r\n<MTConnectStreams>1</MTConnectStreams>");
        Assert.True(parser.TryTake(out var part));
        Assert.Equal("<MTConnectStreams>1</MTConnectStreams>", Encoding.UTF8.GetString(part.Span));
    }

    private static MultipartParser Fed(string text)
    {
        var parser = new MultipartParser("b");
        var bytes = Encoding.UTF8.GetBytes(text);
        bytes.CopyTo(parser.Free);
        parser.Filled(bytes.Length);
        return parser;
    }
}
