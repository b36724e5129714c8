using System.Globalization;
using System.Text.Json.Nodes;
using Ieum.Bench.Harness;

namespace Ieum.Bench.Connect;

/// <summary>
/// Fifty times a machine is cut off for a second, over ten protocols at once, as when the power of a shop blinks: a real node, simulated
/// machines in a process of their own, and the time from the end of the fault to the first value that was received after it.
/// </summary>
/// <remarks>Budgets: p50 at most 2 s, never more than 10 s. What a machine itself waits before it dials a broker again is part of the time.</remarks>
internal static class ReconnectBench
{
    private const int Faults = 50;
    private const double Speed = 60, FaultSeconds = 1;
    private static readonly TimeSpan GivenUp = TimeSpan.FromSeconds(60);
    private static readonly string[] Protocols = ["opcua", "mtconnect", "shdr", "sparkplug", "mqtt", "modbus", "slmp", "xgt", "s7", "fins"];

    public static async Task RunAsync(FigureSheet sheet, CancellationToken cancel)
    {
        await using var shop = await BenchShop.StartAsync([.. Protocols.Select(p => new BenchMachine(p, new JsonObject { ["generated"] = "mill", ["seed"] = 3 }))], Speed, cancel);
        var times = Protocols.ToDictionary(p => p, _ => new List<double>());
        foreach (var p in Protocols) await BackAsync(shop, p, shop.Clock.GetUtcNow(), cancel);
        for (var round = 0; round < Faults; round++)
        {
            foreach (var (p, back) in await Task.WhenAll(Protocols.Select(async p => (p, await FaultAsync(shop, p, cancel))))) times[p].Add(back.TotalMilliseconds);
            // Some real seconds of work between two faults, so that every source has told that it is well again; they differ, so that no timer is met at the same moment each time.
            await Task.Delay(TimeSpan.FromMilliseconds(500 + 97 * (round % 10)), TimeProvider.System, cancel);
        }
        var all = new List<double>();
        foreach (var (protocol, measured) in times)
        {
            measured.Sort();
            all.AddRange(measured);
            sheet.Add($"reconnect.{protocol}.p50Ms", measured[measured.Count / 2]);
            sheet.Add($"reconnect.{protocol}.maxMs", measured[^1]);
        }
        all.Sort();
        sheet.Add("reconnectFaultsPerProtocol", Faults);
        sheet.Add("reconnectP50Ms", all[all.Count / 2]);
        sheet.Add("reconnectMaxMs", all[^1]);
    }

    /// <summary>Cuts one machine off. The time is counted from the earliest moment at which the fault can have ended, so it is never too short.</summary>
    private static async Task<TimeSpan> FaultAsync(BenchShop shop, string machine, CancellationToken cancel)
    {
        var asked = shop.Clock.GetUtcNow();
        await shop.Machines.PostAsync("/fault", new JsonObject { ["machine"] = machine, ["kind"] = "restart", ["seconds"] = FaultSeconds }, cancel);
        var begun = shop.Clock.GetUtcNow();
        return (begun - asked) / Speed + await BackAsync(shop, machine, begun.AddSeconds(FaultSeconds * Speed), cancel);
    }

    /// <summary>How long after <paramref name="over"/> (factory time) the newest value was received when one was seen for the first time: up to one look too long.</summary>
    private static async Task<TimeSpan> BackAsync(BenchShop shop, string machine, DateTimeOffset over, CancellationToken cancel)
    {
        while (shop.Clock.GetUtcNow() < over + GivenUp * Speed)
        {
            var source = (await shop.SourcesAsync(cancel)).FirstOrDefault(s => s!["machine"]!.GetValue<string>() == machine);
            if (source?["link"]?.GetValue<string>() == "connected" && source["lastData"]?.GetValue<string>() is { } text
                && DateTimeOffset.Parse(text, CultureInfo.InvariantCulture) is var at && at > over) return (at - over) / Speed;
            await Task.Delay(TimeSpan.FromMilliseconds(30), TimeProvider.System, cancel);
        }
        return GivenUp;
    }
}
