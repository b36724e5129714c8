using System.Collections.Frozen;

namespace Ieum.Connect.Fins;

/// <summary>End codes (FINS commands reference, "end codes"): first byte the kind, second the case.</summary>
internal static class FinsEndCodes
{
    public const ushort CommandUnknown = 0x0401;
    public const ushort TooShort = 0x1002;
    public const ushort LengthWrong = 0x1003;
    public const ushort AreaMissing = 0x1101;
    public const ushort AddressWrong = 0x1103;
    public const ushort RangeExceeded = 0x1104;
    public const ushort ReadOnly = 0x2101;

    private static readonly FrozenDictionary<ushort, (string Rule, string Text)> Known = new Dictionary<ushort, (string, string)>
    {
        [0x0001] = (FinsRules.Busy, "the service was interrupted"),
        [0x0101] = (FinsRules.Routing, "the own node is not in the network"),
        [0x0102] = (FinsRules.Routing, "token time-out; the node number is above the largest of the network"),
        [0x0103] = (FinsRules.Routing, "sending failed after all retries"),
        [0x0104] = (FinsRules.Busy, "too many frames are waiting to be sent"),
        [0x0105] = (FinsRules.Routing, "the node address is out of range. Check node and own-node"),
        [0x0106] = (FinsRules.Routing, "the node address is used twice"),
        [0x0201] = (FinsRules.Routing, "the node is not in the network. Check the option node"),
        [0x0202] = (FinsRules.Routing, "the node has no unit of this number. Check the option unit"),
        [0x0203] = (FinsRules.Routing, "a third node is missing"),
        [0x0204] = (FinsRules.Busy, "the node is busy"),
        [0x0205] = (FinsRules.Busy, "the node did not answer in time"),
        [0x0301] = (FinsRules.EndCode, "fault of the communications controller"),
        [0x0302] = (FinsRules.EndCode, "fault of the CPU unit"),
        [0x0303] = (FinsRules.EndCode, "fault of the controller"),
        [0x0304] = (FinsRules.Routing, "the unit number is set wrong"),
        [CommandUnknown] = (FinsRules.NotSupported, "the command is not known"),
        [0x0402] = (FinsRules.NotSupported, "the command is not supported by this model or version"),
        [0x0501] = (FinsRules.Routing, "the destination is not in the routing tables"),
        [0x0502] = (FinsRules.Routing, "there are no routing tables"),
        [0x0503] = (FinsRules.Routing, "the routing tables are wrong"),
        [0x0504] = (FinsRules.Routing, "more relays than allowed"),
        [0x1001] = (FinsRules.RequestWrong, "the command is too long"),
        [TooShort] = (FinsRules.RequestWrong, "the command is too short"),
        [LengthWrong] = (FinsRules.RequestWrong, "number of elements and data do not fit"),
        [0x1004] = (FinsRules.RequestWrong, "the format of the command is wrong"),
        [0x1005] = (FinsRules.RequestWrong, "the header is wrong"),
        [AreaMissing] = (FinsRules.AreaMissing, "this controller does not have the memory area, or the bank is not there"),
        [0x1102] = (FinsRules.RequestWrong, "the access size is wrong"),
        [AddressWrong] = (FinsRules.OutsideRange, "the first address lies outside the area. Check the address"),
        [RangeExceeded] = (FinsRules.OutsideRange, "the last address lies outside the area. Check the address"),
        [0x1106] = (FinsRules.RequestWrong, "there is no such program"),
        [0x110B] = (FinsRules.RequestWrong, "the answer would be too long"),
        [0x110C] = (FinsRules.RequestWrong, "a parameter is wrong"),
        [0x2002] = (FinsRules.Protected, "the data are protected"),
        [ReadOnly] = (FinsRules.Protected, "the area is read-only"),
        [0x2102] = (FinsRules.Protected, "the area is protected against writing"),
        [0x2108] = (FinsRules.Protected, "cannot be changed"),
        [0x2201] = (FinsRules.WrongMode, "not possible while it is carried out"),
        [0x2202] = (FinsRules.WrongMode, "not possible while the controller runs"),
        [0x2203] = (FinsRules.WrongMode, "the controller is in PROGRAM mode"),
        [0x2204] = (FinsRules.WrongMode, "the controller is in DEBUG mode"),
        [0x2205] = (FinsRules.WrongMode, "the controller is in MONITOR mode"),
        [0x2206] = (FinsRules.WrongMode, "the controller is in RUN mode"),
        [0x2302] = (FinsRules.EndCode, "there is no such memory"),
        [0x2502] = (FinsRules.EndCode, "memory fault"),
        [0x2602] = (FinsRules.Protected, "the password is wrong"),
        [0x2604] = (FinsRules.Protected, "protected"),
        [0x3001] = (FinsRules.Protected, "another client holds the access right"),
        [0x4001] = (FinsRules.Busy, "the service was aborted"),
    }.ToFrozenDictionary();

    public static (string Rule, string Text) Of(ushort code) => Known.TryGetValue(code, out var known) ? known : (code >> 8) switch
    {
        0x01 or 0x02 or 0x05 => (FinsRules.Routing, "an error on the way to the controller"),
        0x10 or 0x11 => (FinsRules.RequestWrong, "the controller finds the request wrong"),
        0x20 or 0x21 or 0x26 => (FinsRules.Protected, "reading or writing is not possible there"),
        0x22 => (FinsRules.WrongMode, "not possible in the present mode"),
        _ => (FinsRules.EndCode, "the manual of the controller lists it under its end codes"),
    };

    public static string Describe(ushort code) => $"end code {code >> 8:X2} {code & 0xFF:X2}: {Of(code).Text}";
}
