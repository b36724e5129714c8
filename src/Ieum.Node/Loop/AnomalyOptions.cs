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
}

[OptionsValidator]
internal sealed partial class AnomalyOptionsCheck : IValidateOptions<AnomalyOptions>;
