using System.Text.Json;
using Ieum.Bench.Harness;
using Ieum.Plan;
using Ieum.Plan.Across;

namespace Ieum.Bench.Across;

/// <summary>
/// The price of privacy, taken apart: held-out instances × seeds × variants against references with open books. Every run is written
/// down when it ends, so a stopped bench goes on where it was; a run's quality depends on its messages, not on the machine's load.
/// </summary>
internal static class AcrossBench
{
    private static readonly (string File, int K)[] HeldOut =
    [
        ("fattahi/mfjs07", 3), ("fattahi/mfjs09", 3), ("hurink/edata/la02", 3), ("hurink/edata/la04", 3), ("hurink/rdata/la03", 3), ("hurink/rdata/la04", 3),
        ("hurink/vdata/la02", 3), ("hurink/edata/la07", 3), ("hurink/rdata/la08", 3), ("hurink/edata/la16", 5), ("hurink/rdata/la17", 5), ("brandimarte/mk07", 4),
    ];

    /// <param name="Offers">Offers per menu.</param>
    /// <param name="Padding">Width of the blur, in mean times.</param>
    /// <param name="Budget">Menus each operation may cost a company in the mean; 0 for all.</param>
    /// <param name="Messages">Per shared operation.</param>
    private sealed record Variant(string Name, int Offers = 3, double Padding = ClosedBooks.DefaultPadding, int Budget = 0, bool Rehearses = true, int Messages = 200);

    /// <summary>
    /// The product's default; a: the search itself, with menus as wide as they come; b: menus of three; c: blur, chosen by promises alone;
    /// d: the default with a budget of menus; f and g: the curve of gap, messages and leak.
    /// </summary>
    private static readonly Variant[] Variants =
    [
        new("default"), new("b-menus", Padding: 0, Rehearses: false), new("c-blur", Rehearses: false), new("a-search", 50, Padding: 0, Rehearses: false), new("d-budget", Budget: 200),
        new("f-blur-0.1", Padding: 0.1), new("f-blur-0.4", Padding: 0.4), new("g-messages-50", Messages: 50), new("g-messages-100", Messages: 100),
    ];

    private const int Seeds = 5, AblationInstances = 6;

    /// <param name="Value">Executed objective.</param>
    /// <param name="Promised">Objective as negotiated, in the companies' blurred times.</param>
    /// <param name="ByNeighbour">Share of all others' times that the luckiest company recovers exactly from all hand-overs of rehearsals.</param>
    /// <param name="ByTwo">The same for the luckiest two that put their knowledge together; 1 company left in the dark counts.</param>
    /// <param name="ByNeighbourWhenExecuted">What the luckiest company sees anyway when the plan is carried out.</param>
    /// <param name="ByWords">Share of all times that the coordinator recovers who fits them to the referee's words as well, see <see cref="WordAttack"/>.</param>
    /// <param name="Words">Words of the referee that it could use.</param>
    /// <param name="OwnWeights">Share of the companies' own orders whose weight the coordinator knows, see <see cref="OwnAttack"/>.</param>
    /// <param name="LoadPrecision">Share of the half mean times it calls busy with own orders in which one runs, see <see cref="LoadAttack"/>; <paramref name="LoadBase"/> is what guessing gives.</param>
    /// <param name="PriceExact">Share of prices that the coordinator foretells exactly, <paramref name="PriceNear"/> within a tenth, see <see cref="PriceAttack"/>; <paramref name="PriceBase"/> is within a tenth by the mean price.</param>
    /// <param name="ProcessorSeconds">Of the negotiation, all sides together.</param>
    internal sealed record Run(string Key, long Value, long Promised, int Messages, long Bytes, int Rounds, double Recovered, double LeadTimeRatio, long Silo, long ContractNet, double ProcessorSeconds, double Seconds = 0, double ByNeighbour = 0, double ByTwo = 0, double ByNeighbourWhenExecuted = 0, int Rehearsed = 0, double ByWords = 0, int Words = 0, double ByTwoWhenExecuted = 0,
        double OwnCounted = 0, double OwnWeights = 0, double LoadPrecision = 0, double LoadRecall = 0, double LoadBase = 0,
        double PriceExact = 0, double PriceNear = 0, double PriceBase = 0);

    /// <param name="Passes">Passes of <see cref="Solve"/> that were made; 0 where the value comes from a longer search of an earlier day whose effort was not kept.</param>
    /// <param name="Seconds">Wall clock of all passes; 0 as with <paramref name="Passes"/>.</param>
    internal sealed record Reference(long Value, long Bound, int Passes, double Seconds);

