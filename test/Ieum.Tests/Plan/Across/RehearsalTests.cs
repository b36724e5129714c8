using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Ieum.Plan.Across;

namespace Ieum.Tests.Plan.Across;

/// <summary>Plans carried out on paper with true times, between the companies alone: what comes of them and who can read what.</summary>
public sealed class RehearsalTests
{
    [Fact]
    public void A_letter_is_read_by_the_one_it_is_for_and_by_nobody_else()
    {
        using Postbox a = new(0), b = new(1), c = new(2);
        Meet(a, b, c);
        var letter = a.Seal(1, "17:20"u8);
        Assert.DoesNotContain("17:20", Encoding.Latin1.GetString(letter), StringComparison.Ordinal);
        Assert.Equal("17:20"u8.ToArray(), b.Open(0, letter));
        Assert.Null(c.Open(0, letter));
        Assert.Null(b.Open(2, letter));
        Assert.Null(b.Open(0, letter.AsSpan(0, 10)));
        letter[^1] ^= 1;
        Assert.Null(b.Open(0, letter));
        Assert.False(a.Meet(3, [1, 2, 3]));
    }

    [Fact]
    public void Masks_of_all_parties_add_up_to_nothing_and_those_of_some_do_not()
    {
        Postbox[] all = [.. Enumerable.Range(0, 4).Select(c => new Postbox(c))];
        Meet(all);
        int[] parties = [0, 1, 2, 3];
        var masks = all.Select(p => p.Mask(1_000_000_007, parties)).ToArray();
        Assert.Equal(0UL, masks.Aggregate((x, y) => unchecked(x + y)));
        Assert.NotEqual(0UL, unchecked(masks[0] + masks[1] + masks[2]));
        Assert.NotEqual(masks[0], all[0].Mask(1_000_000_008, parties));
        foreach (var p in all) p.Dispose();
    }

    [Fact]
    public void Numbers_survive_their_bytes_and_cut_bytes_are_none()
    {
        List<long> numbers = [0, -1, 1, 63, 64, -64, -65, long.MaxValue, long.MinValue, 1_000_000_000];
        var bytes = Numbers.Write(numbers);
        Assert.Equal(numbers, Numbers.Read(bytes));
        Assert.Null(Numbers.Read(bytes.AsSpan(0, bytes.Length - 1)));
        Assert.Null(Numbers.Read([255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1]));
    }

    [Fact]
    public void A_rehearsal_names_a_plan_as_the_company_holds_it_while_copies_still_wait()
    {
        var box = new Outbox();
        // Plan 1 becomes a copy of 4711, and 51 one of the new plan 1; rehearsals in the same message begin before that.
        box.Keep.AddRange([4711, 1, 1, 51]);
        Assert.Equal([4711, 4711, 2], new[] { 1, 51, 2 }.Select(box.Held));
    }

    [Theory, InlineData(1), InlineData(2), InlineData(3)]
    public void The_rehearsed_total_is_what_the_plan_costs_when_it_is_carried_out(int seed)
    {
        var instance = Town.Instance(seed, jobs: 8);
        var (negotiation, consortium, _) = Town.Plan(instance, padding: 0.4, rounds: 120, seed: seed, rehearsals: 300, handOver: 0);
        var executed = consortium.Execute();
        Assert.Empty(FedChecker.Check(instance, executed));
        Assert.True(negotiation.Plan >= Rehearsals.First && negotiation.Rehearsed().Begun > 20, $"{negotiation.Rehearsed()}");
        Assert.Equal(FedChecker.Objective(instance, executed).Value, consortium.BestTotal);
    }

    [Fact]
    public void Plans_chosen_by_rehearsal_cost_less_than_plans_chosen_by_promises()
    {
        long rehearsed = 0, promised = 0;
        for (var seed = 21; seed <= 24; seed++)
        {
            var instance = Town.Instance(seed, jobs: 8);
            rehearsed += Cost(300);
            promised += Cost(0);

            long Cost(int rehearsals)
            {
                var (_, consortium, _) = Town.Plan(instance, padding: 0.5, rounds: 150, seed: seed, rehearsals: rehearsals);
                return FedChecker.Objective(instance, consortium.Execute()).Value;
            }
        }
        Assert.True(rehearsed < promised, $"rehearsed {rehearsed}, by promises {promised}");
    }

