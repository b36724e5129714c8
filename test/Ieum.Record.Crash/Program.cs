#pragma warning disable RS0030 // the terminal is this program's only way to say what was acknowledged
using Ieum.Model;
using Ieum.Record;
using Ieum.RecordCrash;
using Microsoft.Extensions.Logging.Abstractions;

// usage: Ieum.Record.Crash FOLDER ROUND : appends without end until it is killed; after each acknowledged batch prints "writer batch".
var round = int.Parse(args[1], System.Globalization.CultureInfo.InvariantCulture);
await using var recorder = Recorder.Open(CrashLoad.Options(args[0]), Clocks.Real, NullLogger.Instance);
var output = Console.OpenStandardOutput();
var gate = new Lock();
// Upkeep without a pause, so that kills hit merging and sums too.
_ = Task.Run(async () =>
{
    while (true) await recorder.TendAllAsync();
});
await Task.WhenAll(Enumerable.Range(0, CrashLoad.Writers).Select(writer => Task.Run(async () =>
{
    var signals = Enumerable.Range(0, CrashLoad.SignalsPerWriter).Select(s => recorder.Register(CrashLoad.Signal(writer, s))).ToArray();
    for (var batch = 0; ; batch++)
    {
        var samples = Enumerable.Range(0, CrashLoad.SamplesPerBatch).Select(i => CrashLoad.Sample(signals, round, batch, i)).ToArray();
        var receipt = await recorder.AppendAsync(new(new($"source{writer}"), CrashLoad.Machine(writer), samples), CancellationToken.None);
        if (receipt != new StoreReceipt(samples.Length, 0)) throw new InvalidOperationException($"Batch {batch} of writer {writer}: {receipt}.");
        var line = System.Text.Encoding.ASCII.GetBytes(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{writer} {batch}\n"));
        lock (gate)
        {
            output.Write(line);
            output.Flush();
        }
    }
})));
