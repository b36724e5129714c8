using Ieum.Model;
using Ieum.Record.Ingest;
using Ieum.Record.Query;
using Ieum.Record.Store;
using Ieum.Record.Tend;
using Microsoft.Extensions.Logging;

namespace Ieum.Record;

/// <summary>The recorder of one data folder: a writer, a shelf of readers, and what both know in memory.</summary>
internal sealed class Recorder : IRecorder, IRecordHealth, IRecordUpkeep
{
    private readonly ILogger _log;
    private readonly Engine _engine;
    private readonly RecordState _state;
    private readonly BlockShelf _shelf;
    private readonly History _history;
    private readonly WriteLoop _loop;
    private readonly Task _running;
    private readonly Lazy<Task> _closing;

    private Recorder(Engine engine, RecordOptions options, Clocks clocks, ILogger log)
    {
        (_engine, _log) = (engine, log);
        var started = clocks.Wire.GetTimestamp();
        using var session = new ReadSession(engine);
        var signals = new SignalDirectory(() => _loop?.Wake(), session.Signals());
        var book = new RollupBook();
        _state = new(engine, signals, new(signals, book, clocks, log), new(options.BlockSamples, 2L * options.TailLimit), new(), new(), book);
        _shelf = new(_state, clocks.Factory, log);
        _history = new(_state, _shelf, options, clocks);
        var write = new WriteSession(engine);
        var restored = Restoring.Run(_state, _shelf, Tiers.Kept(options), session, write, clocks, log);
        _loop = new(_state, _shelf, options, clocks, log, write, restored);
        var rows = restored.TailRows;
        _running = Task.Run(_loop.RunAsync);
        _closing = new(CloseAsync);
        if (engine.Rescued is { } rescued) Log.Rescued(log, engine.Place, rescued.Rows, rescued.Stretches, rescued.Blocks, rescued.KeptAs);
        Log.Opened(log, engine.Place, signals.Count, _state.Open.Count, rows, clocks.Wire.GetElapsedTime(started).TotalMilliseconds);
    }

    /// <exception cref="RecordException">The folder is in use, cannot be written, or holds a newer schema.</exception>
    public static Recorder Open(RecordOptions options, Clocks clocks, ILogger log)
    {
        var engine = Engine.Open(options);
        try
        {
            return new(engine, options, clocks, log);
        }
        catch (System.Data.Common.DbException e) when (engine.Rescued is null && engine.NoteDamage(e))
        {
            // Met only now: what is readable of a file is copied, and the copy opened.
            engine.Dispose();
            if (options.Postgres is not null) throw engine.DamageError(e);
            engine = Engine.Open(options);
            return new(engine, options, clocks, log);
        }
        catch
        {
            engine.Dispose();
            throw;
        }
    }

    public long Stored => _loop.Stored;
    public long Rejected => _state.Gate.Rejected;

    public RecordHealth Now => new(Stored, Rejected, _loop.Queue.Samples, _state.Open.Count, _loop.TailRows, Damaged, _engine.Bytes);

    public long Damaged => _shelf.Damage.Blocks + _loop.DamagedRows + (_engine.Rescued is { } saved ? saved.Stretches + saved.Blocks : 0);
    public RecordRescue? Rescued => _engine.Rescued is { } saved ? new(saved.KeptAs, saved.Rows, saved.Stretches, saved.Blocks) : null;

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
    public IReadOnlyList<(SignalNumber Number, Signal Signal)> All() => _state.Signals.All();
    public Signal? Find(SignalNumber number) => _state.Signals.Find(number);
    public SignalNumber? Find(SignalId id) => _state.Signals.Find(id);
    public IReadOnlyList<(SignalNumber Number, Signal Signal)> Of(MachineId machine) => _state.Signals.Of(machine);

    public Sample? Last(SignalNumber signal) => _history.Last(signal);
    public IReadOnlyList<LastValue> LastOf(MachineId machine) => _history.LastOf(machine);
    public IAsyncEnumerable<Sample> RangeAsync(SignalNumber signal, TimeRange range, CancellationToken cancel) => _history.RangeAsync(signal, range, cancel);
    public IAsyncEnumerable<ReadOnlyMemory<Sample>> RangeBatchesAsync(SignalNumber signal, TimeRange range, CancellationToken cancel) => _history.RangeBatchesAsync(signal, range, cancel);
    public Task<Sample?> BeforeAsync(SignalNumber signal, DateTimeOffset instant, CancellationToken cancel) => _history.BeforeAsync(signal, instant, cancel);

    public Task<IReadOnlyList<Bucket>> DownsampleAsync(SignalNumber signal, TimeRange range, TimeSpan step, CancellationToken cancel) =>
        _history.DownsampleAsync(signal, range, step, cancel);

    public Task<IReadOnlyList<StateDuration>> StateDurationsAsync(SignalNumber signal, TimeRange range, CancellationToken cancel) =>
        _history.StateDurationsAsync(signal, range, cancel);

    public Task<IReadOnlyList<Gap>> GapsAsync(SourceId source, TimeRange range, CancellationToken cancel) => _history.GapsAsync(source, range, cancel);

    public Task<IReadOnlyList<Rejection>> RejectionsAsync(int most, CancellationToken cancel)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(most, 1);
        return Ask<IReadOnlyList<Rejection>>(session => session.Rejections(Math.Min(most, WriteSession.RejectionRows)), cancel);
    }

    public Task<IReadOnlyList<Damage>> DamageAsync(int most, CancellationToken cancel)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(most, 1);
        return Ask(session => _shelf.Damage.With(session.Damages(10_000), Math.Min(most, 10_000)), cancel);
    }

    public Task<Deletion> DeleteAsync(SignalNumber signal, TimeRange range, string reason, CancellationToken cancel)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(reason);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(reason.Length, 500, nameof(reason));
        cancel.ThrowIfCancellationRequested();
        return _loop.DeleteAsync(signal, range, reason).WaitAsync(cancel);
    }

    public Task<IReadOnlyList<Deletion>> DeletionsAsync(int most, CancellationToken cancel)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(most, 1);
        return Ask<IReadOnlyList<Deletion>>(session => session.Deletions(Math.Min(most, 10_000)), cancel);
    }

    private Task<T> Ask<T>(Func<ReadSession, T> ask, CancellationToken cancel) => Task.Run(() =>
    {
        var session = _shelf.Lend();
        try
        {
            return ask(session);
        }
        finally
        {
            _shelf.Return(session);
        }
    }, cancel);

    /// <summary>Puts everything open into blocks, full or not.</summary>
    internal Task SealAllAsync() => _loop.SealAllAsync();

    /// <summary>All upkeep that is due: sums, merged blocks, what is older than it is kept.</summary>
    internal Task TendAllAsync() => _loop.TendAllAsync();

    internal WriteLoop Loop => _loop;
    internal string Place => _engine.Place;

    /// <summary>Pages of the file now, and the most it may grow to: a disk of that size.</summary>
    internal long Pages() => _loop.Session.Connection.Number("PRAGMA page_count");
    internal void LimitPages(long most) => _loop.Session.Connection.Number($"PRAGMA max_page_count = {most}");

    public ValueTask DisposeAsync() => new(_closing.Value);

    private async Task CloseAsync()
    {
        _loop.Close();
        await _running.ConfigureAwait(false);
        _shelf.Dispose();
        _loop.Dispose();
        _engine.Dispose();
        Log.Closed(_log, Stored, Rejected);
    }
}
