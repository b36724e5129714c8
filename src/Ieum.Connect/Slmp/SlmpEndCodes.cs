using System.Collections.Frozen;
using System.Globalization;

namespace Ieum.Connect.Slmp;

/// <summary>What an end code means and what to do about it.</summary>
/// <param name="Rule">Rule of <see cref="SlmpRules"/>.</param>
internal sealed record SlmpEndCode(string Rule, string Text);

/// <summary>End codes of CPU and Ethernet modules (SLMP reference, "end codes"; codes of CPU modules from 4000h).</summary>
internal static class SlmpEndCodes
{
    public const ushort NotHexadecimal = 0xC050;
    public const ushort TooManyWords = 0xC051;
    public const ushort TooManyBits = 0xC052;
    public const ushort TooManyRandom = 0xC054;
    public const ushort RangeExceeded = 0xC056;
    public const ushort CommandWrong = 0xC059;
    public const ushort DeviceWrong = 0xC05B;
    public const ushort BitOfWordDevice = 0xC05C;
    public const ushort NotForThisStation = 0xC05F;
    public const ushort BitsWrong = 0xC060;
    public const ushort LengthWrong = 0xC061;
    public const ushort ContentWrong = 0xC05C;
    public const ushort OutsideDevice = 0x4031;
    public const ushort Busy = 0xCEE0;

    private static readonly FrozenDictionary<ushort, SlmpEndCode> Known = new Dictionary<ushort, SlmpEndCode>
    {
        [0x0055] = new(SlmpRules.WriteLocked, "writing while the controller runs is not allowed. Allow online change in the Ethernet parameters (enable write during RUN)"),
        [0x4000] = new(SlmpRules.EndCode, "checksum of the request is wrong"),
        [0x4001] = new(SlmpRules.NotSupported, "the CPU does not know this request"),
        [0x4002] = new(SlmpRules.NotSupported, "the CPU does not know this request"),
        [0x4005] = new(SlmpRules.RequestWrong, "the request is larger than the CPU takes"),
        [0x4010] = new(SlmpRules.WriteLocked, "not possible while the CPU runs"),
        [0x4013] = new(SlmpRules.Busy, "not possible in the present state of the CPU"),
        [0x4021] = new(SlmpRules.EndCode, "the drive (memory) named does not exist"),
        [0x4030] = new(SlmpRules.DeviceUnknown, "this controller does not have the device. Check the device name and the parameters"),
        [OutsideDevice] = new(SlmpRules.OutsideRange, "the number lies outside the device's range. Check the address and the device points in the controller's parameters"),
        [0x4032] = new(SlmpRules.DeviceUnknown, "this device cannot be read with random or block commands"),
        [0x4034] = new(SlmpRules.WriteLocked, "a device of the system cannot be written"),
        [0x4080] = new(SlmpRules.RequestWrong, "data of the request are wrong"),
        [0x4100] = new(SlmpRules.EndCode, "hardware fault of the CPU module"),
        [0x414A] = new(SlmpRules.NotForThisStation, "the request is for another CPU of the multiple system"),
        [NotHexadecimal] = new(SlmpRules.CodeDiffers, "the port is set to ASCII, but what came is not hexadecimal text. Set the option code as the port is set"),
        [TooManyWords] = new(SlmpRules.RequestWrong, "more words than one request may ask for"),
        [TooManyBits] = new(SlmpRules.RequestWrong, "more bits than one request may ask for"),
        [0xC053] = new(SlmpRules.RequestWrong, "more scattered bits than one request may carry"),
        [TooManyRandom] = new(SlmpRules.RequestWrong, "more scattered devices than one request may carry"),
        [RangeExceeded] = new(SlmpRules.OutsideRange, "reaches beyond the last number of the device. Check the address"),
        [0xC058] = new(SlmpRules.RequestWrong, "the length of the request does not fit after the conversion from ASCII. Is the option code as the port is set?"),
        [CommandWrong] = new(SlmpRules.NotSupported, "the module does not know this command or subcommand. Check the option cpu"),
        [0xC05A] = new(SlmpRules.DeviceUnknown, "the module cannot reach this device"),
        [DeviceWrong] = new(SlmpRules.DeviceUnknown, "the module cannot read or write this device. Check the device name and the option cpu"),
        [BitOfWordDevice] = new(SlmpRules.RequestWrong, "the content of the request is wrong, such as bits asked of a word device"),
        [0xC05D] = new(SlmpRules.RequestWrong, "nothing was registered for monitoring"),
        [0xC05E] = new(SlmpRules.Busy, "the CPU did not answer its Ethernet module in time. Raise answer-limit, or ask more seldom"),
        [NotForThisStation] = new(SlmpRules.NotForThisStation, "the request cannot be carried out at this station. Check the options network, station, module-io, multidrop"),
        [BitsWrong] = new(SlmpRules.RequestWrong, "the value written is none the device can take"),
        [LengthWrong] = new(SlmpRules.RequestWrong, "the length of the request does not fit its content"),
        [0xC06F] = new(SlmpRules.CodeDiffers, "binary and ASCII do not fit. Set the option code as the port is set"),
        [0xC070] = new(SlmpRules.DeviceUnknown, "this device cannot be extended"),
        [0xC0B5] = new(SlmpRules.RequestWrong, "data the module cannot handle"),
        [0xC200] = new(SlmpRules.Locked, "the remote password is wrong"),
        [0xC201] = new(SlmpRules.Locked, "the port is locked by a remote password. Take the port out of the remote password settings, or allow this node's address"),
        [0xC204] = new(SlmpRules.Locked, "another client unlocked the remote password"),
        [0xC810] = new(SlmpRules.Locked, "the remote password is wrong"),
        [0xC815] = new(SlmpRules.Locked, "the remote password is locked after too many tries"),
        [0xCEE1] = new(SlmpRules.RequestWrong, "the request is longer than the station takes"),
        [0xCEE2] = new(SlmpRules.RequestWrong, "the answer would be longer than the station can send"),
        [Busy] = new(SlmpRules.Busy, "the station is working on another request"),
    }.ToFrozenDictionary();

    public static IReadOnlyDictionary<ushort, SlmpEndCode> All => Known;

    public static SlmpEndCode Of(ushort code) => Known.TryGetValue(code, out var known) ? known : code switch
    {
        >= 0x4000 and <= 0x4FFF => new(SlmpRules.EndCode, "an error of the CPU module. The manual of the CPU lists it under its error codes"),
        >= 0xC000 and <= 0xCFFF => new(SlmpRules.EndCode, "an error of the Ethernet module. Its manual lists it under its error codes"),
        _ => new(SlmpRules.EndCode, "an error of a module on the way. The manual of the network module lists it"),
    };

    /// <summary>The whole sentence: code, meaning, who refused.</summary>
    public static string Describe(ushort code, SlmpErrorInfo? error) => string.Create(CultureInfo.InvariantCulture,
        $"end code {code:X4}h: {Of(code).Text}{(error is { } e && e.Station != SlmpRoute.Own ? $" (refused by network {e.Station.Network}, station {e.Station.Station})" : "")}");
}
