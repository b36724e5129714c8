using System.Collections.Immutable;
using Ieum.Model;
using Ieum.Plan;

namespace Ieum.Node.Views;

/// <summary>Something happened: what can be done, until when, and doing it.</summary>
public interface IReplanDesk : ITrialDesk
{
    /// <summary>What holds at present: machines down, people away, material late; told by people and kept over a restart, or seen by the node. Every plan counts with it until it is over.</summary>
    ImmutableArray<ToldChange> Told { get; }

    /// <summary>What was asked about and not chosen yet, newest first, those of advices that wait for an answer before them; in memory, since a restart finds another hour.</summary>
    ImmutableArray<ReplanCase> Cases { get; }

    /// <summary>People without whom a machine stands, as the reports of the last fortnight tell it, but for those whom planning knows by name.</summary>
    ImmutableArray<CrewMember> Crew { get; }

    /// <summary>Takes note and plans on in several ways. What concerns machines, people or material is a fact from now on; new and lost pieces come into the order book only with what is chosen.</summary>
    /// <returns>The case, or the rule of <see cref="ReplanRules"/> that the change breaks.</returns>
    Task<ReplanTold> TellAsync(PlanChange happened, string by, CancellationToken cancel);

    /// <summary>Plans the ways of a case anew, from what is true now.</summary>
    Task<ReplanTold> AgainAsync(string id, CancellationToken cancel);

    /// <summary>Puts one way into force, as a person's decision in the loop ledger. Refused with the reason when its time has run out or another plan is in force.</summary>
    Task<ReplanChosen> ChooseAsync(string id, AlternativeKind kind, string by);

    /// <summary>It is over, or was told by mistake: no plan counts with it from now on.</summary>
    /// <returns>False when nothing of that name is told.</returns>
    Task<bool> OverAsync(string id, string by);
}

/// <param name="Name">As in the reports: the account.</param>
/// <param name="Machines">Run by nobody else; at least one.</param>
public sealed record CrewMember(string Name, ImmutableArray<MachineId> Machines);

/// <param name="Id">By which it is chosen from and ended.</param>
public sealed record ToldChange(string Id, PlanChange Change, string By, DateTimeOffset At)
{
    /// <summary>The node itself sees it, on the wire or by a report from the machine: it is over when the machine works again, and not by anybody's word.</summary>
    public bool IsSeen { get; init; }
}

/// <param name="Plan">Number of the plan that it was compared with.</param>
/// <param name="Took">Real time until the answer.</param>
public sealed record ReplanCase(ToldChange Told, int Plan, DateTimeOffset Asked, TimeSpan Took, ReplanAnswer Answer);

/// <param name="Rule">Why not; null when it was answered.</param>
public sealed record ReplanTold(ReplanCase? Case, string? Rule, string Message)
{
    public static ReplanTold No(string rule) => new(null, rule, ReplanRules.All[rule]);
}

/// <param name="Rule">Why not; null when done.</param>
/// <param name="Since">When its time ran out, where that is the reason, and what ended it.</param>
/// <param name="Plan">Number of the plan that is now in force.</param>
public sealed record ReplanChosen(string? Rule, string Message, CutOff? Since, int? Plan)
{
    public static ReplanChosen No(string rule, string? message = null, CutOff? since = null) => new(rule, message ?? ReplanRules.All[rule], since, null);
}

/// <summary>Why something cannot be told or chosen; the pages translate them by <c>rule.&lt;id&gt;</c>.</summary>
public static class ReplanRules
{
    public const string NoPlan = "replan-no-plan";
    public const string Unknown = "replan-unknown";
    public const string NotSo = "replan-not-so";
    public const string Gone = "replan-gone";
    public const string TooLate = "replan-too-late";
    public const string PlanMoved = "replan-plan-moved";
    public const string NotPlanned = "replan-not-planned";

    /// <summary>Every rule with its English text.</summary>
    public static IReadOnlyDictionary<string, string> All { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        [NoPlan] = "No plan is in force yet; plan first.",
        [Unknown] = "There is no such machine, person, material or order.",
        [NotSo] = "The end does not lie ahead, or the number is not 1 or more and within the order.",
        [Gone] = "This was chosen, ended or forgotten since; tell it again.",
        [TooLate] = "The time in which this could be chosen has run out; look again for what still works.",
        [PlanMoved] = "Another plan is in force since this was worked out; look again.",
        [NotPlanned] = "With the facts of now no plan is possible this way; nothing was changed.",
    };
}
