using Ieum.Bench.Harness;
using Ieum.Plan;
using Ieum.Plan.Across;

namespace Ieum.Bench.Across;

/// <summary>
/// Repair of a running plan, closed books against open ones: a quarter of the way through, a machine breaks, a rush order comes, a part is late, a company drops out. With closed
/// books, 60 s on a clock that a round of messages moves on by 50 ms; with open ones, four million moves of annealing, which may move whatever it likes.
/// </summary>
internal static class AcrossRepairBench
{
    private static readonly TimeSpan RoundTrip = TimeSpan.FromMilliseconds(50), Allowed = TimeSpan.FromSeconds(60);
    private const int MovePrice = 20;

    public static Task RunAsync(FigureSheet sheet, CancellationToken cancel)
    {
        foreach (var file in (string[])["hurink/edata/la02", "fattahi/mfjs09"])
        {
            var whole = Everywhere(FedGenerator.Make(JobShopFile.Read(Path.Combine(AcrossBench.Data(), file + ".txt")), 3, 1));
            var open = new OpenBook(whole);
            var running = open.ToSchedule(OpenSearch.Anneal(open, 1, TimeSpan.Zero, 300_000, 1, TimeProvider.System, cancel));
            var now = (int)(FedChecker.Objective(whole, running).Makespan / 4);
            var mean = (int)whole.MeanTime;
            foreach (var (name, what) in new (string, Disruption)[]
            {
                ("breakdown", new Disruption.Breakdown(0, 0, now + 4 * mean)),
                ("rush", new Disruption.RushOrder(whole.Orders[0] with { Id = "rush", Release = now, Due = now + 5 * mean, Weight = 8 })),
                ("late", new Disruption.LatePart(whole.Orders.Length - 1, now + 3 * mean)),
                ("drop", new Disruption.DropsOut(whole.Companies.Length - 1)),
            })
            {
                var left = Cut.At(whole, running, now, what);
                var (clock, again) = (new Stepped(), new Consortium(left.Instance, ClosedBooks.DefaultPadding, new(), 1));
                var options = new AcrossOptions { Limit = Allowed - 2 * RoundTrip, Standing = left.Standing, MovePrice = MovePrice };
                var view = new Negotiation(SharedBook.Of(left.Instance), again.Lines, options, clock) { RoundOver = () => clock.Now += RoundTrip }.Run(cancel);
                var repaired = again.Execute();
                if (FedChecker.Check(left.Instance, repaired) is { Count: > 0 } faults) throw new InvalidOperationException($"{file} {name}: {faults[0]}");
                var book = new OpenBook(left.Instance);
                var best = book.ToSchedule(OpenSearch.Anneal(book, 1, TimeSpan.Zero, 4_000_000, 2, TimeProvider.System, cancel));
                var first = SharedBook.Of(left.Instance).First;
                sheet.Add($"{file} {name} operations", left.Instance.OperationCount);
                sheet.Add($"{file} {name} closed", FedChecker.Objective(left.Instance, repaired).Value);
                sheet.Add($"{file} {name} closedMoved", view.Moved());
                sheet.Add($"{file} {name} open", FedChecker.Objective(left.Instance, best).Value);
                sheet.Add($"{file} {name} openMoved", best.Shared.Count(s => left.Standing[first[s.Order] + s.Operation] is { Company: >= 0 and var c } && c != s.Company));
                sheet.Add($"{file} {name} seconds", clock.Now.TotalSeconds);
            }
        }
        return Task.CompletedTask;
    }

    /// <summary>Every operation of the company that will drop out can also be done, slower, by the first one.</summary>
    private static FedInstance Everywhere(FedInstance instance) => instance with
    {
        Orders = [.. instance.Orders.Select(o => o with
        {
            Operations = [.. o.Operations.Select(x => x.Any(y => y.Company != instance.Companies.Length - 1) ? x : x.Add(new(0, 0, x[0].Time * 2)))],
        })],
    };

    private sealed class Stepped : TimeProvider
    {
        public TimeSpan Now { get; set; }
        public override long TimestampFrequency => TimeSpan.TicksPerSecond;
        public override long GetTimestamp() => Now.Ticks;
    }
}
