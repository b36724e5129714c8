using Ieum.Model;
using Ieum.Record.Blocks;
using Ieum.Record.Ingest;
using Ieum.Record.Query;
using Ieum.Record.Store;
using Microsoft.Extensions.Logging;

namespace Ieum.Record;

/// <summary>The recorder of one data folder: a writer, a shelf of readers, and what both know in memory.</summary>
internal sealed class Recorder : IRecorder, IRecordHealth
{
    private readonly ILogger _log;
    private readonly MeasurementFile _file;
    private readonly RecordState _state;
    private readonly BlockShelf _shelf;
    private readonly History _history;
    private readonly WriteLoop _loop;
    private readonly Task _running;
    private readonly long _damagedRows;
    private readonly Lazy<Task> _closing;

    private Recorder(MeasurementFile file, RecordOptions options, Clocks clocks, ILogger log)
    {
        (_file, _log) = (file, log);
        var started = clocks.Wire.GetTimestamp();
        using var session = new ReadSession(file.Connect());
        var signals = new SignalDirectory(() => _loop?.Wake(), session.Signals());
        _state = new(file, signals, new(signals, clocks, log), new(options.BlockSamples), new(), new(session.Marks()));
        _shelf = new(_state, log);
        _history = new(_state, _shelf, clocks);
        RestoreLast(session);
        var damaged = RestoreTail(session, out var lastTail, out var rows);
        _damagedRows = damaged.Count;
        var write = new WriteSession(file.Connect());
        if (damaged.Count > 0) write.MoveToDamage(damaged, clocks.Factory.GetUtcNow().UtcTicks);
        _loop = new(_state, options, clocks, log, write, lastTail, rows);
        _running = Task.Run(_loop.RunAsync);
        _closing = new(CloseAsync);
        Log.Opened(log, file.Path, signals.Count, _state.Open.Count, rows, clocks.Wire.GetElapsedTime(started).TotalMilliseconds);
    }

    /// <exception cref="RecordException">The folder is in use, cannot be written, or holds a newer schema.</exception>
    public static Recorder Open(RecordOptions options, Clocks clocks, ILogger log)
    {
        var file = MeasurementFile.Open(options.Folder);
        try
        {
            return new(file, options, clocks, log);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    public long Stored => _loop.Stored;
    public long Rejected => _state.Gate.Rejected;

    public RecordHealth Now => new(Stored, Rejected, _loop.Queue.Samples, _state.Open.Count, _loop.TailRows, _shelf.Damaged + _damagedRows, _file.Bytes);

    public async Task<StoreReceipt> AppendAsync(SampleBatch batch, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(batch);
        var pending = _state.Gate.Check(batch);
        if (pending.Accepted.IsEmpty && pending.Gaps.Count == 0 && pending.Rejected == 0 && batch is { Delivery: null, Place: null }) return default;
        await _loop.Queue.AddAsync(pending, cancel).ConfigureAwait(false);
        return await pending.Done.ConfigureAwait(false);
    }

    public SourceMark? MarkOf(SourceId source) => _state.Marks.Of(source);

    public SignalNumber Register(Signal signal) => _state.Signals.Register(signal);
    public Signal? Find(SignalNumber number) => _state.Signals.Find(number);
    public SignalNumber? Find(SignalId id) => _state.Signals.Find(id);
    public IReadOnlyList<(SignalNumber Number, Signal Signal)> Of(MachineId machine) => _state.Signals.Of(machine);

    public Sample? Last(SignalNumber signal) => _history.Last(signal);
    public IReadOnlyList<LastValue> LastOf(MachineId machine) => _history.LastOf(machine);
    public IAsyncEnumerable<Sample> RangeAsync(SignalNumber signal, TimeRange range, CancellationToken cancel) => _history.RangeAsync(signal, range, cancel);
    public Task<Sample?> BeforeAsync(SignalNumber signal, DateTimeOffset instant, CancellationToken cancel) => _history.BeforeAsync(signal, instant, cancel);

    public Task<IReadOnlyList<Bucket>> DownsampleAsync(SignalNumber signal, TimeRange range, TimeSpan step, CancellationToken cancel) =>
        _history.DownsampleAsync(signal, range, step, cancel);

    public Task<IReadOnlyList<StateDuration>> StateDurationsAsync(SignalNumber signal, TimeRange range, CancellationToken cancel) =>
        _history.StateDurationsAsync(signal, range, cancel);

    public Task<IReadOnlyList<Gap>> GapsAsync(SourceId source, TimeRange range, CancellationToken cancel) => _history.GapsAsync(source, range, cancel);

    public Task<IReadOnlyList<Rejection>> RejectionsAsync(int most, CancellationToken cancel)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(most, 1);
        return Task.Run<IReadOnlyList<Rejection>>(() =>
        {
            var session = _shelf.Lend();
            try
            {
                return session.Rejections(Math.Min(most, WriteSession.RejectionRows));
            }
            finally
            {
                _shelf.Return(session);
            }
        }, cancel);
    }

    /// <summary>Puts everything open into blocks, full or not.</summary>
    internal Task SealAllAsync() => _loop.SealAllAsync();

    internal WriteLoop Loop => _loop;
    internal string FilePath => _file.Path;

    /// <summary>Pages of the file now, and the most it may grow to: a disk of that size.</summary>
    internal long Pages() => SqliteWords.Number(_loop.Session.Connection, "PRAGMA page_count");
    internal void LimitPages(long most) => SqliteWords.Number(_loop.Session.Connection, $"PRAGMA max_page_count = {most}");

    public ValueTask DisposeAsync() => new(_closing.Value);

    private async Task CloseAsync()
    {
        _loop.Close();
        await _running.ConfigureAwait(false);
        _shelf.Dispose();
        _loop.Dispose();
        _file.Dispose();
        Log.Closed(_log, Stored, Rejected);
    }

    // The newest sealed sample of each signal; the tail then overtakes it where it is newer.
    private void RestoreLast(ReadSession session)
    {
        var block = new SampleColumns();
        var one = new Sample[1];
        foreach (var (signal, end, id) in session.Newest().ToList())
        {
            _state.SetNewestEnd(signal, end);
            if (!_shelf.TryRead(session, new(signal), new(id, 0, end), block)) continue;
            one[0] = block.At(new(signal), block.Count - 1);
            _state.Last.Offer(one);
        }
    }

    private List<(long Id, string Reason)> RestoreTail(ReadSession session, out long lastTail, out int rows)
    {
        List<(long, string)> damaged = [];
        var columns = new SampleColumns();
        Sample[] samples = [];
        lastTail = rows = 0;
        foreach (var (id, bytes) in session.Tail())
        {
            lastTail = id;
            if (!session.Codec.TryDecode(bytes, columns, out var reason) || columns.Signal is null)
            {
                reason ??= "a row of the tail has no signals";
                damaged.Add((id, reason));
                Log.Damaged(_log, "tail", id, bytes.Length, reason);
                continue;
            }
            rows++;
            if (samples.Length < columns.Count) samples = new Sample[columns.Count];
            for (var i = 0; i < columns.Count; i++) samples[i] = columns.At(new(columns.Signal[i]), i);
            _state.Show(samples.AsSpan(0, columns.Count));
        }
        return damaged;
    }
}
