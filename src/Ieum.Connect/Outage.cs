using Ieum.Model;

namespace Ieum.Connect;

/// <summary>Why a connection ended.</summary>
/// <param name="Since">Since when nothing was heard, by the factory clock.</param>
internal readonly record struct OutageReason(LinkState Link, DateTimeOffset Since, string Detail);

/// <summary>One stretch without a connection: begins with the first loss, lasts over failed tries, ends with the first bytes.</summary>
internal sealed class Outage(ConnectionSettings settings, TimeProvider factory)
{
    private OutageReason? _first;

    public bool HasBegun => _first is not null;

    /// <summary>Only the first reason of a stretch counts; later failed tries are the same outage.</summary>
    public void Begin(OutageReason reason) => _first ??= reason;

    /// <returns>The gap of the stretch that ends now; null when there was none.</returns>
    public Gap? End(GapCause cause = GapCause.Disconnected, long? lost = null)
    {
        if (_first is not { } first) return null;
        _first = null;
        var now = factory.GetUtcNow();
        return new(settings.Source, new(first.Since, now > first.Since ? now : first.Since), cause, lost, first.Detail);
    }
}
