using System.CommandLine;
using System.Text.Json;
using Ieum.Sim.Config;
using Ieum.Sim.Control;
using Ieum.Sim.Play;

namespace Ieum.Sim.Cli;

/// <summary><c>ieum-sim run --config FILE</c>: hosts machines until it is told to stop.</summary>
internal static class RunCommand
{
    public static Command Create()
    {
        var config = new Option<FileInfo>("--config") { Description = "Machines to run, JSON; see docs/simulated-machines.md.", Required = true };
        var broker = new Option<string?>("--broker") { Description = "MQTT broker host:port; wins over the file." };
        var control = new Option<int?>("--control-port") { Description = "Port of the control channel on loopback; 0 takes a free one." };
        var child = new Option<bool>("--with-parent") { Description = "End when standard input closes." };
        var clock = new ClockOptions();
        var command = new Command("run", "Runs simulated machines from a configuration file.") { config, broker, control, child };
        clock.AddTo(command);
        command.SetAction((parsed, cancel) => SimCommands.GuardAsync(async log =>
        {
            var file = parsed.GetRequiredValue(config);
            var read = SimConfig.Read(await File.ReadAllTextAsync(file.FullName, cancel).ConfigureAwait(false), file.Name);
            var (clocks, start, speed) = clock.Clocks(parsed, read.Clock);
            var factory = new MachineFactory(clocks, start, parsed.GetValue(broker), log);
            var machines = new List<SimMachine>();
            try
            {
                foreach (var m in read.Machines)
                {
                    m.Broker ??= read.Broker;
                    machines.Add(factory.Create(m));
                }
                await using var server = new ControlServer(parsed.GetValue(control) ?? read.ControlPort, machines, clocks, speed, log);
                return await HostAsync(machines, server, parsed.GetValue(child), cancel).ConfigureAwait(false);
            }
            finally
            {
                foreach (var m in machines) await m.Outlet.DisposeAsync().ConfigureAwait(false);
            }
        }));
        return command;
    }

    private static async Task<int> HostAsync(List<SimMachine> machines, ControlServer server, bool withParent, CancellationToken cancel)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        foreach (var m in machines) await m.Outlet.StartAsync(cancel).ConfigureAwait(false);
        await server.StartAsync(cancel).ConfigureAwait(false);
        var running = machines.Select(m => Task.Run(() => m.RunAsync(stop.Token), CancellationToken.None)).ToArray();
        Terminal.Answer(JsonSerializer.Serialize(
            new ReadyLine(true, server.Endpoint, [.. machines.Select(m => new ReadyMachine(m.Id, m.Outlet.Protocol, m.Outlet.Endpoint, m.Outlet.Points))]),
            ControlJson.Default.ReadyLine));
        var ended = new TaskCompletionSource();
        await using var told = stop.Token.Register(ended.SetResult);
        await (withParent ? Task.WhenAny(ended.Task, Terminal.InputClosedAsync()) : ended.Task).ConfigureAwait(false);
        await stop.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(running).ConfigureAwait(false);
        return 0;
    }
}
