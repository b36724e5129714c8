using Microsoft.AspNetCore.Components;

namespace Ieum.Node.Ui;

/// <summary>A component that follows the factory without reload: repaints after changes, at most four times a second, and once a second for ages.</summary>
public abstract class LivePage : ComponentBase, IDisposable
{
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(250);
    private readonly CancellationTokenSource _leaving = new();
    private ITimer? _timer, _tick;
    private long _last;
    private int _waiting;

    [Inject] protected Texts T { get; set; } = default!;
    [Inject] protected TimeProvider Wire { get; set; } = default!;

    /// <summary>Fires when the reader leaves the page.</summary>
    protected CancellationToken Leaving => _leaving.Token;

    /// <summary>Subscribe to what the page follows.</summary>
    protected virtual void Follow() { }

    /// <summary>Unsubscribe again.</summary>
    protected virtual void Unfollow() { }

    /// <summary>Reads anew what cannot be read while painting.</summary>
    protected virtual Task ReadAsync() => Task.CompletedTask;

    protected override void OnInitialized()
    {
        Follow();
        if (RendererInfo.IsInteractive) _tick = Wire.CreateTimer(_ => Repaint(read: false), null, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1));
    }

    /// <summary>Handler for change events; callable from any thread.</summary>
    protected void OnChanged()
    {
        if (_leaving.IsCancellationRequested || Interlocked.Exchange(ref _waiting, 1) == 1) return;
        var due = Shortest - Wire.GetElapsedTime(Interlocked.Read(ref _last));
        if (due <= TimeSpan.Zero) Repaint(read: true);
        else
        {
            _timer?.Dispose();
            _timer = Wire.CreateTimer(_ => Repaint(read: true), null, due, Timeout.InfiniteTimeSpan);
        }
    }

    private void Repaint(bool read)
    {
        if (_leaving.IsCancellationRequested) return;
        _ = InvokeAsync(async () =>
        {
            if (_leaving.IsCancellationRequested) return;
            if (read)
            {
                Interlocked.Exchange(ref _last, Wire.GetTimestamp());
                Interlocked.Exchange(ref _waiting, 0);
                try { await ReadAsync(); }
                catch (OperationCanceledException) { return; }
            }
            StateHasChanged();
        });
    }

    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing)
    {
        if (!disposing || _leaving.IsCancellationRequested) return;
        _leaving.Cancel();
        Unfollow();
        _timer?.Dispose();
        _tick?.Dispose();
        _leaving.Dispose();
    }
}
