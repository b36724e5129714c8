using System.Diagnostics;
using Ieum.TestKit;

namespace Ieum.House.Tests.Rules;

/// <summary>Habits of the repository that no compiler checks.</summary>
public sealed class TidinessTests
{
    [Fact]
    public void The_root_holds_at_most_22_entries() =>
        Assert.InRange(Git("ls-tree", "--name-only", "HEAD").Length, 1, 22);

    [Fact]
    public void Hand_written_files_stay_under_400_lines()
    {
        var long_ = Tracked("*.cs", "*.razor").Where(f => !f.EndsWith(".g.cs", StringComparison.Ordinal))
            .Select(f => (File: f, Lines: File.ReadLines(Path.Combine(Needs.Repository, f)).Count())).Where(f => f.Lines > 400);
        Assert.Empty(long_);
    }

    [Fact]
    public void Nothing_in_the_product_promises_later_work()
    {
        string[] words = ["NotImplementedException", "TO" + "DO", "FIX" + "ME"];
        var found = Tracked("src/*", "sim/*").Where(IsText)
            .SelectMany(f => File.ReadLines(Path.Combine(Needs.Repository, f)).Where(l => words.Any(l.Contains)).Select(l => $"{f}: {l.Trim()}"));
        Assert.Empty(found);
    }

    [Fact]
    public void The_product_reads_nothing_beside_its_own_folder()
    {
        var found = Tracked("src/*", "sim/*").Where(IsText)
            .Where(f => File.ReadAllText(Path.Combine(Needs.Repository, f)).Contains("../shared", StringComparison.Ordinal));
        Assert.Empty(found);
    }

    [Fact]
    public void Every_project_has_a_lock_file()
    {
        var without = Tracked("*.csproj").Where(p => !File.Exists(Path.Combine(Needs.Repository, Path.GetDirectoryName(p)!, "packages.lock.json")));
        Assert.Empty(without);
    }

    [Fact]
    public void Every_room_says_in_one_line_what_lives_in_it()
    {
        var map = File.ReadAllText(Path.Combine(Needs.Repository, "docs", "map.md"));
        var missing = Tracked("src/*.csproj", "sim/*.csproj", "test/*.csproj", "bench/*.csproj")
            .Select(p => Path.GetFileNameWithoutExtension(p)).Where(n => !map.Contains(n, StringComparison.Ordinal));
        Assert.Empty(missing);
    }

    private static bool IsText(string file) => Path.GetExtension(file) is ".cs" or ".razor" or ".js" or ".css" or ".csproj" or ".md";

    private static string[] Tracked(params string[] patterns) => Git(["ls-files", "--", .. patterns]);

    private static string[] Git(params string[] arguments)
    {
        var start = new ProcessStartInfo("git") { RedirectStandardOutput = true, WorkingDirectory = Needs.Repository };
        foreach (var a in arguments) start.ArgumentList.Add(a);
        using var git = Process.Start(start)!;
        var text = git.StandardOutput.ReadToEnd();
        git.WaitForExit();
        Assert.Equal(0, git.ExitCode);
        return text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
