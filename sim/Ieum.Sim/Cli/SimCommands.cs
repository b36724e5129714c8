using System.CommandLine;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace Ieum.Sim.Cli;

/// <summary>The verbs of <c>ieum-sim</c>. Exit codes: 0 good, 1 failed, 2 wrong use.</summary>
internal static class SimCommands
{
    public static async Task<int> RunAsync(string[] args)
    {
        var root = new RootCommand("Simulated machines that speak the real protocols.") { RunCommand.Create(), ReplayCommand.Create(), LoadCommand.Create(), FitCommand.Create(), GenerateCommand.Create() };
        var parsed = root.Parse(args);
        if (parsed.Errors.Count > 0)
        {
            foreach (var error in parsed.Errors) Terminal.Error(error.Message);
            return 2;
        }
        using var stop = new CancellationTokenSource();
        using var term = System.Runtime.InteropServices.PosixSignalRegistration.Create(System.Runtime.InteropServices.PosixSignal.SIGTERM, Stop);
        using var interrupt = System.Runtime.InteropServices.PosixSignalRegistration.Create(System.Runtime.InteropServices.PosixSignal.SIGINT, Stop);
        return await parsed.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null }, stop.Token).ConfigureAwait(false);

        void Stop(System.Runtime.InteropServices.PosixSignalContext context)
        {
            context.Cancel = true;
            stop.Cancel();
        }
    }

    /// <summary>Runs a verb; what is wrong with its input is one line on standard error and exit code 1, never a stack trace.</summary>
    public static async Task<int> GuardAsync(Func<ILogger, Task<int>> verb)
    {
        using var logs = LoggerFactory.Create(b => b
            .AddSimpleConsole(c => { c.SingleLine = true; c.ColorBehavior = LoggerColorBehavior.Disabled; })
            .Services.Configure<ConsoleLoggerOptions>(o => o.LogToStandardErrorThreshold = LogLevel.Trace));
        try
        {
            return await verb(logs.CreateLogger("Ieum.Sim")).ConfigureAwait(false);
        }
        catch (OperationCanceledException) { return 0; }
        catch (Exception e) when (e is InvalidDataException or IOException or UnauthorizedAccessException or System.Net.Sockets.SocketException)
        {
            Terminal.Error(e.Message);
            return 1;
        }
    }
}
