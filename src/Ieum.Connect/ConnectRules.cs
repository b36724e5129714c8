using System.Collections.Frozen;

namespace Ieum.Connect;

/// <summary>Rules about connection settings and peers that hold for every protocol.</summary>
public static class ConnectRules
{
    public const string ProtocolUnknown = "connect-protocol-unknown";
    public const string EndpointWrong = "connect-endpoint-wrong";
    public const string OptionUnknown = "connect-option-unknown";
    public const string OptionWrong = "connect-option-wrong";
    public const string Unreachable = "connect-unreachable";
    public const string HostUnknown = "connect-host-unknown";
    public const string PortClosed = "connect-port-closed";
    public const string TestTimedOut = "connect-test-timed-out";
    public const string ClockSkew = "connect-clock-skew";
    public const string TimeOutOfRange = "connect-time-out-of-range";
    public const string PointsUnknown = "connect-points-unknown";
    public const string PointWrong = "connect-point-wrong";
    public const string ScanTooWide = "connect-scan-too-wide";
    public const string OutsideRange = "connect-value-outside-range";
    public const string NotANumber = "connect-value-not-a-number";
    public const string Unexpected = "connect-unexpected";

    /// <summary>English text of every rule, by id.</summary>
    public static IReadOnlyDictionary<string, string> All { get; } = new Dictionary<string, string>
    {
        [ProtocolUnknown] = "The connection names a protocol this node does not speak.",
        [EndpointWrong] = "The address of the counterpart cannot be read.",
        [OptionUnknown] = "The connection has a setting that its protocol does not know.",
        [OptionWrong] = "A setting of the connection has a value outside what is allowed.",
        [Unreachable] = "The counterpart cannot be reached: it is off, the address is wrong, or the network is cut.",
        [HostUnknown] = "The address names a host that nobody in the network knows.",
        [PortClosed] = "The computer at the address answers, but nothing listens at the port.",
        [TestTimedOut] = "The counterpart did not answer within the time of the test.",
        [ClockSkew] = "The clock of the counterpart differs from this node's clock by more than the tolerance.",
        [TimeOutOfRange] = "A sample carries a time before 1990 or more than a day ahead of this node's clock.",
        [PointsUnknown] = "The connection lists points, but its protocol tells by itself what there is.",
        [PointWrong] = "A point of the connection has an address, type or setting that cannot be used, or a name that stands twice.",
        [ScanTooWide] = "More addresses were asked for than one scan looks at.",
        [OutsideRange] = "A value lies outside the range that the counterpart or the connection names for it; it was kept.",
        [NotANumber] = "The counterpart calls a value good that is no number (NaN or infinite); it was kept.",
        [Unexpected] = "The connection met an unexpected fault; it was started again.",
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>Nobody was reached; told once per interruption, not with every try.</summary>
    internal static bool IsUnreached(string rule) => rule is Unreachable or HostUnknown or PortClosed;
}
