using Ieum.Model;

namespace Ieum.Bench.Record;

/// <summary>
/// The generator that all measurement benchmarks share: 1,000 signals at 1 Hz with ±5 ms of jitter, all ending at the
/// same instant; two of them over 30 days, 98 over one day, the rest over three hours. Ten classes of values by
/// index: 0-2 walks in tenths, 3-4 sines with noise in thousandths, 5 full doubles, 6 single precision, 7 counters,
/// 8 booleans, 9 one of six words. Receive time equals source time.
/// </summary>
internal sealed class GeneratorG1
{
    public const int Signals = 1000;
    private const int MostJitter = 5;
    public static readonly DateTimeOffset End = new(2026, 11, 23, 0, 0, 0, TimeSpan.Zero);
    private static readonly SampleValue[] Words = [.. new[] { "ACTIVE", "READY", "STOPPED", "INTERRUPTED", "FEED_HOLD", "UNAVAILABLE" }.Select(SampleValue.Of)];

    private readonly Source[] _sources;
    private readonly long _seconds;

    /// <param name="scale">Part of every span, above 0 to 1.</param>
    /// <param name="span">The span of every signal, instead of the generator's own three.</param>
    public GeneratorG1(ulong seed, double scale, TimeSpan? span = null)
    {
        _sources = [.. Enumerable.Range(0, Signals).Select(i => new Source(i, seed + (ulong)i, (long)((span ?? Span(i)).TotalSeconds * scale)))];
        _seconds = _sources.Max(s => s.Seconds);
        Points = _sources.Sum(s => s.Seconds);
    }

    public long Points { get; }

    /// <summary>The span that every signal has.</summary>
    public TimeSpan Shortest => TimeSpan.FromSeconds(_sources.Min(s => s.Seconds));

    public static TimeSpan Span(int signal) => signal < 2 ? 30.Days : signal < 100 ? 1.Days : 3.Hours;

    public static Signal Signal(int i) => new(new(new($"G{i / 10}"), $"s{i}"), Unit.One,
        (i % 10) switch { 7 => ValueKind.Integer, 8 => ValueKind.Boolean, 9 => ValueKind.Text, _ => ValueKind.Real });

    /// <summary>All points in order of time, in chunks; of one time those of the lower signal first.</summary>
    /// <param name="room">Gives the array of the next chunk, for who reads many and lets go of them; a new one each time when left out.</param>
    public IEnumerable<Sample[]> Chunks(SignalNumber[] numbers, int size, Func<Sample[]>? room = null)
    {
        var (chunk, filled) = (room?.Invoke() ?? new Sample[size], 0);
        // A second has eleven instants, which come one after the other; nothing needs to be compared.
        var instants = Enumerable.Range(0, 2 * MostJitter + 1).Select(_ => new List<Sample>(Signals / 8)).ToArray();
        for (var left = _seconds; left > 0; left--)
        {
            var second = End.UtcTicks - left * TimeSpan.TicksPerSecond;
            foreach (var instant in instants) instant.Clear();
            foreach (var source in _sources)
                if (left <= source.Seconds)
                {
                    var sample = source.Next(numbers[source.Index], second);
                    instants[(sample.SourceTicks - second) / TimeSpan.TicksPerMillisecond + MostJitter].Add(sample);
                }
            foreach (var instant in instants)
                foreach (var sample in instant)
                {
                    chunk[filled++] = sample;
                    if (filled < size) continue;
                    yield return chunk;
                    (chunk, filled) = (room?.Invoke() ?? new Sample[size], 0);
                }
        }
        if (filled > 0) yield return chunk[..filled];
    }

    private sealed class Source(int index, ulong seed, long seconds)
    {
        private ulong _state = seed;
        private long _walk;
        private int _word;
        private long _at;

        public int Index => index;
        public long Seconds => seconds;

        public Sample Next(SignalNumber number, long ticks)
        {
            ticks += ((long)(Random() % (2 * MostJitter + 1)) - MostJitter) * TimeSpan.TicksPerMillisecond;
            return new(number, ticks, ticks, Value(), Quality.Good);
        }

        private SampleValue Value()
        {
            _at++;
            switch (index % 10)
            {
                case <= 2:
                    _walk += (Random() & 1) == 0 ? 1 : -1;
                    return SampleValue.Of(_walk / 10.0);
                case <= 4:
                    return SampleValue.Of(Math.Round(10 * Math.Sin(2 * Math.PI * _at / (300 + index)) + 0.05 * Gauss(), 3));
                case 5:
                    return SampleValue.Of(Uniform());
                case 6:
                    return SampleValue.Of((double)(float)Gauss());
                case 7:
                    if (Uniform() < 0.2) _walk++;
                    return SampleValue.Of(_walk);
                case 8:
                    if (Uniform() < 0.01) _walk ^= 1;
                    return SampleValue.Of(_walk != 0);
                default:
                    if (Uniform() < 0.002) _word = (int)(Random() % 6);
                    return Words[_word];
            }
        }

        private double Uniform() => (Random() >> 11) * (1.0 / (1UL << 53));

        private double Gauss() => Math.Sqrt(-2 * Math.Log(1 - Uniform())) * Math.Cos(2 * Math.PI * Uniform());

        // SplitMix64.
        private ulong Random()
        {
            var z = _state += 0x9E3779B97F4A7C15;
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
            return z ^ (z >> 31);
        }
    }
}
