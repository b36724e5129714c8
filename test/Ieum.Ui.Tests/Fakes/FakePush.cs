using System.Collections.Immutable;
using Ieum.Node.Views;

namespace Ieum.Ui.Tests.Fakes;

/// <summary>One phone of everybody, and whatever a page adds.</summary>
internal sealed class FakePush : IPushDesk
{
    private ImmutableArray<PushSubscription> _all = [new("https://push.example/phone", "", "", "", "ko", 1, "Android", FakeFloor.Noon.AddDays(-3))];

    public event Action? Changed;
    public bool Enabled => true;
    public string PublicKey => "BP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A8";
    public ImmutableArray<PushSubscription> Of(string user) => _all;
    public Task<int> TryAsync(string user, CancellationToken cancel) => Task.FromResult(_all.Length);

    public Task<bool> SubscribeAsync(PushSubscription subscription, CancellationToken cancel)
    {
        _all = _all.Add(subscription);
        Changed?.Invoke();
        return Task.FromResult(true);
    }

    public Task<bool> RemoveAsync(string user, string endpoint, CancellationToken cancel)
    {
        var before = _all.Length;
        _all = _all.RemoveAll(s => s.Endpoint == endpoint);
        Changed?.Invoke();
        return Task.FromResult(_all.Length < before);
    }
}
