namespace Ieum.Node.Town;

/// <summary>The loss of a machine that is asked: its registers carry no numbers, so the node knows when it missed something and the machine knows how much.</summary>
internal static class PolledLoss
{
    public static bool Applies(string protocol) => protocol is "modbus" or "slmp" or "fins" or "xgt" or "s7";

    /// <summary>What of a difference the gaps explain. More than was said inside them stays a difference, and so does a value too many.</summary>
    /// <param name="sent">Values in answers, by the machine's count.</param>
    /// <param name="received">Values the node counted.</param>
    /// <param name="told">Lost by the node's own count.</param>
    /// <param name="saidInGaps">Values in answers the machine gave inside the node's gaps, but for the answer that ended each.</param>
    /// <returns>0 to <paramref name="saidInGaps"/>.</returns>
    public static long Explained(long sent, long received, long told, long saidInGaps) => Math.Clamp(sent - received - told, 0, saidInGaps);
}
