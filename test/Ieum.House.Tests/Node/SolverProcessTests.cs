using System.Diagnostics;
using Google.OrTools.Sat;
using Ieum.Plan;

namespace Ieum.House.Tests.Node;

/// <summary>CP-SAT in a process of its own, and what happens when that is killed.</summary>
public class SolverProcessTests
{
    private static SolverProgram Program => SolverProgram.Beside(AppContext.BaseDirectory) ?? throw new InvalidOperationException("the node is not beside the tests");

    /// <summary>Too hard to prove within minutes, with solutions soon.</summary>
    private static CpModel Long()
    {
        var model = new CpModel();
        var starts = Enumerable.Range(0, 60).Select(i => model.NewIntVar(0, 10_000, "")).ToArray();
        var random = new Random(3);
        for (var m = 0; m < 10; m++)
            model.AddNoOverlap(starts.Select(s => model.NewFixedSizeIntervalVar(s, random.Next(20, 99), "")));
        var end = model.NewIntVar(0, 20_000, "");
        foreach (var s in starts) model.Add(end >= s + random.Next(20, 99));
        model.Minimize(end);
        return model;
    }

    [Fact]
    public void A_question_is_answered_by_another_process()
    {
        using var engine = new CpProcess(Program);
        var model = new CpModel();
        var (x, y) = (model.NewIntVar(0, 10, "x"), model.NewIntVar(0, 10, "y"));
        model.Add(x + y >= 7);
        model.Minimize(x * 2 + y * 3);
        var answer = engine.Solve(model, CpParameters.Of(300, null, 1, 1, false), null, null, TestContext.Current.CancellationToken);
        Assert.Equal((CpSolverStatus.Optimal, 7L, 0L), (answer.Status, answer.Value(x), answer.Value(y)));
        Assert.Equal(14, answer.Bound, 6);
    }

    [Fact]
    public void A_killed_solver_fails_its_question_and_the_next_one_starts_another()
    {
        using var engine = new CpProcess(Program);
        var killed = 0;
        Assert.Throws<CpEngineException>(() => engine.Solve(Long(), CpParameters.Of(600, null, 2, 1, false), _ =>
        {
            if (killed++ == 0) Process.GetProcessById(engine.ChildId!.Value).Kill();
        }, null, TestContext.Current.CancellationToken));
        Assert.True(killed > 0);
        var model = new CpModel();
        var x = model.NewIntVar(3, 10, "x");
        model.Minimize(x);
        Assert.Equal(3, engine.Solve(model, CpParameters.Of(300, null, 1, 1, false), null, null, TestContext.Current.CancellationToken).Value(x));
    }

    [Fact]
    public void Native_code_that_aborts_ends_the_child_and_not_this_process()
    {
        using var engine = new CpProcess(Program);
        var model = new CpModel();
        var x = model.NewIntVar(3, 10, "x");
        model.Minimize(x);
        // CP-SAT ends its process from native code at parameters that it cannot read.
        Assert.Throws<CpEngineException>(() => engine.Solve(model, "no_such_parameter: {", null, null, TestContext.Current.CancellationToken));
        Assert.Equal(3, engine.Solve(model, CpParameters.Of(300, null, 1, 1, false), null, null, TestContext.Current.CancellationToken).Value(x));
    }

    [Fact]
    public void A_plan_survives_that_its_solver_is_killed_again_and_again()
    {
        var shop = JobShopFile.Parse("s.txt", "3 3\n3 3 0 5 1 6 2 7 2 0 4 1 5 1 2 9\n3 1 1 4 2 0 8 2 6 1 0 3\n2 2 1 7 2 5 2 0 6 1 6\n");
        var engine = new Killed(new CpProcess(Program));
        var solution = new ShopSolver(TimeProvider.System, () => engine).Solve(shop, new(0, 2, 1, 2_000), TestContext.Current.CancellationToken);
        Assert.Empty(ShopScheduleCheck.Faults(shop, solution.Schedule));
    }

    /// <summary>Kills the child before every question but the first.</summary>
    private sealed class Killed(CpProcess inner) : ICpEngine
    {
        public CpAnswer Solve(CpModel model, string parameters, Action<long[]>? onSolution, Action<double>? onBound, CancellationToken stop)
        {
            if (inner.ChildId is { } id)
                try { Process.GetProcessById(id).Kill(); }
                catch (ArgumentException) { /* it ended by itself */ }
            return inner.Solve(model, parameters, onSolution, onBound, stop);
        }

        public void Dispose() => inner.Dispose();
    }
}
