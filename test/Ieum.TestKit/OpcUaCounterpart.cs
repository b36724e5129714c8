using System.Text.Json;
using System.Text.Json.Nodes;
using Xunit;

namespace Ieum.TestKit;

/// <summary>The OPC UA client by others, run with a list of steps; see test/counterparts/opcua-client.cjs.</summary>
public static class OpcUaCounterpart
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <param name="told">Called for every line while the client runs, for steps that need something to happen meanwhile.</param>
    public static async Task<IReadOnlyList<JsonElement>> RunAsync(
        string endpoint, string policy, string mode, IEnumerable<object> steps, string? user = null, string? password = null, Action<JsonElement>? told = null, string? pki = null)
    {
        Needs.Npm("node-opcua");
        // One folder for all: making a key takes the client a second.
        pki ??= Path.Combine(Needs.Scratch, "opcua-client-pki");
        var plan = new JsonObject
        {
            ["endpoint"] = endpoint, ["policy"] = policy, ["mode"] = mode, ["user"] = user, ["password"] = password, ["pki"] = pki,
            ["steps"] = JsonSerializer.SerializeToNode(steps),
        };
        using var process = Needs.Node("opcua-client.cjs", plan.ToJsonString());
        var errors = process.StandardError.ReadToEndAsync();
        var lines = new List<JsonElement>();
        try
        {
            using var limit = new CancellationTokenSource(Patience);
            while (await process.StandardOutput.ReadLineAsync(limit.Token) is { } line)
            {
                if (!line.StartsWith('{')) continue;   // the package talks about its certificates
                var element = JsonDocument.Parse(line).RootElement;
                told?.Invoke(element);
                if (element.TryGetProperty("step", out _) || element.TryGetProperty("error", out _)) lines.Add(element);
            }
            await process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"The counterpart hangs after {lines.Count} steps. {await errors}");
        }
        finally
        {
            if (!process.HasExited) process.Kill(entireProcessTree: true);
        }
        return lines.Count > 0 ? lines : throw new InvalidOperationException($"The counterpart said nothing: {await errors}");
    }

    public static string Text(this JsonElement step, string name) => step.TryGetProperty(name, out var v) ? v.ToString() : $"no '{name}' in {step}";

    public static JsonElement[] List(this JsonElement step, string name) =>
        step.TryGetProperty(name, out var v) ? [.. v.EnumerateArray()] : throw new InvalidOperationException($"no '{name}' in {step}");
}