    public static Task RunAsync(FigureSheet sheet, CancellationToken cancel)
    {
        var results = Path.Combine("bench", "results");
        Directory.CreateDirectory(results);
        var runsFile = Path.Combine(results, "across-runs.jsonl");
        var references = Kept(Path.Combine(results, "across-references.json"));
        var runs = File.Exists(runsFile) ? File.ReadAllLines(runsFile).Select(l => JsonSerializer.Deserialize<Run>(l)!).ToDictionary(r => r.Key) : [];
        try
        {
            for (var seed = 1; seed <= Seeds; seed++)
                foreach (var variant in Variants)
                    foreach (var ((file, k), i) in HeldOut.Select((h, i) => (h, i)))
                    {
                        if (variant.Name != "default" && i >= AblationInstances) continue;
                        var key = $"{file}-K{k}/{variant.Name}/{seed}";
                        // The curve is drawn with one seed.
                        if (runs.ContainsKey(key) || !Wanted(key, variant.Name[0] is not ('f' or 'g') || seed == 1)) continue;
                        var instance = FedGenerator.Make(JobShopFile.Read(Path.Combine(Data(), file + ".txt")), k, 1);
                        runs[key] = One(key, instance, variant, seed, cancel);
                        File.AppendAllText(runsFile, JsonSerializer.Serialize(runs[key]) + "\n");
                    }
        }
        catch (OperationCanceledException)
        {
            // Time is up; what was measured is written down, and the next call goes on.
        }
        Sum(sheet, [.. runs.Values], references);
        return Task.CompletedTask;
    }

    /// <summary>Computes the references of the held-out instances that are not there yet, those named first; hours of one thread.</summary>
    public static Task ReferencesAsync(FigureSheet sheet, CancellationToken cancel)
    {
        var file = Path.Combine("bench", "results", "across-references.json");
        var references = Kept(file);
        try
        {
            foreach (var (name, k) in HeldOut)
            {
                if (references.ContainsKey($"{name}-K{k}")) continue;
                var solved = Solve(FedGenerator.Make(JobShopFile.Read(Path.Combine(Data(), name + ".txt")), k, 1), 2, cancel);
                references = Kept(file);
                references[$"{name}-K{k}"] = solved;
                File.WriteAllText(file, JsonSerializer.Serialize(references, Indented) + "\n");
                sheet.Add($"{name}-K{k}", solved.Value);
            }
        }
        catch (OperationCanceledException)
        {
            // Time is up; the next call goes on with what is missing.
        }
        return Task.CompletedTask;
    }

    private static SortedDictionary<string, Reference> Kept(string file) => File.Exists(file)
        ? JsonSerializer.Deserialize<SortedDictionary<string, Reference>>(File.ReadAllText(file))! : new(StringComparer.Ordinal);

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    /// <summary>A part of the runs, so that several processes can share the work: <c>IEUM_ACROSS_ONLY</c> names pieces of keys, by commas.</summary>
    private static bool Wanted(string key, bool otherwise) => Environment.GetEnvironmentVariable("IEUM_ACROSS_ONLY") is not { Length: > 0 } only ? otherwise : only.Split(',').Any(o => key.Contains(o, StringComparison.Ordinal));

    internal static string Data() => Path.Combine(Environment.GetEnvironmentVariable("IEUM_SHARED") ?? Path.Combine("..", "shared"), "data", "planning", "fjsp-instances");

