using System.ComponentModel;
using System.Diagnostics;
using Google.OrTools.Sat;

namespace Ieum.Plan;

/// <summary>How the solver's own process is started.</summary>
/// <param name="File">Program.</param>
/// <param name="Arguments">Its words; the last one makes it a solver.</param>
public sealed record SolverProgram(string File, IReadOnlyList<string> Arguments)
{
    /// <summary>The hidden verb of the node's program.</summary>
    public const string Verb = "solver";

    /// <summary>The node's program beside the running one; null when it is not there (a test, another host).</summary>
    public static SolverProgram? Beside(string folder)
    {
        var library = Path.Combine(folder, "ieum.dll");
        var program = Path.Combine(folder, OperatingSystem.IsWindows() ? "ieum.exe" : "ieum");
        // A published node is one program; a built one is started by the dotnet that runs already.
        if (System.IO.File.Exists(library) && System.IO.File.Exists(Path.ChangeExtension(library, ".runtimeconfig.json")))
            return new(Path.GetFileNameWithoutExtension(Environment.ProcessPath) is "dotnet" ? Environment.ProcessPath! : "dotnet", [library, Verb]);
        return System.IO.File.Exists(program) ? new(program, [Verb]) : null;
    }
}

/// <summary>Solves in a process of its own. If that dies, the question fails and the node lives; the next question starts another.</summary>
internal sealed class CpProcess(SolverProgram program) : ICpEngine
{
    private readonly Lock _writing = new();
    private Process? _child;
    private Thread? _errors;

    /// <summary>Id of the child while there is one; for tests that kill it.</summary>
    public int? ChildId => _child?.Id;

    public CpAnswer Solve(CpModel model, string parameters, Action<long[]>? onSolution, Action<double>? onBound, CancellationToken stop)
    {
        try
        {
            var child = Running();
            using var stopping = stop.Register(() => TryStop(child));
            lock (_writing) CpFrames.Write(child.StandardInput.BaseStream, 'Q', CpFrames.Question(model.Model, parameters));
            if (stop.IsCancellationRequested) TryStop(child);
            while (CpFrames.Read(child.StandardOutput.BaseStream) is { } frame)
                switch (frame.Kind)
                {
                    case 'I': onSolution?.Invoke(CpFrames.Solution(frame.Payload)); break;
                    case 'B': onBound?.Invoke(CpFrames.Bound(frame.Payload)); break;
                    case 'E':
                        var end = CpSolverResponse.Parser.ParseFrom(frame.Payload);
                        return new(end.Status, [.. end.Solution], end.BestObjectiveBound);
                }
            throw new CpEngineException("The solver's process ended in the middle of a question.");
        }
        catch (Exception e) when (e is IOException or Win32Exception or InvalidDataException or InvalidOperationException)
        {
            End();
            throw new CpEngineException($"The solver's process could not be used: {e.Message}", e);
        }
        catch (CpEngineException)
        {
            End();
            throw;
        }
    }

    private void TryStop(Process child)
    {
        try { lock (_writing) CpFrames.Write(child.StandardInput.BaseStream, 'S', []); }
        catch (Exception e) when (e is IOException or InvalidOperationException)
        {
            // It is gone already; the reader notices.
        }
    }

    private Process Running()
    {
        if (_child is { HasExited: false }) return _child;
        End();
        var start = new ProcessStartInfo(program.File) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false, CreateNoWindow = true };
        foreach (var a in program.Arguments) start.ArgumentList.Add(a);
        var child = _child = Process.Start(start) ?? throw new IOException($"'{program.File}' did not start.");
        // What native code says before it dies goes nowhere, but must not block it either.
        _errors = new Thread(() => { try { child.StandardError.ReadToEnd(); } catch (Exception e) when (e is IOException or ObjectDisposedException or InvalidOperationException) { } }) { IsBackground = true };
        _errors.Start();
        return child;
    }

    private void End()
    {
        if (_child is null) return;
        try { if (!_child.HasExited) _child.Kill(); }
        catch (Exception e) when (e is InvalidOperationException or Win32Exception)
        {
            // Ended between the question and the kill.
        }
        _child.Dispose();
        _child = null;
    }

    public void Dispose() => End();
}
