using System.Collections;
using System.Globalization;
using System.Reflection;
using System.Text;
using System.Text.RegularExpressions;
using Ieum.Plan.Across;

namespace Ieum.Tests.Plan.Across;

/// <summary>The wall between coordinator and companies, and what comes through it.</summary>
public sealed partial class WallTests
{
    private static readonly HashSet<Type> Closed =
        [typeof(CompanyDesk), typeof(CompanyBook), typeof(Workbench), typeof(RehearsalDesk), typeof(Rehearsal), typeof(Postbox), typeof(PrivateOrder), typeof(FedInstance), typeof(FedCompany), typeof(FedOption), typeof(Shop), typeof(Consortium), typeof(OpenBook)];

    [Fact]
    public void The_coordinator_reaches_nothing_of_a_company_but_a_line_for_bytes()
    {
        var (negotiation, _, _) = Town.Plan(Town.Instance(), rounds: 60, rehearsals: 100);
        negotiation.Overhear = null;
        var seen = new HashSet<object>(ReferenceEqualityComparer.Instance);
        var lines = 0;
        Walk(negotiation);
        Assert.Equal(3, lines);
        Assert.True(seen.Count > 100, $"only {seen.Count} objects seen: the walk went nowhere");

        void Walk(object? o)
        {
            if (o is null or string || o.GetType().IsPrimitive || o.GetType().IsEnum || o is Type or MemberInfo or TimeProvider) return;
            // The line is where the process would end; its interface has one method, bytes to bytes.
            if (o is ICompanyLine)
            {
                lines++;
                return;
            }
            Assert.DoesNotContain(o.GetType(), Closed);
            if (!o.GetType().IsValueType && !seen.Add(o)) return;
            if (o is IEnumerable list && (o is Array || o.GetType().Namespace!.StartsWith("System", StringComparison.Ordinal)))
                foreach (var item in list) Walk(item);
            for (var t = o.GetType(); t is not null && t != typeof(object); t = t.BaseType)
                foreach (var f in t.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
                    if (!f.FieldType.IsPointer && !f.FieldType.IsByRefLike) Walk(f.GetValue(o));
        }
    }

    [Fact]
    public void No_type_of_the_coordinator_has_a_company_in_its_fields_or_methods()
    {
        Type[] coordinator = [typeof(Negotiation), typeof(Chain), typeof(Branch), typeof(PlanView), typeof(Knowledge), typeof(Neighbourhood), typeof(LabelSearch), typeof(Picker), typeof(Outbox), typeof(SharedBook), typeof(Rehearsals)];
        const BindingFlags all = BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;
        var used = coordinator.SelectMany(t => t.GetFields(all).Select(f => f.FieldType)
            .Concat(t.GetMethods(all).Where(m => m.Name != nameof(SharedBook.Of)).SelectMany(m => m.GetParameters().Select(p => p.ParameterType).Append(m.ReturnType)
                .Concat(m.GetMethodBody()?.LocalVariables.Select(l => l.LocalType) ?? []))));
        Assert.DoesNotContain(used, Closed.Contains);
        Assert.Single(typeof(ICompanyLine).GetMethods());
    }

    [Fact]
    public void No_message_holds_a_private_name_or_number()
    {
        var instance = Town.Instance(2);
        // Numbers nobody would say by chance: due times, weights and names of private orders, names of machines.
        var companies = instance.Companies.Select((c, i) => c with
        {
            Machines = [.. c.Machines.Select(m => $"Geheim-{m}")],
            Private = [.. c.Private.Select((p, k) => p with { Id = $"Kunde-{i}-{k}", Due = 7_654_321 + 1_000 * i + k, Weight = 1 })],
        });
        instance = instance with { Companies = [.. companies] };
        var text = new StringBuilder();
        var consortium = new Consortium(instance, 0.25, new(), 1);
        var negotiation = new Negotiation(SharedBook.Of(instance), consortium.Lines, new() { Rounds = 80, Rehearsals = 200, Chains = 2, Branches = 6, Limit = TimeSpan.FromDays(1) }, TimeProvider.System)
        {
            Overhear = (_, request, reply) => text.Append(Encoding.UTF8.GetString(request)).Append('\n').Append(Encoding.UTF8.GetString(reply)).Append('\n'),
        };
        negotiation.Run(TestContext.Current.CancellationToken);
        var said = text.ToString();
        Assert.DoesNotContain("Geheim", said, StringComparison.Ordinal);
        Assert.DoesNotContain("Kunde", said, StringComparison.Ordinal);
        var numbers = Numbers().Matches(said).Select(m => long.Parse(m.Value, CultureInfo.InvariantCulture)).ToHashSet();
        Assert.True(numbers.Count > 200);
        Assert.DoesNotContain(instance.Companies.SelectMany(c => c.Private), p => numbers.Contains(p.Due));
    }

    [Fact]
    public void Messages_follow_from_the_blurred_times_alone()
    {
        // Two worlds: true times with a blur laid over, and a world whose true times are what the blur made of them.
        var instance = Town.Instance(3);
        var (one, consortium, _) = Town.Plan(instance, rounds: 60);
        var moved = consortium.Blurred();
        Assert.NotEqual(FedJson.Write(instance), FedJson.Write(moved));
        var (two, _, _) = Town.Plan(moved, padding: 0, rounds: 60);
        Assert.Equal((one.Messages, one.Bytes), (two.Messages, two.Bytes));
        Assert.Equal(one.Curve, two.Curve);
    }

    [Fact]
    public void Unblurred_times_lie_open_and_blurred_ones_do_not()
    {
        var instance = Town.Instance(2, jobs: 10);
        var (_, _, open) = Town.Plan(instance, padding: 0, rounds: 100);
        Assert.True(TimeAttack.ByCoordinator(instance, open.Log, 0).Recovered > 0.9);
        var (_, consortium, closed) = Town.Plan(instance, padding: 0.25, rounds: 100);
        var leak = TimeAttack.ByCoordinator(instance, closed.Log, consortium.Blur);
        // Blur of about 25 units: 1 in 26 is hit by luck; 60 pairs leave room for more luck.
        Assert.True(leak.Recovered < 0.15, $"{leak}");
        Assert.True(leak.Error > 0.02, $"{leak}");
        // Own customers: never more than there are, and weights of some, because reactions name them; when they run can only be guessed.
        var own = OwnAttack.ByCoordinator(instance, closed.Log);
        Assert.True(own.Weights > 0 && own.Weights <= own.Counted && own.Counted <= 1, $"{own}");
        var load = LoadAttack.ByCoordinator(instance, closed.Log, consortium.Execute(), 50);
        Assert.True(load.Base is > 0 and < 1 && load.Precision is >= 0 and <= 1 && load.Recall is >= 0 and < 1, $"{load}");
        var one = TimeAttack.ByCompanies(instance, open.Log, 0, new HashSet<int> { 0 });
        var two = TimeAttack.ByCompanies(instance, open.Log, 0, new HashSet<int> { 0, 1 });
        Assert.True(one.Guessed <= 1 && two.Recovered < TimeAttack.ByCoordinator(instance, open.Log, 0).Recovered);
        Assert.True(two.Guessed > 0, "two colluding companies bracket some operation of the third");
    }

    [Theory]
    [InlineData("early"), InlineData("negative"), InlineData("unknown"), InlineData("oversized"), InlineData("noise"), InlineData("never"), InlineData("endless"), InlineData("silent")]
    public void A_company_that_answers_nonsense_is_set_aside_and_the_others_plan_on(string nonsense)
    {
        var instance = Town.Instance(2, jobs: 8);
        var (negotiation, consortium, _) = Town.Plan(instance, rounds: 60, between: (line, c) => c == 1 ? new Liar(line, nonsense) : line);
        Assert.Equal([1], negotiation.Quarantined.Keys);
        Assert.NotEmpty(negotiation.Quarantined[1]);
        // Orders that need nobody else than the others are planned.
        var free = instance.Orders.Index().Where(o => o.Item.Operations.All(x => x.Any(y => y.Company != 1))).Select(o => o.Index).ToList();
        var schedule = consortium.Execute();
        Assert.All(free, j => Assert.Contains(schedule.Shared, s => s.Order == j && s.Operation == instance.Orders[j].Operations.Length - 1));
    }

    private sealed class Liar(ICompanyLine honest, string nonsense) : ICompanyLine
    {
        public byte[]? Exchange(byte[] request)
        {
            var bytes = honest.Exchange(request)!;
            if (nonsense == "silent") return null;
            if (nonsense == "noise") return [1, 2, 3];
            Assert.True(MessageCodec.TryDecode(bytes, out Reply? reply));
            // A finish at the beginning of all time, and one beyond its end.
            if (nonsense is "never" or "endless")
                return MessageCodec.Encode(reply with { Steps = reply.Steps?.Select(s => s.Finish is [var op, ..] ? s with { Finish = [op, nonsense == "endless" ? long.MaxValue : 0, 0] } : s).ToArray() });
            if (reply.Menus is null) return bytes;
            long[] menu = nonsense switch
            {
                "early" => [1, 0, 0],
                "negative" => [1, 1_000_000, -5],
                "oversized" => [4, 1_000_000, 3, 1_000_001, 2, 1_000_002, 1, 1_000_003, 0],
                _ => [1, 1_000_000, 5],
            };
            var steps = nonsense == "unknown" ? reply.Steps?.Select(s => s with { Finish = [999_999, 5] }).ToArray() : reply.Steps;
            var menus = nonsense == "unknown" ? [.. reply.Menus.Select(_ => new long[] { 99 })] : reply.Menus.Select(_ => menu).ToArray();
            return MessageCodec.Encode(reply with { Menus = menus, Steps = steps });
        }
    }

    [GeneratedRegex(@"-?\d+")]
    private static partial Regex Numbers();
}
