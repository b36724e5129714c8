using System.CommandLine;
using System.Globalization;
using Ieum.Plan;
using Ieum.Plan.Across;

namespace Ieum.Node.Cli;

/// <summary><c>ieum plan across</c> and <c>ieum plan generate</c>: planning of several companies with closed books, on files.</summary>
internal static class PlanAcrossVerb
{
    public static Command Across()
    {
        var file = new Argument<string>("FILE") { Description = "A flexible job shop file, from which an instance is made with --companies and --seed, or an instance (.json) as 'plan generate' writes it." };
        var (companies, seed) = (Companies(), Seed());
        var iterations = new Option<int?>("--iterations") { Description = "Rounds of messages; the same seed gives the same plan. Left out: until 200 messages per shared operation, 60 s at most." };
        var padding = new Option<double>("--padding") { Description = "Width of the lasting random blur each company lays over its times, in mean times, 0 to 4. Default 0.2.", DefaultValueFactory = _ => ClosedBooks.DefaultPadding };
        var budget = new Option<int>("--budget") { Description = "Menus each company answers at most; 0 (default) for all that are asked.", DefaultValueFactory = _ => 0 };
        var reference = new Option<double>("--reference") { Description = "Seconds for the reference with open books, 0 to 36000; 0 leaves it out. Default 60.", DefaultValueFactory = _ => 60 };
        var json = new Option<bool>("--json") { Description = "One JSON document on standard output." };
        Check(iterations, v => v is null or (>= 1 and <= 10_000_000), "--iterations must lie between 1 and 10000000.");
        Check(padding, v => v is >= 0 and <= 4, "--padding must lie between 0 and 4.");
        Check(budget, v => v >= 0, "--budget must be 0 or more.");
        Check(reference, v => v is >= 0 and <= 36_000, "--reference must lie between 0 and 36000.");
        var verb = new Command("across", "Plans an instance of several companies with closed books, and says what that costs against open ones and what still leaks.") { file, companies, seed, iterations, padding, budget, reference, json };
        verb.SetAction((parsed, cancel) => Task.Run(() => Refusing(() =>
        {
            var report = ClosedBooks.Plan(new(parsed.GetValue(file)!, parsed.GetValue(companies), parsed.GetValue(seed), parsed.GetValue(iterations),
                parsed.GetValue(padding), parsed.GetValue(budget), parsed.GetValue(reference)), TimeProvider.System, cancel);
            foreach (var fault in report.Faults) Terminal.Error($"the check refuses the schedule: {fault}");
            Terminal.Answer(parsed.GetValue(json) ? report.ToJson() : Words(report));
            return report.Verified ? 0 : 1;
        }), cancel));
        return verb;
    }

    public static Command Generate()
    {
        var file = new Argument<string>("FILE") { Description = "A flexible job shop file of the literature." };
        var (companies, seed) = (Companies(), Seed());
        var target = new Option<string>("--out") { Description = "Where to write the instance (JSON).", Required = true };
        var verb = new Command("generate", "Makes a closed-book instance of several companies from a flexible job shop file; the same seed makes the same.") { file, companies, seed, target };
        verb.SetAction(parsed => Refusing(() =>
        {
            File.WriteAllText(parsed.GetValue(target)!, ClosedBooks.Generate(parsed.GetValue(file)!, parsed.GetValue(companies), parsed.GetValue(seed)) + "\n");
            return 0;
        }));
        return verb;
    }

    private static string Words(AcrossReport r) => string.Create(CultureInfo.InvariantCulture,
        $"""
        {r.Instance}: objective {r.Objective} with closed books, {(r.Verified ? "verified" : "NOT verified")}
        open books {(r.Reference is { } o ? $"{o} (bound {r.ReferenceBound}), gap {100 * r.Gap:0.0} %" : "not asked for")}; silo {r.Silo}, with fixed lead times {r.SiloFixedLead}, contract net {r.ContractNet}
        {r.Messages} messages, {r.Bytes} bytes, {r.Rounds} rounds, {r.Seconds:0.0} s; {100 * r.TimesRecovered:0.0} % of the times recovered by the coordinator
        mean lead time {100 * (1 - r.LeadTimeRatio):0.0} % below the best silo
        """);

    private static int Refusing(Func<int> work)
    {
        try
        {
            return work();
        }
        catch (AcrossException e)
        {
            Terminal.Error($"{e.Message} [{e.Rule}]");
        }
        catch (JobShopFileException e)
        {
            Terminal.Error($"{e.Message} [{e.Rule}]");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Terminal.Error($"{e.Message} [across-unreadable]");
        }
        return 1;
    }

    private static Option<int> Companies()
    {
        var companies = new Option<int>("--companies") { Description = "Companies the machines are spread over, 2 to 26. Default 3.", DefaultValueFactory = _ => 3 };
        Check(companies, v => v is >= 2 and <= 26, "--companies must lie between 2 and 26.");
        return companies;
    }

    private static Option<int> Seed()
    {
        var seed = new Option<int>("--seed") { Description = "Seed of the instance and of every random choice, 0 and up. Default 1.", DefaultValueFactory = _ => 1 };
        Check(seed, v => v >= 0, "--seed must be 0 or more.");
        return seed;
    }

    private static void Check<T>(Option<T> option, Func<T?, bool> good, string otherwise) => option.Validators.Add(r =>
    {
        if (r.Tokens.Count > 0 && !good(r.GetValueOrDefault<T>())) r.AddError(otherwise);
    });
}
