using Ieum.Connect.Broker;
using Ieum.Model;

namespace Ieum.Connect.PlainMqtt;

/// <summary>The settings of one plain MQTT connection, read and checked.</summary>
/// <param name="Broker">Null for the broker inside the node.</param>
/// <param name="Points">What to read, in the order of the settings.</param>
/// <param name="TimePath">Where the time of a value stands in JSON payloads; null: the time of arrival counts.</param>
/// <param name="Status">Topic on which the sender, or its will, says <c>offline</c> and <c>online</c>; null: none.</param>
/// <param name="Silence">Nothing heard for so long: the last values are marked stale; zero: the sender may be silent for ever.</param>
/// <param name="DecimalComma">Numbers in texts are written <c>12,345</c>.</param>
/// <param name="Filter">What the browsing listens to.</param>
internal sealed record MqttOptions(
    BrokerAddress? Broker, IReadOnlyList<MqttPoint> Points, IReadOnlyList<object>? TimePath, string? Status, TimeSpan Silence,
    bool DecimalComma, TimeSpan Listen, string Filter)
{
    public const string OwnBroker = "node";

    /// <summary>Every filter that must be heard.</summary>
    public IReadOnlyList<string> Filters { get; } =
        [.. Points.Select(p => p.Address.Filter).Concat(Status is { } s ? [s] : []).Distinct(StringComparer.Ordinal)];

    /// <exception cref="ConnectionSettingsException">The endpoint, an option or a point cannot be used.</exception>
    public static MqttOptions Read(ConnectionSettings settings)
    {
        var options = new OptionReader(settings);
        BrokerAddress? broker = null;
        if (settings.Endpoint.Trim() is var endpoint && endpoint != OwnBroker) broker = BrokerAddress.Read(options, endpoint);
        IReadOnlyList<object>? time = null;
        if (options.Text("time") is { } text && (!MqttAddress.TryPath(text, out time) || time.Count == 0))
            throw options.Wrong("time", text, "the JSON path of the time, such as ts or meta.time");
        var status = options.Text("status");
        if (status is not null && !TopicFilter.IsValid(status)) throw options.Wrong("status", status, "a topic");
        var filter = options.Text("filter", "#");
        if (!TopicFilter.IsValid(filter)) throw options.Wrong("filter", filter, "a topic filter such as shop/#");
        var read = new MqttOptions(broker, [.. settings.Points.Select(p => MqttPoint.Read(settings, p))], time, status,
            options.Seconds("silence", TimeSpan.Zero, TimeSpan.Zero, TimeSpan.FromDays(7)),
            options.Flag("decimal-comma", false),
            options.Seconds("listen", TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(0.1), TimeSpan.FromSeconds(60)), filter);
        options.Finish();
        return read;
    }
}
