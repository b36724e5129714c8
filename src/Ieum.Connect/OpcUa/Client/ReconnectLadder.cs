namespace Ieum.Connect.OpcUa.Client;

/// <summary>The steps by which a lost connection is taken up again, cheapest first. Each keeps more of what the server held than the next.</summary>
internal enum Rung
{
    /// <summary>A new secure channel for the same session: nothing is lost as long as the server's queues hold.</summary>
    Reactivate,
    /// <summary>A new session that takes the subscriptions over; missed notifications are asked for again.</summary>
    Transfer,
    /// <summary>New session, new subscriptions; history fills what it can, the rest is a gap.</summary>
    Recreate,
}

/// <summary>What became of a try on one rung.</summary>
internal enum RungResult
{
    Done,
    /// <summary>The line failed: nothing is known about the session; the same rung is tried again.</summary>
    LineFailed,
    /// <summary>The server does not know the session any more, or does not take it from us.</summary>
    SessionGone,
    /// <summary>The server does not hand subscriptions over at all (not implemented, not for this user).</summary>
    TransferRefused,
    /// <summary>The server knows none of the subscriptions any more.</summary>
    SubscriptionsGone,
}

/// <summary>Decides on which rung the next try stands. Pure; all times are wire time.</summary>
internal sealed class ReconnectLadder
{
    private bool _hasSession, _hasSubscriptions, _transferRefused;
    private TimeSpan _sessionLife, _subscriptionLife;

    public Rung Rung { get; private set; } = Rung.Recreate;

    /// <summary>A session stands, with or without subscriptions.</summary>
    /// <param name="sessionLife">How long the server keeps the session without a sign of life.</param>
    /// <param name="subscriptionLife">How long the server keeps subscriptions nobody fetches from; zero: there are none.</param>
    public void Standing(TimeSpan sessionLife, TimeSpan subscriptionLife)
    {
        (_hasSession, _sessionLife) = (true, sessionLife);
        (_hasSubscriptions, _subscriptionLife) = (subscriptionLife > TimeSpan.Zero, subscriptionLife);
    }

    /// <summary>The rung for the next try, <paramref name="silent"/> after the last sign of life.</summary>
    public Rung Next(TimeSpan silent)
    {
        // Some servers keep a session longer than promised, none shorter: a little longer costs one refused request, too short costs data.
        if (_hasSession && silent <= _sessionLife * 1.5) return Rung = Rung.Reactivate;
        if (_hasSubscriptions && !_transferRefused && silent <= _subscriptionLife * 1.5) return Rung = Rung.Transfer;
        return Rung = Rung.Recreate;
    }

    /// <summary>Takes in what became of the try.</summary>
    /// <returns>True when another rung shall be tried at once; false when the try succeeded or the line needs a pause.</returns>
    public bool Take(RungResult result)
    {
        switch (result)
        {
            case RungResult.SessionGone:
                _hasSession = false;
                return Rung == Rung.Reactivate;
            case RungResult.TransferRefused:
                (_transferRefused, _hasSubscriptions) = (true, false);
                return true;
            case RungResult.SubscriptionsGone:
                _hasSubscriptions = false;
                return true;
            default:
                return false;
        }
    }
}
