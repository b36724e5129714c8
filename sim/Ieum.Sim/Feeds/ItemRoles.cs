namespace Ieum.Sim.Feeds;

/// <summary>What an item means, whatever its machine calls it.</summary>
internal static class ItemRoles
{
    public static bool IsExecution(string item) => item is "execution" or "Program_Status" or "pexecution" or "p1execution";
    public static bool IsPartCount(string item) => item is "PartCountAct" or "Part_Count" or "ppartcount" or "part_count";
    public static bool IsSpindleLoad(string item) => item is "Sload" or "S1load" or "spindle_load";
}
