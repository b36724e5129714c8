using Google.OrTools.Sat;
using Ieum.Plan;

namespace Ieum.Bench.Plan;

/// <summary>The peer: CP-SAT on the textbook model, all threads, no hint, no extra rows.</summary>
internal sealed class PlainCpSat
{
    private readonly JobShop _shop;
    private readonly CpModel _model = new();
    private readonly IntVar[] _start, _end;
    private readonly List<(BoolVar Chosen, ShopOption Option)>[] _options;
    private readonly long _horizon;

    private PlainCpSat(JobShop shop)
    {
        _shop = shop;
        _horizon = shop.Operations.Sum(o => (long)o.Options.Max(x => x.Time));
        (_start, _end, _options) = (new IntVar[shop.Operations.Length], new IntVar[shop.Operations.Length], new List<(BoolVar, ShopOption)>[shop.Operations.Length]);
        var machines = Enumerable.Range(0, shop.Machines).Select(_ => new List<IntervalVar>()).ToArray();
        for (var i = 0; i < shop.Operations.Length; i++)
        {
            (_start[i], _end[i], _options[i]) = (_model.NewIntVar(0, _horizon, ""), _model.NewIntVar(0, _horizon, ""), []);
            foreach (var option in shop.Operations[i].Options)
            {
                var x = _model.NewBoolVar("");
                _options[i].Add((x, option));
                machines[option.Machine].Add(_model.NewOptionalIntervalVar(_start[i], LinearExpr.Constant(option.Time), _end[i], x, ""));
            }
            _model.AddExactlyOne(_options[i].Select(o => o.Chosen));
            foreach (var b in shop.Operations[i].Before) _model.Add(_end[b] <= _start[i]);
        }
        foreach (var machine in machines.Where(m => m.Count > 1)) _model.AddNoOverlap(machine);
    }

    public static (long Makespan, long Bound) Makespan(JobShop shop, double seconds, int threads, int seed)
    {
        var plain = new PlainCpSat(shop);
        var makespan = plain._model.NewIntVar(0, plain._horizon, "");
        foreach (var e in plain._end) plain._model.Add(e <= makespan);
        plain._model.Minimize(makespan);
        var (answer, bound) = plain.Solve(seconds, threads, seed);
        return (answer.HasSolution ? answer.Value(makespan) : plain._horizon, bound);
    }

    /// <summary>Total weighted tardiness against a due date and a weight for each job.</summary>
    /// <returns>Null when nothing was found in time.</returns>
    public static (ShopSchedule? Schedule, long Bound) Tardiness(JobShop shop, long[] due, int[] weight, double seconds, int threads, int seed)
    {
        var plain = new PlainCpSat(shop);
        var late = due.Select((_, j) => plain._model.NewIntVar(0, plain._horizon, "")).ToArray();
        for (var i = 0; i < shop.Operations.Length; i++) plain._model.Add(late[shop.Operations[i].Job] >= plain._end[i] - due[shop.Operations[i].Job]);
        plain._model.Minimize(LinearExpr.WeightedSum(late, weight));
        var (answer, bound) = plain.Solve(seconds, threads, seed);
        return (answer.HasSolution ? plain.Read(answer) : null, bound);
    }

    private (CpAnswer Answer, long Bound) Solve(double seconds, int threads, int seed)
    {
        using var engine = new CpInProcess();
        var answer = engine.Solve(_model, CpParameters.Of(seconds, null, threads, seed, interleave: false), null, null, CancellationToken.None);
        return (answer, (long)Math.Ceiling(answer.Bound - 1e-6));
    }

    private ShopSchedule Read(CpAnswer answer) => new([.. Enumerable.Range(0, _shop.Operations.Length).Select(i =>
        new ShopSlot(_options[i].First(o => answer.IsTrue(o.Chosen)).Option.Machine, answer.Value(_start[i]), answer.Value(_end[i])))]);
}
