using Ieum.Model;
using Ieum.Record;
using Ieum.TestKit;
using Microsoft.Extensions.Logging.Abstractions;

namespace Ieum.Tests.Record;

/// <summary>A recorder on a folder of its own that can be closed and opened again.</summary>
internal sealed class RecorderRig : IAsyncDisposable
{
    public static readonly MachineId Machine = new("B-MC1");
    public static readonly SourceId Source = new("B-MC1.mtconnect");
    public static readonly DateTimeOffset Start = new(2026, 11, 23, 0, 0, 0, TimeSpan.Zero);

    public RecorderRig(Action<RecordOptions>? configure = null)
    {
        Options = new() { Folder = Path.Combine(Needs.Scratch, "record", Guid.NewGuid().ToString("N")), CommitSamples = 1 };
        configure?.Invoke(Options);
        Recorder = Open();
    }

    public RecordOptions Options { get; }
    public Recorder Recorder { get; private set; }

    public SignalNumber Signal(string name, ValueKind kind = ValueKind.Real) => Recorder.Register(new(new(Machine, name), Unit.One, kind));

    public static DateTimeOffset At(double seconds) => Start.AddSeconds(seconds);

    public static Sample Sample(SignalNumber signal, double seconds, SampleValue value, Quality quality = Quality.Good, double receivedAfter = 0.05) =>
        new(signal, At(seconds).UtcTicks, At(seconds + receivedAfter).UtcTicks, value, quality);

    public Task<StoreReceipt> Append(params Sample[] samples) => Recorder.AppendAsync(new(Source, Machine, samples), CancellationToken.None);

    public async Task<List<Sample>> Range(SignalNumber signal, double from = -1e6, double to = 1e7)
    {
        List<Sample> samples = [];
        await foreach (var s in Recorder.RangeAsync(signal, new(At(from), At(to)), CancellationToken.None)) samples.Add(s);
        return samples;
    }

    public async Task Reopen(Action? between = null)
    {
        await Recorder.DisposeAsync();
        between?.Invoke();
        Recorder = Open();
    }

    public string File => Path.Combine(Options.Folder, "measurements.db");

    private Recorder Open() => Ieum.Record.Recorder.Open(Options, Clocks.Real, NullLogger.Instance);

    public async ValueTask DisposeAsync()
    {
        await Recorder.DisposeAsync();
        Directory.Delete(Options.Folder, recursive: true);
    }
}
