using Ieum.Model;
using Ieum.Plan;

namespace Ieum.Node.Views;

/// <summary>How sure the orders of a plan are.</summary>
public interface IRiskDesk
{
    /// <summary>By simulation of the plan as it stands; the same plan, facts, runs and seed give the same answer. About a second for 500 operations.</summary>
    /// <param name="plan">The plan in force, a draft, or what is offered.</param>
    /// <param name="runs">1 to <see cref="PlanRisk.MostRuns"/>.</param>
    Task<PlanRisk> StudyAsync(PlanVersion plan, int runs, int seed, CancellationToken cancel);
}
