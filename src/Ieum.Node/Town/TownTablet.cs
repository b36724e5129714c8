using System.Globalization;
using System.Text.Json.Nodes;
using Ieum.Model;

namespace Ieum.Node.Town;

/// <summary>A person at a bench without a control: measures a part now and then and enters it on the tablet, over the API of the tablet's page.</summary>
internal sealed class TownTablet(TownHttp node, string machine, WorkCalendar calendar, long seed)
{
    /// <summary>Factory time between two parts.</summary>
    private static readonly TimeSpan Every = TimeSpan.FromMinutes(5);

    private readonly Random _dice = new(unchecked((int)seed));
    private DateTimeOffset _next = DateTimeOffset.MinValue;
    private int _parts;

    public string Machine => machine;

    /// <summary>Entries that the node has answered; every one is one value.</summary>
    public long Entered { get; private set; }

    /// <summary>The connection's points, as a shop would list them.</summary>
    public static JsonArray Points { get; } =
    [
        new JsonObject { ["name"] = "diameter", ["address"] = "number", ["unit"] = "MMT" },
        new JsonObject { ["name"] = "parts", ["address"] = "count" },
        new JsonObject { ["name"] = "verdict", ["address"] = "choice:good|rework|scrap" },
    ];

    /// <summary>One look at the clock: at most one part.</summary>
    public async Task LookAsync(DateTimeOffset now, CancellationToken cancel)
    {
        if (now < _next || !calendar.IsWorking(now)) return;
        _next = now + Every;
        var diameter = 25 + 0.004 * (_dice.NextDouble() + _dice.NextDouble() - 1);
        await EnterAsync("diameter", diameter.ToString("0.0000", CultureInfo.InvariantCulture), now, cancel);
        await EnterAsync("verdict", Math.Abs(diameter - 25) < 0.003 ? "good" : "rework", now, cancel);
        await EnterAsync("parts", (++_parts).ToString(CultureInfo.InvariantCulture), now, cancel);
    }

    private async Task EnterAsync(string point, string value, DateTimeOffset now, CancellationToken cancel)
    {
        var entry = new JsonObject { ["id"] = Guid.NewGuid().ToString(), ["point"] = point, ["value"] = value, ["at"] = now.ToString("O", CultureInfo.InvariantCulture) };
        var (taken, answer) = await node.PostAsync($"/api/v1/machines/{machine}/entries", entry, cancel);
        if (!taken) throw new InvalidOperationException($"The tablet at {machine} was refused: {answer}");
        Entered++;
    }
}
