using System.Collections.Immutable;
using Ieum.Model;

namespace Ieum.Plan;

/// <summary>Decides for every machine and item whether a measured time replaces the nominal one.</summary>
internal sealed class LearnedTimes
{
    private readonly Dictionary<(MachineId, ItemId), TimeUsed> _used = [];

    private LearnedTimes() { }

    /// <summary>Every measurement that concerns an order, with what was made of it; ordered by machine and item.</summary>
    public ImmutableArray<TimeUsed> All => [.. _used.Values.OrderBy(u => u.Machine).ThenBy(u => u.Item.Value, StringComparer.Ordinal)];

    public static LearnedTimes Of(PlanRequest request, PlanOptions options)
    {
        var learned = new LearnedTimes();
        var measured = request.Measured.GroupBy(m => (m.Machine, m.Item)).ToDictionary(g => g.Key, g => g.MaxBy(m => m.Samples)!);
        foreach (var routing in request.Orders.Select(o => o.Routing))
        {
            // An item that visits a machine twice is measured as a mixture of both steps, which fits neither.
            var once = routing.Steps.OfType<RoutingStep.Work>().SelectMany(w => w.Options)
                .GroupBy(o => o.Machine).Where(g => g.Count() == 1).Select(g => g.First());
            foreach (var option in once)
            {
                if (option.PerPiece == TimeSpan.Zero || !measured.TryGetValue((option.Machine, routing.Item), out var m)) continue;
                learned._used.TryAdd((option.Machine, routing.Item),
                    new(option.Machine, routing.Item, option.PerPiece, IsUsable(m, option.PerPiece, options) ? m.PerPiece : option.PerPiece, m));
            }
        }
        return learned;
    }

    /// <summary>Time per piece to plan with.</summary>
    public TimeSpan PerPiece(ItemId item, MachineOption option) =>
        _used.TryGetValue((option.Machine, item), out var u) && u.Nominal == option.PerPiece ? u.Used : option.PerPiece;

    private static bool IsUsable(MeasuredCycle m, TimeSpan nominal, PlanOptions options) =>
        m.Samples >= options.LearnSamples
        && m.PerPiece > TimeSpan.Zero && m.Low <= m.PerPiece && m.PerPiece <= m.High
        && m.High - m.Low <= m.PerPiece * options.LearnWidth
        && m.PerPiece >= nominal * options.LearnFastest && m.PerPiece <= nominal * options.LearnSlowest;
}
