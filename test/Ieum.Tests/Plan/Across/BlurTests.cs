using Ieum.Plan.Across;

namespace Ieum.Tests.Plan.Across;

/// <summary>The numbers a company moves its times by, and what fits them to the referee's words.</summary>
public sealed class BlurTests
{
    private const int Width = 12;
    private static readonly FedInstance Instance = Town.Instance(3, jobs: 12);
    private static readonly SharedBook Orders = SharedBook.Of(Instance);

    [Fact]
    public void Along_any_stretch_of_a_machines_work_the_numbers_cancel_but_for_the_ends_and_one_in_between()
    {
        for (ulong secret = 1; secret <= 20; secret++)
            foreach (var machine in Shifts(0, secret).GroupBy(s => s.Machine))
            {
                int[] line = [.. machine.OrderBy(s => s.When).ThenBy(s => s.Work).Select(s => s.Shift)];
                for (var from = 0; from < line.Length; from++)
                    for (var to = from + 1; to <= line.Length; to++)
                        Assert.True(Math.Abs(line[from..to].Sum()) <= 3 * Width / 2, $"secret {secret}, {from}..{to}: {string.Join(' ', line)}");
            }
    }

    [Fact]
    public void Each_number_is_hit_by_a_guess_one_time_in_width_plus_one()
    {
        var of = Enumerable.Range(1, 3000).SelectMany(secret => Shifts(1, (ulong)secret).Select(s => (s.Work, s.Shift))).ToLookup(s => s.Work, s => s.Shift);
        Assert.True(of.Count > 10);
        foreach (var work in of)
        {
            Assert.All(work, s => Assert.InRange(s, -Width / 2, Width / 2));
            // 3,000 draws of 1 in 13 are 231 ± 15 (one standard deviation).
            foreach (var value in Enumerable.Range(-Width / 2, Width + 1)) Assert.InRange(work.Count(s => s == value), 231 - 75, 231 + 75);
        }
    }

    [Fact]
    public void Words_of_the_referee_tell_of_a_time_what_they_imply_and_of_others_nothing()
    {
        // Two plans promised 4 apart; the one that seemed worse was named better, and it differs by one piece of work: that must be shorter by 5 or 6.
        var found = WordAttack.Sampled([.. Enumerable.Repeat(new WordAttack.Inequality(40, [(7, 10)]), 3), new(-500, [(9, 1)])], Width, 1);
        Assert.InRange(found[7].Mode, -6, -4);
        Assert.True(found[7].High < 0, $"{found[7]}");
        Assert.True(found[9].High - found[9].Low >= Width - 2, $"{found[9]}");
    }

    private static IEnumerable<(int Machine, int Work, double When, int Shift)> Shifts(int company, ulong secret)
    {
        var (truth, moved) = (CompanyBook.Of(Instance, company), CompanyBook.Of(Instance, company).Blurred(Width, secret, Orders));
        foreach (var (op, options) in truth.Options)
            yield return (options.MinBy(o => o.Time).Machine, op, Orders.ExpectedAt(op), moved.Options[op][0].Time - options[0].Time);
        foreach (var (i, own) in truth.Own.Index())
            yield return (own.Machine, -1 - i, (own.Release + (double)own.Due) / 2, moved.Own[i].Time - own.Time);
    }
}