    private static Run One(string key, FedInstance instance, Variant variant, int seed, CancellationToken cancel)
    {
        var consortium = new Consortium(instance, variant.Padding, new(Offers: variant.Offers, Budget: variant.Budget * instance.OperationCount / instance.Companies.Length), seed);
        var tap = new Tap();
        var (seen, roots) = (consortium.Watch(), consortium.WatchRoots());
        var options = new AcrossOptions { Seed = seed, MostOffers = variant.Offers, MessagesPerOperation = variant.Messages, Limit = TimeSpan.FromDays(1) };
        if (!variant.Rehearses) options = options with { Rehearsals = 0 };
        var negotiation = new Negotiation(SharedBook.Of(instance), consortium.Lines, options, TimeProvider.System) { Overhear = tap.Hear };
        var before = Environment.CpuUsage.TotalTime;
        var begun = System.Diagnostics.Stopwatch.GetTimestamp();
        var view = negotiation.Run(cancel);
        var seconds = System.Diagnostics.Stopwatch.GetElapsedTime(begun).TotalSeconds;
        var processor = (Environment.CpuUsage.TotalTime - before).TotalSeconds;
        var schedule = consortium.Execute();
        if (FedChecker.Check(instance, schedule) is { Count: > 0 } faults) throw new InvalidOperationException($"{key}: {faults[0]}");
        var found = FedChecker.Objective(instance, schedule);
        var book = new OpenBook(instance);
        var silo = FedChecker.Objective(instance, book.ToSchedule(Practice.Silo(instance, book)));
        var lead = FedChecker.Objective(instance, book.ToSchedule(Practice.FixedLead(instance, book)));
        var net = FedChecker.Objective(instance, book.ToSchedule(Practice.ContractNet(instance, book)));
        var (leak, words) = WordAttack.ByCoordinator(instance, consortium.Blurred(), consortium.Benches, roots, tap.Log, consortium.Blur, seed);
        var (own, load) = (OwnAttack.ByCoordinator(instance, tap.Log), LoadAttack.ByCoordinator(instance, tap.Log, schedule, Math.Max(1, (long)instance.MeanTime / 2)));
        var prices = PriceAttack.ByCoordinator(tap.Log);
        return new(key, found.Value, view.Objective(), negotiation.Messages, negotiation.Bytes, negotiation.Rounds, Math.Round(TimeAttack.ByCoordinator(instance, tap.Log, consortium.Blur).Recovered, 4),
            Math.Round(found.FlowTime / Math.Min(silo.FlowTime, lead.FlowTime), 4), Math.Min(silo.Value, lead.Value), net.Value, Math.Round(processor, 1), Math.Round(seconds, 1),
            Math.Round(HandOverAttack.Worst(instance, seen, 1).Recovered, 4), Math.Round(HandOverAttack.Worst(instance, seen, 2).Recovered, 4),
            Math.Round(HandOverAttack.Worst(instance, HandOvers.Of(instance, schedule), 1).Recovered, 4), negotiation.Rehearsed().Begun,
            Math.Round(leak.Recovered, 4), words, Math.Round(HandOverAttack.Worst(instance, HandOvers.Of(instance, schedule), 2).Recovered, 4),
            Math.Round(own.Counted, 4), Math.Round(own.Weights, 4), Math.Round(load.Precision, 4), Math.Round(load.Recall, 4), Math.Round(load.Base, 4),
            Math.Round(prices.Exact, 4), Math.Round(prices.Near, 4), Math.Round(prices.Base, 4));
    }

    /// <summary>Per pass twelve million moves of annealing with open books (twice six, once twelve, four times three), then CP-SAT from the best for 40 s on one thread.</summary>
    private static Reference Solve(FedInstance instance, int passes, CancellationToken cancel)
    {
        var book = new OpenBook(instance);
        var begun = System.Diagnostics.Stopwatch.GetTimestamp();
        var (value, bound) = (long.MaxValue, 0L);
        var made = 0;
        while (made < passes && bound < value)
        {
            made++;
            var annealed = OpenSearch.Anneal(book, made, TimeSpan.Zero, 12_000_000, (made % 3) switch { 1 => 2, 2 => 1, _ => 4 }, TimeProvider.System, cancel);
            var (best, proven) = CpReference.Improve(book, annealed, TimeSpan.FromSeconds(40), 1, made, cancel);
            (value, bound) = (Math.Min(value, FedChecker.Objective(instance, book.ToSchedule(best)).Value), Math.Max(bound, proven));
        }
        return new(value, bound, made, Math.Round(System.Diagnostics.Stopwatch.GetElapsedTime(begun).TotalSeconds));
    }

