namespace Ieum.Plan.Across;

/// <summary>What a closed-book run is busy with; the phases follow each other in this order.</summary>
public enum AcrossPhase : byte
{
    /// <summary>Orders find their first places.</summary>
    Placing,
    /// <summary>Plans are improved side by side.</summary>
    Improving,
    /// <summary>All companies accept the best plan, in two phases.</summary>
    Accepting,
    /// <summary>The plan is carried out by true times, and today's practice beside it.</summary>
    Comparing,
    /// <summary>The reference with open books is searched.</summary>
    Reference,
    /// <summary>Over; the report is there.</summary>
    Done,
}

/// <summary>How far a closed-book run is: small, immutable, told after every better plan and at least at every hundredth part of the negotiation.</summary>
/// <param name="Share">Part of the negotiation that is over, 0 to 1.</param>
/// <param name="Round">Rounds of messages so far.</param>
/// <param name="Messages">Requests and replies so far.</param>
/// <param name="Bytes">Bytes of all messages so far.</param>
/// <param name="Best">Best promised objective so far, in blurred times; null before the first whole plan.</param>
public sealed record AcrossProgress(AcrossPhase Phase, double Share, int Round, int Messages, long Bytes, long? Best);
