using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Ieum.TestKit;

/// <summary>
/// A PostgreSQL server in a folder of its own below the system's temporary one, on a Unix socket; started when a test first asks, shared by
/// all tests of the process, and stopped with it, also when the process is killed (the server's shell waits for its standard input to close).
/// </summary>
public sealed class PostgresServer : IDisposable
{
    private static readonly Lazy<PostgresServer> Shared = new(() => new PostgresServer(checksums: false));
    private readonly Process _shell;
    private int _disposed;

    /// <summary>The server, or a skipped test where PostgreSQL is not installed (a failed one on CI).</summary>
    public static PostgresServer Get()
    {
        Needs.That(Binaries() is not null, "PostgreSQL (apt-get install postgresql)");
        return Shared.Value;
    }

    /// <summary>A server of a test's own, which checks the checksums of its pages; the caller disposes of it.</summary>
    public static PostgresServer Own()
    {
        Needs.That(Binaries() is not null, "PostgreSQL (apt-get install postgresql)");
        return new(checksums: true);
    }

    /// <summary>Changes something in the server's data folder while the server is stopped.</summary>
    public void WhileStopped(Action<string> change)
    {
        Say("stop", "stopped");
        change(Path.Combine(Folder, "data"));
        Say("start", "ready");
    }

    private void Say(string word, string answer)
    {
        _shell.StandardInput.WriteLine(word);
        _shell.StandardInput.Flush();
        if (_shell.StandardOutput.ReadLine() != answer) throw new InvalidOperationException($"PostgreSQL did not {word}; see {Folder}.");
    }

    /// <summary>Folder of the server's socket and data.</summary>
    public string Folder { get; }

    /// <summary>Connection string of the database's superuser; the first schema of the search path as given.</summary>
    public string ConnectionString(string schema) => $"Host={Folder};Database=postgres;Username=ieum;Search Path={schema};Maximum Pool Size=12;Timeout=120;Command Timeout=300";

    private PostgresServer(bool checksums)
    {
        Folder = Directory.CreateTempSubdirectory("ieum-pg-").FullName;
        var (binaries, data) = (Binaries()!, Path.Combine(Folder, "data"));
        // fsync off: these tests kill clients, not the machine under the server. At the end it need not write anything any more (QUIT): its folder goes,
        // and the end of the test program waits for it.
        var settings = $"-c listen_addresses= -c unix_socket_directories={Folder} -c fsync=off -c full_page_writes=off -c shared_buffers=32MB -c max_connections=200 -c log_min_messages=fatal";
        var script = $"""
            '{binaries}/initdb' -D '{data}' -U ieum -A trust -E UTF8 --locale=C {(checksums ? "--data-checksums" : "")} >'{Folder}/initdb.log' 2>&1 || exit 1
            start() {'{'}
              '{binaries}/postgres' -D '{data}' {settings} >>'{Folder}/server.log' 2>&1 &
              server=$!
              until '{binaries}/pg_isready' -q -h '{Folder}' || ! kill -0 $server; do sleep 0.05; done
              echo ready
            {'}'}
            start
            while read word; do
              case $word in
                stop) kill -INT $server; wait $server; echo stopped ;;
                start) start ;;
              esac
            done
            kill -QUIT $server
            wait $server
            """;
        var start = new ProcessStartInfo("sh", ["-c", script]) { RedirectStandardInput = true, RedirectStandardOutput = true };
        if (Environment.UserName == "root")
        {
            // The server refuses to run as root: take the account that Debian's package makes, or nobody.
            var user = File.ReadLines("/etc/passwd").Any(l => l.StartsWith("postgres:", StringComparison.Ordinal)) ? "postgres" : "nobody";
            using var own = Process.Start("chown", [user, Folder]);
            own.WaitForExit();
            start = new ProcessStartInfo("runuser", ["-u", user, "--", "sh", "-c", script]) { RedirectStandardInput = true, RedirectStandardOutput = true };
        }
        start.WorkingDirectory = "/";
        _shell = Process.Start(start)!;
        if (_shell.StandardOutput.ReadLine() != "ready") throw new InvalidOperationException($"PostgreSQL did not start; see {Folder}.");
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Dispose();
    }

    private static string? Binaries() => RuntimeInformation.IsOSPlatform(OSPlatform.Windows) || !Directory.Exists("/usr/lib/postgresql") ? null
        : Directory.EnumerateDirectories("/usr/lib/postgresql").Select(d => Path.Combine(d, "bin")).Where(d => File.Exists(Path.Combine(d, "initdb"))).Order(StringComparer.Ordinal).LastOrDefault();

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0) return;
        _shell.StandardInput.Close();
        if (!_shell.WaitForExit(TimeSpan.FromMinutes(1))) _shell.Kill(entireProcessTree: true);
        _shell.Dispose();
        if (Directory.Exists(Folder) && Environment.UserName == "root") Directory.Delete(Folder, recursive: true);
    }
}
