using System.Collections.Immutable;
using Ieum.Model;
using Ieum.Plan;

namespace Ieum.Node.Views;

/// <summary>"What if": plans beside the plan in force, with anything changed, compared with it, kept or thrown away. They survive a restart; nothing of them reaches the shop floor before one is kept.</summary>
public interface IBranchDesk : ITrialDesk
{
    /// <summary>Materials whose stock or arrival may be another.</summary>
    ImmutableArray<MaterialStock> Materials { get; }

    /// <summary>Newest first.</summary>
    ImmutableArray<PlanBranch> Branches { get; }

    /// <param name="name">1 to 60 characters, for people.</param>
    Task<BranchAnswer> BeginAsync(string name, string by);

    /// <summary>Adds a change and plans the branch with it. A later change of one thing takes the place of an earlier one.</summary>
    Task<BranchAnswer> ChangeAsync(string id, PlanChange change, CancellationToken cancel);

    /// <summary>Takes a change back, by its place among <see cref="PlanBranch.Changes"/>, and plans the branch without it.</summary>
    Task<BranchAnswer> TakeBackAsync(string id, int change, CancellationToken cancel);

    /// <summary>Plans the branch from what is true now, on top of the plan in force.</summary>
    /// <param name="anew">As if there were no plan to disturb; else with least disturbance.</param>
    Task<BranchAnswer> PlanAsync(string id, bool anew, CancellationToken cancel);

    /// <summary>Puts the branch into force with all its changes. Refused when the plan has moved on since: in a way that contradicts it with what does, else until it is planned again.</summary>
    Task<BranchAnswer> KeepAsync(string id, string by);

    /// <returns>False when there is no such branch.</returns>
    Task<bool> ThrowAwayAsync(string id, string by);
}

/// <param name="Base">Number of the plan in force when it was planned.</param>
/// <param name="Anew">Planned as if there were no plan to disturb.</param>
/// <param name="Changes">In the order they were made.</param>
/// <param name="Was">Orders of the book that it changes, as they were.</param>
/// <param name="Plan">Null while nothing was planned, or nothing can be.</param>
/// <param name="Figures">Of <paramref name="Plan"/>.</param>
/// <param name="Standing">What the plan in force came to at that moment.</param>
/// <param name="Trouble">Rules and messages when it cannot be planned.</param>
public sealed record PlanBranch(string Id, string Name, string By, DateTimeOffset Begun, int Base, bool Anew, ImmutableArray<PlanChange> Changes, ImmutableArray<Order> Was,
    PlanVersion? Plan, PlanFigures? Figures, PlanFigures? Standing, ImmutableArray<string> Trouble);

/// <param name="Rule">Why not, one of <see cref="BranchRules"/> or <see cref="ReplanRules"/>; null when done.</param>
/// <param name="Plan">Number of the plan that is in force after keeping.</param>
public sealed record BranchAnswer(PlanBranch? Branch, string? Rule, string Message, int? Plan)
{
    public static BranchAnswer No(string rule, string? more = null) => new(null, rule, BranchRules.All.GetValueOrDefault(rule) ?? ReplanRules.All[rule], null) { More = more };

    /// <summary>What contradicts: numbers of orders and operations.</summary>
    public string? More { get; init; }
}

/// <summary>Why a branch cannot be changed or kept; the pages translate them by <c>rule.&lt;id&gt;</c>.</summary>
public static class BranchRules
{
    public const string Gone = "branch-gone";
    public const string TooMany = "branch-too-many";
    public const string Name = "branch-name";
    public const string NotPlanned = "branch-not-planned";
    public const string PlanMoved = "branch-plan-moved";
    public const string Conflict = "branch-conflict";

    /// <summary>Every rule with its English text.</summary>
    public static IReadOnlyDictionary<string, string> All { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        [Gone] = "There is no such branch or change; it was kept or thrown away.",
        [TooMany] = "There are 12 branches already; throw one away first.",
        [Name] = "A branch has a name of 1 to 60 characters.",
        [NotPlanned] = "The branch has no plan that could be kept.",
        [PlanMoved] = "Another plan is in force since the branch was planned; plan it again and compare.",
        [Conflict] = "Meanwhile something was changed or begun that the branch does otherwise.",
    };
}
