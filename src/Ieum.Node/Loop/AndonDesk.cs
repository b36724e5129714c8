using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using Ieum.Connect;
using Ieum.Model;
using Ieum.Node.Store;
using Ieum.Node.Views;
using Microsoft.Extensions.Options;

namespace Ieum.Node.Loop;

/// <summary>Calls for help: kept over a restart, escalated by the factory clock, told on every page and by MQTT.</summary>
internal sealed class AndonDesk(DocumentStore documents, INodePublisher publisher, IOptions<AndonOptions> options, Clocks clocks, ILogger<AndonDesk> log)
    : BackgroundService, IAndonDesk
{
    private const string OpenCalls = "andon/open";
    private const string Root = "ieum/andon/", Answer = "/ack";
    private static readonly TimeSpan Beat = TimeSpan.FromSeconds(5);
    private readonly Channel<(string Topic, byte[] Payload)> _answers = Channel.CreateBounded<(string, byte[])>(new BoundedChannelOptions(64) { FullMode = BoundedChannelFullMode.DropOldest });
    private readonly SemaphoreSlim _changing = new(1, 1);

    /// <summary>What people may call for.</summary>
    internal static readonly ImmutableArray<string> Kinds = ["help", "material", "quality", "maintenance"];

    /// <summary>The machine itself calls.</summary>
    internal const string Fault = "fault";

    public event Action? Changed;

    public ImmutableArray<AndonCall> Open { get; private set; } = [];

    public async Task LoadAsync(CancellationToken cancel) => Open = [.. await documents.FindAsync<AndonCall[]>(OpenCalls, cancel) ?? []];

    public async Task<AndonCall> CallAsync(Guid id, MachineId machine, string kind, string by, CancellationToken cancel)
    {
        if (kind != Fault && !Kinds.Contains(kind)) throw new ArgumentException($"'{kind}' is no kind of call; known: {string.Join(", ", Kinds)}.", nameof(kind));
        AndonCall call;
        await _changing.WaitAsync(cancel);
        try
        {
            // Pressing twice is being in need, not being in need twice.
            if (Open.FirstOrDefault(c => c.Id == id || (c.Machine == machine && c.Kind == kind)) is { } standing) return standing;
            call = new(id, machine, kind, by, clocks.Factory.GetUtcNow());
            await SaveAsync(Open.Add(call), by, cancel);
        }
        finally
        {
            _changing.Release();
        }
        await TellAsync(call, cancel);
        return call;
    }

    public Task<bool> AcknowledgeAsync(Guid id, string by, CancellationToken cancel) =>
        ChangeAsync(id, by, c => c.Acknowledged is null ? c with { AcknowledgedBy = by, Acknowledged = clocks.Factory.GetUtcNow() } : c, cancel);

    public Task<bool> CloseAsync(Guid id, string by, CancellationToken cancel) =>
        ChangeAsync(id, by, c => c with { ClosedBy = by, Closed = clocks.Factory.GetUtcNow() }, cancel);

    /// <summary>How far a call is told at an instant: nobody's word stops the ladder but an acknowledgement.</summary>
    internal static int LevelAt(AndonCall call, DateTimeOffset now, AndonOptions options)
    {
        if (call.Acknowledged is not null || call.Closed is not null) return call.Told;
        var waited = now - call.Raised;
        var owner = options.OwnerAfter > options.PlannerAfter ? options.OwnerAfter : options.PlannerAfter;
        return Math.Max(call.Told, waited >= owner ? 2 : waited >= options.PlannerAfter ? 1 : 0);
    }

    /// <summary>One look at all open calls.</summary>
    internal async Task LookAsync(CancellationToken cancel)
    {
        var now = clocks.Factory.GetUtcNow();
        foreach (var call in Open)
            if (LevelAt(call, now, options.Value) is var level && level > call.Told)
                await ChangeAsync(call.Id, "andon", c => c with { Told = LevelAt(c, now, options.Value) }, cancel);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Beat, clocks.Factory);
        try
        {
            // An answer waits for nothing on the broker's thread; a flood of them loses the oldest, which can be sent again.
            if (options.Value is { Mqtt: true, MqttAnswer: true }) publisher.Listen(Root, (topic, payload) => _answers.Writer.TryWrite((topic, payload)));
            if (options.Value.Mqtt) await publisher.OpenAsync(stoppingToken);
            var answering = AnswerAsync(stoppingToken);
            foreach (var call in Open) await TellAsync(call, stoppingToken);   // a broker in memory forgot what it retained
            do
            {
                try
                {
                    await LookAsync(stoppingToken);
                }
                catch (Exception e) when (e is not OperationCanceledException)
                {
                    Log.TurnFailed(log, e, "andon");
                }
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
            await answering;
        }
        catch (OperationCanceledException)
        {
            // the node stops
        }
    }

    private async Task<bool> ChangeAsync(Guid id, string by, Func<AndonCall, AndonCall> change, CancellationToken cancel)
    {
        AndonCall call;
        await _changing.WaitAsync(cancel);
        try
        {
            if (Open.FirstOrDefault(c => c.Id == id) is not { } before) return false;
            call = change(before);
            if (call.Closed is { } closed)
            {
                var month = string.Create(CultureInfo.InvariantCulture, $"andon/{closed.UtcDateTime:yyyy-MM}");
                await documents.SaveAsync(month, (AndonCall[])[.. await documents.FindAsync<AndonCall[]>(month, cancel) ?? [], call], by, cancel);
            }
            await SaveAsync(call.Closed is null ? Open.Replace(before, call) : Open.Remove(before), by, cancel);
        }
        finally
        {
            _changing.Release();
        }
        await TellAsync(call, cancel);
        return true;
    }

    private async Task SaveAsync(ImmutableArray<AndonCall> open, string by, CancellationToken cancel)
    {
        await documents.SaveAsync(OpenCalls, open.ToArray(), by, cancel);
        Open = open;
    }

    private async Task TellAsync(AndonCall call, CancellationToken cancel)
    {
        Changed?.Invoke();
        if (!options.Value.Mqtt) return;
        try
        {
            await publisher.PublishAsync(TopicOf(call), PayloadOf(call), cancel);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            Log.TurnFailed(log, e, "andon");   // the page tells it all the same
        }
    }

    private async Task AnswerAsync(CancellationToken cancel)
    {
        await foreach (var (topic, payload) in _answers.Reader.ReadAllAsync(cancel))
            try
            {
                await HearAsync(topic, payload, cancel);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                Log.TurnFailed(log, e, "andon");
            }
    }

    /// <summary>An answer over MQTT: a name, or JSON with <c>by</c> and, to be safe against an answer that was meant for an earlier call, <c>id</c>. What is neither changes nothing.</summary>
    internal async Task<bool> HearAsync(string topic, byte[] payload, CancellationToken cancel)
    {
        if (!topic.EndsWith(Answer, StringComparison.Ordinal) || Open.FirstOrDefault(c => TopicOf(c) + Answer == topic) is not { Acknowledged: null } call) return false;
        string by;
        try
        {
            by = new System.Text.UTF8Encoding(false, throwOnInvalidBytes: true).GetString(payload).Trim();
            if (by.StartsWith('{'))
            {
                if (JsonNode.Parse(by) is not JsonObject said) return false;
                if (said["id"] is { } id && !(id.GetValueKind() == JsonValueKind.String && Guid.TryParse(id.GetValue<string>(), out var meant) && meant == call.Id)) return false;
                by = said["by"] is { } name && name.GetValueKind() == JsonValueKind.String ? name.GetValue<string>().Trim() : "";
            }
        }
        catch (Exception e) when (e is JsonException or ArgumentException)
        {
            return false;
        }
        if (by.Length is 0 or > 60 || by.Any(char.IsControl)) return false;
        return await AcknowledgeAsync(call.Id, $"{by} (MQTT)", cancel);
    }

    internal static string TopicOf(AndonCall call) => $"{Root}{call.Machine.Value.Replace('+', '_').Replace('#', '_')}/{call.Kind}";

    /// <summary>Empty once it is closed, which clears the retained message.</summary>
    internal static byte[] PayloadOf(AndonCall call)
    {
        if (call.Closed is not null) return [];
        string? Stamp(DateTimeOffset? at) => at?.ToString("yyyy-MM-dd'T'HH:mm:ssK", CultureInfo.InvariantCulture);
        return System.Text.Encoding.UTF8.GetBytes(new JsonObject
        {
            ["id"] = call.Id.ToString(), ["machine"] = call.Machine.Value, ["kind"] = call.Kind, ["by"] = call.By, ["raised"] = Stamp(call.Raised),
            ["acknowledged"] = Stamp(call.Acknowledged), ["acknowledgedBy"] = call.AcknowledgedBy,
            ["for"] = call.Told switch { 0 => "operator", 1 => "planner", _ => "owner" },
        }.ToJsonString());
    }

    public override void Dispose()
    {
        _changing.Dispose();
        base.Dispose();
    }
}
