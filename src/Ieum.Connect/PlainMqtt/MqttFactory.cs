using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using Ieum.Connect.Broker;
using Ieum.Model;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Ieum.Connect.PlainMqtt;

/// <summary>Plain MQTT, protocol key <c>mqtt</c>: topics of numbers, texts and JSON, mapped point by point.</summary>
internal sealed class MqttFactory(EmbeddedBroker broker, IOptions<BrokerOptions> brokerOptions, Clocks clocks, ILoggerFactory logs, IPlaces? places = null, IMeasurementHistory? history = null) : IProtocolFactory
{
    private const int MostItems = 500;

    public string Protocol => "mqtt";
    public bool TakesPoints => true;
    public IReadOnlyList<int> UsualPorts => [1883];

    /// <summary>A broker answers CONNECT with CONNACK (MQTT 3.1.1, 3.2), also when it wants a user first; nothing is subscribed.</summary>
    public async Task<IReadOnlyList<ScanHit>> KnockAsync(IPEndPoint at, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(at);
        using var socket = new Socket(at.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(at, cancel).ConfigureAwait(false);
            // Clean session, keep-alive 10 s, and a client id of its own, so that nobody's session is taken over.
            byte[] id = [.. "ieum-scan-"u8, .. Guid.NewGuid().ToString("n", CultureInfo.InvariantCulture).Take(12).Select(c => (byte)c)];
            await socket.SendAsync((byte[])[0x10, (byte)(12 + id.Length), 0, 4, .. "MQTT"u8, 4, 0x02, 0, 10, 0, (byte)id.Length, .. id], cancel).ConfigureAwait(false);
            var answer = new byte[4];
            for (var have = 0; have < answer.Length;)
            {
                var more = await socket.ReceiveAsync(answer.AsMemory(have), cancel).ConfigureAwait(false);
                if (more == 0) return [];
                have += more;
            }
            if (answer is not [0x20, 2, _, <= 5]) return [];
            if (answer[3] == 0) await socket.SendAsync((byte[])[0xE0, 0], cancel).ConfigureAwait(false);
            return [new(Protocol, $"mqtt://{at}", answer[3] == 0 ? "MQTT broker; no encryption, no password" : "MQTT broker; it wants a user and a password (options user=… and password=…)", ImmutableDictionary<string, string>.Empty)];
        }
        catch (Exception fault) when (fault is SocketException or IOException)
        {
            return [];
        }
    }

    public IMachineSource Create(ConnectionSettings settings, ISignalDirectory signals)
    {
        var options = MqttOptions.Read(settings);
        var past = places is not null && history is not null ? new MqttPast(places, history) : null;
        return new MqttSource(settings, options, FeedOf(settings, options, options.Filters, probe: false), signals, places, clocks, logs.CreateLogger<MqttSource>(), past);
    }

    /// <summary>Under a client id of its own: a broker ends the session of whoever else uses the same one.</summary>
    public IMachineSource CreateToLook(ConnectionSettings settings, ISignalDirectory signals)
    {
        var options = MqttOptions.Read(settings);
        return new MqttSource(settings, options, FeedOf(settings, options, options.Filters, probe: true), signals, places, clocks, logs.CreateLogger<MqttSource>());
    }

