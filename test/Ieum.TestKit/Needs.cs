using System.Diagnostics;
using System.Runtime.CompilerServices;
using Xunit;

namespace Ieum.TestKit;

/// <summary>What a test needs from outside the repository. Missing on a laptop: skipped with the reason. Missing on CI: failed.</summary>
public static class Needs
{
    /// <summary>Nobody looks on, and nothing may be skipped.</summary>
    public static bool OnCi => Environment.GetEnvironmentVariable("CI") is "true" or "1";

    /// <summary>Top folder of the checkout.</summary>
    public static string Repository { get; } = FindRepository();

    /// <summary>Where tests may write; ignored by git.</summary>
    public static string Scratch { get; } = Directory.CreateDirectory(Path.Combine(Repository, ".build", "test-scratch")).FullName;

    /// <summary>A file or folder of the shared reference data (variable IEUM_SHARED, else ../shared beside the checkout).</summary>
    public static string Shared(string relative)
    {
        var root = Environment.GetEnvironmentVariable("IEUM_SHARED") ?? Path.Combine(Repository, "..", "shared");
        var path = Path.GetFullPath(Path.Combine(root, relative));
        if (!Path.Exists(path)) Missing($"reference data '{relative}' (set IEUM_SHARED to the folder that holds it)");
        return path;
    }

    /// <summary>Node.js with the counterpart packages of test/counterparts installed; returns their node_modules folder.</summary>
    public static string Npm(string package)
    {
        if (Find("node") is null) Missing("Node.js (apt-get install nodejs npm)");
        var modules = Path.Combine(Repository, ".build", "counterparts", "node_modules");
        if (!Directory.Exists(Path.Combine(modules, package))) Missing($"npm package '{package}' (run ./ieum test once, it installs test/counterparts)");
        return modules;
    }

    /// <summary>An installed program, by name; returns its path.</summary>
    public static string Program(string name, string install)
    {
        var path = Find(name);
        if (path is null) Missing($"program '{name}' ({install})");
        return path!;
    }

    /// <summary>Starts a counterpart script of test/counterparts with Node.js; standard output is redirected.</summary>
    public static Process Node(string script, params string[] arguments)
    {
        var start = new ProcessStartInfo(Program("node", "apt-get install nodejs"))
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            WorkingDirectory = Path.Combine(Repository, "test", "counterparts"),
        };
        start.ArgumentList.Add(Path.Combine(Repository, "test", "counterparts", script));
        foreach (var a in arguments) start.ArgumentList.Add(a);
        start.Environment["NODE_PATH"] = Path.Combine(Repository, ".build", "counterparts", "node_modules");
        return Process.Start(start) ?? throw new InvalidOperationException($"'{script}' did not start.");
    }

    /// <summary>The system's Python with a module that a counterpart of test/counterparts needs; returns its path.</summary>
    public static string Python(string module)
    {
        // The system's own, because that is where the packages of the distribution are.
        const string Path = "/usr/bin/python3";
        if (!File.Exists(Path)) Missing("Python 3 (apt-get install python3)");
        using var asked = Process.Start(new ProcessStartInfo(Path, ["-c", $"import importlib.util, sys; sys.exit(importlib.util.find_spec('{module}') is None)"]))!;
        asked.WaitForExit();
        if (asked.ExitCode != 0) Missing($"Python module '{module}' (apt-get install python3-{module})");
        return Path;
    }

    /// <summary>Skips the test (fails it on CI) when something it needs is not here.</summary>
    public static void That(bool here, string what)
    {
        if (!here) Missing(what);
    }

    private static void Missing(string what)
    {
        if (OnCi) Assert.Fail($"Missing on CI: {what}.");
        Assert.Skip($"Missing here: {what}.");
    }

    private static string? Find(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Append("/usr/sbin")
        .Select(d => Path.Combine(d, program)).FirstOrDefault(File.Exists);

    private static string FindRepository([CallerFilePath] string here = "")
    {
        for (var dir = new DirectoryInfo(Path.GetDirectoryName(here)!); dir is not null; dir = dir.Parent)
            if (File.Exists(Path.Combine(dir.FullName, "Ieum.slnx"))) return dir.FullName;
        throw new InvalidOperationException($"No checkout above '{here}'.");
    }
}
