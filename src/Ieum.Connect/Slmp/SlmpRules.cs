using System.Collections.Frozen;

namespace Ieum.Connect.Slmp;

/// <summary>Rules a controller that speaks SLMP can break or answer with.</summary>
public static class SlmpRules
{
    public const string OutsideRange = "slmp-outside-range";
    public const string DeviceUnknown = "slmp-device-unknown";
    public const string WriteLocked = "slmp-write-locked";
    public const string NotSupported = "slmp-not-supported";
    public const string RequestWrong = "slmp-request-wrong";
    public const string NotForThisStation = "slmp-not-for-this-station";
    public const string CodeDiffers = "slmp-code-differs";
    public const string Locked = "slmp-locked";
    public const string Busy = "slmp-busy";
    public const string EndCode = "slmp-end-code";
    public const string NoAnswer = "slmp-no-answer";

    /// <summary>English text of every rule, by id.</summary>
    public static IReadOnlyDictionary<string, string> All { get; } = new Dictionary<string, string>
    {
        [OutsideRange] = "The controller has the device, but not this number.",
        [DeviceUnknown] = "The controller does not have this device, or not by this way.",
        [WriteLocked] = "The controller refuses writing: it runs and online change is not allowed, or the device belongs to its system.",
        [NotSupported] = "The controller does not know the command.",
        [RequestWrong] = "The controller finds the request wrong: too long, or its content does not fit the device.",
        [NotForThisStation] = "The request does not reach the station it names; network, station, module or multidrop number is wrong.",
        [CodeDiffers] = "One side speaks binary and the other ASCII.",
        [Locked] = "The port of the controller is locked by a remote password.",
        [Busy] = "The controller is busy; the request is asked again.",
        [EndCode] = "The controller answered with an end code.",
        [NoAnswer] = "The controller took the connection but does not answer: another client may hold the port, or frame or code differ.",
    }.ToFrozenDictionary(StringComparer.Ordinal);
}
