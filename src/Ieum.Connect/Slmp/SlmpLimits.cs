namespace Ieum.Connect.Slmp;

/// <summary>How much one request may carry.</summary>
internal static class SlmpLimits
{
    /// <summary>Words of 0401 and 1401.</summary>
    public const int Words = 960;

    /// <summary>Bits of 0401 and 1401: 7,168 on the large families, half of it on iQ-F; asked for are never more than the smaller.</summary>
    public const int Bits = 7168;
    public const int BitsAsked = 3584;

    public static int Batch(bool bits) => bits ? Bits : Words;

    /// <summary>Words and double words together of 0403.</summary>
    public static int Random(SlmpFraming framing) => framing.IsWide ? 96 : 192;

    /// <summary>Words and double words of 1402; the weighted rule (12 and 14 bytes each, 1,920 in all) allows at least so many.</summary>
    public static int RandomWrite(SlmpFraming framing) => framing.IsWide ? 68 : 137;

    public static int RandomBits(SlmpFraming framing) => framing.IsWide ? 94 : 188;
}
