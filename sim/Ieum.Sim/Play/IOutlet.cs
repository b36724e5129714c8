using Ieum.Sim.Feeds;

namespace Ieum.Sim.Play;

/// <summary>What a machine has said, counted where it leaves the machine.</summary>
/// <param name="Produced">Distinct data values the machine made.</param>
/// <param name="Sent">Of these, values put on the wire or into a buffer that a client can read; a value counts once, however often it is re-sent.</param>
/// <param name="Unseen">Of these, values overwritten before any client could have read them.</param>
/// <param name="Lost">Of the sent values, those a fault is known to have destroyed before delivery (buffer overrun, restart).</param>
/// <param name="Garbage">Pieces of garbage sent on request.</param>
/// <param name="Ignored">Lines whose item the device does not have.</param>
internal readonly record struct OutletCounts(long Produced, long Sent, long Unseen, long Lost, long Garbage, long Ignored);

/// <summary>The side of a machine that a client talks to.</summary>
internal interface IOutlet : IAsyncDisposable
{
    string Protocol { get; }

    /// <summary>What a client connects to; known after <see cref="StartAsync"/>.</summary>
    string Endpoint { get; }

    /// <summary>What to read there, for protocols that are asked point by point; null where the machine tells by itself.</summary>
    IReadOnlyList<OutletPoint>? Points => null;

    int Clients { get; }
    OutletCounts Counts { get; }

    /// <summary>Completes when the first client has asked for data.</summary>
    Task FirstClient { get; }

    Task StartAsync(CancellationToken cancel);

    /// <summary>Takes lines in order of time. Never waits for a client.</summary>
    void Write(IReadOnlyList<FeedLine> lines);

    /// <summary>Waits until clients have kept up so far that more lines will not be lost; for replays at full speed.</summary>
    /// <param name="all">Wait until everything was delivered.</param>
    Task DrainAsync(bool all, CancellationToken cancel);

    /// <summary>How many values stood in answers given after <paramref name="from"/> and before the last answer up to <paramref name="to"/>, factory time; null where nobody asks.</summary>
    long? SaidBetween(DateTimeOffset from, DateTimeOffset to) => null;

    /// <summary>Begins a fault; it ends by itself.</summary>
    void Begin(Fault fault);
}

/// <summary>One point in the words of a connection's settings, so that they can be taken over as they are.</summary>
/// <param name="Words">Words for raw values.</param>
internal sealed record OutletPoint(string Name, string Address, string Type,
    [property: System.Text.Json.Serialization.JsonIgnore(Condition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingNull)] string? Unit, string Role, double Scale, IReadOnlyDictionary<string, string> Words);

/// <summary>What can go wrong on request.</summary>
internal enum FaultKind : byte { Silence = 0, Restart = 1, Overrun = 2, Garbage = 3, Skew = 4, Astray = 5 }

/// <param name="Duration">How long it lasts, wire time.</param>
/// <param name="Skew">How far the machine's clock is off while a <see cref="FaultKind.Skew"/> lasts.</param>
internal sealed record Fault(FaultKind Kind, TimeSpan Duration, TimeSpan Skew);
