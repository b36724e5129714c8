using Ieum.Connect.Sparkplug.Payload;
using Ieum.Model;

namespace Ieum.Connect.Sparkplug.Session;

/// <summary>Why a sample is handed over.</summary>
internal enum SampleOrigin
{
    /// <summary>Fresh data of the peer; counts as received.</summary>
    Live,
    /// <summary>Data the peer kept back during an outage; counts as received, its time is in the past.</summary>
    Historical,
    /// <summary>Made by the session itself: a stale mark at death, or its end at rebirth. Not received, not sent by anybody.</summary>
    Mark,
}

/// <summary>What a session wants done. Called within the step; implementations may not wait.</summary>
internal interface ISessionEffects
{
    /// <summary>A birth announced this metric; gives <see cref="MetricSlot.Signal"/> a number when somebody listens.</summary>
    void Announce(MetricScope scope, MetricSlot slot, in MetricView birth);
    void Deliver(MetricScope scope, in Sample sample, SampleOrigin origin);
    /// <summary>Received values that cannot be used; at least one.</summary>
    void Reject(MetricScope scope, string rule, long count, string message, long receiveTicks);
    /// <summary>A broken rule that cost no known value.</summary>
    void Tell(MetricScope scope, string rule, string message);
    void Gap(MetricScope scope, TimeRange range, GapCause cause, long? lost, string detail);
    void Link(MetricScope scope, LinkState state);
    /// <summary>The time on a fresh message, to watch the peer's clock.</summary>
    void Clock(MetricScope scope, long sentTicks, long receiveTicks);
    /// <summary>Ask the node for all its births (NCMD, Node Control/Rebirth). The session has already limited the rate.</summary>
    void AskRebirth(string reason);
}
