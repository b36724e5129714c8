namespace Ieum.Plan.Across;

/// <summary>How a negotiation is run. Defaults are those that measured best, see docs/decisions/0010.</summary>
internal sealed record AcrossOptions
{
    public int Seed { get; init; } = 1;
    /// <summary>Plans that are improved side by side in the same rounds; more cost bytes and computing, not messages. 0: as many as a minute allows.</summary>
    public int Chains { get; init; }
    /// <summary>Neighbourhoods per plan and generation.</summary>
    public int Branches { get; init; } = 4;
    /// <summary>Messages, both directions, per shared operation.</summary>
    public int MessagesPerOperation { get; init; } = 200;
    /// <summary>Rounds at most; 0 leaves it to the messages.</summary>
    public int Rounds { get; init; }
    /// <summary>Longer menus are against the rules; 3 by the protocol, more only to measure what a menu costs.</summary>
    public int MostOffers { get; init; } = 3;
    public int Labels { get; init; } = 5;
    /// <summary>Arrivals asked about per operation and company.</summary>
    public int Samples { get; init; } = 4;
    /// <summary>Tries of a company that is asked to re-sequence its own machines; 0 asks none.</summary>
    public int Effort { get; init; } = 100;
    /// <summary>Branches per generation in which the companies re-sequence themselves; the standing plan comes on top.</summary>
    public int Polished { get; init; } = 3;
    /// <summary>First heat of the acceptance of worse plans, as share of the objective; falls to 0.</summary>
    public double Heat { get; init; } = 0.02;
    /// <summary>Generations without a better plan after which a chain goes back to its best one.</summary>
    public int Patience { get; init; } = 40;
    /// <summary>Plans rehearsed with true times between the companies at most, variants included; 0 rehearses none.</summary>
    public int Rehearsals { get; init; } = 30_000;
    /// <summary>Tries of a company that re-sequences its machines by true times for a rehearsal.</summary>
    public int RehearsalTries { get; init; } = 600;
    /// <summary>A chain's best plan is rehearsed while its promise is at most this part above the best promise.</summary>
    public double RehearsalMargin { get; init; } = 0.06;
    /// <summary>Generations at most after which a chain goes back to its best rehearsed plan; half of the ways are one long, a quarter two, and so on.</summary>
    public int Walk { get; init; } = 16;
    /// <summary>The best so many plans of a generation are rehearsed, and the one taken.</summary>
    public int Rehearsed { get; init; } = 3;
    /// <summary>Part of <see cref="Rehearsals"/>, 0 to 1, for plans as they were negotiated; the rest is for variants.</summary>
    public double RootShare { get; init; } = 0.4;
    /// <summary>How often in a negotiation chains are compared in pairs, and the worse of each goes on from the better one's plan.</summary>
    public int Matches { get; init; } = 3;
    /// <summary>Part of the messages, at the end, in which nothing is searched and only variants of the best plan are rehearsed.</summary>
    public double Encore { get; init; } = 0.12;
    /// <summary>Wall clock a negotiation may take; it ends then with the best plan so far.</summary>
    public TimeSpan Limit { get; init; } = TimeSpan.FromSeconds(58);
    /// <summary>A plan to begin with: per operation company and finish, −1 where there is none; null begins with nothing.</summary>
    public IReadOnlyList<(int Company, long Finish)>? Standing { get; init; }
    /// <summary>What moving an operation to another company than in <see cref="Standing"/> costs: people have been told.</summary>
    public long MovePrice { get; init; }
}
