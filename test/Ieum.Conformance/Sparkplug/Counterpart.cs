using System.Diagnostics;
using System.Threading.Channels;
using Ieum.TestKit;

namespace Ieum.Conformance.Sparkplug;

/// <summary>A counterpart process that answers in lines. Killed with the test.</summary>
internal sealed class Counterpart : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);
    private readonly Process _process;
    private readonly Channel<string> _lines = Channel.CreateUnbounded<string>();
    private readonly List<string> _seen = [];

    private Counterpart(Process process)
    {
        _process = process;
        process.OutputDataReceived += (_, e) => { if (e.Data is { } line) _lines.Writer.TryWrite(line); };
        process.ErrorDataReceived += (_, e) => { if (e.Data is { } line) lock (_seen) _seen.Add("! " + line); };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public static Counterpart Script(string package, string script, params string[] arguments)
    {
        Needs.Npm(package);
        return new(Needs.Node(script, arguments));
    }

    public static Counterpart Program(string path, params string[] arguments) => new(Process.Start(new ProcessStartInfo(path, arguments)
    {
        RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true,
    })!);

    public void Say(string line) => _process.StandardInput.WriteLine(line);

    public async Task<string> AskAsync(string line)
    {
        Say(line);
        return await NextAsync();
    }

    public async Task<string> NextAsync()
    {
        using var stop = new CancellationTokenSource(Limit);
        try
        {
            var line = await _lines.Reader.ReadAsync(stop.Token);
            lock (_seen) _seen.Add(line);
            return line;
        }
        catch (OperationCanceledException)
        {
            lock (_seen) throw new TimeoutException($"The counterpart said nothing within {Limit}. Before: {string.Join(" | ", _seen)}");
        }
    }

    /// <summary>Reads lines until one fits.</summary>
    public async Task<string> UntilAsync(Func<string, bool> fits)
    {
        while (true)
        {
            var line = await NextAsync();
            if (fits(line)) return line;
        }
    }

    /// <summary>As a power cut: no good-bye, no disconnect packet.</summary>
    public void Kill()
    {
        _process.Kill();
        _process.WaitForExit();
    }

    public void Dispose()
    {
        try { if (!_process.HasExited) Kill(); }
        catch (InvalidOperationException) { /* it ended between the two calls */ }
        _process.Dispose();
    }
}
