namespace Ieum.Record.Blocks;

/// <summary>Tells whether long stretches of a column occur more than once: only then is a packer that looks for them worth its time.</summary>
internal static class RepeatFinder
{
    // Long enough that a walk of ones and zeros does not repeat by chance.
    private const int Stretch = 24;
    private const int ReachBits = 10;
    private const ulong Spread = 0x9E37_79B9_7F4A_7C15;

    public static bool Repeats(ReadOnlySpan<ulong> words)
    {
        if (words.Length < 8 * Stretch) return false;
        var outgoing = 1UL;
        for (var i = 1; i < Stretch; i++) outgoing *= Spread;
        Span<int> seen = stackalloc int[1 << ReachBits];
        seen.Clear();
        int hits = 0, tried = 0;
        var hash = 0UL;
        for (var i = 0; i < words.Length; i++)
        {
            if (i >= Stretch) hash -= words[i - Stretch] * outgoing;
            hash = hash * Spread + words[i];
            var start = i - Stretch + 1;
            // Every place is looked up, every fourth is kept.
            if (start < 0) continue;
            tried++;
            ref var place = ref seen[(int)(hash * Spread >> (64 - ReachBits))];
            if (place > 0 && words.Slice(place - 1, Stretch).SequenceEqual(words.Slice(start, Stretch))) hits++;
            if ((start & 3) == 0) place = start + 1;
        }
        return hits * 4 > tried;
    }
}
