using System.Collections.Frozen;

namespace Ieum.Connect.MtConnect;

/// <summary>Rules an MTConnect agent can break.</summary>
public static class MtConnectRules
{
    public const string XmlUnreadable = "mtconnect-xml-unreadable";
    public const string PartTooLarge = "mtconnect-part-too-large";
    public const string MultipartBroken = "mtconnect-multipart-broken";
    public const string HttpStatus = "mtconnect-http-status";
    public const string AgentError = "mtconnect-agent-error";
    public const string Silent = "mtconnect-silent";
    public const string DeviceUnknown = "mtconnect-device-unknown";
    public const string DeviceAmbiguous = "mtconnect-device-ambiguous";
    public const string DataItemUnannounced = "mtconnect-dataitem-unannounced";
    public const string TooManyDataItems = "mtconnect-too-many-dataitems";
    public const string UnitUnknown = "mtconnect-unit-unknown";
    public const string NotANumber = "mtconnect-not-a-number";
    public const string ValueWrong = "mtconnect-value-wrong";
    public const string TimeUnreadable = "mtconnect-time-unreadable";
    public const string Polling = "mtconnect-polling";

    /// <summary>English text of every rule, by id.</summary>
    public static IReadOnlyDictionary<string, string> All { get; } = new Dictionary<string, string>
    {
        [XmlUnreadable] = "The document of the source is not readable MTConnect XML.",
        [PartTooLarge] = "One part of the stream is larger than 64 MB; the stream was ended.",
        [MultipartBroken] = "The stream does not keep to multipart/x-mixed-replace.",
        [HttpStatus] = "The address answers, but not as an MTConnect source.",
        [AgentError] = "The source refused the request with an MTConnectError document.",
        [Silent] = "The stream has been silent for longer than two heartbeats; it was opened anew.",
        [DeviceUnknown] = "The source has no device of the configured name or uuid.",
        [DeviceAmbiguous] = "The source has several devices and the connection does not say which; the first one is read.",
        [DataItemUnannounced] = "A value belongs to a data item that the device description does not name.",
        [TooManyDataItems] = "More data items than one machine can have; the further ones are refused.",
        [UnitUnknown] = "A data item has a unit that has no common code; its numbers are kept without a unit.",
        [NotANumber] = "A sample is NaN or an infinity; it is kept, marked bad.",
        [ValueWrong] = "A sample is not a number; its text is kept, marked bad.",
        [TimeUnreadable] = "A value carries a time that is not ISO 8601.",
        [Polling] = "The source does not stream; it is asked again and again instead.",
    }.ToFrozenDictionary(StringComparer.Ordinal);
}
