using Ieum.Plan;
using Ieum.TestKit;

namespace Ieum.Tests.Plan.Standard;

public class JobShopFileTests
{
    private const string Data = "data/planning/";

    [Theory]
    [InlineData("scheduleopt/jsp-text/ft06.txt", nameof(JobShopKind.Classic), 6, 36, 6)]
    [InlineData("scheduleopt/jsp-text/ta80js.txt", nameof(JobShopKind.Classic), 100, 2000, 20)]
    [InlineData("fjsp-instances/brandimarte/mk10.txt", nameof(JobShopKind.Flexible), 20, 240, 15)]
    [InlineData("tue/data/fjsp_sdst/fattahi/Fattahi_setup_20.fjs", nameof(JobShopKind.FlexibleWithSetUps), 12, 48, 8)]
    [InlineData("tue/data/fajsp/dafjs/DAFJS01", nameof(JobShopKind.FlexibleAssembly), 4, 26, 5)]
    public void A_published_instance_is_told_apart_and_read(string file, string kind, int jobs, int operations, int machines)
    {
        var shop = JobShopFile.Read(Needs.Shared(Data + file));
        Assert.Equal((kind, jobs, operations, machines), (shop.Kind.ToString(), shop.Jobs, shop.Operations.Length, shop.Machines));
    }

    [Fact]
    public void Every_published_file_is_read_and_names_machines_from_zero()
    {
        var root = Needs.Shared(Data);
        string[] files = [.. Directory.GetFiles(Path.Combine(root, "fjsp-instances"), "*.txt", SearchOption.AllDirectories),
            .. Directory.GetFiles(Path.Combine(root, "scheduleopt/jsp-text")), .. Directory.GetFiles(Path.Combine(root, "tue/data"), "*", SearchOption.AllDirectories).Where(f => !f.EndsWith(".md", StringComparison.Ordinal))];
        Assert.True(files.Length > 400, $"only {files.Length} files");
        foreach (var file in files)
        {
            var shop = JobShopFile.Read(file);
            Assert.All(shop.Operations, o => Assert.All(o.Options, x => Assert.InRange(x.Machine, 0, shop.Machines - 1)));
        }
    }

    [Fact]
    public void Machines_count_from_zero_or_from_one()
    {
        // Two jobs of one operation: the first on either machine, the second on the second machine.
        var fromZero = JobShopFile.Parse("a.txt", "2 2\n1 2 0 5 1 6\n1 1 1 7\n");
        var fromOne = JobShopFile.Parse("a.txt", "2 2\n1 2 1 5 2 6\n1 1 2 7\n");
        Assert.Equal(fromZero.Operations.SelectMany(o => o.Options), fromOne.Operations.SelectMany(o => o.Options));
        // Nothing tells: the extension decides.
        Assert.Equal(1, JobShopFile.Parse("a.txt", "1 3\n1 2 1 5 2 6\n").Operations[0].Options[0].Machine);
        Assert.Equal(0, JobShopFile.Parse("a.fjs", "1 3\n1 2 1 5 2 6\n").Operations[0].Options[0].Machine);
    }

    [Fact]
    public void Taillards_own_layout_is_the_same_shop_as_the_standard_one()
    {
        var standard = JobShopFile.Parse("a.txt", "2 3\n0 4 2 5 1 6\n1 7 0 8 2 9\n");
        var taillard = JobShopFile.Parse("a.txt",
            "Nb of jobs, Nb of Machines, Time seed, Machine seed, Upper bound, Lower bound\n 2 3 840612802 398197754 30 25\nTimes\n 4 5 6\n 7 8 9\nMachines\n 1 3 2\n 2 1 3\n");
        Assert.Equal(standard.Operations.SelectMany(o => o.Options), taillard.Operations.SelectMany(o => o.Options));
        Assert.Equal(JobShopKind.Classic, taillard.Kind);
    }

    [Fact]
    public void Set_up_tables_follow_the_jobs_machine_by_machine()
    {
        var shop = JobShopFile.Parse("s.fjs", "2 2 1\n1 2 1 5 2 6\n1 1 2 7\n\n1 2\n3 4\n\n5 6\n7 8\n");
        Assert.Equal((2, 3, 6, 7), (shop.SetUp(0, 0, 1), shop.SetUp(0, 1, 0), shop.SetUp(1, 0, 1), shop.SetUp(1, 1, 0)));
    }

    [Fact]
    public void Assembly_jobs_are_what_arcs_hold_together()
    {
        // 0 and 1 are put together in 2; 3 stands alone.
        var shop = JobShopFile.Parse("a", "4 2 2\n0 2\n1 2\n1 0 5\n1 1 6\n2 0 7 1 8\n1 1 9\n");
        Assert.Equal([(0, 0), (0, 1), (0, 2), (1, 0)], shop.Operations.Select(o => (o.Job, o.Number)));
        Assert.Equal([0, 1], shop.Operations[2].Before.Order());
    }

