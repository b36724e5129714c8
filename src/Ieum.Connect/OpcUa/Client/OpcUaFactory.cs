using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using Ieum.Model;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Ieum.Connect.OpcUa.Client;

/// <summary>Makes, tests, finds and browses OPC UA connections.</summary>
internal sealed class OpcUaFactory(Clocks clocks, ILoggerFactory logs, IDialer dialer, OpcUaPast? past = null) : IProtocolFactory, IDisposable
{
    /// <summary>Entries of one level that are shown; more belong into a point list, not on a page.</summary>
    private const int MostItems = 1000;
    private const int MostSignals = 500;

    public OpcUaFactory(Clocks clocks, ILoggerFactory logs, IOptions<ConnectOptions>? options = null, IPlaces? places = null, IMeasurementHistory? history = null)
        : this(clocks, logs, new ChannelDialer((options?.Value ?? new ConnectOptions()).Folder, clocks), places is null || history is null ? null : new(places, history) { Boot = BootTime.Of(clocks) }) { }

    public string Protocol => "opcua";
    public bool TakesPoints => true;

    /// <summary>The registered port, and those under which the common server products listen.</summary>
    public IReadOnlyList<int> UsualPorts => [OpcUaOptions.DefaultPort, 48010, 49320, 53530, 62541];

    /// <summary>Opens lines and keeps the trust list.</summary>
    internal IDialer Dialer => dialer;

    public void Dispose() => (dialer as IDisposable)?.Dispose();

    public IMachineSource Create(ConnectionSettings settings, ISignalDirectory signals)
    {
        var options = OpcUaOptions.Read(settings);
        OpcPoints.Check(settings, options);
        // A look before saving reads for a moment and goes on nowhere.
        return new OpcUaSource(settings, options, dialer, signals, clocks, logs.CreateLogger<OpcUaSource>(), signals is PreviewRun ? null : past);
    }

    public async Task<ConnectionTest> TestAsync(ConnectionSettings settings, CancellationToken cancel)
    {
        var options = OpcUaOptions.Read(settings);
        OpcPoints.Check(settings, options);
        var (answer, rule, message) = await WithSessionAsync(settings, options, async session =>
        {
            string? problem = null;
            var list = settings.Points.IsEmpty
                ? await ModelSurvey.FindAsync(session, settings, options with { MaxPoints = Math.Min(options.MaxPoints, MostSignals) }, (_, text) => problem ??= text, cancel).ConfigureAwait(false)
                : settings.Points;
            var points = OpcPoints.Of(list, options).ToList();
            var refused = await new PointResolver(session).ResolveAsync(points, cancel).ConfigureAwait(false);
            var found = points.FindAll(p => p.Node is not null);
            var values = await session.ReadAsync(found.ConvertAll(p => p.Node!.Value), AttributeIds.Value, cancel).ConfigureAwait(false);
            var signals = found.Take(MostSignals).Select((p, i) => SignalOf(settings.Machine, p, values[i])).ToList();
            var models = session.Facts.Namespaces.Uris.Select(CompanionModels.NameOf).OfType<string>().Distinct().ToList();
            var text = $"{session.Facts.Name}, {EndpointChoice.Words(session.Line.Endpoint)}, {found.Count} points{(models.Count > 0 ? ", models: " + string.Join(", ", models) : "")}.";
            return refused.Count == 0
                ? new ConnectionTest(true, null, problem is null ? text : $"{text} {problem}", signals)
                : new ConnectionTest(false, OpcUaRules.NodeUnknown, $"{text} {refused.Count} points were not found, the first: '{refused[0].Point.Settings.Name}' at '{refused[0].Point.Settings.Address}': {refused[0].Why}.", signals);
        }, cancel).ConfigureAwait(false);
        return answer ?? new(false, rule, message, []);
    }

    public async Task<IReadOnlyList<ScanHit>> KnockAsync(IPEndPoint at, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(at);
        var server = new UriBuilder("opc.tcp", at.Address.ToString(), at.Port).Uri;
        try
        {
            var offered = await dialer.EndpointsAsync(server, cancel).ConfigureAwait(false);
            if (offered.Length == 0) return [];
            var securities = string.Join(", ", offered.Select(EndpointChoice.Words).Distinct());
            var logins = string.Join(", ", offered.SelectMany(e => e.UserIdentityTokens).Select(t => t.TokenType).Distinct());
            // The path belongs to the address where a server has several applications behind one port.
            var best = EndpointChoice.Fitting(offered, new() { Endpoint = server }) is [var first, ..] ? first : offered[0];
            var endpoint = EndpointChoice.Reachable(best.EndpointUrl, server).AbsoluteUri.TrimEnd('/');
            return [new(Protocol, endpoint, $"{best.Server.ApplicationName.Text ?? best.Server.ApplicationUri} ({best.Server.ProductUri}); security: {securities}; log-in: {logins}", ImmutableDictionary<string, string>.Empty)];
        }
        catch (Exception fault) when (fault is SocketException or IOException or TimeoutException or OpcUaException)
        {
            return [];
        }
    }

