using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Ieum.Node.Loop;

/// <summary>Settings of the way from a connection to the store; section <c>Intake</c> of <c>ieum.json</c>. Safe to leave out.</summary>
public sealed class IntakeOptions
{
    public const string Section = "Intake";

    /// <summary>Batches that may wait per connection, 16 to 65536. Default 512: seconds of a busy source; when full, the source is slowed down.</summary>
    [Range(16, 65_536)]
    public int QueueBatches { get; set; } = 512;

    /// <summary>Samples joined into one write at most, 64 to 65536. Default 8192, because one write per sample would be bound by the disk.</summary>
    [Range(64, 65_536)]
    public int BatchSamples { get; set; } = 8192;

    /// <summary>Writes per connection that may be on their way to the disk, 1 to 64. Default 8, so that one flush carries several.</summary>
    [Range(1, 64)]
    public int WritesUnderWay { get; set; } = 8;

    /// <summary>How long a stopping node waits for its queues to reach the disk, 1 s to 5 min. Default 15 s.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:05:00")]
    public TimeSpan DrainLimit { get; set; } = TimeSpan.FromSeconds(15);
}

[OptionsValidator]
internal sealed partial class IntakeOptionsCheck : IValidateOptions<IntakeOptions>;
