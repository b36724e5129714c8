using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Ieum.Connect;
using Ieum.Model;
using Ieum.Node.Store;
using Ieum.Node.Store.Config;

namespace Ieum.Node.Cli;

/// <summary><c>ieum connect</c>: looks for machines, browses and reads them, without a node and without keeping anything.</summary>
internal static class ConnectVerb
{
    internal static readonly JsonSerializerOptions Json = new(DomainJson.Options) { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static Command Make()
    {
        var json = new Option<bool>("--json") { Description = "One JSON document on standard output." };
        var protocol = new Option<string?>("--protocol") { Description = "Protocol key: mtconnect, shdr, opcua, modbus, slmp, fins, xgt, s7, sparkplug …" };
        var option = new Option<string[]>("--option") { Description = "An option of the protocol, NAME=VALUE; may be given several times." };
        var folder = new Option<string>("--data") { Description = "Folder for certificates (OPC UA).", DefaultValueFactory = _ => "data" };

        var addresses = new Argument<string[]>("ADDRESS") { Description = $"Where to look: {AddressRange.Form}.", Arity = ArgumentArity.OneOrMore };
        var scan = new Command("scan", "Looks for machines and controllers at addresses. Only asks, never writes.") { addresses, protocol, folder, json };
        scan.SetAction((p, cancel) => RunAsync(p.GetValue(folder)!, s => ScanAsync(s.GetRequiredService<IConnectRoom>(), string.Join(',', p.GetValue(addresses)!), p.GetValue(protocol), p.GetValue(json), cancel)));

        var endpoint = new Argument<string>("ENDPOINT") { Description = "Address in the protocol's own form, or a connection file." };
        var at = new Option<string?>("--at") { Description = "Where to go on; leave out for the top." };
        var browse = new Command("browse", "Shows one level of what a counterpart offers, with suggested signals.") { endpoint, protocol, option, at, folder, json };
        browse.SetAction((p, cancel) => RunAsync(p.GetValue(folder)!, s => BrowseAsync(s, Settings(p.GetValue(endpoint)!, p.GetValue(protocol), p.GetValue(option) ?? []), p.GetValue(at), p.GetValue(json), p.GetValue(folder)!, cancel)));

        var test = new Command("test", "Reads a counterpart once and shows its live values.") { endpoint, protocol, option, folder, json };
        test.SetAction((p, cancel) => RunAsync(p.GetValue(folder)!, s => TestAsync(s, Settings(p.GetValue(endpoint)!, p.GetValue(protocol), p.GetValue(option) ?? []), p.GetValue(json), p.GetValue(folder)!, cancel)));
        return new Command("connect", "Finds, browses and tests machines, trusts their certificates, and watches Sparkplug clients.") { scan, browse, test, TrustVerb.Make(folder, json, RunAsync), MonitorVerb.Make() };
    }

    private static async Task<int> RunAsync(string folder, Func<IServiceProvider, Task<int>> then)
    {
        var services = new ServiceCollection().AddLogging().Configure<ConnectOptions>(o => o.Folder = folder).AddConnect();
        await using var provider = services.BuildServiceProvider();
        try
        {
            return await then(provider);
        }
        catch (ConnectionSettingsException wrong)
        {
            Terminal.Error($"{wrong.Message} [{wrong.Rule}]");
            return 2;
        }
        catch (ConfigException wrong)
        {
            Terminal.Error(wrong.Message);
            return 2;
        }
    }

    private static async Task<int> ScanAsync(IConnectRoom room, string addresses, string? protocol, bool json, CancellationToken cancel)
    {
        var hits = await room.ScanAsync(await AddressRange.ReadAsync(addresses, cancel), protocol, null, cancel);
        if (json) Terminal.Answer(JsonSerializer.Serialize(hits, Json));
        else foreach (var hit in hits) Terminal.Answer($"{hit.Protocol}  {hit.Endpoint}  {hit.Message}{(hit.Options.Count > 0 ? "  (" + string.Join(", ", hit.Options.Select(o => $"{o.Key}={o.Value}")) + ")" : "")}");
        if (hits.Count == 0) Terminal.Note("Nobody answered. Are the machines switched on and in the same network?");
        return hits.Count > 0 ? 0 : 1;
    }

    private static async Task<int> BrowseAsync(IServiceProvider services, ConnectionSettings settings, string? at, bool json, string folder, CancellationToken cancel)
    {
        var answer = await services.GetRequiredService<IConnectRoom>().BrowseAsync(settings, at, TimeSpan.FromSeconds(20), cancel);
        if (json) Terminal.Answer(JsonSerializer.Serialize(answer, Json));
        else if (answer.Ok)
            foreach (var i in answer.Items)
                Terminal.Answer($"{(i.HasChildren ? "+" : " ")} {i.Name}  {i.Address}{(i.Value is { } v ? $"  = {v}" : "")}{(i.Point is { Unit.Length: > 0 } p ? " " + p.Unit : "")}{(i.Range is { } span ? string.Create(CultureInfo.InvariantCulture, $" ({span.Low} … {span.High})") : "")}{(i.Point is { Role: not SignalRole.None } r ? $"  [{r.Role}]" : "")}{(i.Model is { } m ? $"  ({m})" : "")}");
        if (answer.Suggested.Count > 0) Terminal.Note("What was seen speaks for: " + string.Join(' ', answer.Suggested.Select(o => $"--option {o.Key}={o.Value}")));
        return answer.Ok ? 0 : Failed(services, answer.Rule, answer.Message, folder);
    }

    private static async Task<int> TestAsync(IServiceProvider services, ConnectionSettings settings, bool json, string folder, CancellationToken cancel)
    {
        var room = services.GetRequiredService<IConnectRoom>();
        var test = await room.TestAsync(settings, TimeSpan.FromSeconds(20), cancel);
        if (json) Terminal.Answer(JsonSerializer.Serialize(test, Json));
        else if (test.Ok) Terminal.Answer(test.Message);
        if (!test.Ok) return Failed(services, test.Rule, test.Message, folder);
        if (json || (room.TakesPoints(settings.Protocol) && settings.Points.IsEmpty)) return 0;
        var seen = await room.PreviewAsync(settings, TimeSpan.FromSeconds(8), cancel);
        foreach (var v in seen.Values) Terminal.Answer($"{v.Signal.Id.Name} = {v.Newest?.Value.ToString() ?? "-"} {v.Signal.Unit.Symbol}{(v.Newest is { Quality: not Quality.Good } q ? $" ({q.Quality})" : "")}");
        foreach (var p in seen.Problems) Terminal.Note($"{p.Message} [{p.Rule}]");
        return 0;
    }

    private static int Failed(IServiceProvider services, string? rule, string message, string folder)
    {
        Terminal.Error($"{message} [{rule}]");
        if (TrustVerb.Hint(services.GetRequiredService<ICertificateTrust>(), rule, message, folder) is { } hint) Terminal.Note(hint);
        return 1;
    }

    private static ConnectionSettings Settings(string endpoint, string? protocol, string[] options)
    {
        var given = options.Select(o => o.Split('=', 2)).ToImmutableDictionary(o => o[0], o => o.Length > 1 ? o[1] : "", StringComparer.Ordinal);
        if (File.Exists(endpoint))
        {
            var read = ConnectionFile.Read(endpoint, File.ReadAllText(endpoint));
            return read with { Options = read.Options.SetItems(given) };
        }
        return new(new("test"), new("test"), protocol ?? throw new ConnectionSettingsException(ConnectRules.ProtocolUnknown, "Say which protocol with --protocol, or give a connection file."), endpoint, given);
    }
}
