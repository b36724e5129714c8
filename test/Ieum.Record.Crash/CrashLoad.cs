using Ieum.Model;
using Ieum.Record;

namespace Ieum.RecordCrash;

/// <summary>Samples that follow from their place alone, so that whoever survives a crash can tell what should be there.</summary>
internal static class CrashLoad
{
    public const int Writers = 4, SignalsPerWriter = 5, SamplesPerBatch = 40;
    public static readonly DateTimeOffset Start = new(2026, 11, 23, 0, 0, 0, TimeSpan.Zero);
    private static readonly string[] Words = ["ACTIVE", "READY", "INTERRUPTED", "가공 중", "段取り"];

    public static RecordOptions Options(string folder) => new()
    {
        // Small blocks and a short tail: sealing runs all the time, so kills hit it too.
        Folder = folder, BlockSamples = 60, MergedSamples = 300, TailRows = 16, CommitSamples = 1, CommitInterval = TimeSpan.FromMilliseconds(5),
    };

    public static MachineId Machine(int writer) => new($"M{writer}");

    public static Signal Signal(int writer, int signal) => new(new(Machine(writer), $"s{signal}"), Unit.One, ValueKind.Real);

    /// <summary>Sample <paramref name="i"/> of a batch: a source time that no other sample of the signal has, some of them late, and a value of any kind.</summary>
    public static Sample Sample(SignalNumber[] signals, int round, int batch, int i)
    {
        var signal = i % SignalsPerWriter;
        var place = (long)batch * SamplesPerBatch + i;
        var late = place % 7 == 0 ? 5_000_003L : 0;   // half a second, in ticks no other sample has
        var ticks = Start.UtcTicks + round * TimeSpan.TicksPerDay + place * 100_000 - late;
        var value = (place % 11) switch
        {
            0 => SampleValue.None,
            1 => SampleValue.Of(Words[place % Words.Length]),
            2 => SampleValue.Of(place % 2 == 0),
            3 => SampleValue.Of(long.MaxValue - place),
            4 => SampleValue.Of(-0.0),
            5 => SampleValue.FromBits(ValueKind.Real, 0x7FF8_0000_0000_0000 | place),
            6 => SampleValue.Of(Math.Sin(place)),
            _ => SampleValue.Of(place % 500 / 10.0),
        };
        return new(signals[signal], ticks, ticks + 1_000_000 + place % 3, value, (Quality)(place % 13 == 0 ? place % 5 : 0));
    }

    /// <summary>Which batch a sample came from, by its source time.</summary>
    public static int BatchOf(Sample sample, int round)
    {
        var ticks = sample.SourceTicks - Start.UtcTicks - round * TimeSpan.TicksPerDay;
        var place = (ticks % 100_000 == 0 ? ticks : ticks + 5_000_003) / 100_000;
        return (int)(place / SamplesPerBatch);
    }
}
