namespace Ieum.Connect.Polling;

/// <summary>Bits that a protocol reads by whole bytes, handed on as one byte of 0 or 1 each.</summary>
internal static class BitCells
{
    /// <param name="first">Bit of the first byte to begin with, 0 the least significant.</param>
    public static byte[] Unpack(ReadOnlySpan<byte> bytes, int first, int count)
    {
        var cells = new byte[count];
        for (var i = 0; i < count; i++) cells[i] = (byte)(bytes[(first + i) / 8] >> ((first + i) % 8) & 1);
        return cells;
    }
}
