using System.Text.Json.Nodes;

namespace Ieum.Bench.Connect;

/// <summary>The ieum.json of a node with one machine.</summary>
internal static class BenchConfig
{
    public static string Of(JsonObject? connection, int broker = 0) => new JsonObject
    {
        ["company"] = JsonNode.Parse("""
            {"id":"bench","sites":[{"id":"s","areas":[{"id":"a","lines":[{"id":"l","machines":[{"id":"machine","kind":"milling"}]}]}]}]}
            """),
        ["connections"] = connection is null ? [] : new JsonArray(connection),
        ["Security"] = new JsonObject { ["DemoOwner"] = true },
        ["Broker"] = new JsonObject { ["Port"] = broker },
    }.ToJsonString();
}
