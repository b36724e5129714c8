using System.Collections.Frozen;

namespace Ieum.Connect.Sparkplug.Monitor;

/// <summary>One thing that a monitor looks at, and the normative statements it ticks.</summary>
/// <param name="NeedsConnections">CONNECT, SUBSCRIBE and DISCONNECT must be seen; otherwise the messages are enough.</param>
/// <param name="IsAdvice">The statements say SHOULD.</param>
internal sealed record StatementCheck(string Name, bool NeedsConnections, bool IsAdvice, IReadOnlyList<string> Ids);

/// <summary>
/// Which check ticks which statement of Sparkplug B 3.0. Ids without their prefix <c>tck-id-</c>; many statements of the standard say the
/// same in several chapters. M: seen in messages; C: needs the connections; S: the statement says SHOULD.
/// </summary>
internal static class StatementTable
{
    private const string Rows = """
        topic M topic-structure topic-structure-namespace-a topic-structure-namespace-device-id-associated-message-types topic-structure-namespace-device-id-non-associated-message-types
        group-id M intro-group-id-string intro-group-id-chars topic-structure-namespace-valid-group-id
        node-id M intro-edge-node-id-string intro-edge-node-id-chars topic-structure-namespace-valid-edge-node-id
        device-id M intro-device-id-string intro-device-id-chars topic-structure-namespace-valid-device-id
        ids-case MS case-sensitivity-sparkplug-ids
        names-case MS case-sensitivity-metric-names
        node-unique C intro-edge-node-id-uniqueness topic-structure-namespace-unique-edge-node-descriptor payloads-nbirth-edge-node-descriptor
        birth-first C principles-birth-certificates-order message-flow-edge-node-birth-publish-connect
        clean-311 C principles-persistence-clean-session-311
        clean-50 C principles-persistence-clean-session-50
        nbirth-topic M topics-nbirth-topic message-flow-edge-node-birth-publish-nbirth-topic
        nbirth-payload M message-flow-edge-node-birth-publish-nbirth-payload
        nbirth-qos M topics-nbirth-mqtt payloads-nbirth-qos message-flow-edge-node-birth-publish-nbirth-qos
        nbirth-retain M topics-nbirth-mqtt payloads-nbirth-retain message-flow-edge-node-birth-publish-nbirth-retained
        nbirth-timestamp M topics-nbirth-timestamp payloads-nbirth-timestamp
        nbirth-seq M payloads-nbirth-seq payloads-sequence-num-req-nbirth payloads-sequence-num-always-included message-flow-edge-node-birth-publish-nbirth-payload-seq
        nbirth-seq-zero M topics-nbirth-seq-num payloads-sequence-num-zero-nbirth
        nbirth-bdseq M topics-nbirth-bdseq-included payloads-nbirth-bdseq
        nbirth-rebirth M topics-nbirth-rebirth-metric payloads-nbirth-rebirth-req operational-behavior-data-commands-rebirth-name operational-behavior-data-commands-rebirth-datatype operational-behavior-data-commands-rebirth-value
        rebirth-no-alias M operational-behavior-data-commands-rebirth-name-aliases
        nbirth-metrics M topics-nbirth-metrics operational-behavior-data-publish-nbirth-values payloads-metric-datatype-req
        dbirth-topic M topics-dbirth-topic message-flow-device-birth-publish-dbirth-topic
        dbirth-payload M message-flow-device-birth-publish-dbirth-payload
        dbirth-qos M topics-dbirth-mqtt payloads-dbirth-qos message-flow-device-birth-publish-dbirth-qos
        dbirth-retain M topics-dbirth-mqtt payloads-dbirth-retain message-flow-device-birth-publish-dbirth-retained
        dbirth-timestamp M topics-dbirth-timestamp payloads-dbirth-timestamp
        dbirth-seq M payloads-dbirth-seq payloads-sequence-num-always-included
        dbirth-seq-next M topics-dbirth-seq payloads-dbirth-seq-inc payloads-sequence-num-incrementing message-flow-device-birth-publish-dbirth-payload-seq
        dbirth-metrics M topics-dbirth-metrics operational-behavior-data-publish-dbirth-values payloads-metric-datatype-req
        dbirth-order M message-flow-device-birth-publish-nbirth-wait message-flow-device-birth-publish-dbirth-match-edge-node-topic
        birth-names M payloads-name-requirement payloads-alias-birth-requirement
        alias-unique M payloads-alias-uniqueness
        ndata-topic M topics-ndata-topic
        ndata-qos M topics-ndata-mqtt payloads-ndata-qos
        ndata-retain M topics-ndata-mqtt payloads-ndata-retain
        ndata-timestamp M topics-ndata-timestamp payloads-ndata-timestamp
        ndata-seq M payloads-ndata-seq payloads-sequence-num-always-included
        ndata-seq-next M topics-ndata-seq-num payloads-ndata-seq-inc payloads-sequence-num-incrementing
        ndata-metrics M topics-ndata-payload
        ndata-order M payloads-ndata-order
        ndata-known M topics-nbirth-metric-reqs operational-behavior-data-publish-nbirth
        ndata-chronological M operational-behavior-data-publish-nbirth-order
        ndata-changed MS principles-rbe-recommended operational-behavior-data-publish-nbirth-change
        ddata-topic M topics-ddata-topic
        ddata-qos M topics-ddata-mqtt payloads-ddata-qos
        ddata-retain M topics-ddata-mqtt payloads-ddata-retain
        ddata-timestamp M topics-ddata-timestamp payloads-ddata-timestamp
        ddata-seq M payloads-ddata-seq payloads-sequence-num-always-included
        ddata-seq-next M topics-ddata-seq-num payloads-ddata-seq-inc payloads-sequence-num-incrementing
        ddata-metrics M topics-ddata-payload
        ddata-order M payloads-ddata-order payloads-dbirth-order
        ddata-known M topics-dbirth-metric-reqs operational-behavior-data-publish-dbirth
        ddata-chronological M operational-behavior-data-publish-dbirth-order
        ddata-changed MS principles-rbe-recommended operational-behavior-data-publish-dbirth-change
        metric-timestamp M payloads-name-birth-data-requirement
        times-utc M payloads-timestamp-in-UTC payloads-metric-timestamp-in-UTC
        datatype M payloads-metric-datatype-value-type payloads-metric-datatype-value
        datatype-left-out MS payloads-metric-datatype-not-req
        alias-alone M payloads-alias-data-cmd-requirement
        properties M payloads-propertyset-keys-array-size payloads-propertyset-values-array-size
        property-type M payloads-metric-propertyvalue-type-type payloads-metric-propertyvalue-type-value payloads-metric-propertyvalue-type-req
        quality M payloads-propertyset-quality-value-type payloads-propertyset-quality-value-value
        dataset M payloads-dataset-column-size payloads-dataset-column-num-headers payloads-dataset-types-def payloads-dataset-types-num payloads-dataset-types-type payloads-dataset-types-value payloads-dataset-parameter-type-req
        template-definition M payloads-template-definition-is-definition payloads-template-definition-ref payloads-template-ref-definition payloads-template-is-definition payloads-template-is-definition-definition
        template-nbirth-only M payloads-template-definition-nbirth-only
        template-instance M payloads-template-instance-is-definition payloads-template-instance-ref payloads-template-ref-instance payloads-template-is-definition-instance
        template-defined M payloads-template-definition-nbirth topics-nbirth-templates
        template-members M payloads-template-instance-members payloads-template-definition-members
        template-members-birth M payloads-template-instance-members-birth
        template-parameters M payloads-template-parameter-name-required payloads-template-parameter-name-type payloads-template-parameter-value-type payloads-template-parameter-type-value payloads-template-parameter-type-req payloads-template-parameter-value payloads-template-definition-parameters
        ddeath-topic M topics-ddeath-topic operational-behavior-device-ddeath
        ddeath-qos M topics-ddeath-mqtt
        ddeath-retain M topics-ddeath-mqtt
        ddeath-timestamp M payloads-ddeath-timestamp
        ddeath-seq M payloads-ddeath-seq payloads-ddeath-seq-number payloads-sequence-num-always-included
        ddeath-seq-next M topics-ddeath-seq-num payloads-ddeath-seq-inc payloads-sequence-num-incrementing
        ndeath-topic M topics-ndeath-topic
        ndeath-seq M topics-ndeath-seq payloads-ndeath-seq
        ndeath-payload M topics-ndeath-payload
        ndeath-bdseq M payloads-ndeath-bdseq
        ncmd-topic M topics-ncmd-topic operational-behavior-data-commands-ncmd-verb
        ncmd-qos M topics-ncmd-mqtt payloads-ncmd-qos
        ncmd-retain M topics-ncmd-mqtt payloads-ncmd-retain
        ncmd-timestamp M topics-ncmd-timestamp payloads-ncmd-timestamp
        ncmd-no-seq M payloads-ncmd-seq
        ncmd-metrics M topics-ncmd-payload
        ncmd-known MS operational-behavior-data-commands-ncmd-metric-name
        ncmd-value M operational-behavior-data-commands-ncmd-metric-value
        rebirth-request M operational-behavior-data-commands-ncmd-rebirth-verb operational-behavior-data-commands-ncmd-rebirth-name operational-behavior-data-commands-ncmd-rebirth-value
        rebirth-answer M operational-behavior-data-commands-rebirth-action-2
        dcmd-topic M topics-dcmd-topic operational-behavior-data-commands-dcmd-verb
        dcmd-qos M topics-dcmd-mqtt payloads-dcmd-qos
        dcmd-retain M topics-dcmd-mqtt payloads-dcmd-retain
        dcmd-timestamp M topics-dcmd-timestamp payloads-dcmd-timestamp
        dcmd-no-seq M payloads-dcmd-seq
        dcmd-metrics M topics-dcmd-payload
        dcmd-known MS operational-behavior-data-commands-dcmd-metric-name
        dcmd-value M operational-behavior-data-commands-dcmd-metric-value
        will C message-flow-edge-node-birth-publish-will-message payloads-ndeath-will-message
        will-topic C message-flow-edge-node-birth-publish-will-message-topic
        will-payload C message-flow-edge-node-birth-publish-will-message-payload
        will-bdseq C message-flow-edge-node-birth-publish-will-message-payload-bdSeq topics-nbirth-bdseq-increment
        will-qos C message-flow-edge-node-birth-publish-will-message-qos payloads-ndeath-will-message-qos
        will-retain C message-flow-edge-node-birth-publish-will-message-will-retained payloads-ndeath-will-message-retain
        bdseq-match C topics-nbirth-bdseq-matching payloads-nbirth-bdseq-repeat message-flow-edge-node-birth-publish-nbirth-payload-bdSeq operational-behavior-data-commands-rebirth-action-3
        ncmd-subscribe C message-flow-edge-node-ncmd-subscribe
        dcmd-subscribe C message-flow-device-dcmd-subscribe
        good-bye C operational-behavior-edge-node-intentional-disconnect-ndeath payloads-ndeath-will-message-publisher payloads-ndeath-will-message-publisher-disconnect-mqtt311
        host-waited M message-flow-edge-node-birth-publish-phid-wait message-flow-edge-node-birth-publish-phid-wait-id message-flow-edge-node-birth-publish-phid-wait-online operational-behavior-edge-node-birth-sequence-wait
        host-offline C message-flow-edge-node-birth-publish-phid-offline operational-behavior-edge-node-termination-host-offline
        host-offline-old M operational-behavior-edge-node-termination-host-offline-timestamp message-flow-edge-node-birth-publish-phid-wait-timestamp
        state-topic M host-topic-phid-birth-topic operational-behavior-host-application-connect-birth-topic intro-sparkplug-host-state components-ph-state conformance-primary-host
        state-qos M host-topic-phid-birth-qos operational-behavior-host-application-connect-birth-qos payloads-state-birth
        state-retain M host-topic-phid-birth-retain operational-behavior-host-application-connect-birth-retained payloads-state-birth
        state-payload M host-topic-phid-birth-payload operational-behavior-host-application-connect-birth-payload payloads-state-birth-payload message-flow-phid-sparkplug-state-publish-payload
        state-death-topic M host-topic-phid-death-topic operational-behavior-host-application-death-topic
        state-death-qos M host-topic-phid-death-qos operational-behavior-host-application-death-qos
        state-death-retain M host-topic-phid-death-retain operational-behavior-host-application-death-retained
        state-death-payload M host-topic-phid-death-payload operational-behavior-host-application-death-payload
        state-corrected M message-flow-hid-sparkplug-state-message-delivered
        state-clean-311 C message-flow-phid-sparkplug-clean-session-311
        state-clean-50 C message-flow-phid-sparkplug-clean-session-50
        state-will C host-topic-phid-death-required operational-behavior-host-application-connect-will payloads-state-will-message operational-behavior-host-application-connect-will-topic
        state-will-qos C operational-behavior-host-application-connect-will-qos payloads-state-will-message-qos
        state-will-retain C operational-behavior-host-application-connect-will-retained payloads-state-will-message-retain
        state-will-payload C operational-behavior-host-application-connect-will-payload payloads-state-will-message-payload
        state-will-time C host-topic-phid-death-payload-timestamp-connect host-topic-phid-death-payload-connect
        state-same-time C host-topic-phid-birth-payload-timestamp message-flow-phid-sparkplug-state-publish-payload-timestamp
        state-subscribe C host-topic-phid-birth-sub-required payloads-state-subscribe message-flow-phid-sparkplug-subscription
        state-first C host-topic-phid-birth-message host-topic-phid-birth-required operational-behavior-host-application-connect-birth message-flow-phid-sparkplug-state-publish
        state-good-bye C host-topic-phid-death-payload-timestamp-disconnect-clean host-topic-phid-death-payload-disconnect-clean operational-behavior-host-application-termination
        """;

    public static FrozenDictionary<string, StatementCheck> Checks { get; } = Rows.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
        .Select(row => row.Split(' ')).Select(w => new StatementCheck(w[0], w[1].Contains('C'), w[1].Contains('S'), w[2..]))
        .ToFrozenDictionary(c => c.Name, StringComparer.Ordinal);

    /// <summary>Every statement that some check ticks.</summary>
    public static IReadOnlyList<string> Ids { get; } = [.. Checks.Values.SelectMany(c => c.Ids).Distinct().Order(StringComparer.Ordinal)];
}