    [Theory]
    [InlineData("", PlanRules.FileEmpty, 0)]
    [InlineData("hello\n", PlanRules.FileEmpty, 0)]
    [InlineData("5\n", PlanRules.FileHeader, 1)]
    [InlineData("1 2\n2 1 0 5 1 x 6\n", PlanRules.FileNotANumber, 2)]
    [InlineData("1 2\n2 1 0 5 1 1\n", PlanRules.FileTooShort, 2)]
    [InlineData("1 2\n1 1 0 5\n1 1 0 5\n", PlanRules.FileRowCount, 3)]
    [InlineData("1 2\n1 0\n", PlanRules.FileNoMachine, 2)]
    [InlineData("1 2\n1 2 0 5 0 6\n", PlanRules.FileMachineTwice, 2)]
    [InlineData("1 2\n2 1 0 5 1 2 6\n", PlanRules.FileMachineUnknown, 2)]
    [InlineData("1 2\n1 1 3 5\n", PlanRules.FileOutOfRange, 2)]
    [InlineData("1 2\n1 1 0 -5\n", PlanRules.FileOutOfRange, 2)]
    [InlineData("1 2\n1 1 0 2.5\n", PlanRules.FileOutOfRange, 2)]
    [InlineData("1 2\n1 1 0 99999999999\n", PlanRules.FileOutOfRange, 2)]
    [InlineData("2 2 2\n0 1\n1 0\n1 0 5\n1 1 6\n", PlanRules.FileCircle, 0)]
    [InlineData("1 3\nTimes\n1 2 3\nMachines\n1 2\n", PlanRules.FileRowLength, 5)]
    [InlineData("2 2\r\n\r\n1 1 0\r\n1 1 1 5\r\n", PlanRules.FileTooShort, 3)]        // Windows line ends, a blank line, a duration missing in the first job
    [InlineData("# shop\n2 2\n1 1 0 5 7  # one too many\n1 1 1 5\n", PlanRules.FileTooLong, 3)]
    [InlineData("1 2\n1 1 0 60000000\n", PlanRules.FileOutOfRange, 2)]                       // a million hours in minutes
    public void A_broken_file_is_told_with_line_and_rule(string text, string rule, int line)
    {
        var e = Assert.Throws<JobShopFileException>(() => JobShopFile.Parse("shop.txt", text));
        Assert.Equal((rule, line), (e.Rule, e.Line));
        Assert.StartsWith("shop.txt", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("2 2 1.5\r\n1 2 0 5 1 6   \r\n1 1 1 7\t\r\n\r\n")]                      // Windows, blanks and tabs behind, an empty line at the end
    [InlineData("2 2\r1 2 0 5 1 6\r1 1 1 7")]                                              // line ends of old Macs, none at the end
    [InlineData("# a comment\n2 2 // jobs, machines\n1 2 0 5 1 6 # saw or mill\n% another\n1 1 1 7\n")]
    [InlineData("\uFEFF2\u00A02\n1,2,0,5,1,6\n1;1;1;7\n")]
    [InlineData("2 2\n1\n2 0 5\n1 6\n1 1 1 7\n")]                                           // a job over several lines
    public void Line_ends_blanks_and_comments_make_no_difference(string text)
    {
        var plain = JobShopFile.Parse("a.txt", "2 2\n1 2 0 5 1 6\n1 1 1 7\n");
        var shop = JobShopFile.Parse("a.txt", text);
        Assert.Equal(plain.Operations.SelectMany(o => o.Options), shop.Operations.SelectMany(o => o.Options));
    }

    [Fact]
    public void An_operation_of_a_million_hours_is_read_and_a_longer_one_is_told_with_its_remedy()
    {
        Assert.Equal(1_000_000, JobShopFile.Parse("h.txt", "1 3\n1 1 0 1000000\n").Operations[0].Options[0].Time);
        var e = Assert.Throws<JobShopFileException>(() => JobShopFile.Parse("h.txt", "1 3\n1 1 0 3600000000\n"));
        Assert.Contains("coarser unit", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Foreign_bytes_end_in_a_rule_and_nothing_else()
    {
        // Published text with one character replaced, 2,000 times: read, or refused with a rule; never another exception.
        const string Good = "2 2 1\n1 2 1 5 2 6\n2 1 2 7 1 1 4\n\n1 2 3\n4 5 6\n7 8 9\n\n1 2 3\n4 5 6\n7 8 9\n";
        var random = new Random(7);
        for (var i = 0; i < 2_000; i++)
        {
            var text = Good.ToCharArray();
            for (var k = random.Next(3); k >= 0; k--) text[random.Next(text.Length)] = " \n0123456789-.,xE#가"[random.Next(18)];
            try { Assert.NotEmpty(JobShopFile.Parse("x.fjs", new string(text)).Operations); }
            catch (JobShopFileException e) { Assert.Contains(e.Rule, PlanRules.All.Keys); }
        }
    }

    [Fact]
    public void A_missing_file_is_told_by_path()
    {
        var e = Assert.Throws<JobShopFileException>(() => JobShopFile.Read(Path.Combine(Needs.Scratch, "not-there.fjs")));
        Assert.Equal(PlanRules.FileUnreadable, e.Rule);
        Assert.Contains("not-there.fjs", e.Message, StringComparison.Ordinal);
    }
}
