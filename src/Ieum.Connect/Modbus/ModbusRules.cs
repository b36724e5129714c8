using System.Collections.Frozen;

namespace Ieum.Connect.Modbus;

/// <summary>Exceptions of Modbus Application Protocol V1.1b3, clause 7, and answers that break the protocol.</summary>
public static class ModbusRules
{
    public const string IllegalFunction = "modbus-illegal-function";
    public const string IllegalAddress = "modbus-illegal-address";
    public const string IllegalValue = "modbus-illegal-value";
    public const string DeviceFailure = "modbus-device-failure";
    public const string Acknowledge = "modbus-acknowledge";
    public const string Busy = "modbus-busy";
    public const string MemoryParity = "modbus-memory-parity";
    public const string GatewayNoPath = "modbus-gateway-no-path";
    public const string GatewayNoAnswer = "modbus-gateway-no-answer";
    public const string ExceptionUnknown = "modbus-exception-unknown";
    public const string AnswerShort = "modbus-answer-short";
    public const string WriteEchoWrong = "modbus-write-echo-wrong";
    public const string ReadOnlyArea = "modbus-read-only-area";

    /// <summary>English text of every rule, by id.</summary>
    public static IReadOnlyDictionary<string, string> All { get; } = new Dictionary<string, string>
    {
        [IllegalFunction] = "Exception 1, illegal function: the device does not know this kind of register.",
        [IllegalAddress] = "Exception 2, illegal data address: the device has no such register.",
        [IllegalValue] = "Exception 3, illegal data value: the device does not take the number of registers or the value.",
        [DeviceFailure] = "Exception 4, device failure: the device could not carry out the request.",
        [Acknowledge] = "Exception 5, acknowledge: the device needs long for the request.",
        [Busy] = "Exception 6, device busy: it is asked again in the next round.",
        [MemoryParity] = "Exception 8, memory parity error: the device's memory is damaged at this register.",
        [GatewayNoPath] = "Exception 10, gateway path unavailable: the gateway has no way to this unit.",
        [GatewayNoAnswer] = "Exception 11, gateway target did not respond: the unit behind the gateway does not answer.",
        [ExceptionUnknown] = "The device answered with an exception code that the standard does not know.",
        [AnswerShort] = "The device answered with fewer or more registers than were asked for.",
        [WriteEchoWrong] = "The device confirmed another write than the one that was sent.",
        [ReadOnlyArea] = "Input registers and discrete inputs cannot be written.",
    }.ToFrozenDictionary(StringComparer.Ordinal);
}
