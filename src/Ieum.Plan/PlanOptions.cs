using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Ieum.Plan;

/// <summary>Settings of the Plan room; section <c>Plan</c> of <c>ieum.json</c>. Safe to leave out entirely.</summary>
public sealed class PlanOptions
{
    public const string Section = "Plan";

    /// <summary>Real time one solve may take, 0 s to 30 min. Default 20 s, so a rush order is answered while the planner waits; 0 s gives the heuristic plan alone.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:30:00")]
    public TimeSpan SolveLimit { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>
    /// Effort of CP-SAT in its own deterministic seconds, 0.01 to 10,000. Default 0.5: one such second took about 25 s of
    /// processor time on a shop of 120 operations, so one thread reaches it before the default solve limit. It ends a search
    /// at the same point on every machine, so that the same request and seed give the same plan.
    /// </summary>
    [Range(0.01, 10_000.0)]
    public double Effort { get; set; } = 0.5;

    /// <summary>Threads of one plan, 1 to 64: one for the tabu search, the others for CP-SAT; with 1 they take turns. Default 2, what the smallest supported machine has.</summary>
    [Range(1, 64)]
    public int Threads { get; set; } = 2;

    /// <summary>Seed of every random choice, 0 to 2,147,483,647. Default 1; change it to see how much luck is in a plan.</summary>
    [Range(0, int.MaxValue)]
    public int Seed { get; set; } = 1;

    /// <summary>Trial schedules of the first search, 0 to 1,000,000; the tabu search beside CP-SAT then takes four steps for each. Default 4,000: about 0.1 s for a shop of 50 operations.</summary>
    [Range(0, 1_000_000)]
    public int Trials { get; set; } = 4_000;

    /// <summary>Cycles a measured time must rest on before it replaces the nominal one, 2 to 10,000. Default 8, the fewest for which the 95 % interval of a median has two ends inside the sample.</summary>
    [Range(2, 10_000)]
    public int LearnSamples { get; set; } = 8;

    /// <summary>Widest 95 % interval of a measured time, as a part of the time itself, 0.01 to 1. Default 0.2: a tenth to either side moves a shift's work by less than an hour.</summary>
    [Range(0.01, 1.0)]
    public double LearnWidth { get; set; } = 0.2;

    /// <summary>A measured time below this part of the nominal one is shown but not used, 0.1 to 1. Default 0.5: half the time usually means that a cycle was cut in two, not a faster machine.</summary>
    [Range(0.1, 1.0)]
    public double LearnFastest { get; set; } = 0.5;

    /// <summary>A measured time above this multiple of the nominal one is shown but not used, 1 to 20. Default 3: more usually means that stops were counted as cycle.</summary>
    [Range(1.0, 20.0)]
    public double LearnSlowest { get; set; } = 3;

    /// <summary>Whether an operation needs no set-up when the one before it on the machine is the same step of the same item. Default false: many shops set up per lot for traceability.</summary>
    public bool SkipSetUpOnSameItem { get; set; }

    /// <summary>Working time after the last shift of a day that fixes and promises may offer as overtime, 30 min to 12 h. Default 3 h: an evening, without a third shift.</summary>
    [Range(typeof(TimeSpan), "00:30:00", "12:00:00")]
    public TimeSpan OvertimeHours { get; set; } = TimeSpan.FromHours(3);

    /// <summary>How long before it begins overtime must be ordered, 0 to 3 d. Default 2 h: people who stay on can still arrange their evening.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "3.00:00:00")]
    public TimeSpan OvertimeNotice { get; set; } = TimeSpan.FromHours(2);

    /// <summary>Extra cost of an hour of such overtime in the company's money, 0 to 1,000,000,000, for machines without overtime offers of their own. Default 0: not known, so only the hours are told.</summary>
    [Range(0.0, 1_000_000_000.0)]
    public double OvertimePrice { get; set; }
}

/// <summary>Checks the attributes above without reflection; runs at start, so a bad file stops the node, not a shift.</summary>
[OptionsValidator]
internal sealed partial class PlanOptionsCheck : IValidateOptions<PlanOptions>;
