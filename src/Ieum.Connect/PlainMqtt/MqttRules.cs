using System.Collections.Frozen;

namespace Ieum.Connect.PlainMqtt;

/// <summary>Rules that plain MQTT messages can break.</summary>
public static class MqttRules
{
    public const string BrokerPortTaken = "mqtt-broker-port-taken";
    public const string BrokerRefused = "mqtt-broker-refused";
    public const string TooLarge = "mqtt-payload-too-large";
    public const string Unreadable = "mqtt-payload-unreadable";
    public const string KeyMissing = "mqtt-key-missing";
    public const string UnitDiffers = "mqtt-unit-differs";
    public const string TimeUnreadable = "mqtt-time-unreadable";
    public const string TooManySignals = "mqtt-too-many-signals";
    public const string Silent = "mqtt-silent";
    public const string Offline = "mqtt-offline";
    public const string NothingHeard = "mqtt-nothing-heard";

    /// <summary>English text of every rule, by id.</summary>
    public static IReadOnlyDictionary<string, string> All { get; } = new Dictionary<string, string>
    {
        [BrokerPortTaken] = "The broker inside the node cannot open its port.",
        [BrokerRefused] = "The MQTT broker refused the connection.",
        [TooLarge] = "A message is larger than 64 KiB; it was refused.",
        [Unreadable] = "A message is not the value that its point expects; it was refused.",
        [KeyMissing] = "A JSON message does not hold the place that a point names.",
        [UnitDiffers] = "A value came with another unit than its point has; it was refused.",
        [TimeUnreadable] = "The time in a message cannot be used; the value is kept with the time of its arrival, as uncertain.",
        [TooManySignals] = "A wildcard leads to more signals than allowed; the further ones are refused.",
        [Silent] = "Nothing was heard for longer than the connection allows.",
        [Offline] = "The sender said that it is offline; its last values are marked stale.",
        [NothingHeard] = "Nothing was published while the node listened.",
    }.ToFrozenDictionary(StringComparer.Ordinal);
}
