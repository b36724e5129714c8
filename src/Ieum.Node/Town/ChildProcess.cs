using System.Collections.Concurrent;
using System.Diagnostics;

namespace Ieum.Node.Town;

/// <summary>A program of the product, started beside the town and stopped with it.</summary>
/// <remarks>
/// A child reads its standard input and stops when it closes; so the children of a town that was killed end too.
/// Standard error goes to a log file, standard output is read line by line.
/// </remarks>
internal sealed class ChildProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly ConcurrentQueue<string> _said = [];
    private readonly SemaphoreSlim _news = new(0);
    private readonly StreamWriter _log;

    private ChildProcess(Process process, string name, StreamWriter log) => (_process, Name, _log) = (process, name, log);

    public string Name { get; }
    public int Id => _process.Id;
    public bool HasExited => _process.HasExited;
    public int ExitCode => _process.ExitCode;
    public string LogFile { get; private init; } = "";

    /// <summary>Resident memory now, bytes; 0 after it ended.</summary>
    public long Memory
    {
        get
        {
            if (_process.HasExited) return 0;
            _process.Refresh();
            return _process.WorkingSet64;
        }
    }

    /// <param name="program">Path without ending: <c>ieum</c> beside this program, or a <c>.dll</c> run by the same dotnet.</param>
    public static ChildProcess Start(string name, string program, IEnumerable<string> arguments, string logFile)
    {
        var start = new ProcessStartInfo { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        if (program.EndsWith(".dll", StringComparison.Ordinal))
        {
            start.FileName = Environment.ProcessPath is { } p && Path.GetFileNameWithoutExtension(p) == "dotnet" ? p : "dotnet";
            start.ArgumentList.Add(program);
        }
        else start.FileName = program;
        foreach (var a in arguments) start.ArgumentList.Add(a);

        var log = new StreamWriter(logFile, append: false) { AutoFlush = true };
        var process = new Process { StartInfo = start, EnableRaisingEvents = true };
        var child = new ChildProcess(process, name, log) { LogFile = logFile };
        process.OutputDataReceived += (_, e) => child.Hear(e.Data);
        process.ErrorDataReceived += (_, e) => child.Log(e.Data);
        process.Exited += (_, _) => child._news.Release();
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return child;
    }

    /// <summary>The first line on standard output that <paramref name="wanted"/> accepts.</summary>
    /// <exception cref="InvalidOperationException">The child ended first; the message carries the end of its log.</exception>
    public async Task<string> LineAsync(Func<string, bool> wanted, CancellationToken cancel)
    {
        while (true)
        {
            while (_said.TryDequeue(out var line))
                if (wanted(line)) return line;
            if (_process.HasExited)
                throw new InvalidOperationException($"{Name} ended with code {_process.ExitCode} before it was ready. The end of {LogFile}:{Environment.NewLine}{Tail()}");
            await _news.WaitAsync(cancel);
        }
    }

    /// <summary>Asks it to end, waits, and kills it with everything it started when it does not.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            try
            {
                _process.StandardInput.Close();
                using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(8));
                await _process.WaitForExitAsync(patience.Token);
            }
            catch (Exception e) when (e is OperationCanceledException or InvalidOperationException or IOException)
            {
                if (!_process.HasExited) _process.Kill(entireProcessTree: true);
                await _process.WaitForExitAsync(CancellationToken.None);
            }
        }
        _process.Dispose();
        lock (_log) _log.Dispose();
        _news.Dispose();
    }

    private void Hear(string? line)
    {
        if (line is null) return;
        Log(line);
        _said.Enqueue(line);
        _news.Release();
    }

    private void Log(string? line)
    {
        if (line is null) return;
        lock (_log)
            if (_log.BaseStream is { CanWrite: true }) _log.WriteLine(line);
    }

    private string Tail()
    {
        lock (_log) _log.Flush();
        return string.Join(Environment.NewLine, File.ReadLines(LogFile).TakeLast(15));
    }
}
