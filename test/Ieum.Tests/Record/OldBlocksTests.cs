using System.Reflection;
using Ieum.Record.Blocks;

namespace Ieum.Tests.Record;

public sealed class OldBlocksTests
{
    private static readonly Dictionary<(string, string), byte[]> Written = Read();

    public static TheoryData<string, string> All()
    {
        var all = new TheoryData<string, string>();
        foreach (var shape in OldBlocks.Shapes)
            foreach (var form in new[] { "block", "tail" }) all.Add(shape, form);
        return all;
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Blocks_and_tail_rows_of_the_first_versions_are_read_to_the_bit(string shape, string form)
    {
        using var codec = new BlockCodec();
        var back = new SampleColumns();
        Assert.True(codec.TryDecode(Written[(shape, form)], back, out var reason), reason);
        var samples = OldBlocks.Samples(shape);
        Assert.Equal(samples.Length, back.Count);
        for (var i = 0; i < samples.Length; i++)
            Assert.Equal(samples[i], back.At(form == "tail" ? new(back.Signal![i]) : samples[i].Signal, i));
    }

    private static Dictionary<(string, string), byte[]> Read()
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream("OldBlocks.tsv")!;
        using var text = new StreamReader(stream);
        return text.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => l.Split('\t'))
            .ToDictionary(p => (p[0], p[1]), p => Convert.FromBase64String(p[2]));
    }
}
