using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Ieum.Node.Loop;

/// <summary>Settings of the anomaly watch; section <c>Anomaly</c> of <c>ieum.json</c>. Safe to leave out.</summary>
public sealed class AnomalyOptions
{
    public const string Section = "Anomaly";

    /// <summary>Whether signals are watched. Default true; false for a node that has no memory or time to spare (4 KB a signal, under 1 µs a sample).</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>How often what was learned is kept on disk, 1 min to 1 d of real time. Default 10 min; a crash forgets no more than that.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "1.00:00:00")]
    public TimeSpan KeepEvery { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>Whether shapes of cycles and the going together of signals are learned and judged every night. Default true.</summary>
    public bool Nightly { get; set; } = true;

    /// <summary>Time of day in UTC for it, 00:00 to 23:59 of factory time. Default 17:30: half past two at night in Korea and Japan, after the backup.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "23:59:59")]
    public TimeSpan NightlyAt { get; set; } = new(17, 30, 0);

    /// <summary>Longest it may take, 1 min to 6 h of real time; it uses at most half of one core. Default 30 min; signals that were not reached come first on the next night.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "06:00:00")]
    public TimeSpan NightlyBudget { get; set; } = TimeSpan.FromMinutes(30);
}

[OptionsValidator]
internal sealed partial class AnomalyOptionsCheck : IValidateOptions<AnomalyOptions>;
