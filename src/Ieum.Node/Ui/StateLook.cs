using Ieum.Model;

namespace Ieum.Node.Ui;

/// <summary>How a state is shown everywhere: one word, one shape, one colour.</summary>
/// <param name="Name">Style and text key: <c>running</c>, <c>idle</c>, <c>setup</c>, <c>waiting</c>, <c>fault</c>, <c>offline</c>, <c>unknown</c>.</param>
internal readonly record struct StateLook(string Name)
{
    public string Css => $"st-{Name}";
    public string Key => $"state.{Name}";

    /// <summary>Needs somebody to go and look.</summary>
    public bool IsAbnormal => Name is "fault" or "waiting" or "offline" or "unknown";

    /// <remarks>A fault or set-up never hides that the spindle turns: on a running machine it stays a mark beside the state.</remarks>
    public static StateLook Of(MachineState state, MachineOverlay overlay) => new(state switch
    {
        MachineState.Running => "running",
        MachineState.Offline => "offline",
        MachineState.Unknown => "unknown",
        _ when overlay.HasFlag(MachineOverlay.Fault) => "fault",
        _ when overlay.HasFlag(MachineOverlay.SetUp) => "setup",
        MachineState.Stopped => "waiting",
        _ => "idle",
    });

    public static IReadOnlyList<string> All { get; } = ["running", "idle", "setup", "waiting", "fault", "offline", "unknown"];
}