    private static void Sum(FigureSheet sheet, Run[] runs, SortedDictionary<string, Reference> references)
    {
        var closed = new List<Run>();
        foreach (var name in Variants.Select(v => v.Name))
        {
            var mine = runs.Where(r => r.Key.Split('/')[^2] == name).ToList();
            if (mine.Count == 0) continue;
            if (name == "default") closed = [.. mine];
            sheet.Add($"{name} timesRecovered", mine.Average(r => r.Recovered));
            sheet.Add($"{name} timesRecoveredWorst", mine.Max(r => r.Recovered));
            sheet.Add($"{name} timesRecoveredByWords", mine.Average(r => r.ByWords));
            // Without a reference there is no gap; those runs count for messages, leak and lead time only.
            mine.RemoveAll(r => !references.ContainsKey(r.Key[..r.Key.IndexOf($"/{name}/", StringComparison.Ordinal)]));
            if (mine.Count == 0) continue;
            // One gap per instance, the mean over its seeds: seeds of one instance are no independent instances.
            var perInstance = mine.GroupBy(r => r.Key[..r.Key.IndexOf($"/{name}/", StringComparison.Ordinal)])
                .Select(g => g.Average(r => Gap(r, references[g.Key]))).Order().ToArray();
            var (low, high) = Bootstrap(perInstance);
            sheet.Add($"{name} runs", mine.Count);
            sheet.Add($"{name} gapMean", 100 * perInstance.Average());
            sheet.Add($"{name} gapMedian", 100 * perInstance[perInstance.Length / 2]);
            sheet.Add($"{name} gapWorstRun", 100 * mine.Max(r => Gap(r, references[r.Key[..r.Key.IndexOf($"/{name}/", StringComparison.Ordinal)]])));
            sheet.Add($"{name} gapMeanLow95", 100 * low);
            sheet.Add($"{name} gapMeanHigh95", 100 * high);
        }
        if (closed.Count == 0) return;
        sheet.Add("leadTimeRatioToSilo", closed.Average(r => r.LeadTimeRatio));
        sheet.Add("timesRecoveredByNeighbour", closed.Average(r => r.ByNeighbour));
        sheet.Add("timesRecoveredByTwo", closed.Average(r => r.ByTwo));
        sheet.Add("timesSeenByNeighbourAnyway", closed.Average(r => r.ByNeighbourWhenExecuted));
        sheet.Add("timesSeenByTwoAnyway", closed.Average(r => r.ByTwoWhenExecuted));
        if (closed.Exists(r => r.LoadBase > 0))
        {
            sheet.Add("ownOrdersWeightKnown", closed.Where(r => r.LoadBase > 0).Average(r => r.OwnWeights));
            sheet.Add("ownLoadGuessedRightly", closed.Where(r => r.LoadBase > 0).Average(r => r.LoadPrecision));
            sheet.Add("ownLoadByChance", closed.Where(r => r.LoadBase > 0).Average(r => r.LoadBase));
        }
        if (closed.Exists(r => r.PriceNear > 0))
        {
            sheet.Add("pricesForetoldExactly", closed.Average(r => r.PriceExact));
            sheet.Add("pricesForetoldWithinATenth", closed.Average(r => r.PriceNear));
            sheet.Add("pricesWithinATenthByTheMean", closed.Average(r => r.PriceBase));
        }
        sheet.Add("messages", closed.Average(r => r.Messages));
        sheet.Add("megabytes", closed.Average(r => r.Bytes) / 1e6);
        sheet.Add("objectiveToBestSilo", closed.Average(r => r.Value / (double)r.Silo));
        sheet.Add("objectiveToContractNet", closed.Average(r => r.Value / (double)r.ContractNet));
    }

    /// <summary>Slot prices with open books and true times, as many iterations as 200 messages per operation allow: Lagrangian relaxation, and an auction.</summary>
    public static Task AlternativesAsync(FigureSheet sheet, CancellationToken cancel)
    {
        var references = Kept(Path.Combine("bench", "results", "across-references.json"));
        foreach (var (file, k) in HeldOut.Append(("hurink/edata/la01", 3)))
        {
            cancel.ThrowIfCancellationRequested();
            var instance = FedGenerator.Make(JobShopFile.Read(Path.Combine(Data(), file + ".txt")), k, 1);
            var book = new OpenBook(instance);
            sheet.Add($"{file}-K{k} reference", references.GetValueOrDefault($"{file}-K{k}")?.Value ?? double.NaN);
            foreach (var rising in (bool[])[false, true])
            {
                var schedule = book.ToSchedule(SlotPrices.Run(book, 200 * instance.OperationCount / 2 / k, rising));
                if (FedChecker.Check(instance, schedule) is { Count: > 0 } faults) throw new InvalidOperationException($"{file}: {faults[0]}");
                sheet.Add($"{file}-K{k} {(rising ? "auction" : "lagrange")}", FedChecker.Objective(instance, schedule).Value);
            }
        }
        return Task.CompletedTask;
    }

    private static double Gap(Run run, Reference reference) => (run.Value - reference.Value) / (double)reference.Value;

    /// <summary>95 % interval of the mean over instances, 4,000 resamples.</summary>
    private static (double Low, double High) Bootstrap(double[] values)
    {
        var rng = new Rng(20_261_127);
        var means = new double[4000];
        for (var i = 0; i < means.Length; i++)
        {
            for (var k = 0; k < values.Length; k++) means[i] += values[rng.Below(values.Length)] / values.Length;
        }
        Array.Sort(means);
        return (means[100], means[3899]);
    }
}
