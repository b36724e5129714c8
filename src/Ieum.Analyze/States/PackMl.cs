using Ieum.Model;

namespace Ieum.Analyze;

/// <summary>The state model of PackML (ANSI/ISA-TR88.00.02; OPC 30050): 17 states, told as a number (StateCurrent) or a word.</summary>
internal static class PackMl
{
    // Numbers of ISA-TR88.00.02, table "Machine states"; 0 is "undefined".
    private static readonly string?[] Words =
    [
        null, "CLEARING", "STOPPED", "STARTING", "IDLE", "SUSPENDED", "EXECUTE", "STOPPING", "ABORTING", "ABORTED",
        "HOLDING", "HELD", "UNHOLDING", "SUSPENDING", "UNSUSPENDING", "RESETTING", "COMPLETING", "COMPLETE",
    ];

    public static string? WordOf(double number) =>
        number is >= 1 and <= 17 && number == Math.Truncate(number) ? Words[(int)number] : null;

    /// <summary>Only EXECUTE and the end of it make parts. A number sent as text counts as the number.</summary>
    public static MachineState StateOf(string word) => word switch
    {
        "EXECUTE" or "COMPLETING" or "6" or "16" => MachineState.Running,
        "IDLE" or "RESETTING" or "STARTING" or "COMPLETE" or "COMPLETED" or "4" or "15" or "3" or "17" => MachineState.Idle,
        "CLEARING" or "STOPPED" or "STOPPING" or "SUSPENDED" or "SUSPENDING" or "UNSUSPENDING" or "HOLDING" or "HELD" or "UNHOLDING"
            or "ABORTING" or "ABORTED" or "1" or "2" or "5" or "7" or "8" or "9" or "10" or "11" or "12" or "13" or "14" => MachineState.Stopped,
        "UNAVAILABLE" => MachineState.Offline,
        _ => MachineState.Unknown,
    };
}
