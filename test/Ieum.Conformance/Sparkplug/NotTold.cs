namespace Ieum.Conformance.Sparkplug;

/// <summary>Why a statement of Sparkplug B 3.0 is not told by what our edge and host side do, by rule; the first that fits.</summary>
internal static class NotTold
{
    private static readonly (string Part, string Why)[] Rules =
    [
        ("conformance-mqtt-aware", "not this role: a Sparkplug aware broker"),
        ("conformance-mqtt-", "not this role: the broker"),
        ("multiple-servers", "one broker at a time"),
        ("multi-server", "one broker at a time"),
        ("host-offline-reconnect", "one broker at a time"),
        ("payloads-dataset", "sends none; reads them (`PayloadTests`)"),
        ("payloads-template", "sends none; reads them (`PayloadTests`)"),
        ("nbirth-templates", "sends none; reads them (`PayloadTests`)"),
        ("ndata", "no metrics of the node itself, so no NDATA"),
        ("data-publish-nbirth", "no metrics of the node itself, so no NDATA"),
        ("nbirth-metric-reqs", "no metrics of the node itself, so no NDATA"),
        ("ncmd-metric", "no command to a node's own metric in the run; `SettingsTests`, `MetricValuesTests`"),
        ("clean-session", "the other version of MQTT"),
        ("disconnect-mqtt50", "the other version of MQTT"),
        ("host-action-", "inside the host: `EdgeNodeSessionTests.Death_marks_every_value_stale…`"),
        ("host-reordering-", "inside the host: `EdgeNodeSessionTests.Swapped_messages…`, `…A_lost_message…`"),
        ("disconnect-with-no-disconnect-packet", "it never leaves on purpose without DISCONNECT"),
        ("intentional-disconnect-packet", "a MAY: nothing can break it"),
        ("disconnect-intentional", "a MAY: nothing can break it"),
        ("name-cmd-requirement", "a MAY: nothing can break it"),
        ("duplicate-device-id", "a MAY: nothing can break it"),
        ("unique-device-id", "two devices of one name look like one; `EdgeCheckTests`"),
        ("host-application-host-id", "a choice of the company's, over all hosts"),
        ("rebirth-action-1", "what was under way looks the same; `EdgeNodeTests.Commands_are_read…`"),
    ];

    public static string Why(string id) => Rules.FirstOrDefault(r => id.Contains(r.Part, StringComparison.Ordinal)).Why ?? "";
}
