using Ieum.Model;

namespace Ieum.Tests.Record;

/// <summary>Samples of every shape that follow from their place alone; <c>OldBlocks.tsv</c> holds their bytes as the first two forms of blocks wrote them.</summary>
internal static class OldBlocks
{
    public static IReadOnlyList<string> Shapes { get; } = ["walk", "scaled", "single", "double", "counter", "switch", "words", "mixed", "pattern"];

    public static Sample[] Samples(string shape)
    {
        ulong state = 20261123;
        ulong Next() => (state = state * 6364136223846793005 + 1442695040888963407) >> 33;
        long walk = 200;
        return [.. Enumerable.Range(0, 400).Select(i =>
        {
            walk += (long)(Next() % 3) - 1;
            var value = shape switch
            {
                "walk" => SampleValue.Of(walk / 10.0),
                "scaled" => SampleValue.Of(walk * 0.01),
                "single" => SampleValue.Of((double)(walk / 100f)),
                "double" => SampleValue.FromBits(ValueKind.Real, (long)(0x3FF0_0000_0000_0000 | Next() << 20 | Next() >> 11)),
                "counter" => SampleValue.Of(long.MaxValue - 1000 + walk),
                "switch" => SampleValue.Of(i / 50 % 2 == 0),
                "words" => SampleValue.Of(new[] { "ACTIVE", "READY", "가공 중", "段取り" }[i / 33 % 4]),
                "pattern" => SampleValue.FromBits(ValueKind.Real, (long)(0x4000_0000_0000_0000 + (ulong)(i % 40) * 0x1234_5678_9ABC)),
                _ => (i % 7) switch
                {
                    0 => SampleValue.None,
                    1 => SampleValue.Of("t" + i % 5),
                    2 => SampleValue.Of(-0.0),
                    3 => SampleValue.FromBits(ValueKind.Real, 0x7FF8_0000_DEAD_BEEF),
                    4 => SampleValue.Of((1L << 53) + 1 + i),
                    5 => SampleValue.Of(i % 2 == 0),
                    _ => SampleValue.Of(i / 8.0),
                },
            };
            var ticks = 639_000_000_000_000_000 + i * 10_000_000L + (long)(Next() % 11) * 10_000;
            return new Sample(new(i % 5 + 1), ticks, ticks + (shape == "mixed" ? (long)(Next() % 999) : 1234), value, shape == "mixed" ? (Quality)(i % 5) : Quality.Good);
        })];
    }
}
