using System.CommandLine;
using System.Diagnostics;
using Ieum.Node.Town;

namespace Ieum.Node.Cli;

/// <summary><c>ieum replay</c>: real recordings through a simulated machine. The work is done by the simulated machines' own program.</summary>
internal static class ReplayVerb
{
    public static Command Make()
    {
        var files = new Argument<FileInfo[]>("files") { Description = "Recordings (.txt or .txt.gz), played in this order.", Arity = ArgumentArity.OneOrMore };
        var protocol = new Option<string>("--protocol") { Description = "What the simulated machine speaks.", DefaultValueFactory = _ => "mtconnect" };
        protocol.AcceptOnlyFromAmong("mtconnect", "shdr", "opcua", "modbus", "sparkplug");
        var port = new Option<int?>("--port") { Description = "Port to listen on; 0 takes a free one." };
        var speed = new Option<string?>("--speed") { Description = "Times as fast as recorded, or 'max' for as fast as the client reads." };
        var broker = new Option<string?>("--broker") { Description = "Broker host:port, for sparkplug." };
        var machine = new Option<string?>("--machine") { Description = "Name of the simulated machine." };
        var start = new Option<string?>("--start") { Description = "Instant the recording's first event is laid at, ISO 8601; now when left out." };
        var json = new Option<bool>("--json") { Description = "Counts as one JSON document on standard output." };
        var verb = new Command("replay", "Plays recordings of real machines through a simulated machine.") { files, protocol, port, speed, broker, machine, start, json };
        verb.SetAction(async (parsed, cancel) =>
        {
            List<string> arguments = ["replay", .. parsed.GetValue(files)!.Select(f => f.FullName), "--protocol", parsed.GetValue(protocol)!];
            Add("--port", parsed.GetValue(port)?.ToString(System.Globalization.CultureInfo.InvariantCulture));
            Add("--speed", parsed.GetValue(speed));
            Add("--broker", parsed.GetValue(broker));
            Add("--machine", parsed.GetValue(machine));
            Add("--start", parsed.GetValue(start));
            if (parsed.GetValue(json)) arguments.Add("--json");
            return await RunAsync(arguments, cancel);

            void Add(string name, string? value)
            {
                if (value is not null) arguments.AddRange([name, value]);
            }
        });
        return verb;
    }

    private static async Task<int> RunAsync(List<string> arguments, CancellationToken cancel)
    {
        string program;
        try
        {
            program = Programs.Sim();
        }
        catch (InvalidOperationException e)
        {
            Terminal.Error($"{e.Message} [replay-no-program]");
            return 1;
        }
        var start = new ProcessStartInfo(program.EndsWith(".dll", StringComparison.Ordinal) ? "dotnet" : program);
        if (program.EndsWith(".dll", StringComparison.Ordinal)) start.ArgumentList.Add(program);
        foreach (var a in arguments) start.ArgumentList.Add(a);
        using var child = Process.Start(start)!;
        try
        {
            await child.WaitForExitAsync(cancel);
        }
        catch (OperationCanceledException)
        {
            child.Kill(entireProcessTree: true);
            return 1;
        }
        return child.ExitCode;
    }
}
