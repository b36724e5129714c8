using System.Collections.Immutable;
using System.Text;

namespace Ieum.Plan.Across;

/// <summary>Several companies in one process, each behind a line that carries bytes only.</summary>
internal sealed class Consortium
{
    private sealed class Line(CompanyDesk desk) : ICompanyLine
    {
        public byte[]? Exchange(byte[] request) => desk.Answer(request);
    }

    private readonly CompanyDesk[] _desks;
    private readonly ShopFloor[] _floors;
    private readonly ulong[] _secrets;

    /// <param name="padding">Width of the blur of times, as share of the instance's mean time.</param>
    /// <param name="liar">Company that shows another book than its true one; −1 for none.</param>
    public Consortium(FedInstance instance, double padding, OwnerSettings settings, int seed, int liar = -1, Lie lie = Lie.Honest)
    {
        Instance = instance;
        // Even, so that the numbers lie symmetric about the true time.
        Blur = 2 * (int)Math.Ceiling(padding * instance.MeanTime / 2);
        var orders = SharedBook.Of(instance);
        // A company's secret comes from the seed here, so that a run can be repeated; in life it draws one and keeps it.
        _secrets = [.. Enumerable.Range(0, instance.Companies.Length).Select(c => new Rng(((ulong)(uint)seed << 20) ^ (ulong)(c + 1)).Next())];
        _desks = [.. _secrets.Select((secret, c) =>
        {
            // A liar lies in rehearsals too: the times it claims there are those of its false book.
            var shown = Lies.Shown(CompanyBook.Of(instance, c), c == liar ? lie : Lie.Honest);
            return new CompanyDesk(shown.Blurred(Blur, secret, orders), shown, orders, Blur, settings, secret);
        })];
        _floors = [.. _secrets.Select((_, c) => new ShopFloor(CompanyBook.Of(instance, c), orders.First))];
        Lines = [.. _desks.Select(d => new Line(d))];
    }

    /// <summary>What the best rehearsed plan costs by the referee's books; for tests, the coordinator never hears it.</summary>
    public long BestTotal => _desks.Min(d => d.Rehearsals.BestTotal);

    /// <summary>Has written down what each company sees of rehearsals; call before the negotiation.</summary>
    public HandOvers Watch()
    {
        var seen = new HandOvers();
        for (var c = 0; c < _desks.Length; c++)
        {
            var company = c;
            _desks[c].Rehearsals.Noted = (rehearsal, other, op, time) => seen.Note(rehearsal, op, company, other, time);
        }
        return seen;
    }

    /// <summary>Has written down every negotiated plan that is rehearsed, for an attacker who is granted them; call before the negotiation.</summary>
    public Roots WatchRoots()
    {
        var roots = new Roots();
        for (var c = 0; c < _desks.Length; c++)
        {
            var company = c;
            _desks[c].Rehearsals.Agreed = (rehearsal, shop) => roots.Note(rehearsal, company, shop);
        }
        return roots;
    }

    /// <summary>The instance with the times that the companies negotiate with.</summary>
    public FedInstance Blurred()
    {
        var orders = SharedBook.Of(Instance);
        var books = _secrets.Select((secret, c) => CompanyBook.Of(Instance, c).Blurred(Blur, secret, orders)).ToArray();
        return Instance with
        {
            Orders = [.. Instance.Orders.Select((o, j) => o with
            {
                Operations = [.. o.Operations.Select((x, k) => x.Select(y => y with { Time = books[y.Company].Options[orders.First[j] + k].First(z => z.Machine == y.Machine).Time }).ToImmutableArray())],
            })],
            Companies = [.. Instance.Companies.Select((c, i) => c with { Private = books[i].Own })],
        };
    }

    public IReadOnlyList<Workbench> Benches => [.. _floors.Select(f => f.Bench)];

    public FedInstance Instance { get; }
    /// <summary>Width of the blur in units of time.</summary>
    public int Blur { get; }
    public ICompanyLine[] Lines { get; }

    /// <summary>What happens on the shop floors when the committed plan is carried out: true times, parts handed on when they are finished.</summary>
    /// <param name="rearrange">Whether companies re-sequence their own machines by their true times, see <see cref="ShopFloor"/>.</param>
    /// <exception cref="AcrossException">Nothing was committed, or the sequences wait for each other in a circle.</exception>
    public FedSchedule Execute(bool rearrange = true)
    {
        var book = new OpenBook(Instance);
        if (_desks.All(d => d.Committed < 0)) throw new AcrossException(AcrossRules.NoPlan, "No company committed to a plan: nobody is left who can do the orders, or one refused at the end. Negotiate again.");
        // What was rehearsed last was re-sequenced by true times already, and all know that it goes together.
        if (_desks.All(d => d.Committed >= Rehearsals.First))
            return book.ToSchedule(book.Execute([.. _desks.Select((d, c) => ((Workbench, Shop)?)(_floors[c].Bench, d.Rehearsed!))])!);
        var parts = _desks.Select((d, c) => d.ShopOf(d.Committed) is { } shop ? (_floors[c].Bench, _floors[c].Carry(shop, rearrange, _secrets[c])) : ((Workbench, Shop)?)null).ToArray();
        return book.Execute(parts) is { } floor ? book.ToSchedule(floor)
            : throw new AcrossException(AcrossRules.NoPlan, "The companies' sequences wait for each other in a circle.");
    }
}

