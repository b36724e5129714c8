using System.Diagnostics;
using System.Globalization;
using Ieum.Model;

namespace Ieum.Connect.OpcUa.Client;

/// <summary>
/// The node's clock against the one that runs from the start of the computer and that nobody sets. Two of them tell by how
/// much the node's clock was set between them; a difference between node and server alone cannot tell whose clock was set.
/// </summary>
/// <param name="Boot">Which start of the computer; empty where the system does not tell.</param>
/// <param name="Offset">The node's clock minus the time since that start, ticks.</param>
internal readonly record struct BootTime(string Boot, long Offset)
{
    /// <summary>The clock of the system moves by this before it is read anew: NTP's small steps are none that matter here.</summary>
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(100);

    public static BootTime None { get; } = new("", 0);

    /// <summary>By how much the node's clock was set forward since <paramref name="earlier"/>; null where it cannot be told: the computer was started meanwhile, or does not say.</summary>
    public TimeSpan? SetSince(BootTime earlier) => Boot is { Length: > 0 } && Boot == earlier.Boot ? TimeSpan.FromTicks(Offset - earlier.Offset) : null;

    /// <summary>As it stands in a place.</summary>
    public override string ToString() => Boot is { Length: > 0 } ? string.Create(CultureInfo.InvariantCulture, $"{Boot}/{Offset}") : "-";

    public static bool TryParse(string text, out BootTime time)
    {
        time = None;
        if (text == "-") return true;
        if (text.Split('/') is not [{ Length: > 0 and <= 64 } boot, var ticks] || !long.TryParse(ticks, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var offset)) return false;
        time = new(boot, offset);
        return true;
    }

    /// <summary>Asks the system (Linux: /proc), and again only when its clock was set; <see cref="None"/> on other systems and for a clock that is not the system's, as the town's.</summary>
    public static Func<BootTime> Of(Clocks clocks)
    {
        if (!OperatingSystem.IsLinux() || clocks.Factory != TimeProvider.System) return static () => None;
        var (kept, at) = (None, long.MinValue);
        var gate = new Lock();
        return () =>
        {
            var now = clocks.Factory.GetUtcNow().UtcTicks;
            // What the process itself can tell without asking the system; it stands still while the computer sleeps, which is a step too.
            var since = now - Stopwatch.GetElapsedTime(0).Ticks;
            lock (gate)
            {
                if (at != long.MinValue && Math.Abs(since - at) < Step.Ticks) return kept;
                (kept, at) = (Read(clocks.Factory), since);
                return kept;
            }
        };
    }

    private static BootTime Read(TimeProvider clock)
    {
        try
        {
            var boot = File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim();
            var up = File.ReadAllText("/proc/uptime").Split(' ')[0];
            return double.TryParse(up, NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds) && !boot.Contains('/', StringComparison.Ordinal) && !boot.Contains(' ', StringComparison.Ordinal)
                ? new(boot, clock.GetUtcNow().UtcTicks - TimeSpan.FromSeconds(seconds).Ticks) : None;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            // A container may hide it: then a clock that was set is told as it was before.
            return None;
        }
    }
}
