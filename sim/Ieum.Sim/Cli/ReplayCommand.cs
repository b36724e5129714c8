using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Ieum.Model;
using Ieum.Sim.Config;
using Ieum.Sim.Feeds;
using Ieum.Sim.Machines;
using Ieum.Sim.Recordings;
using Microsoft.Extensions.Logging;

namespace Ieum.Sim.Cli;

/// <summary>What a replay did; printed under <c>--json</c>.</summary>
/// <param name="Lines">Lines read from the recordings and played.</param>
/// <param name="Unreadable">Lines of the recordings without a readable time or item.</param>
internal sealed record ReplayReport(
    string Protocol, string Endpoint, IReadOnlyList<string> Files, long Lines, long Unreadable, long Produced, long Sent, long Unseen, long Ignored, double Seconds);

[JsonSerializable(typeof(ReplayReport)), JsonSerializable(typeof(ReplayReady))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
internal sealed partial class ReplayJson : JsonSerializerContext;

/// <summary>Printed on standard error as soon as a client may connect.</summary>
internal sealed record ReplayReady(bool Ready, string Protocol, string Endpoint);

/// <summary><c>ieum-sim replay FILE…</c>: plays recordings once, from the first to the last line.</summary>
internal static class ReplayCommand
{
    public static Command Create()
    {
        var files = new Argument<FileInfo[]>("file") { Description = "Recordings (.txt, .txt.gz), played one after the other.", Arity = ArgumentArity.OneOrMore };
        var protocol = new Option<string>("--protocol") { Description = "shdr, mtconnect, opcua, modbus or sparkplug.", DefaultValueFactory = _ => "shdr" };
        protocol.AcceptOnlyFromAmong("shdr", "mtconnect", "opcua", "modbus", "sparkplug");
        var port = new Option<int?>("--port") { Description = "Port of adapter or agent; default 7878 for shdr, 5000 for mtconnect, 4840 for opcua, 5020 for modbus; 0 takes a free one." };
        var speed = new Option<string>("--speed") { Description = "Scenario seconds per real second, or max: as fast as the client reads.", DefaultValueFactory = _ => "1" };
        var broker = new Option<string>("--broker") { Description = "MQTT broker host:port for sparkplug.", DefaultValueFactory = _ => "127.0.0.1:1883" };
        var group = new Option<string>("--group") { Description = "Sparkplug group.", DefaultValueFactory = _ => "ieum" };
        var machine = new Option<string>("--machine") { Description = "Name of the machine.", DefaultValueFactory = _ => "replay" };
        var schema = new Option<string>("--schema") { Description = "MTConnect schema: 1.3, 1.8, 2.0, 2.5.", DefaultValueFactory = _ => "1.3" };
        var start = new Option<DateTimeOffset?>("--start") { Description = "Time given to the first event. Default: now." };
        var json = new Option<bool>("--json") { Description = "Print the counts as JSON." };
        var command = new Command("replay", "Plays recordings through a simulated machine, then ends.")
            { files, protocol, port, speed, broker, group, machine, schema, start, json };
        command.SetAction((parsed, cancel) => SimCommands.GuardAsync(async log =>
        {
            var paths = parsed.GetRequiredValue(files).Select(f => f.FullName).ToList();
            foreach (var path in paths)
                if (!File.Exists(path)) throw new InvalidDataException($"Recording '{path}' does not exist.");
            var rate = Rate(parsed.GetRequiredValue(speed));
            var settings = new MachineConfig
            {
                Id = parsed.GetRequiredValue(machine),
                Protocol = parsed.GetRequiredValue(protocol),
                Port = parsed.GetValue(port) ?? parsed.GetRequiredValue(protocol) switch { "shdr" => 7878, "modbus" => 5020, "opcua" => 4840, _ => 5000 },
                Schema = parsed.GetRequiredValue(schema),
                Broker = parsed.GetRequiredValue(broker),
                Group = parsed.GetRequiredValue(group),
                Source = new() { Recordings = "" },
                // At full speed a client cannot keep up line by line: its queues must hold what is played between two drains.
                MinQueue = rate is null ? 8192 : 1,
            };
            var report = await PlayAsync(paths, settings, parsed.GetValue(start), rate, log, cancel).ConfigureAwait(false);
            Terminal.Answer(parsed.GetValue(json)
                ? JsonSerializer.Serialize(report, ReplayJson.Default.ReplayReport)
                : string.Create(CultureInfo.InvariantCulture, $"{report.Lines} lines played in {report.Seconds:0.0} s, {report.Sent} values sent by {report.Protocol}"));
            return 0;
        }));
        return command;
    }

    /// <returns>Null for as fast as the client reads.</returns>
    private static double? Rate(string text) => text == "max" ? null
        : double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var rate) && rate is > 0 and <= 100_000 ? rate
        : throw new InvalidDataException($"'--speed' must be max or a number above 0 and at most 100000, not '{text}'.");

    private static async Task<ReplayReport> PlayAsync(
        List<string> paths, MachineConfig settings, DateTimeOffset? start, double? rate, ILogger log, CancellationToken cancel)
    {
        var real = TimeProvider.System;
        var clocks = new Clocks(real, real);
        await using var outlet = new MachineFactory(clocks, real.GetUtcNow(), null, log).Outlet(settings, DeviceDescription.For(paths[0]));
        await outlet.StartAsync(cancel).ConfigureAwait(false);
        Terminal.Note(JsonSerializer.Serialize(new ReplayReady(true, outlet.Protocol, outlet.Endpoint), ReplayJson.Default.ReplayReady));
        await outlet.FirstClient.WaitAsync(cancel).ConfigureAwait(false);

        var began = real.GetTimestamp();
        var origin = real.GetUtcNow();
        var first = start ?? origin;
        var feed = new RecordingFeed(paths, first, Anchor.FirstEvent, null, loop: false);
        var clock = rate is { } speed ? new ScenarioClock(first, speed, origin, real) : null;
        var lines = new List<FeedLine>(4096);
        long played = 0;
        for (var more = true; more;)
        {
            lines.Clear();
            more = feed.Advance(clock?.GetUtcNow() ?? DateTimeOffset.MaxValue, lines, 4096);
            if (lines.Count > 0) outlet.Write(lines);
            played += lines.Count;
            await outlet.DrainAsync(all: false, cancel).ConfigureAwait(false);
            if (clock is not null && lines.Count < 4096) await Task.Delay(TimeSpan.FromMilliseconds(20), real, cancel).ConfigureAwait(false);
        }
        await outlet.DrainAsync(all: true, cancel).ConfigureAwait(false);
        var counts = outlet.Counts;
        return new(outlet.Protocol, outlet.Endpoint, [.. paths.Select(p => Path.GetFileName(p))], played, feed.Unreadable,
            counts.Produced, counts.Sent, counts.Unseen, counts.Ignored, real.GetElapsedTime(began).TotalSeconds);
    }
}
