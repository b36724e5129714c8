using System.Collections.Immutable;
using System.Text.Json;
using Ieum.Conformance.Sparkplug;
using Ieum.Connect.OpcUa;
using Ieum.Connect.OpcUa.Client;
using Ieum.Model;
using Ieum.TestKit;

namespace Ieum.Conformance.OpcUa;

/// <summary>An OPC UA server by npm node-opcua, and clients of ours against it. Dies with the test.</summary>
internal sealed class NodeOpcUa : IDisposable
{
    private readonly Counterpart _process;
    private readonly ChannelDialer _dialer;

    private NodeOpcUa(Counterpart process, JsonElement ready, string folder)
    {
        _process = process;
        Port = ready.GetProperty("port").GetInt32();
        Index = ready.GetProperty("namespace").GetInt32();
        Thumbprint = ready.TryGetProperty("thumbprint", out var told) ? told.GetString()! : "";
        Endpoint = ready.GetProperty("endpoint").GetString()!;
        _dialer = new(folder, Clocks.Real);
    }

    public int Port { get; }
    public int Index { get; }
    public string Thumbprint { get; }
    public ChannelDialer Dialer => _dialer;
    public string Endpoint { get; }

    /// <param name="folder">Where our own certificates stand; a new one when null.</param>
    public static Task<NodeOpcUa> StartAsync(string? folder = null, params string[] arguments) => StartScriptAsync("opcua-server.cjs", folder, arguments);

    /// <summary>The server of another script.</summary>
    public static async Task<NodeOpcUa> StartScriptAsync(string script, string? folder = null, params string[] arguments)
    {
        var process = Counterpart.Script("node-opcua", script, arguments);
        try
        {
            using var ready = JsonDocument.Parse(await process.UntilAsync(line => line.StartsWith("{\"ready\"", StringComparison.Ordinal)));
            return new(process, ready.RootElement, folder ?? NewFolder());
        }
        catch
        {
            process.Dispose();
            throw;
        }
    }

    public static string NewFolder() => Directory.CreateDirectory(Path.Combine(Needs.Scratch, "ua-" + Guid.NewGuid().ToString("N")[..8])).FullName;

    public Task SayAsync(string command) => _process.AskAsync(command);

    public ConnectionSettings Settings(IEnumerable<PointSettings> points, params (string Key, string Value)[] options) =>
        new(new("m.opcua"), new("m"), "opcua", Endpoint, options.Append(("trust", Thumbprint)).DistinctBy(o => o.Item1).Where(o => o.Item2.Length > 0).ToImmutableDictionary(o => o.Item1, o => o.Item2))
        { Points = [.. points] };

    public static PointSettings Point(string name) => new(name, $"nsu=urn:ieum:counterpart;s={name}");
    public NodeId Node(string name) => new((ushort)Index, name);

    public async Task<Session> OpenAsync(params (string Key, string Value)[] options)
    {
        var settings = Settings([], options);
        var (session, _) = await OpcUaDial.SessionAsync(_dialer, settings, OpcUaOptions.Read(settings), new(), TimeProvider.System, CancellationToken.None);
        return new(session);
    }

    /// <summary>Ends the server alone; what belongs to the client stays.</summary>
    public void Kill() => _process.Dispose();

    public void Dispose()
    {
        _process.Dispose();
        _dialer.Dispose();
    }

    internal sealed class Session(OpcUaSession session) : IAsyncDisposable
    {
        public OpcUaSession Services => session;

        public async ValueTask DisposeAsync()
        {
            await session.CloseAsync(CancellationToken.None);
            await session.Line.DisposeAsync();
        }
    }
}
