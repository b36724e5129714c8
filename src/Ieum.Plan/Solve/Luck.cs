namespace Ieum.Plan;

/// <summary>Random numbers that are the same on every machine and version for the same seed; 64-bit linear congruential (Knuth's MMIX constants).</summary>
internal sealed class Luck(int seed)
{
    private ulong _state = unchecked((ulong)seed * 0x9E3779B97F4A7C15UL + 1);

    /// <param name="below">1 or more.</param>
    public int Next(int below)
    {
        _state = unchecked(_state * 6364136223846793005UL + 1442695040888963407UL);
        return (int)((_state >> 33) % (ulong)below);
    }
}
