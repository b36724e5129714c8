#pragma warning disable RS0030 // the terminal is this file's job
using System.Diagnostics;
using System.Globalization;

namespace Ieum.Bench.Fuzz;

/// <summary>One decoder under fire.</summary>
/// <param name="Good">Sound inputs that the mutator damages.</param>
/// <param name="Take">True when the input was accepted. Any exception is a finding.</param>
internal sealed record FuzzTarget(string Name, IReadOnlyList<byte[]> Good, Func<byte[], bool> Take);

/// <param name="LargestAllocation">Most bytes that one input made the decoder allocate.</param>
/// <param name="SlowestMs">Longest time of one input, the shorter of two where it took 50 ms.</param>
/// <param name="Finding">What went wrong, with the input in hexadecimal; null when nothing did.</param>
internal sealed record FuzzResult(string Name, long Inputs, long Accepted, double Seconds, long LargestAllocation, double SlowestMs, double PeakMemoryMb, string? Finding)
{
    /// <summary>Both stretches as one.</summary>
    public FuzzResult With(FuzzResult next) => new(Name, Inputs + next.Inputs, Accepted + next.Accepted, Seconds + next.Seconds,
        Math.Max(LargestAllocation, next.LargestAllocation), Math.Max(SlowestMs, next.SlowestMs), Math.Max(PeakMemoryMb, next.PeakMemoryMb), next.Finding);
}

internal static class FuzzRun
{
    /// <summary>So often the watch must find the same input being worked on: a program that was itself held still counts no looks.</summary>
    private const int HungLooks = 12;
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(10), Long = TimeSpan.FromMilliseconds(50);

    /// <summary>No frame of any protocol here may cost more than this, whatever it announces.</summary>
    private const long MostAllocation = 256L << 20;

    /// <param name="seed">The same seed makes the same inputs; a long run is made of stretches with a seed each, so that it can be taken up again.</param>
    public static FuzzResult Run(FuzzTarget target, long inputs, int seed, CancellationToken cancel)
    {
        var mutator = new Mutator(target.Good, seed);
        long done = 0, accepted = 0, largest = 0, slowest = 0, began = Stopwatch.GetTimestamp();
        byte[] current = [];
        string? finding = null;
        var (seen, looks) = (0L, 0);
        using var watch = new Timer(_ =>
        {
            var now = Volatile.Read(ref began);
            (seen, looks) = (now, now == seen ? looks + 1 : 0);
            if (looks < HungLooks) return;
            Console.Error.WriteLine($"{target.Name} hangs on input {done} of seed {seed}: {Convert.ToHexString(current)}");
            Environment.Exit(1);
        }, null, Look, Look);
        var start = Stopwatch.GetTimestamp();
        for (; done < inputs && !cancel.IsCancellationRequested; done++)
        {
            current = mutator.Next();
            var before = GC.GetAllocatedBytesForCurrentThread();
            var since = Stopwatch.GetTimestamp();
            Volatile.Write(ref began, since);
            long took, cost;
            try
            {
                if (target.Take(current)) accepted++;
                (took, cost) = (Stopwatch.GetTimestamp() - since, GC.GetAllocatedBytesForCurrentThread() - before);
                // What took long is worked on once more: a pause of the machine is not the decoder's.
                if (took > Long.TotalSeconds * Stopwatch.Frequency)
                {
                    since = Stopwatch.GetTimestamp();
                    target.Take(current);
                    took = Math.Min(took, Stopwatch.GetTimestamp() - since);
                }
            }
            catch (Exception fault)
            {
                finding = $"input {done} of seed {seed.ToString(CultureInfo.InvariantCulture)}, {Convert.ToHexString(current)}: {fault.GetType().Name}: {fault.Message}";
                break;
            }
            slowest = Math.Max(slowest, took);
            if (cost <= largest) continue;
            largest = cost;
            if (cost <= MostAllocation) continue;
            finding = $"input {done} of seed {seed.ToString(CultureInfo.InvariantCulture)}, {Convert.ToHexString(current)}: it made the decoder allocate {cost} bytes";
            break;
        }
        using var self = Process.GetCurrentProcess();
        return new(target.Name, done, accepted, Stopwatch.GetElapsedTime(start).TotalSeconds, largest,
            Stopwatch.GetElapsedTime(0, slowest).TotalMilliseconds, self.PeakWorkingSet64 / (1024.0 * 1024.0), finding);
    }
}
