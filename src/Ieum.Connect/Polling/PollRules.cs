using System.Collections.Frozen;

namespace Ieum.Connect.Polling;

/// <summary>Rules of every protocol that is asked register by register.</summary>
public static class PollRules
{
    public const string DeviceSilent = "poll-device-silent";
    public const string NotTheProtocol = "poll-not-the-protocol";
    public const string ValueUnreadable = "poll-value-unreadable";
    public const string ValueNotFinite = "poll-value-not-finite";
    public const string PeriodMissed = "poll-period-missed";
    public const string NotConnected = "poll-not-connected";
    public const string WriteUnknownSignal = "poll-write-unknown-signal";
    public const string WriteDoesNotFit = "poll-write-does-not-fit";
    public const string NoPoints = "poll-no-points";

    /// <summary>English text of every rule, by id.</summary>
    public static IReadOnlyDictionary<string, string> All { get; } = new Dictionary<string, string>
    {
        [DeviceSilent] = "A device did not answer within the time; the others go on, and it is asked again from time to time.",
        [NotTheProtocol] = "The counterpart answered with bytes that are not of this protocol; the connection was made anew.",
        [ValueUnreadable] = "The registers of a point hold no value of its type; the sample is kept, marked bad.",
        [ValueNotFinite] = "A point holds NaN or an infinity; it is kept, marked bad.",
        [PeriodMissed] = "The device answers too slowly for the periods asked for; values are read less often.",
        [NotConnected] = "There is no connection to the device now; nothing was written.",
        [WriteUnknownSignal] = "The signal is no point of this connection.",
        [WriteDoesNotFit] = "The value does not fit the type of the register after scaling back; nothing was written.",
        [NoPoints] = "The connection lists no points, so there is nothing to read.",
    }.ToFrozenDictionary(StringComparer.Ordinal);
}
