using Ieum.Plan.Across;
using Microsoft.Extensions.Time.Testing;

namespace Ieum.Tests.Plan.Across;

/// <summary>A running plan is thrown over: what has begun stays, the rest is planned on together within a minute of simulated time.</summary>
public sealed class RepairTests
{
    private static readonly TimeSpan RoundTrip = TimeSpan.FromMilliseconds(50);

    [Theory, InlineData("breakdown"), InlineData("rush"), InlineData("late"), InlineData("drop")]
    public void A_disturbed_plan_is_valid_again_within_sixty_seconds_of_round_trips(string kind)
    {
        var instance = Town.Instance(2, jobs: 8);
        var (_, consortium, _) = Town.Plan(instance, padding: 0, rounds: 80);
        var running = consortium.Execute();
        var now = (int)(FedChecker.Objective(instance, running).Makespan / 3);
        var left = Remaining(instance, running, now, kind);

        var again = new Consortium(left.Instance, 0, new(), 1);
        var clock = new FakeTimeProvider();
        var begun = clock.GetUtcNow();
        var options = new AcrossOptions { Seed = 1, Chains = 1, Branches = 3, Effort = 50, MessagesPerOperation = 60, Limit = TimeSpan.FromSeconds(60) - 2 * RoundTrip, Standing = left.Standing, MovePrice = 20 };
        var negotiation = new Negotiation(SharedBook.Of(left.Instance), again.Lines, options, clock) { RoundOver = () => clock.Advance(RoundTrip) };
        var view = negotiation.Run(TestContext.Current.CancellationToken);
        Assert.True(clock.GetUtcNow() - begun <= TimeSpan.FromSeconds(60));

        var repaired = again.Execute();
        Assert.Empty(FedChecker.Check(left.Instance, repaired));
        Assert.All(repaired.Shared, s => Assert.True(s.Start >= now));
        if (kind == "breakdown") Assert.DoesNotContain(repaired.Shared, s => s.Company == 0 && s.Machine == 0 && s.Start < now + 400 && s.End > now + 1 && s.Start >= Busy(running, instance, now));
        if (kind == "drop") Assert.DoesNotContain(repaired.Shared, s => s.Company == Dropped(instance));
        if (kind == "rush") Assert.Contains(repaired.Shared, s => left.Instance.Orders[s.Order].Id == "rush");
        // Stability: most of what could stay where people expect it has stayed.
        var kept = left.Standing.Count(s => s.Company >= 0);
        Assert.True(view.Moved() <= kept / 2, $"{view.Moved()} of {kept} moved");
    }

    [Fact]
    public void What_has_begun_is_not_planned_again_and_holds_its_machine()
    {
        var instance = Town.Instance(3, jobs: 6);
        var (_, consortium, _) = Town.Plan(instance, padding: 0, rounds: 60);
        var running = consortium.Execute();
        var now = (int)(FedChecker.Objective(instance, running).Makespan / 2);
        var left = Cut.At(instance, running, now, new Disruption.LatePart(0, now + 50));
        Assert.Equal(running.Shared.Count(s => s.Start >= now), left.Instance.OperationCount);
        Assert.Equal(left.Instance.OperationCount, left.Standing.Length);
        var holding = running.Shared.Count(s => s.Start < now && s.End > now) + running.Private.Count(p => p.Start < now && p.End > now);
        Assert.Equal(holding, left.Instance.Companies.Sum(c => c.Private.Count(p => p.Id.StartsWith("held-", StringComparison.Ordinal))));
    }

    private static Remainder Remaining(FedInstance instance, FedSchedule running, int now, string kind) => kind switch
    {
        "breakdown" => Cut.At(instance, running, now, new Disruption.Breakdown(0, 0, now + 400)),
        "rush" => Cut.At(instance, running, now, new Disruption.RushOrder(instance.Orders[0] with { Id = "rush", Release = now, Due = now + 300, Weight = 8 })),
        "late" => Cut.At(instance, running, now, new Disruption.LatePart(instance.Orders.Length - 1, now + 300)),
        _ => Cut.At(Everywhere(instance), running, now, new Disruption.DropsOut(Dropped(instance))),
    };

    private static int Dropped(FedInstance instance) => instance.Companies.Length - 1;

    /// <summary>Every operation of the company that will drop out can also be done, slower, by the first one.</summary>
    private static FedInstance Everywhere(FedInstance instance) => instance with
    {
        Orders = [.. instance.Orders.Select(o => o with
        {
            Operations = [.. o.Operations.Select(x => x.Any(y => y.Company != Dropped(instance)) ? x : x.Add(new(0, 0, x[0].Time * 2)))],
        })],
    };

    private static long Busy(FedSchedule running, FedInstance instance, int now) => running.Shared.Where(s => s.Company == 0 && s.Machine == 0 && s.Start < now && s.End > now).Select(s => s.End)
        .Concat(running.Private.Where(p => p.Company == 0 && instance.Companies[0].Private[p.Index].Machine == 0 && p.Start < now && p.End > now).Select(p => p.End)).DefaultIfEmpty(now).Max();
}
