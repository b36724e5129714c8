using System.Collections.Frozen;

namespace Ieum.Connect.Sparkplug;

/// <summary>Rules of Sparkplug peers and of the embedded broker that a machine can break.</summary>
public static class SparkplugRules
{
    public const string TopicWrong = "sparkplug-topic-wrong";
    public const string PayloadUnreadable = "sparkplug-payload-unreadable";
    public const string PayloadTooLarge = "sparkplug-payload-too-large";
    public const string MetricUnreadable = "sparkplug-metric-unreadable";
    public const string MetricUnnamed = "sparkplug-metric-unnamed";
    public const string MetricUnknown = "sparkplug-metric-unannounced";
    public const string AliasUnknown = "sparkplug-alias-unannounced";
    public const string AliasTwice = "sparkplug-alias-twice";
    public const string AliasNameDiffers = "sparkplug-alias-name-differs";
    public const string NameWrong = "sparkplug-name-wrong";
    public const string TooManyMetrics = "sparkplug-too-many-metrics";
    public const string TypeUnknown = "sparkplug-type-unknown";
    public const string TypeDiffers = "sparkplug-type-differs";
    public const string ValueMissing = "sparkplug-value-missing";
    public const string ValueWrong = "sparkplug-value-wrong";
    public const string ValueTooLong = "sparkplug-value-too-long";
    public const string TextNotUtf8 = "sparkplug-text-not-utf8";
    public const string PropertyUnreadable = "sparkplug-property-unreadable";
    public const string NumberRounded = "sparkplug-number-rounded";
    public const string DataBeforeBirth = "sparkplug-data-before-birth";
    public const string SeqMissing = "sparkplug-seq-missing";
    public const string SeqWrong = "sparkplug-seq-wrong";
    public const string SeqSkipped = "sparkplug-seq-skipped";
    public const string MessageTwice = "sparkplug-message-twice";
    public const string BdSeqMissing = "sparkplug-bdseq-missing";
    public const string DeathNotCurrent = "sparkplug-death-not-current";
    public const string EndpointTaken = "sparkplug-endpoint-taken";
    public const string StateForged = "sparkplug-state-forged";
    public const string BrokerPortTaken = "sparkplug-broker-port-taken";
    public const string BrokerRefused = "sparkplug-broker-refused";

    public const string WriteUnknown = "sparkplug-write-unknown";
    public const string WriteNotBorn = "sparkplug-write-not-born";
    public const string WriteDoesNotFit = "sparkplug-write-does-not-fit";
    public const string WriteCommand = "sparkplug-write-command";

    public const string EdgeBroker = "sparkplug-edge-broker";
    public const string EdgeCa = "sparkplug-edge-ca";
    public const string EdgeId = "sparkplug-edge-id";
    public const string EdgeMachine = "sparkplug-edge-machine";
    public const string EdgeMetric = "sparkplug-edge-metric";
    public const string EdgeNothing = "sparkplug-edge-nothing";
    public const string EdgeRange = "sparkplug-edge-range";
    public const string EdgeTwice = "sparkplug-edge-twice";
    public const string EdgeTaken = "sparkplug-edge-taken";
    public const string EdgeAccount = "sparkplug-edge-account";

    /// <summary>English text of every rule, by id.</summary>
    public static IReadOnlyDictionary<string, string> All { get; } = new Dictionary<string, string>
    {
        [TopicWrong] = "A topic does not have the form spBv1.0/group/type/node or spBv1.0/group/type/node/device.",
        [PayloadUnreadable] = "A message is not a Sparkplug B payload; how many values it held is not known.",
        [PayloadTooLarge] = "A message is larger than the limit and was not read.",
        [MetricUnreadable] = "One metric of a message cannot be read; the others were kept.",
        [MetricUnnamed] = "A birth message holds a metric without a name, or data came with neither name nor alias.",
        [MetricUnknown] = "Data came for a metric name that the birth message did not announce.",
        [AliasUnknown] = "Data came for a metric alias that the birth message did not announce.",
        [AliasTwice] = "A birth message gives one alias to two metrics; the second is known by its name only.",
        [AliasNameDiffers] = "Data came with a name and an alias that belong to different metrics.",
        [NameWrong] = "A metric name is empty, too long, or holds control characters.",
        [TooManyMetrics] = "A node announces more metrics than the limit; the rest is refused.",
        [TypeUnknown] = "A metric has a data type that Sparkplug B 3.0 does not define.",
        [TypeDiffers] = "Data came with another data type than the birth message announced.",
        [ValueMissing] = "A metric has no value and is not marked as null.",
        [ValueWrong] = "A value does not fit its data type.",
        [ValueTooLong] = "A text, table or file is longer than a sample may be.",
        [TextNotUtf8] = "A name or text is not valid UTF-8.",
        [PropertyUnreadable] = "The properties of a metric cannot be read; its value was kept as uncertain.",
        [NumberRounded] = "An unsigned number above 9223372036854775807 was rounded; the value was kept as uncertain.",
        [DataBeforeBirth] = "Data came before the birth message of its node or device.",
        [SeqMissing] = "A message that needs a sequence number has none.",
        [SeqWrong] = "A sequence number lies outside 0 to 255.",
        [SeqSkipped] = "Sequence numbers jumped: messages were lost on the way.",
        [MessageTwice] = "A message arrived twice; the second was dropped.",
        [BdSeqMissing] = "A birth or death message of a node has no bdSeq number.",
        [DeathNotCurrent] = "A death message belongs to an earlier session of the node and was ignored.",
        [EndpointTaken] = "Two connections of this node name the same Sparkplug node or device.",
        [StateForged] = "Somebody else published the state of this host application.",
        [BrokerPortTaken] = "The embedded MQTT broker cannot open its port.",
        [BrokerRefused] = "The MQTT broker refused the connection: user, password or rights are wrong.",
        [WriteUnknown] = "The signal is no metric of this connection; nothing was written.",
        [WriteNotBorn] = "The node or device is not online now, or did not announce the metric; nothing was written.",
        [WriteDoesNotFit] = "The value does not fit the data type that the metric was announced with; nothing was written.",
        [WriteCommand] = "Metrics under Node Control and Device Control are commands to the machine and are never written.",
        [EdgeBroker] = "The broker to publish to cannot be used as it is written; give mqtt://host:port or mqtts://host:port, and user and password together.",
        [EdgeCa] = "The broker's certificate authority cannot be read, or is of no use without mqtts.",
        [EdgeId] = "A Sparkplug id (group, edge node, device or host) has 1 to 128 characters, no '/', '+' or '#', and is not STATE.",
        [EdgeMachine] = "A machine that is to be published is not in the company.",
        [EdgeMetric] = "A metric name is empty, too long, or reserved by Sparkplug.",
        [EdgeNothing] = "Nothing is chosen that could be published.",
        [EdgeRange] = "A figure of the edge node lies outside its range.",
        [EdgeTaken] = "A connection of this node reads an edge node of the same group and name at the same broker; edge nodes must differ.",
        [EdgeAccount] = "The account in whose name commands ask the guard to write is not there, or may not ask for writes.",
        [EdgeTwice] = "Two machines or two signals would be published under one name; names must differ, and not only by case.",
    }.ToFrozenDictionary(StringComparer.Ordinal);
}