    public async Task<ConnectionTest> TestAsync(ConnectionSettings settings, CancellationToken cancel)
    {
        var options = MqttOptions.Read(settings);
        var (rule, why, heard) = await ListenAsync(settings, options, options.Filters.Count > 0 ? options.Filters : [options.Filter], cancel).ConfigureAwait(false);
        if (rule is not null) return new(false, rule, why, []);
        var found = new Dictionary<string, Signal>(StringComparer.Ordinal);
        var taken = new List<string>();
        foreach (var (topic, payload) in heard)
            foreach (var point in options.Points)
            {
                if (!TopicFilter.Matches(point.Address.Filter, topic, taken) || found.Count >= MostItems) continue;
                var read = MqttPayload.Read(payload, point, options.TimePath, options.DecimalComma);
                if (read.Rule is { } broken && broken != MqttRules.KeyMissing) return new(false, broken, $"Topic '{topic}', point '{point.Settings.Name}': {read.Why}.", [.. found.Values]);
                if (read.Rule is null) found.TryAdd(point.NameFor(taken), point.SignalOf(settings.Machine, point.NameFor(taken), read.Value.Kind));
            }
        var times = options.Listen.TotalSeconds.ToString("0.#", CultureInfo.InvariantCulture);
        return new(true, null, heard.Count > 0
            ? $"{heard.Count} topics and {found.Count} points heard in {times} s."
            : $"The broker is there; nothing was published in {times} s. A box that only sends changes is silent until something changes.", [.. found.Values]);
    }

    /// <summary>The topics heard in a few seconds, with what they would be as points.</summary>
    public async Task<BrowseAnswer> BrowseAsync(ConnectionSettings settings, string? address, CancellationToken cancel)
    {
        var options = MqttOptions.Read(settings);
        var (rule, why, heard) = await ListenAsync(settings, options, [address is { Length: > 0 } ? address : options.Filter], cancel).ConfigureAwait(false);
        if (rule is not null) return new(false, rule, why, []);
        if (heard.Count == 0) return new(false, MqttRules.NothingHeard, $"Nothing was published on '{address ?? options.Filter}' while the node listened. Let the box send something and look again.", []);
        var times = new List<string>();
        ImmutableArray<BrowseItem> items = [.. heard.OrderBy(h => h.Key, StringComparer.Ordinal).SelectMany(h => TopicSuggestions.Of(h.Key, h.Value, clocks.Factory.GetUtcNow().UtcTicks, times)).Take(MostItems)];
        var answer = new BrowseAnswer(true, null, $"{heard.Count} topics heard.", items);
        // One connection has one place for the time; where payloads differ a person has to choose.
        return options.TimePath is null && times.Distinct(StringComparer.Ordinal).ToArray() is [var time] ? answer with { Suggested = answer.Suggested.Add("time", time) } : answer;
    }

    private IMqttFeed FeedOf(ConnectionSettings settings, MqttOptions options, IReadOnlyList<string> filters, bool probe) => options.Broker is { } outside
        ? new OutsideBrokerFeed(outside, $"{brokerOptions.Value.HostId}-{settings.Source}{(probe ? $"-{Guid.NewGuid():n}" : "")}", filters, keepSession: !probe && options.TimePath is not null, clocks)
        : new OwnBrokerFeed(broker, brokerOptions.Value, filters, keeps: !probe, clocks);

    private async Task<(string? Rule, string Why, Dictionary<string, ReadOnlyMemory<byte>> Heard)> ListenAsync(
        ConnectionSettings settings, MqttOptions options, IReadOnlyList<string> filters, CancellationToken cancel)
    {
        var heard = new Dictionary<string, ReadOnlyMemory<byte>>(StringComparer.Ordinal);
        var items = Channel.CreateBounded<FeedItem>(256);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var feeding = Task.Run(() => FeedOf(settings, options, filters, probe: true).RunAsync(items.Writer, stop.Token), CancellationToken.None);
        try
        {
            // The time to listen begins when there is something to listen to.
            using var enough = new CancellationTokenSource(ReconnectPolicy.ConnectLimit + options.Listen, clocks.Wire);
            using var both = CancellationTokenSource.CreateLinkedTokenSource(enough.Token, cancel);
            await foreach (var item in items.Reader.ReadAllAsync(both.Token).ConfigureAwait(false))
            {
                if (item.Rule is { } rule) return (rule, item.Why, heard);
                if (item.Topic is not { } topic) enough.CancelAfter(options.Listen);
                else if (heard.Count < MostItems || heard.ContainsKey(topic)) heard[topic] = item.Payload;
            }
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            // The time to listen is over; what was heard decides.
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await feeding.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        return (null, "", heard);
    }
}
