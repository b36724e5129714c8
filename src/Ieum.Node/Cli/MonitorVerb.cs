using System.CommandLine;
using System.Text.Json;
using Ieum.Connect;
using Ieum.Node.Store;

namespace Ieum.Node.Cli;

/// <summary><c>ieum connect monitor</c>: ticks the normative statements of Sparkplug B 3.0 that clients bear out or break.</summary>
internal static class MonitorVerb
{
    private static readonly JsonSerializerOptions Json = new(DomainJson.Options) { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static Command Make()
    {
        var broker = new Option<string>("--broker") { Description = "The MQTT broker, mqtt://host:port.", DefaultValueFactory = _ => "mqtt://127.0.0.1:1883" };
        var listen = new Option<int?>("--listen") { Description = "Stand between: clients connect to this port and are passed on to the broker; so connections, wills and subscriptions are seen too." };
        var host = new Option<string?>("--primary-host") { Description = "Host application that the edge nodes are configured to obey." };
        var user = new Option<string?>("--user") { Description = "User name at the broker (without --listen)." };
        var password = new Option<string?>("--password") { Description = "Password at the broker (without --listen)." };
        var seconds = new Option<double?>("--seconds") { Description = "How long to watch; until Ctrl+C when left out." };
        var json = new Option<bool>("--json") { Description = "One JSON document on standard output." };
        var monitor = new Command("monitor", "Watches Sparkplug clients at a broker and ticks the normative statements. Never publishes.") { broker, listen, host, user, password, seconds, json };
        monitor.SetAction(async (p, cancel) =>
        {
            using var limit = p.GetValue(seconds) is { } s ? new CancellationTokenSource(TimeSpan.FromSeconds(s), TimeProvider.System) : new CancellationTokenSource();
            using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancel);
            try
            {
                var statements = p.GetValue(listen) is { } port
                    ? await SparkplugMonitor.RelayAsync(port, p.GetValue(broker)!, p.GetValue(host), TimeProvider.System, open => Terminal.Note($"Clients may connect to port {open}."), both.Token)
                    : await SparkplugMonitor.WatchAsync(p.GetValue(broker)!, p.GetValue(user), p.GetValue(password), p.GetValue(host), TimeProvider.System, both.Token);
                return Tell(statements, p.GetValue(json));
            }
            catch (ArgumentException wrong)
            {
                Terminal.Error(wrong.Message);
                return 2;
            }
            catch (Exception e) when (e is IOException or System.Net.Sockets.SocketException)
            {
                Terminal.Error($"{p.GetValue(broker)}: {e.Message}");
                return 1;
            }
        });
        return monitor;
    }

    private static int Tell(IReadOnlyList<SparkplugStatement> statements, bool json)
    {
        if (json) Terminal.Answer(JsonSerializer.Serialize(new { statements }, Json));
        else
        {
            foreach (var s in statements.OrderBy(s => s.Broken == 0)) Terminal.Answer($"{(s.Broken == 0 ? "ok    " : s.IsAdvice ? "advice" : "BROKEN")} {s.Id}  {s.Held}/{s.Held + s.Broken}");
            foreach (var words in statements.Where(s => s.Broken > 0).SelectMany(s => s.Violations).Distinct()) Terminal.Note(words);
            Terminal.Note($"{statements.Count} statements seen, {statements.Count(s => s.Broken > 0 && !s.IsAdvice)} broken.");
        }
        return statements.Any(s => s.Broken > 0 && !s.IsAdvice) ? 1 : 0;
    }
}
