using System.Collections.Immutable;
using Ieum.Model;
using Ieum.Node.Views;
using Ieum.Plan;

namespace Ieum.Node.Loop;

/// <summary>Simulates plans beside everything else and remembers the newest answers: pages ask for the same one again and again.</summary>
internal sealed class RiskDesk(PlanDesk plans) : IRiskDesk
{
    private const int Kept = 8;
    private readonly Lock _gate = new();
    private ImmutableList<(PlanVersion Plan, ImmutableArray<OperationActual> Actuals, int Runs, int Seed, Task<PlanRisk> Risk)> _known = [];

    public Task<PlanRisk> StudyAsync(PlanVersion plan, int runs, int seed, CancellationToken cancel)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(runs, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(runs, PlanRisk.MostRuns);
        lock (_gate)
        {
            var actuals = plans.Actuals;
            if (_known.FirstOrDefault(k => ReferenceEquals(k.Plan, plan) && k.Runs == runs && k.Seed == seed && k.Actuals.SequenceEqual(actuals)) is { Risk: { } known }) return known.WaitAsync(cancel);
            var request = plans.Request("risk", plans.Orders);
            var lots = LotTimes.Of(plans.Orders, actuals, plans.CalendarOf, plans.PerPieceInUse);
            var risk = Task.Run(() => PlanRisk.Of(request, plan, lots, runs, seed), CancellationToken.None);
            _known = [.. _known.TakeLast(Kept - 1), (plan, actuals, runs, seed, risk)];
            return risk.WaitAsync(cancel);
        }
    }
}
