using System.Collections.Concurrent;
using Ieum.Model;
using Ieum.Record.Blocks;
using Ieum.Record.Ingest;
using Ieum.Record.Store;
using Microsoft.Extensions.Logging;

namespace Ieum.Record.Query;

/// <summary>Fetches blocks for readers: lends connections, decodes, and sets damaged blocks aside with a word about it.</summary>
internal sealed class BlockShelf(RecordState state, TimeProvider clock, ILogger log) : IDisposable
{
    // A page asks a few questions at once; more connections than this only compete for two cores.
    private const int MostKept = 4;

    private readonly ConcurrentBag<ReadSession> _idle = [];
    private bool _disposed;

    public DamageBook Damage { get; } = new();

    public ReadSession Lend()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return _idle.TryTake(out var session) ? session : new(state.Engine);
    }

    public void Return(ReadSession session)
    {
        if (session.IsOpen) session.EndSnapshot();
        session.Block.Clear();
        if (_disposed || _idle.Count >= MostKept || !session.IsOpen) session.Dispose(); else _idle.Add(session);
    }

    /// <summary>Reads one block; false when it is damaged or gone. Damage is told once per block.</summary>
    public bool TryRead(ReadSession session, SignalNumber signal, BlockPlace place, SampleColumns into)
    {
        ReadOnlyMemory<byte> bytes = default;
        string? reason;
        try
        {
            if (session.Bytes(place.Id) is not { } found) return false;
            bytes = found;
            // A page that was half written may hold the bytes of another block: right in themselves, but not what the row says.
            if (session.Codec.TryDecode(bytes.Span, into, out reason) && (into.Source[into.Count - 1] != place.End || (place.Start != 0 && into.Source[0] != place.Start)))
                reason = "its samples are not those that its row names";
        }
        catch (RecordException e) when (e.Rule == RecordRules.DamagedBlock)
        {
            reason = e.InnerException?.Message ?? e.Message;
        }
        if (reason is null) return true;
        into.Clear();
        if (Damage.Add(signal, place, bytes.Length, reason, clock.GetUtcNow())) Log.Damaged(log, $"block of signal {signal}", place.Id, bytes.Length, reason);
        return false;
    }

    public void Dispose()
    {
        _disposed = true;
        Clear();
    }

    /// <summary>Lets idle connections go; a server that was lost has closed them.</summary>
    public void Clear()
    {
        while (_idle.TryTake(out var session)) session.Dispose();
    }
}
