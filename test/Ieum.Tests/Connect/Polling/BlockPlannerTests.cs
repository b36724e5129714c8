using CsCheck;
using Ieum.Connect.Polling;

namespace Ieum.Tests.Connect.Polling;

public sealed class BlockPlannerTests
{
    private readonly record struct Range(RegisterArea Area, int Start, int Count) : ICellRange;

    private static readonly Gen<Range> AnyRange =
        from device in Gen.Int[1, 3]
        from code in Gen.Int[3, 4]
        from start in Gen.Int[0, 400]
        from count in Gen.Int[1, 8]
        select new Range(new(device, code, 0, CellSize.Word), start, count);

    [Fact]
    public void Every_point_is_read_wholly_and_once_and_no_block_is_too_long_or_crosses_a_device() =>
        Gen.Select(AnyRange.Array[0, 120], Gen.Int[8, 125], Gen.Int[0, 20], Gen.Int[0, 400].HashSet[0, 10]).Sample((points, most, gap, cuts) =>
        {
            var blocks = BlockPlanner.Plan(points, _ => most, gap, _ => new(null, cuts));
            Assert.Equal(points.Length, blocks.Sum(b => b.Points.Count));
            Assert.Equal(points.Order(ByAll), blocks.SelectMany(b => b.Points).Order(ByAll));
            Assert.All(blocks, b =>
            {
                Assert.All(b.Points, p => Assert.True(p.Area == b.Area && p.Start >= b.Start && p.Start + p.Count <= b.Start + b.Count));
                Assert.InRange(b.Count, 1, most);
                Assert.Equal(b.Start, b.Points.Min(p => p.Start));
                Assert.Equal(b.Start + b.Count, b.Points.Max(p => p.Start + p.Count));
                // What is read in vain is never longer than allowed, and never reaches over a cut.
                var needed = b.Points.SelectMany(p => Enumerable.Range(p.Start, p.Count)).ToHashSet();
                var run = 0;
                for (var cell = b.Start; cell < b.Start + b.Count; cell++)
                {
                    run = needed.Contains(cell) ? 0 : run + 1;
                    Assert.True(run <= gap);
                    Assert.True(run == 0 || !cuts.Contains(cell));
                }
            });
        });

    [Fact]
    public void Neighbours_share_one_read_and_the_limit_of_125_is_used_to_the_full()
    {
        var points = Enumerable.Range(0, 250).Select(i => new Range(Holding, i, 1));
        Assert.Equal([(0, 125), (125, 125)], Plan(points, 125, 0).Select(b => (b.Start, b.Count)));
    }

    [Fact]
    public void A_gap_is_read_over_up_to_its_limit()
    {
        Range[] points = [new(Holding, 0, 2), new(Holding, 10, 1), new(Holding, 20, 1)];
        Assert.Equal([(0, 11), (20, 1)], Plan(points, 125, 8).Select(b => (b.Start, b.Count)));   // 8 in vain, then 9
        Assert.Equal([(0, 21)], Plan(points, 125, 9).Select(b => (b.Start, b.Count)));
    }

    [Fact]
    public void A_point_inside_another_and_two_at_one_address_share_a_read()
    {
        Range[] points = [new(Holding, 5, 4), new(Holding, 6, 1), new(Holding, 5, 1)];
        Assert.Equal([(5, 4)], Plan(points, 4, 0).Select(b => (b.Start, b.Count)));
    }

    [Fact]
    public void Halves_of_a_refused_block_hold_all_its_points_and_nothing_between_them() =>
        AnyRange.Where(r => r.Area == Holding).Array[2, 60].Sample(points =>
        {
            var block = BlockPlanner.Plan(points, _ => 500, 500, _ => AreaLimits.None).Single();
            var (left, right) = BlockPlanner.Split(block);
            Assert.Equal(block.Points, left.Points.Concat(right.Points));
            Assert.True(left.Points.Count > 0 && right.Points.Count > 0);
        });

    private static readonly RegisterArea Holding = new(1, 3, 0, CellSize.Word);
    private static readonly Comparer<Range> ByAll = Comparer<Range>.Create((a, b) =>
        (a.Area.Device, a.Area.Code, a.Start, a.Count).CompareTo((b.Area.Device, b.Area.Code, b.Start, b.Count)));

    private static List<PlannedBlock<Range>> Plan(IEnumerable<Range> points, int most, int gap) => BlockPlanner.Plan(points, _ => most, gap, _ => AreaLimits.None);
}