    public async Task<BrowseAnswer> BrowseAsync(ConnectionSettings settings, string? address, CancellationToken cancel)
    {
        var options = OpcUaOptions.Read(settings);
        var (answer, rule, message) = await WithSessionAsync(settings, options, async session =>
        {
            NodeId? start = NodeIds.ObjectsFolder;
            if (address is { Length: > 0 })
            {
                if (!NodeAddress.TryParse(address, out var parsed)) return new(false, ConnectRules.PointWrong, $"'{address}' cannot be browsed; expected {NodeAddress.Allowed}.", []);
                var point = new OpcPoint(1, new("browse", address), parsed);
                await new PointResolver(session).FindAsync([point], cancel).ConfigureAwait(false);
                start = point.Node;
            }
            if (start is not { } node) return new BrowseAnswer(false, OpcUaRules.NodeUnknown, $"'{settings.Endpoint}' does not know '{address}'.", []);
            var items = await ItemsAsync(session, options, node, cancel).ConfigureAwait(false);
            return new BrowseAnswer(true, null, items.Length >= MostItems ? $"The first {MostItems} entries." : "", items);
        }, cancel).ConfigureAwait(false);
        return answer ?? new(false, rule, message, []);
    }

    private static async Task<ImmutableArray<BrowseItem>> ItemsAsync(OpcUaSession session, OpcUaOptions options, NodeId node, CancellationToken cancel)
    {
        var types = new ModelTypes(session);
        var place = await BrowsePlace.FindAsync(session, types, node, cancel).ConfigureAwait(false);
        var children = (await session.ChildrenAsync(node, MostItems, cancel).ConfigureAwait(false))
            .FindAll(c => c.NodeId.IsLocal && c.NodeClass is NodeClass.Object or NodeClass.Variable && !CompanionModels.Descriptions.Contains(c.BrowseName.Name ?? ""));
        await types.LearnAsync(children, cancel).ConfigureAwait(false);
        var points = children.FindAll(c => c.NodeClass == NodeClass.Variable)
            .ConvertAll(c => new OpcPoint(1, ModelSurvey.Suggest(session, c.NodeId.Node, [.. place.Names, c.BrowseName.Name ?? "?"]), Parsed(c.NodeId.Node.ToString())) { Node = c.NodeId.Node });
        await new PointResolver(session).DescribeAsync(points, [], cancel, ranges: true).ConfigureAwait(false);
        var known = points.FindAll(p => p.Node is not null);
        var values = await session.ReadAsync(known.ConvertAll(p => p.Node!.Value), AttributeIds.Value, cancel).ConfigureAwait(false);
        var read = known.Select((p, i) => (Point: p, Value: values[i])).ToDictionary(p => p.Point.Node!.Value);
        return
        [
            .. children.Select(c =>
            {
                var name = c.DisplayName.Text is { Length: > 0 } shown ? shown : c.BrowseName.Name ?? "?";
                var lasting = session.Facts.Namespaces.Lasting(c.NodeId.Node);
                var model = types.Of(c) ?? place.Model;
                if (!read.TryGetValue(c.NodeId.Node, out var variable)) return new BrowseItem(lasting, name, true, null, model, null);
                var point = variable.Point.Settings with { Unit = variable.Point.Unit == Unit.One ? "" : variable.Point.Unit.Code };
                // Properties have nothing below them; other variables may.
                var isProperty = c.TypeDefinition.Node == NodeIds.PropertyType;
                return new BrowseItem(lasting, name, !isProperty, point with { Range = variable.Point.Limits }, model, TextOf(variable.Value)) { Range = variable.Point.Limits };
            }),
        ];
    }

    private static Signal SignalOf(MachineId machine, OpcPoint point, in DataValue value)
    {
        var kind = OpcValues.TryScalar(value.Value, out var raw) ? OpcIntake.ValueOf(point, raw).Kind : ValueKind.None;
        return new(new(machine, point.Settings.Name), kind is ValueKind.Real or ValueKind.Integer ? point.Unit : Unit.One, kind, point.Settings.Role, point.Settings.Description);
    }

    private static string TextOf(in DataValue value)
    {
        var text = OpcValues.TryScalar(value.Value, out var raw) ? raw.ToString() : value.Value.IsArray ? $"[{string.Join(',', value.Value.Dimensions ?? [value.Value.Elements!.Length])}]" : "{…}";
        if (text.Length > 100) text = text[..100] + "…";
        return value.StatusCode.IsGood ? text : $"{text} ({value.StatusCode})".Trim();
    }

    private static NodeAddress Parsed(string text) => NodeAddress.TryParse(text, out var address) ? address : new(NodeAddressKind.Text, null, 0, text, []);

    /// <summary>A session for one question; whatever goes wrong becomes a rule and words for a person.</summary>
    private async Task<(T? Answer, string Rule, string Message)> WithSessionAsync<T>(ConnectionSettings settings, OpcUaOptions options, Func<OpcUaSession, Task<T>> ask, CancellationToken cancel) where T : class
    {
        OpcUaSession? session = null;
        try
        {
            (session, _) = await OpcUaDial.SessionAsync(dialer, settings, options, new(), clocks.Factory, cancel).ConfigureAwait(false);
            return (await ask(session).ConfigureAwait(false), "", "");
        }
        catch (OpcUaException fault)
        {
            var rule = OpcUaFaults.RuleOf(fault);
            return (null, rule, $"'{settings.Endpoint}': {fault.Message} {OpcUaFaults.Advice(rule)}");
        }
        catch (Exception fault) when (fault is SocketException or IOException or TimeoutException)
        {
            var (broken, said) = Reach.Of(settings.Endpoint, fault);
            return (null, broken, said);
        }
        finally
        {
            if (session is not null)
            {
                await session.CloseAsync(CancellationToken.None).ConfigureAwait(false);
                await session.Line.DisposeAsync().ConfigureAwait(false);
            }
        }
    }
}
