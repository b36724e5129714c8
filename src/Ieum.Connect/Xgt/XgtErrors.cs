namespace Ieum.Connect.Xgt;

/// <summary>Error codes of the dedicated service in words (FEnet manual, 10.4).</summary>
internal static class XgtErrors
{
    public static string Text(int code) => code switch
    {
        0x01 => "more than 16 blocks were asked for",
        0x02 => "the data type is not one of X, B, W, D, L",
        0x03 => "this CPU does not serve the device letter",
        0x04 => "the address lies outside the range of the device",
        0x05 => "one block is longer than the module allows",
        0x06 => "all blocks together are longer than the module allows",
        0x10 => "the device type is wrong",
        0x11 => "the address has a form the CPU does not know",
        0x75 => "the header does not begin with LSIS-XGT",
        0x76 => "the length in the header is wrong",
        0x77 => "the check sum of the header is wrong",
        0x78 => "the command is not known",
        _ => "the manual does not name this code",
    };

    /// <summary>Whether the code speaks of one address, so that the others are worth asking alone.</summary>
    public static bool IsOfAddress(int code) => code is 0x02 or 0x03 or 0x04 or 0x10 or 0x11;
}
