namespace Ieum.Plan.Across;

/// <summary>SplitMix64: the same numbers for the same seed on every machine and every version of the runtime, which <see cref="Random"/> does not promise.</summary>
internal struct Rng(ulong seed)
{
    private ulong _state = seed * 0x9E3779B97F4A7C15UL + 0x5851F42D4C957F2DUL;

    public static Rng Of(int seed, int stream) => new(((ulong)(uint)seed << 32) ^ (uint)stream ^ 0xA5A5_0000UL);

    public ulong Next()
    {
        var z = _state += 0x9E3779B97F4A7C15UL;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBUL;
        return z ^ (z >> 31);
    }

    /// <summary>0 … <paramref name="below"/> − 1.</summary>
    public int Below(int below) => (int)(((Next() >> 32) * (ulong)below) >> 32);

    /// <summary>0 up to, not including, 1.</summary>
    public double Unit() => (Next() >> 11) * (1.0 / (1UL << 53));

    public double Between(double low, double high) => low + (high - low) * Unit();

    public void Shuffle<T>(Span<T> items)
    {
        for (var i = items.Length - 1; i > 0; i--)
        {
            var k = Below(i + 1);
            (items[i], items[k]) = (items[k], items[i]);
        }
    }
}
