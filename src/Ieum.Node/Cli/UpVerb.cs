using System.CommandLine;
using System.Net;
using System.Text.Json.Nodes;
using Ieum.Node.Store;
using Ieum.Node.Store.Config;
using Ieum.Record;
using Microsoft.Extensions.Options;

namespace Ieum.Node.Cli;

/// <summary><c>ieum up</c>: one company's node.</summary>
internal static class UpVerb
{
    public static Command Make()
    {
        var config = new Option<FileInfo?>("--config") { Description = "Configuration file (ieum.json). Without one the node starts empty and is set up by its pages." };
        var data = new Option<DirectoryInfo>("--data") { Description = "Folder for everything the node keeps.", DefaultValueFactory = _ => new("data") };
        var port = new Option<int>("--port") { Description = "Port of pages and API; 0 takes a free one.", DefaultValueFactory = _ => 5080 };
        var bind = new Option<string>("--bind") { Description = "Address to listen on: loopback by default; 0.0.0.0 for all.", DefaultValueFactory = _ => "127.0.0.1" };
        var json = new Option<bool>("--json") { Description = "Announce as one JSON document on standard output; logs go to standard error in any case." };
        var child = new Option<bool>("--until-stdin-closes") { Description = "Stop when standard input closes, as a child of another program.", Hidden = true };
        port.Validators.Add(r =>
        {
            if (r.GetValueOrDefault<int>() is < 0 or > 65_535) r.AddError("--port lies between 0 and 65535.");
        });
        bind.Validators.Add(r =>
        {
            if (r.GetValueOrDefault<string>() is { } b && b != "localhost" && !IPAddress.TryParse(b, out _)) r.AddError($"--bind: '{b}' is not an IP address or 'localhost'.");
        });
        var verb = new Command("up", "Runs one company's node: pages, API and the whole loop.") { config, data, port, bind, json, child };
        var clock = new ClockFlags().AddTo(verb);
        verb.SetAction((parsed, cancel) => RunAsync(
            new(parsed.GetValue(config)?.FullName, parsed.GetValue(data)!.FullName, parsed.GetValue(bind)!, parsed.GetValue(port), parsed.GetValue(json), parsed.GetValue(child)),
            clock.Read(parsed), cancel));
        return verb;
    }

    private sealed record Asked(string? Config, string Data, string Bind, int Port, bool Json, bool Child);

    private static async Task<int> RunAsync(Asked asked, Model.Clocks clocks, CancellationToken cancel)
    {
        try
        {
            var config = asked.Config is null ? NodeConfig.Empty : ConfigFile.Load(asked.Config);
            await using var app = NodeHost.Build(new(config, asked.Data, asked.Bind, asked.Port, clocks, a => Announce(a, asked.Json)));
            await NodeHost.StartAsync(app, cancel);
            using var end = CancellationTokenSource.CreateLinkedTokenSource(cancel);
            if (asked.Child) _ = StopWithInputAsync(app, end.Token);
            await app.WaitForShutdownAsync(cancel);
            await end.CancelAsync();
            return 0;
        }
        catch (ConfigException e)
        {
            foreach (var p in e.Problems) Terminal.Error($"{e.File}: {p.Path}: {p.Message} [{p.Rule}]");
            return 1;
        }
        catch (OptionsValidationException e)
        {
            foreach (var f in e.Failures) Terminal.Error($"{asked.Config}: {e.OptionsType.Name}: {f} [{ConfigRules.OutOfRange}]");
            return 1;
        }
        catch (NodeStoreException e)
        {
            Terminal.Error($"{e.Message} [{e.Rule}]");
            return 1;
        }
        catch (Connect.Queue.QueueException e)
        {
            Terminal.Error($"{e.Message} [{e.Rule}]");
            return 1;
        }
        catch (RecordException e)
        {
            Terminal.Error($"{e.Message} [{e.Rule}]");
            return 1;
        }
        catch (Exception e) when (e is UnauthorizedAccessException or System.Net.Sockets.SocketException or System.Text.Json.JsonException or System.Data.Common.DbException)
        {
            Terminal.Error($"{e.Message} Check the rights on folder '{asked.Data}' and the address and port. [node-cannot-start]");
            return 1;
        }
        catch (IOException e)
        {
            Terminal.Error($"{e.Message} Is another node running on port {asked.Port} or on folder '{asked.Data}'? Choose others with --port and --data. [node-cannot-start]");
            return 1;
        }
    }

    private static void Announce(NodeAddress address, bool json)
    {
        if (json)
        {
            Terminal.Answer(new JsonObject { ["url"] = address.Url, ["ownerLink"] = address.OwnerLink }.ToJsonString());
            return;
        }
        Terminal.Answer($"Ieum is up: {address.Url}");
        if (address.OwnerLink is { } link) Terminal.Answer($"First start: create the owner here (works once, within 24 h): {link}");
    }

    private static async Task StopWithInputAsync(WebApplication app, CancellationToken cancel)
    {
        await Terminal.InputClosedAsync(cancel);
        app.Lifetime.StopApplication();
    }
}
