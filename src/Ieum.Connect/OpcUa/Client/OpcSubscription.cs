namespace Ieum.Connect.OpcUa.Client;

/// <summary>One subscription as the client sees it.</summary>
internal sealed class OpcSubscription
{
    /// <summary>A sign of life about this often, whatever the publishing interval; supervised at one and a half times (Part 4, 5.13.1.1).</summary>
    private static readonly TimeSpan SignOfLife = TimeSpan.FromSeconds(5);

    public uint Id { get; private set; }
    public SequenceBook Book { get; } = new();

    /// <summary>Messages that overtook a missing one, in the order of their numbers; taken when it came or was given up, so that values keep their order.</summary>
    public List<NotificationMessage> Held { get; } = [];
    public TimeSpan Publishing { get; private set; }
    public uint KeepAliveCount { get; private set; }
    public uint LifetimeCount { get; private set; }

    /// <summary>How many monitored items it has.</summary>
    public int Items { get; set; }

    /// <summary>Wire timestamp of the last message or keep-alive.</summary>
    public long HeardAt { get; set; }

    /// <summary>Since when a message is missing: wire timestamp; 0: none is.</summary>
    public long MissingSince { get; set; }

    /// <summary>Publish time of the last message, UTC ticks by the server's clock; bounds what a missing message can hold.</summary>
    public long LastPublishTicks { get; set; }

    /// <summary>The server ended it, or it fell silent.</summary>
    public bool IsLost { get; set; }

    public TimeSpan Lifetime => Publishing * LifetimeCount;

    /// <summary>Silent for longer than this, it is dead even when the session lives.</summary>
    public TimeSpan SilenceLimit => Publishing * KeepAliveCount * 1.5;

    public static uint KeepAlivesFor(TimeSpan publishing) => (uint)Math.Clamp(Math.Round(SignOfLife / publishing), 1, 1000);

    /// <summary>At least three keep-alives (Part 4, 5.13.2.2), and as long as the session.</summary>
    public static uint LifetimeFor(TimeSpan publishing, TimeSpan session) => (uint)Math.Max(3 * KeepAlivesFor(publishing), Math.Ceiling(session / publishing));

    public void Created(CreateSubscriptionResponse answer, long now)
    {
        Id = answer.SubscriptionId;
        (Publishing, KeepAliveCount, LifetimeCount) = (TimeSpan.FromMilliseconds(answer.RevisedPublishingInterval), answer.RevisedMaxKeepAliveCount, answer.RevisedLifetimeCount);
        (HeardAt, MissingSince, LastPublishTicks, IsLost, Items) = (now, 0, 0, false, 0);
        Held.Clear();
        Book.Reset();
    }
}
