using System.CommandLine;
using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization;
using Ieum.Connect.OpcUa;
using Ieum.Connect.OpcUa.Server;
using Ieum.Model;
using Ieum.Sim.Control;
using Ieum.Sim.OpcUa;
using Microsoft.Extensions.Logging;

namespace Ieum.Sim.Cli;

/// <param name="Rate">Changes a second that were asked for, all tags together.</param>
/// <param name="Produced">Changes made while the run lasted.</param>
/// <param name="Queued">Changes that wait in queues at the end.</param>
/// <param name="Late">Changes that were not made because this process could not keep the rate.</param>
internal sealed record LoadReport(int Tags, int Rate, double Seconds, long Produced, long Queued, long Late, int Clients);

[JsonSerializable(typeof(LoadReport))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
internal sealed partial class LoadJson : JsonSerializerContext;

/// <summary><c>ieum-sim load opcua</c>: many numbers that change at a given rate, for benchmarks of clients.</summary>
internal static class LoadCommand
{
    private static readonly TimeSpan Fetching = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(10);

    public static Command Create()
    {
        var protocol = new Argument<string>("protocol") { Description = "opcua." };
        protocol.AcceptOnlyFromAmong("opcua");
        var tags = new Option<int>("--tags") { Description = "Variables, 1 to 200000.", DefaultValueFactory = _ => 1000 };
        var rate = new Option<int>("--rate") { Description = "Value changes a second, all variables together.", DefaultValueFactory = _ => 1000 };
        var port = new Option<int>("--port") { Description = "TCP port on loopback; 0 takes a free one.", DefaultValueFactory = _ => 0 };
        var seconds = new Option<double?>("--seconds") { Description = "How long; until it is stopped when left out." };
        var security = new Option<string[]>("--security") { Description = "Policies offered.", DefaultValueFactory = _ => ["None"] };
        var queue = new Option<int>("--min-queue") { Description = "Values an item that asked for a queue gets at least.", DefaultValueFactory = _ => 1 };
        var wait = new Option<bool>("--wait") { Description = "Change nothing before a client monitors every variable." };
        var child = new Option<bool>("--with-parent") { Description = "End when standard input closes." };
        var command = new Command("load", "Serves many changing numbers.") { protocol, tags, rate, port, seconds, security, queue, wait, child };
        command.SetAction((parsed, cancel) => SimCommands.GuardAsync(async log =>
        {
            var (n, r) = (parsed.GetValue(tags), parsed.GetValue(rate));
            if (n is < 1 or > 200_000) throw new InvalidDataException($"'--tags' must lie between 1 and 200000, not at {n}.");
            if (r is < 0 or > 5_000_000) throw new InvalidDataException($"'--rate' must lie between 0 and 5000000, not at {r}.");
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
            if (parsed.GetValue(child)) _ = Terminal.InputClosedAsync().ContinueWith(_ => stop.CancelAsync(), TaskScheduler.Default);
            var report = await RunAsync(n, r, parsed.GetValue(port), UaSettings.Parse("load", parsed.GetValue(security)!), parsed.GetValue(queue), parsed.GetValue(wait), parsed.GetValue(seconds) is { } s ? TimeSpan.FromSeconds(s) : TimeSpan.MaxValue, log, stop.Token).ConfigureAwait(false);
            Terminal.Answer(JsonSerializer.Serialize(report, LoadJson.Default.LoadReport));
            return 0;
        }));
        return command;
    }

    private static async Task<LoadReport> RunAsync(int tags, int rate, int port, IReadOnlyList<ServerSecurity> securities, int minQueue, bool wait, TimeSpan length, ILogger log, CancellationToken cancel)
    {
        await using var host = new ServerHost(new()
        {
            Name = "load",
            ApplicationUri = "urn:ieum:sim:load",
            ProductUri = "urn:ieum:sim",
            Bind = IPAddress.Loopback,
            Port = port,
            Securities = securities,
            Pki = Path.Combine(Path.GetTempPath(), "ieum-sim-pki", "load"),
            CertificateName = "ieum-sim",
            TrustAll = true,
            Limits = new() { MinQueueSize = minQueue, MaxNotificationsPerPublish = 10_000, AnonymousTransfer = true },
        }, Clocks.Real, log);
        var space = host.Engine.Space;
        var folder = space.Add(new ObjectNode(new(1, "Load"), new(1, "Load"), new("en", "Load")), NodeIds.ObjectsFolder, NodeIds.Organizes, NodeIds.FolderType).Id;
        var nodes = new VariableNode[tags];
        for (var i = 0; i < tags; i++)
        {
            var name = string.Create(CultureInfo.InvariantCulture, $"Tag{i}");
            nodes[i] = space.Add(new VariableNode(new(1, name), new(1, name), new("en", name), NodeIds.Double), folder, NodeIds.HasComponent, NodeIds.BaseDataVariableType);
            nodes[i].Set(new(Variant.Of(-1.0), StatusCodes.Good, OpcTime.Of(TimeProvider.System.GetUtcNow())));
        }
        host.Start();
        Terminal.Answer(JsonSerializer.Serialize(new ReadyLine(true, "", [new("load", "opcua", host.Endpoint)]), ControlJson.Default.ReadyLine));

        var clock = TimeProvider.System;
        var subscriptions = host.Engine.Subscriptions;
        long began = clock.GetTimestamp(), produced = 0, late = 0;
        var seconds = 0.0;
        using var timer = new PeriodicTimer(Step, clock);
        try
        {
            while (wait && subscriptions.Items < tags) await timer.WaitForNextTickAsync(cancel).ConfigureAwait(false);
            began = clock.GetTimestamp();
            while (clock.GetElapsedTime(began) < length && await timer.WaitForNextTickAsync(cancel).ConfigureAwait(false))
            {
                var due = (long)(clock.GetElapsedTime(began).TotalSeconds * rate);
                // Half a second behind is skipped and told, or the next step would only fall further behind.
                if (due - produced - late > rate / 2) late = due - produced;
                var now = OpcTime.Of(clock.GetUtcNow());
                for (; produced + late < due; produced++) nodes[produced % tags].Set(new(Variant.Of((double)produced), StatusCodes.Good, now));
            }
            seconds = clock.GetElapsedTime(began).TotalSeconds;
            // What is queued is still fetched, so that the client's count and this one can be compared.
            while (host.Connections > 0 && subscriptions.Queued + subscriptions.Unacknowledged > 0 && clock.GetElapsedTime(began) < length + Fetching)
                await timer.WaitForNextTickAsync(cancel).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            seconds = seconds > 0 ? seconds : clock.GetElapsedTime(began).TotalSeconds;
        }
        return new(tags, rate, seconds, produced, subscriptions.Queued, late, host.Connections);
    }
}
