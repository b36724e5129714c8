using Ieum.Act;
using Ieum.Model;
using Ieum.Node.Store;

namespace Ieum.Node.Loop;

/// <summary>The newest entries of the ledger, read again only after something grew: a loop that looks every minute need not read them all.</summary>
internal sealed class LoopEntries
{
    private const int Most = 1000;
    private readonly ILoopLedger _ledger;
    private IReadOnlyList<LoopEntry> _entries = [];
    private int _stale = 1;

    public LoopEntries(ILoopLedger ledger, LoopStore store)
    {
        _ledger = ledger;
        store.Changed += () => Interlocked.Exchange(ref _stale, 1);
    }

    /// <summary>Newest first.</summary>
    public async Task<IReadOnlyList<LoopEntry>> AllAsync(CancellationToken cancel)
    {
        if (Interlocked.Exchange(ref _stale, 0) == 1) _entries = await _ledger.ListAsync(Most, cancel);
        return _entries;
    }
}
