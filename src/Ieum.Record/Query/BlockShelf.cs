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
    private int _lent;

    /// <summary>Connections in somebody's hands: questions being answered, and upkeep while it makes a piece.</summary>
    public int Lent => Volatile.Read(ref _lent);

    public DamageBook Damage { get; } = new();

    public ReadSession Lend()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (!_idle.TryTake(out var session)) session = new(state.Engine);
        Interlocked.Increment(ref _lent);
        return session;
    }

    public void Return(ReadSession session)
    {
        Interlocked.Decrement(ref _lent);
        if (session.IsOpen) session.EndSnapshot();
        session.Block.Clear();
        if (_disposed || _idle.Count >= MostKept || !session.IsOpen) session.Dispose(); else _idle.Add(session);
    }

    /// <summary>Reads one block; false when it is damaged, or was merged since it was listed. Damage is told once per block.</summary>
    /// <exception cref="RecordException">Other damage was met on the way, and the block was merged meanwhile: asked again, it is found.</exception>
    public bool TryRead(ReadSession session, SignalNumber signal, BlockPlace place, SampleColumns into)
    {
        ReadOnlyMemory<byte> bytes = default;
        string? reason;
        // A server would have to find the damage anew, and end what the question sees with it.
        if (state.Engine.ErrorsEndTransactions && Damage.Holds(place))
        {
            into.Clear();
            return false;
        }
        try
        {
            if (session.Bytes(place.Id) is { } found)
            {
                bytes = found;
                // A page that was half written may hold the bytes of another block: right in themselves, but not what the row says.
                if (session.Codec.TryDecode(bytes.Span, into, out reason) && (into.Source[into.Count - 1] != place.End || (place.Start != 0 && into.Source[0] != place.Start)))
                    reason = "its samples are not those that its row names";
            }
            else if (session.IsNewer)
            {
                throw new RecordException(RecordRules.DamagedBlock, $"Blocks were merged while damage was met in {state.Engine.Place}. Ask again.");
            }
            else if (!session.InSnapshot)
            {
                into.Clear();
                return false;
            }
            else
            {
                reason = "its row is gone";
            }
        }
        catch (RecordException e) when (e is { Rule: RecordRules.DamagedBlock, InnerException: not null })
        {
            reason = e.InnerException.Message;
            session.GoOn();
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
