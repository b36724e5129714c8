using Ieum.Node.Store;

namespace Ieum.Node.Loop;

/// <summary>A settings document that is held in memory for reading and kept in the database as a whole; changes take turns, and count once they are kept.</summary>
internal abstract class KeptDocument<T>(DocumentStore documents, string key, T empty) : IDisposable where T : class
{
    private readonly SemaphoreSlim _keeping = new(1, 1);
    private T? _kept;

    public event Action? Changed;

    protected T Kept => Volatile.Read(ref _kept) ?? empty;

    public async Task LoadAsync(CancellationToken cancel) => Volatile.Write(ref _kept, await documents.FindAsync<T>(key, cancel));

    /// <param name="change">Gives back what it was given to change nothing.</param>
    protected async Task ChangeAsync(string by, Func<T, T> change)
    {
        await _keeping.WaitAsync(CancellationToken.None);
        try
        {
            var next = change(Kept);
            if (ReferenceEquals(next, Kept)) return;
            await documents.SaveAsync(key, next, by, CancellationToken.None);
            Volatile.Write(ref _kept, next);
        }
        finally
        {
            _keeping.Release();
        }
        Changed?.Invoke();
    }

    public void Dispose() => _keeping.Dispose();
}
