using Ieum.Plan.Across;
using Sequences = Ieum.Plan.Across.Shop;

namespace Ieum.Tests.Plan.Across;

/// <summary>A plan made with closed books: valid, repeatable, better than today's practice, within its messages.</summary>
public sealed class ClosedBookTests
{
    [Theory, InlineData(1), InlineData(2), InlineData(3)]
    public void A_closed_book_plan_passes_the_checker_and_beats_the_silo(int seed)
    {
        var instance = Town.Instance(seed);
        var (negotiation, consortium, _) = Town.Plan(instance, seed: seed);
        var schedule = consortium.Execute();
        Assert.Empty(FedChecker.Check(instance, schedule));
        var book = new OpenBook(instance);
        var silo = book.ToSchedule(Practice.Silo(instance, book));
        Assert.Empty(FedChecker.Check(instance, silo));
        Assert.True(FedChecker.Objective(instance, schedule).Value < FedChecker.Objective(instance, silo).Value,
            $"closed {FedChecker.Objective(instance, schedule)}, silo {FedChecker.Objective(instance, silo)}");
        Assert.Empty(negotiation.Quarantined);
    }

    [Fact]
    public void Companies_that_re_sequence_silently_by_true_times_keep_their_promised_order_and_never_wait_in_a_circle()
    {
        var moved = 0;
        for (var seed = 11; seed <= 14; seed++)
        {
            // A wide blur, so that true and promised times differ much and much is re-sequenced.
            var instance = Town.Instance(seed, jobs: 8);
            var (_, consortium, _) = Town.Plan(instance, padding: 1, rounds: 30, seed: seed);
            var (agreed, silent) = (consortium.Execute(rearrange: false), consortium.Execute());
            Assert.Empty(FedChecker.Check(instance, silent));
            Assert.Equal(agreed.Shared.Select(s => (s.Order, s.Operation, s.Company)), silent.Shared.Select(s => (s.Order, s.Operation, s.Company)));
            moved += agreed.Shared.Zip(silent.Shared).Count(p => p.First.Start != p.Second.Start);
        }
        Assert.True(moved > 0, "nobody re-sequenced anything: the test looked at nothing");
    }

    [Fact]
    public void A_sequence_keeps_promises_as_long_as_nobody_stands_before_one_that_ends_before_its_part_arrives()
    {
        var shop = new Sequences(new([-1, -1], [[0], [0]], [[5], [5]], [0], [[0]])) { Promised = [(0, 5), (5, 10)] };
        shop.Insert(0, 0, -1);
        shop.Insert(1, 0, 0);
        Assert.True(shop.KeepsPromises(0));
        shop.Remove(1);
        shop.Insert(1, 0, -1);
        // The second part arrives at 5, when the first is promised to be finished: before it, it may not stand; at 4 it might.
        Assert.False(shop.KeepsPromises(0));
        shop.Promised[1] = (4, 10);
        Assert.True(shop.KeepsPromises(0));
    }

    [Fact]
    public void Two_companies_are_planned_too_though_nobody_is_left_whom_two_could_spy_on()
    {
        var town = AcrossTown.Make(3, 2, 3);
        var report = ClosedBooks.Plan(new("", 2, 3, 12, ClosedBooks.DefaultPadding, 0, 0) { Town = town }, TimeProvider.System, TestContext.Current.CancellationToken);
        Assert.True(report.Verified);
        Assert.Equal(0, report.TimesRecoveredByTwo);
        Assert.Null(report.Reference);
    }

    [Fact]
    public void The_same_seed_gives_the_same_messages_and_the_same_plan()
    {
        var instance = Town.Instance(4);
        var (one, a, _) = Town.Plan(instance, rounds: 60);
        var (two, b, _) = Town.Plan(instance, rounds: 60);
        Assert.Equal((one.Messages, one.Bytes), (two.Messages, two.Bytes));
        Assert.Equal(a.Execute().Shared.AsEnumerable(), b.Execute().Shared);
    }

