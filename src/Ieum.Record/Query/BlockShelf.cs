using System.Collections.Concurrent;
using Ieum.Model;
using Ieum.Record.Blocks;
using Ieum.Record.Ingest;
using Ieum.Record.Store;
using Microsoft.Extensions.Logging;

namespace Ieum.Record.Query;

/// <summary>Fetches blocks for readers: lends connections, decodes, and sets damaged blocks aside with a word about it.</summary>
internal sealed class BlockShelf(RecordState state, ILogger log) : IDisposable
{
    // A page asks a few questions at once; more connections than this only compete for two cores.
    private const int MostKept = 4;

    private readonly ConcurrentBag<ReadSession> _idle = [];
    private readonly ConcurrentDictionary<long, string> _damaged = [];
    private bool _disposed;

    public long Damaged => _damaged.Count;

    public ReadSession Lend()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return _idle.TryTake(out var session) ? session : new(state.Engine);
    }

    public void Return(ReadSession session)
    {
        if (session.IsOpen) session.EndSnapshot();
        if (_disposed || _idle.Count >= MostKept || !session.IsOpen) session.Dispose(); else _idle.Add(session);
    }

    /// <summary>Reads one block; false when it is damaged or gone. Damage is told once per block.</summary>
    public bool TryRead(ReadSession session, SignalNumber signal, BlockPlace place, SampleColumns into)
    {
        if (session.Bytes(place.Id) is not { } bytes) return false;
        if (session.Codec.TryDecode(bytes, into, out var reason)) return true;
        if (_damaged.TryAdd(place.Id, reason)) Log.Damaged(log, $"block of signal {signal}", place.Id, bytes.Length, reason);
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
