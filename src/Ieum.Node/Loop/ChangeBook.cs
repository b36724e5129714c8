using System.Collections.Immutable;
using Ieum.Model;
using Ieum.Node.Store;
using Ieum.Node.Views;
using Ieum.Plan;

namespace Ieum.Node.Loop;

/// <summary>What people told about machines, people and material, kept in the database; every plan counts with it until it is over.</summary>
internal sealed class ChangeBook(DocumentStore documents, Clocks clocks) : IDisposable
{
    private readonly SemaphoreSlim _keeping = new(1, 1);
    private ToldChange[] _told = [];

    public event Action? Changed;

    public ImmutableArray<ToldChange> Told
    {
        get
        {
            var now = clocks.Factory.GetUtcNow();
            return [.. Volatile.Read(ref _told).Where(t => t.Change.Ends() is not { } end || end > now)];
        }
    }

    public async Task LoadAsync(CancellationToken cancel) => Volatile.Write(ref _told, await documents.FindAsync<ToldChange[]>(DocumentStore.PlanChanges, cancel) ?? []);

    public PlanRequest With(PlanRequest request) => request.With(Told.Select(t => t.Change));

    public Task AddAsync(IReadOnlyCollection<ToldChange> more, string by) => more.Count == 0 ? Task.CompletedTask : ChangeAsync(told => [.. told, .. more], by);

    /// <returns>False when nothing of that name is told.</returns>
    public async Task<bool> EndAsync(string id, string by)
    {
        if (Told.All(t => t.Id != id)) return false;
        await ChangeAsync(told => [.. told.Where(t => t.Id != id)], by);
        return true;
    }

    private async Task ChangeAsync(Func<ImmutableArray<ToldChange>, ToldChange[]> change, string by)
    {
        await _keeping.WaitAsync(CancellationToken.None);
        try
        {
            // What is over goes with the next change.
            var next = change(Told);
            await documents.SaveAsync(DocumentStore.PlanChanges, next, by, CancellationToken.None);
            Volatile.Write(ref _told, next);
        }
        finally
        {
            _keeping.Release();
        }
        Changed?.Invoke();
    }

    public void Dispose() => _keeping.Dispose();
}
