using Ieum.Model;

namespace Ieum.Bench.Record;

/// <summary>Samples whose receive time is their source time, as plain numbers; texts by their place among the few there are.</summary>
internal sealed class KeptChunk
{
    private static readonly List<string> Words = [];

    private readonly int[] _signals;
    private readonly long[] _ticks, _bits;
    private readonly byte[] _kinds;

    public KeptChunk(Sample[] samples)
    {
        _signals = [.. samples.Select(s => s.Signal.Value)];
        _ticks = [.. samples.Select(s => s.SourceTicks)];
        _bits = [.. samples.Select(s => s.Value.Text is { } text ? PlaceOf(text) : s.Value.Bits)];
        _kinds = [.. samples.Select(s => (byte)s.Value.Kind)];
    }

    /// <summary>Makes the samples again.</summary>
    public ReadOnlyMemory<Sample> Fill(Sample[] samples)
    {
        for (var i = 0; i < _ticks.Length; i++)
        {
            var kind = (ValueKind)_kinds[i];
            var value = kind == ValueKind.Text ? SampleValue.FromBits(kind, 0, Words[(int)_bits[i]]) : SampleValue.FromBits(kind, _bits[i], null);
            samples[i] = new(new(_signals[i]), _ticks[i], _ticks[i], value, Quality.Good);
        }
        return samples.AsMemory(0, _ticks.Length);
    }

    private static long PlaceOf(string text)
    {
        var place = Words.IndexOf(text);
        if (place >= 0) return place;
        Words.Add(text);
        return Words.Count - 1;
    }
}