    [Fact]
    public void Without_a_number_of_rounds_two_hundred_messages_per_operation_are_the_end()
    {
        var instance = Town.Instance(5, jobs: 3);
        var consortium = new Consortium(instance, 0.25, new(), 1);
        var negotiation = new Negotiation(SharedBook.Of(instance), consortium.Lines,
            new() { Chains = 1, Branches = 2, Effort = 20, Limit = TimeSpan.FromDays(1) }, TimeProvider.System);
        negotiation.Run(TestContext.Current.CancellationToken);
        Assert.InRange(negotiation.Messages, 1, 200 * instance.OperationCount);
    }

    [Fact]
    public void Progress_is_told_from_the_first_round_to_the_accepted_plan_and_never_goes_back()
    {
        var instance = Town.Instance(5, jobs: 4);
        List<AcrossProgress> told = [];
        var negotiation = new Negotiation(SharedBook.Of(instance), new Consortium(instance, 0.2, new(), 1).Lines,
            new() { Rounds = 60, Chains = 2, Limit = TimeSpan.FromDays(1) }, TimeProvider.System) { Progress = told.Add };
        negotiation.Run(TestContext.Current.CancellationToken);
        Assert.Equal((AcrossPhase.Placing, null), (told[0].Phase, told[0].Best));
        Assert.Equal(AcrossPhase.Accepting, told[^1].Phase);
        Assert.True(told.Count > 30, $"told {told.Count} times in 60 rounds");
        Assert.Equal(negotiation.Curve.Select(p => (p.Round, (long?)p.Best)), told.Where(t => t.Best is not null).DistinctBy(t => t.Best).Select(t => (t.Round, t.Best)));
        foreach (var (before, after) in told.Zip(told.Skip(1)))
            Assert.True(before.Share <= after.Share && before.Messages <= after.Messages && before.Bytes <= after.Bytes && !(after.Best > before.Best), $"{before} → {after}");
    }

    [Fact]
    public void References_with_open_books_are_valid_and_the_proven_bound_lies_below_all()
    {
        var instance = Town.Instance(6, jobs: 4);
        var book = new OpenBook(instance);
        var annealed = OpenSearch.Anneal(book, 1, TimeSpan.Zero, 20_000, 2, TimeProvider.System, TestContext.Current.CancellationToken);
        var (best, bound) = CpReference.Improve(book, annealed, TimeSpan.FromSeconds(5), 1, 1, TestContext.Current.CancellationToken);
        Assert.Empty(FedChecker.Check(instance, book.ToSchedule(best)));
        var value = FedChecker.Objective(instance, book.ToSchedule(best)).Value;
        Assert.InRange(bound, 0, value);
        Assert.True(value <= FedChecker.Objective(instance, book.ToSchedule(annealed)).Value);
        foreach (var practice in new[] { Practice.Silo(instance, book), Practice.FixedLead(instance, book), Practice.ContractNet(instance, book) })
        {
            Assert.Empty(FedChecker.Check(instance, book.ToSchedule(practice)));
            Assert.True(FedChecker.Objective(instance, book.ToSchedule(practice)).Value >= bound);
        }
    }

