namespace Ieum.Connect.S7;

/// <summary>Return codes of items and error classes of answers in words.</summary>
internal static class S7Errors
{
    public static string ItemText(byte code) => code switch
    {
        0x01 => "a hardware fault of the CPU",
        0x03 => "access to it is not allowed; in TIA Portal 'Permit access with PUT/GET' may be off",
        0x05 => "the address lies outside the area",
        0x06 => "the type cannot be read so",
        0x07 => "type and length do not fit",
        0x0A => "it does not exist; or the data block is stored with 'optimised block access'",
        _ => "the CPU does not say why",
    };

    /// <param name="error">Error class in the high byte, code in the low one.</param>
    public static string Text(int error) => (error >> 8) switch
    {
        0x81 => "application relationship: too many or no connection",
        0x82 => "the object is not as the CPU wants it",
        0x83 => "the CPU has no resources free",
        0x84 => "the service is not possible now",
        0x85 => "the request was wrong for the CPU (length or order)",
        0x87 => "access error",
        0xD2 or 0xD4 or 0xD6 => error is 0xD602 or 0xD604 ? "wrong password or protection level" : "the block or service is not there",
        _ => "the CPU does not say why",
    };
}
