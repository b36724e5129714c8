using System.Collections.Immutable;

namespace Ieum.Node.Views;

/// <summary>A browser of a person that calls are sent to.</summary>
/// <param name="Endpoint">Address at the browser maker's push service; whoever has it can only disturb, the message needs the keys.</param>
/// <param name="P256dh">The browser's public key, base64url.</param>
/// <param name="Auth">The browser's secret, base64url.</param>
/// <param name="Language"><c>ko</c>, <c>ja</c> or <c>en</c>.</param>
/// <param name="From">From which level it is told: 0 at once, 1 with the planner, 2 with the owner; null as the person's role has it.</param>
/// <param name="Device">What the browser says it is, for the list.</param>
public sealed record PushSubscription(string Endpoint, string P256dh, string Auth, string User, string Language, int? From, string Device, DateTimeOffset Since);

/// <summary>Phones and other browsers that calls reach.</summary>
public interface IPushDesk
{
    /// <summary>Raised after a browser was added or removed; on any thread.</summary>
    event Action? Changed;

    bool Enabled { get; }

    /// <summary>The node's public key, which browsers subscribe with; base64url.</summary>
    string PublicKey { get; }

    ImmutableArray<PushSubscription> Of(string user);

    /// <returns>False when the address or the keys cannot be used; nothing was kept.</returns>
    Task<bool> SubscribeAsync(PushSubscription subscription, CancellationToken cancel);

    /// <returns>False when the person has no such browser.</returns>
    Task<bool> RemoveAsync(string user, string endpoint, CancellationToken cancel);

    /// <summary>Sends a message that says that it works.</summary>
    /// <returns>How many browsers of the person took it.</returns>
    Task<int> TryAsync(string user, CancellationToken cancel);
}
