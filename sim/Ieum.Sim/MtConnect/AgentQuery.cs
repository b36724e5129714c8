using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace Ieum.Sim.MtConnect;

/// <summary>A request that the agent answers with an MTConnectError document.</summary>
internal sealed record AgentRefusal(int Status, string Code, string Message);

/// <summary>The parameters of a request, checked.</summary>
/// <param name="Items">Indexes of the wanted items; null for all.</param>
/// <param name="Interval">Least time between two parts of a stream; null for a single answer.</param>
internal sealed record AgentQuery(
    IReadOnlySet<int>? Items, long? From, int Count, long? At, long? To, TimeSpan? Interval, TimeSpan Heartbeat)
{
    private const int DefaultCount = 100;
    private static readonly TimeSpan DefaultHeartbeat = TimeSpan.FromSeconds(10);

    public static bool TryRead(IQueryCollection query, DeviceTree tree, int bufferSize, out AgentQuery read, out AgentRefusal? refusal)
    {
        read = new(null, null, DefaultCount, null, null, null, DefaultHeartbeat);
        refusal = null;
        IReadOnlySet<int>? items = null;
        if (query.TryGetValue("path", out var path))
        {
            if (!tree.TrySelect(path.ToString(), out var selected))
                refusal = new(400, "INVALID_PATH", $"The path '{path}' cannot be read as XPath.");
            else if (selected.Count == 0)
                refusal = new(400, "INVALID_PATH", $"The path '{path}' selects no data item of this device.");
            items = selected;
        }
        var from = Number("from", 0, long.MaxValue, ref refusal);
        var count = Number("count", -bufferSize, bufferSize, ref refusal);
        if (count == 0) refusal ??= new(404, "OUT_OF_RANGE", "'count' must not be 0.");
        var at = Number("at", 0, long.MaxValue, ref refusal);
        var to = Number("to", 0, long.MaxValue, ref refusal);
        var interval = Number("interval", 0, int.MaxValue, ref refusal);
        var heartbeat = Number("heartbeat", 1, int.MaxValue, ref refusal);
        if (at is not null && interval is not null) refusal ??= new(400, "INVALID_REQUEST", "'at' and 'interval' cannot be asked for together.");
        if (count < 0 && interval is not null) refusal ??= new(400, "INVALID_REQUEST", "A negative 'count' cannot be streamed.");
        read = new(items, from, (int)(count ?? DefaultCount), at, to,
            interval is { } ms ? TimeSpan.FromMilliseconds(ms) : null,
            heartbeat is { } beat ? TimeSpan.FromMilliseconds(beat) : DefaultHeartbeat);
        return refusal is null;

        long? Number(string name, long least, long most, ref AgentRefusal? refusal)
        {
            if (!query.TryGetValue(name, out var text)) return null;
            if (!long.TryParse(text.ToString(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value))
            {
                refusal ??= new(400, "INVALID_REQUEST", $"'{name}' must be a whole number, not '{text}'.");
                return null;
            }
            if (value < least || value > most)
                refusal ??= new(404, "OUT_OF_RANGE", string.Create(CultureInfo.InvariantCulture, $"'{name}' must lie between {least} and {most}, not at {value}."));
            return value;
        }
    }
}
