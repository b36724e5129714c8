using System.Collections.Frozen;

namespace Ieum.Connect.OpcUa;

/// <summary>Rules an OPC UA counterpart, its certificate or a point can break.</summary>
public static class OpcUaRules
{
    public const string NotOpcUa = "opcua-not-opcua";
    public const string NoEndpoint = "opcua-no-endpoint";
    public const string CertificateUntrusted = "opcua-certificate-untrusted";
    public const string CertificateChanged = "opcua-certificate-changed";
    public const string CertificateInvalid = "opcua-certificate-invalid";
    public const string ClientRefused = "opcua-client-refused";
    public const string UserRefused = "opcua-user-refused";
    public const string ServiceRefused = "opcua-service-refused";
    public const string Silent = "opcua-silent";
    public const string ServerState = "opcua-server-state";
    public const string NodeUnknown = "opcua-node-unknown";
    public const string NodeUnreadable = "opcua-node-unreadable";
    public const string NamespacesChanged = "opcua-namespaces-changed";
    public const string FilterRefused = "opcua-filter-refused";
    public const string TooManyItems = "opcua-too-many-items";
    public const string SubscriptionLost = "opcua-subscription-lost";
    public const string QueueOverflow = "opcua-queue-overflow";
    public const string NotificationMissing = "opcua-notification-missing";
    public const string TransferRefused = "opcua-transfer-refused";
    public const string HistoryIncomplete = "opcua-history-incomplete";
    public const string ValueUnreadable = "opcua-value-unreadable";
    public const string ValueTooLarge = "opcua-value-too-large";
    public const string NotANumber = "opcua-not-a-number";
    public const string NothingToRead = "opcua-nothing-to-read";
    public const string PointsCut = "opcua-points-cut";
    public const string WriteRefused = "opcua-write-refused";

    /// <summary>English text of every rule, by id.</summary>
    public static IReadOnlyDictionary<string, string> All { get; } = new Dictionary<string, string>
    {
        [NotOpcUa] = "Something answers at the address, but it does not speak OPC UA over TCP.",
        [NoEndpoint] = "The server offers no endpoint with the security, or no log-in of the kind, that the connection asks for.",
        [CertificateUntrusted] = "The certificate of the server is not in the trust list; a person must look at it and trust it.",
        [CertificateChanged] = "The server shows another certificate than the one that was trusted.",
        [CertificateInvalid] = "The certificate of the server cannot be accepted: expired, for another host, or broken.",
        [ClientRefused] = "The server does not trust the certificate of this node.",
        [UserRefused] = "The server refused the user name, the password or the user certificate.",
        [ServiceRefused] = "The server answered a request with an error.",
        [Silent] = "The server answers no request any more; the connection was made anew.",
        [ServerState] = "The server says that it is not running normally.",
        [NodeUnknown] = "A point does not exist in the server, or not any more; it is tried again now and then, the others go on.",
        [NodeUnreadable] = "The server does not let a point be read; it is tried again now and then, the others go on.",
        [NamespacesChanged] = "The server numbers its namespaces differently than before; addresses were translated.",
        [FilterRefused] = "The server refused the deadband of a point; the point is read without it and the node filters by itself.",
        [TooManyItems] = "The server takes no more monitored items; the further points are read in turns instead.",
        [SubscriptionLost] = "A subscription fell silent or was closed by the server; it was made anew.",
        [QueueOverflow] = "A queue in the server ran over before its values were sent; the gap is recorded.",
        [NotificationMissing] = "Notifications are missing and the server could not send them again; the gap is recorded.",
        [TransferRefused] = "The server does not hand subscriptions over to a new session; they are made anew.",
        [HistoryIncomplete] = "The history of the server could not fill an interruption; the gap is recorded.",
        [ValueUnreadable] = "A value has a type that cannot be read.",
        [ValueTooLarge] = "An array or structure has more parts than are taken; the further parts are left out.",
        [NotANumber] = "The server sent NaN or an infinity as a measurement; it is kept, marked bad.",
        [NothingToRead] = "The connection lists no points and the server offers no variables to choose from.",
        [PointsCut] = "The server offers more variables than are taken by themselves; list the points that are wanted.",
        [WriteRefused] = "The server did not take a value that was written.",
    }.ToFrozenDictionary(StringComparer.Ordinal);
}
