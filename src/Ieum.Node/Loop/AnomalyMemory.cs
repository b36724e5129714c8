using Ieum.Analyze;

namespace Ieum.Node.Loop;

/// <summary>What the anomaly watch learned, in one file of the data folder; written beside and renamed, so that a crash leaves the old one.</summary>
internal static class AnomalyMemory
{
    private const string Mark = "ieum-anomaly-1";

    /// <param name="watched">Signal number, since when it is watched, and what was learned.</param>
    public static void Save(string file, IEnumerable<(int Signal, DateTimeOffset Since, LiveSignal Learned)> watched)
    {
        var beside = file + ".new";
        using (var to = new BinaryWriter(File.Create(beside)))
        {
            to.Write(Mark);
            foreach (var (signal, since, learned) in watched)
            {
                to.Write(signal);
                to.Write(since.UtcTicks);
                learned.Save(to);
            }
            to.Write(0);
            to.Flush();
            ((FileStream)to.BaseStream).Flush(flushToDisk: true);
        }
        File.Move(beside, file, overwrite: true);
    }

    /// <returns>What could be read; a damaged or foreign file gives what stands before the damage, the rest is learned anew.</returns>
    public static List<(int Signal, DateTimeOffset Since, LiveSignal Learned)> Load(string file)
    {
        var watched = new List<(int, DateTimeOffset, LiveSignal)>();
        if (!File.Exists(file)) return watched;
        try
        {
            using var from = new BinaryReader(File.OpenRead(file));
            if (from.ReadString() != Mark) return watched;
            for (var signal = from.ReadInt32(); signal > 0; signal = from.ReadInt32())
            {
                var since = new DateTimeOffset(Math.Clamp(from.ReadInt64(), 0, DateTimeOffset.MaxValue.UtcTicks), TimeSpan.Zero);
                if (LiveSignal.Load(from) is not { } learned) break;
                watched.Add((signal, since, learned));
            }
        }
        catch (Exception e) when (e is IOException or ArgumentException or FormatException)
        {
            return watched;
        }
        return watched;
    }
}