    [Fact]
    public void The_checker_finds_what_is_wrong_with_a_plan()
    {
        var instance = Town.Instance(7);
        var book = new OpenBook(instance);
        var good = book.ToSchedule(Practice.ContractNet(instance, book));
        Assert.Empty(FedChecker.Check(instance, good));
        Assert.Contains(FedChecker.Check(instance, good with { Shared = good.Shared.RemoveAt(2) }), w => w.Contains("missing", StringComparison.Ordinal));
        Assert.Contains(FedChecker.Check(instance, good with { Private = good.Private.RemoveAt(0) }), w => w.Contains("stands 0 times", StringComparison.Ordinal));
        var second = good.Shared.IndexOf(good.Shared.First(s => s.Operation == 1));
        var early = good.Shared[second] with { Start = good.Shared[second].Start - 1, End = good.Shared[second].End - 1 };
        Assert.Contains(FedChecker.Check(instance, good with { Shared = good.Shared.SetItem(second, early with { Start = 0, End = early.End - early.Start }) }),
            w => w.Contains("arrives", StringComparison.Ordinal));
        Assert.Contains(FedChecker.Check(instance, good with { Shared = good.Shared.SetItem(second, good.Shared[second] with { End = good.Shared[second].End + 1 }) }),
            w => w.Contains("takes", StringComparison.Ordinal));
        Assert.Contains(FedChecker.Check(instance, good with { Shared = good.Shared.Add(good.Shared[0]) }), w => w.Contains("overlaps", StringComparison.Ordinal));
    }

    [Fact]
    public void An_instance_survives_its_file_and_the_generator_repeats_itself()
    {
        var text = FedJson.Write(Town.Instance(8));
        Assert.Equal(text, FedJson.Write(Town.Instance(8)));
        Assert.NotEqual(text, FedJson.Write(Town.Instance(9)));
        Assert.Equal(text, FedJson.Write(FedJson.Read(text, "x.json")));
    }

    [Theory]
    [InlineData("\"transport\":[[0,", "\"transport\":[[1,", AcrossRules.Transport)]
    [InlineData("\"weight\":", "\"weight\":-", AcrossRules.OutOfRange)]
    [InlineData("\"machine\":\"A-m1\"", "\"machine\":\"A-m77\"", AcrossRules.UnknownMachine)]
    [InlineData("FedFJSP/1", "FedFJSP/9", AcrossRules.NotAnInstance)]
    [InlineData("{", "[", AcrossRules.NotAnInstance)]
    [InlineData("\"id\":\"O2\"", "\"id\":\"O1\"", AcrossRules.NotAnInstance)]
    [InlineData("\"id\":\"B\"", "\"id\":null", AcrossRules.NotAnInstance)]
    [InlineData("\"machines\":[\"A-m1\"", "\"machines\":[\"A-m1\",\"A-m1\"", AcrossRules.NotAnInstance)]
    [InlineData("\"due\":", "\"deu\":", AcrossRules.NotAnInstance)]
    public void A_contradictory_instance_is_refused_with_its_rule(string good, string bad, string rule)
    {
        var text = FedJson.Write(Town.Instance(8));
        Assert.Contains(good, text, StringComparison.Ordinal);
        Assert.Equal(rule, Assert.Throws<AcrossException>(() => FedJson.Read(text.Replace(good, bad, StringComparison.Ordinal), "x.json")).Rule);
        Assert.Contains(rule, AcrossRules.All.Keys);
    }

    [Fact]
    public void An_operation_nobody_can_do_is_refused()
    {
        var instance = Town.Instance(8);
        var orders = instance.Orders.SetItem(0, instance.Orders[0] with { Operations = instance.Orders[0].Operations.SetItem(1, []) });
        var refused = Assert.Throws<AcrossException>(() => FedJson.Read(FedJson.Write(instance with { Orders = orders }), "x.json"));
        Assert.Equal(AcrossRules.NobodyCan, refused.Rule);
        Assert.Contains("Operation 2 of order 'O1'", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void About_a_third_of_the_orders_are_tight()
    {
        var factors = Enumerable.Range(1, 12).SelectMany(s =>
        {
            var instance = Town.Instance(s, jobs: 12);
            var rough = RoughPlan.FinishTimes(instance with { Orders = [.. instance.Orders.Select(o => o with { Due = o.Release })] });
            return instance.Orders.Select((o, j) => o.Due < rough[j]);
        }).ToList();
        Assert.InRange(factors.Count(t => t) / (double)factors.Count, 0.22, 0.45);
    }
}
