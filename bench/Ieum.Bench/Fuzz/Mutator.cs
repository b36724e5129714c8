namespace Ieum.Bench.Fuzz;

/// <summary>Makes inputs from a seed: a quarter noise, the rest good frames with random damage. The same seed makes the same inputs.</summary>
internal sealed class Mutator(IReadOnlyList<byte[]> good, int seed)
{
    private static readonly byte[] Telling = [0, 1, 0x7F, 0x80, 0xFE, 0xFF, (byte)'|', (byte)'<', (byte)'"', (byte)'{', (byte)'\n', (byte)','];
    private readonly Random _random = new(seed);

    public byte[] Next()
    {
        if (good.Count == 0 || _random.Next(4) == 0)
        {
            var noise = new byte[_random.Next(0, 160)];
            _random.NextBytes(noise);
            return noise;
        }
        var bytes = (byte[])good[_random.Next(good.Count)].Clone();
        // No damage at all now and then: what is accepted shows that the good ones are good.
        for (var hits = _random.Next(0, 6); hits > 0 && bytes.Length > 0; hits--) bytes = Damage(bytes);
        return bytes;
    }

    private byte[] Damage(byte[] bytes)
    {
        var at = _random.Next(bytes.Length);
        switch (_random.Next(9))
        {
            case 0: bytes[at] = (byte)_random.Next(256); return bytes;
            case 1: bytes[at] ^= (byte)(1 << _random.Next(8)); return bytes;
            case 2: bytes[at] = Telling[_random.Next(Telling.Length)]; return bytes;
            case 3: bytes[at] = (byte)(bytes[at] + _random.Next(-2, 3)); return bytes;
            case 4: return bytes[..at];
            case 5: return [.. bytes.AsSpan(0, at), Telling[_random.Next(Telling.Length)], .. bytes.AsSpan(at)];
            case 6: return [.. bytes.AsSpan(0, at), .. bytes.AsSpan(Math.Min(bytes.Length, at + _random.Next(1, 9)))];
            case 7:
                // A piece twice, at most 64 bytes: nested and repeated parts are where decoders count wrongly.
                var length = Math.Min(_random.Next(1, 65), bytes.Length - at);
                return [.. bytes.AsSpan(0, at + length), .. bytes.AsSpan(at)];
            default:
                var other = good[_random.Next(good.Count)];
                return [.. bytes.AsSpan(0, at), .. other.AsSpan(Math.Min(at, other.Length))];
        }
    }
}
