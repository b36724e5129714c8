using System.Collections.Frozen;
using Ieum.Model;

namespace Ieum.Act;

/// <summary>
/// Tells the signals that make a controller run, stop, reset or start a program. They can never be listed: a person beside the
/// machine, with its own interlocks, is the only one to do that.
/// </summary>
public static class ControllerCommands
{
    private static readonly FrozenSet<string> Verbs = new[]
    {
        "run", "start", "stop", "reset", "reboot", "restart", "rebirth", "abort", "halt", "hold", "unhold", "pause", "resume", "unsuspend", "suspend", "jog", "estop",
        "shutdown", "startup", "download", "기동", "운전", "시작", "정지", "리셋", "재시작", "비상정지", "원점복귀", "起動", "運転", "開始", "停止", "リセット", "再起動", "非常停止",
    }.ToFrozenSet(StringComparer.Ordinal);

    /// <summary>Words that go with a verb without making it something else: "remote stop" is a command, "stop delay" is a time.</summary>
    private static readonly FrozenSet<string> Company = new[]
    {
        "remote", "cycle", "program", "prog", "feed", "machine", "plc", "cpu", "controller", "control", "node", "device", "cmd", "command", "request", "req", "button", "btn",
        "pb", "switch", "sw", "emergency", "nc", "cnc", "robot", "main", "auto", "system", "error", "alarm", "fault", "spindle", "drive", "motor", "line", "now", "all",
        "원격", "명령", "프로그램", "사이클", "버튼", "リモート", "指令", "プログラム", "サイクル", "ボタン",
    }.ToFrozenSet(StringComparer.Ordinal);

    private static readonly FrozenSet<SignalRole> Roles = new[]
    {
        SignalRole.Availability, SignalRole.Execution, SignalRole.ControllerMode, SignalRole.Program, SignalRole.Condition,
        SignalRole.EmergencyStop, SignalRole.PowerState, SignalRole.InCycle,
    }.ToFrozenSet();

    /// <summary>Why the signal is a command of the controller; null when it is none.</summary>
    /// <param name="role">Role of the signal; none when it is not known.</param>
    /// <param name="address">Its address in the protocol's words; may be empty.</param>
    public static string? Why(SignalId signal, SignalRole role, string address)
    {
        if (Roles.Contains(role)) return $"'{signal}' has the role {role}, which is the controller's own.";
        foreach (var name in (string[])[signal.Name, address])
        {
            // Sparkplug B 3.0: metrics under "Node Control" and "Device Control" are commands to the edge node.
            if (name.Split('/', '.').Any(p => Plain(p) is "nodecontrol" or "devicecontrol")) return $"'{name}' is a Sparkplug control metric.";
            if (IsCommandName(name)) return $"The name '{name}' is a command.";
        }
        return null;
    }

    private static bool IsCommandName(string name)
    {
        var last = name[(name.LastIndexOfAny(['/', '.', ';', ':', '=']) + 1)..];
        var words = Words(last).ToArray();
        return Verbs.Contains(string.Concat(words)) || words.Any(Verbs.Contains) && words.All(w => Verbs.Contains(w) || Company.Contains(w) || w.All(char.IsAsciiDigit));
    }

    /// <summary>Splits <c>RemoteStop_1</c> into <c>remote</c>, <c>stop</c>, <c>1</c>.</summary>
    private static IEnumerable<string> Words(string name)
    {
        var from = 0;
        for (var i = 0; i <= name.Length; i++)
        {
            var end = i == name.Length || !char.IsLetterOrDigit(name[i]);
            var turn = !end && i > from && (char.IsUpper(name[i]) && char.IsLower(name[i - 1]) || char.IsDigit(name[i]) != char.IsDigit(name[i - 1]));
            if (!end && !turn) continue;
            if (i > from) yield return name[from..i].ToLowerInvariant();
            from = end ? i + 1 : i;
        }
    }

    private static string Plain(string part) => string.Concat(part.Where(char.IsLetter)).ToLowerInvariant();
}