/// <summary>How a closed-book plan is asked for on the command line; each value as in <c>ieum plan across --help</c>.</summary>
/// <param name="Path">A flexible job shop file, or an instance (.json).</param>
/// <param name="Iterations">Rounds of messages; null: until 200 messages per shared operation.</param>
/// <param name="Padding">Width of the blur of times, in mean times.</param>
/// <param name="Budget">Most menus each company answers; 0 for all.</param>
/// <param name="Reference">Seconds the reference with open books may take; 0 leaves it out.</param>
public sealed record AcrossRequest(string Path, int Companies, int Seed, int? Iterations, double Padding, int Budget, double Reference)
{
    /// <summary>What is planned instead of the file at <see cref="Path"/>; null: the file.</summary>
    public AcrossTown? Town { get; init; }
    /// <summary>Told of every exchange while the run goes on; null: nobody.</summary>
    public AcrossTalk? Talk { get; init; }
}

/// <summary>The door of planning across companies for the command line.</summary>
public static class ClosedBooks
{
    /// <summary>Default blur: chosen by the measured curve of gap against leak, see docs/decisions/0010.</summary>
    public const double DefaultPadding = 0.2;

    /// <summary>An instance in the documented JSON format, made from a published file.</summary>
    /// <exception cref="AcrossException">The number of companies does not fit.</exception>
    /// <exception cref="JobShopFileException">The file is no job shop.</exception>
    public static string Generate(string path, int companies, int seed) => FedJson.Write(FedGenerator.Make(JobShopFile.Read(path), companies, seed));

    /// <exception cref="AcrossException">The instance is refused, or no plan came about.</exception>
    /// <exception cref="JobShopFileException">The file is no job shop.</exception>
    /// <param name="progress">Called from the thread that plans; what it does there holds up the run.</param>
    public static AcrossReport Plan(AcrossRequest request, TimeProvider clock, CancellationToken cancel, Action<AcrossProgress>? progress = null)
    {
        var instance = Read(request);
        var tap = new Tap();
        var consortium = new Consortium(instance, request.Padding, new(Budget: request.Budget), request.Seed);
        var seen = consortium.Watch();
        var options = new AcrossOptions { Seed = request.Seed };
        if (request.Iterations is { } n) options = options with { Rounds = n, MessagesPerOperation = 1_000_000, Limit = TimeSpan.FromDays(1) };
        var begun = clock.GetTimestamp();
        var negotiation = new Negotiation(SharedBook.Of(instance), consortium.Lines, options, clock) { Overhear = Overhear, Progress = progress };
        negotiation.Run(cancel);
        var seconds = clock.GetElapsedTime(begun).TotalSeconds;
        Tell(AcrossPhase.Comparing);
        var schedule = consortium.Execute();
        var faults = FedChecker.Check(instance, schedule);
        var found = FedChecker.Objective(instance, schedule);
        var book = new OpenBook(instance);
        var silo = FedChecker.Objective(instance, book.ToSchedule(Practice.Silo(instance, book)));
        var lead = FedChecker.Objective(instance, book.ToSchedule(Practice.FixedLead(instance, book)));
        var net = FedChecker.Objective(instance, book.ToSchedule(Practice.ContractNet(instance, book)));
        (long Value, long Bound)? reference = null;
        if (request.Reference > 0)
        {
            Tell(AcrossPhase.Reference);
            var limit = TimeSpan.FromSeconds(request.Reference);
            var shop = OpenSearch.Anneal(book, request.Seed, limit * 0.6, long.MaxValue / 8, 2, clock, cancel);
            var (best, bound) = CpReference.Improve(book, shop, limit * 0.4, 2, request.Seed, cancel);
            reference = (FedChecker.Objective(instance, book.ToSchedule(best)).Value, bound);
        }
        Tell(AcrossPhase.Done);
        return new(instance, request, found, reference?.Value, reference?.Bound, silo, lead, net, negotiation, seconds,
            TimeAttack.ByCoordinator(instance, tap.Replay(), consortium.Blur), HandOverAttack.Worst(instance, seen, 1), HandOverAttack.Worst(instance, seen, 2), faults, schedule);

        void Overhear(int company, byte[] asked, byte[] said)
        {
            tap.Hear(company, asked, said);
            request.Talk?.Hear(company, asked, said);
        }

        void Tell(AcrossPhase phase) => progress?.Invoke(new(phase, 1, negotiation.Rounds, negotiation.Messages, negotiation.Bytes, negotiation.Curve.Count > 0 ? negotiation.Curve[^1].Best : null));
    }

    private static FedInstance Read(AcrossRequest request)
    {
        if (request.Town is { } town) return FedJson.Read(town.Json, town.Name);
        if (!request.Path.EndsWith(".json", StringComparison.OrdinalIgnoreCase)) return FedGenerator.Make(JobShopFile.Read(request.Path), request.Companies, request.Seed);
        try
        {
            return FedJson.Read(File.ReadAllText(request.Path, Encoding.UTF8), request.Path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new AcrossException(AcrossRules.Unreadable, $"'{request.Path}' cannot be read: {e.Message}");
        }
    }
}