    [Fact]
    public void The_coordinator_hears_numbers_of_rehearsals_and_no_total()
    {
        var instance = Town.Instance(2, jobs: 8);
        var (_, consortium, tap) = Town.Plan(instance, padding: 0.4, rounds: 120, rehearsals: 300);
        var words = tap.Log.Where(l => l.Reply.Word is not null).Select(l => (l.Company, Word: l.Reply.Word!)).ToList();
        Assert.NotEmpty(words);
        Assert.All(words, w => Assert.Equal(0, w.Company));
        Assert.All(words.SelectMany(w => w.Word.Chunk(4)), w => Assert.True(w[1] == 0 || w[1] >= Rehearsals.First && w[2] < 10, string.Join(' ', w.Select(x => x.ToString(CultureInfo.InvariantCulture)))));
        Assert.True(consortium.BestTotal < long.MaxValue);
        Assert.DoesNotContain(words.SelectMany(w => w.Word), n => n == consortium.BestTotal);
        Assert.Contains(tap.Log, l => l.Reply.Mail is not null);
    }

    [Theory, InlineData(false), InlineData(true)]
    public void Lost_or_damaged_letters_cost_the_rehearsal_and_not_the_plan(bool damaged)
    {
        var instance = Town.Instance(2, jobs: 6);
        var (negotiation, consortium, _) = Town.Plan(instance, rounds: 80, rehearsals: 200, between: (line, c) => c == 1 ? new BadPost(line, damaged) : line);
        Assert.Empty(negotiation.Quarantined);
        Assert.InRange(negotiation.Plan, 1, Rehearsals.First - 1);
        Assert.Empty(FedChecker.Check(instance, consortium.Execute()));
    }

    [Fact]
    public void A_neighbour_learns_a_time_from_the_shortest_stay_of_a_part()
    {
        // One order, A → B → A; B takes 50, ways are 10. In the first plan the part waits 7 at B, in the second not.
        var instance = new FedInstance("x", [new("A", ["A-m1"], []), new("B", ["B-m1"], [])],
            [new("O1", 0, 100, 1, [[new(0, 0, 30)], [new(1, 0, 50)], [new(0, 0, 20)]])], [[0, 10], [10, 0]]);
        var seen = new HandOvers();
        Note(1, 57);
        Assert.Equal(0, HandOverAttack.ByCompanies(instance, seen, ImmutableHashSet.Create(0)).Recovered);
        Note(2, 50);
        Assert.Equal(1, HandOverAttack.ByCompanies(instance, seen, ImmutableHashSet.Create(0)).Recovered);
        // B gets the part of A's first operation, whose begin all know; the last one it never sees again.
        Assert.Equal(0.5, HandOverAttack.ByCompanies(instance, seen, ImmutableHashSet.Create(1)).Recovered);

        void Note(int plan, long stay)
        {
            seen.Note(plan, 1, from: 0, to: 1, arrives: 40);
            seen.Note(plan, 2, from: 1, to: 0, arrives: 40 + stay + 10);
        }
    }

    private static void Meet(params Postbox[] all)
    {
        foreach (var p in all)
            for (var c = 0; c < all.Length; c++) Assert.True(p.Meet(c, all[c].PublicKey));
    }

    private sealed class BadPost(ICompanyLine honest, bool damaged) : ICompanyLine
    {
        public byte[]? Exchange(byte[] request)
        {
            var bytes = honest.Exchange(request)!;
            Assert.True(MessageCodec.TryDecode(bytes, out Reply? reply));
            if (reply.Mail is null) return bytes;
            return MessageCodec.Encode(reply with { Mail = damaged ? [.. reply.Mail.Select(m => m with { Letter = [.. m.Letter.Select(b => (byte)(b ^ 5))] })] : null });
        }
    }
}
