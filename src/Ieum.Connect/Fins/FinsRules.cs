using System.Collections.Frozen;

namespace Ieum.Connect.Fins;

/// <summary>Rules a controller that speaks FINS can break or answer with.</summary>
public static class FinsRules
{
    public const string OutsideRange = "fins-outside-range";
    public const string AreaMissing = "fins-area-missing";
    public const string Protected = "fins-protected";
    public const string WrongMode = "fins-wrong-mode";
    public const string NotSupported = "fins-not-supported";
    public const string RequestWrong = "fins-request-wrong";
    public const string Routing = "fins-routing";
    public const string Busy = "fins-busy";
    public const string EndCode = "fins-end-code";
    public const string Handshake = "fins-handshake";
    public const string NoAnswer = "fins-no-answer";

    /// <summary>English text of every rule, by id.</summary>
    public static IReadOnlyDictionary<string, string> All { get; } = new Dictionary<string, string>
    {
        [OutsideRange] = "The controller has the memory area, but not this number.",
        [AreaMissing] = "The controller does not have this memory area or bank.",
        [Protected] = "The controller protects these data.",
        [WrongMode] = "Not possible in the present operating mode of the controller.",
        [NotSupported] = "The controller does not know the command.",
        [RequestWrong] = "The controller finds the request wrong.",
        [Routing] = "The request does not reach the node it names: node, network or unit number is wrong.",
        [Busy] = "The controller is busy; the request is asked again.",
        [EndCode] = "The controller answered with an end code.",
        [Handshake] = "The controller refused the exchange of node addresses.",
        [NoAnswer] = "The controller does not answer FINS at this address.",
    }.ToFrozenDictionary(StringComparer.Ordinal);
}
