using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Ieum.Connect.Queue;

/// <summary>What happens when the queue holds as many bytes as it may and the store still takes nothing.</summary>
public enum WhenQueueFull
{
    /// <summary>Sources have to wait: what they can keep themselves stays with them; what they cannot becomes a gap on their side.</summary>
    SlowSource = 0,
    /// <summary>The oldest waiting samples go; each run of them is a gap with its count.</summary>
    DropOldest = 1,
}

/// <summary>Settings of the queue on disk between the sources and the store; section <c>Queue</c> of <c>ieum.json</c>. Safe to leave out.</summary>
public sealed class QueueOptions
{
    public const string Section = "Queue";

    /// <summary>Folder of the queue; made when it is not there. Default <c>data/queue</c>. On another disk than the measurements it also helps when their disk is full.</summary>
    [Required]
    [MinLength(1)]
    public string Folder { get; set; } = "data/queue";

    /// <summary>Bytes the queue may take on the disk, 1 MiB to 1 TiB. Default 1 GiB: about 100 million samples, eight hours of a hundred machines with thirty values a second.</summary>
    [Range(1L << 20, 1L << 40)]
    public long MaxBytes { get; set; } = 1L << 30;

    /// <summary>What happens at <c>MaxBytes</c>: SlowSource or DropOldest. Default SlowSource: nothing that was read is thrown away; DropOldest keeps the newest when the outage may be endless.</summary>
    public WhenQueueFull WhenFull { get; set; } = WhenQueueFull.SlowSource;

    /// <summary>How long a batch may wait in memory for a store that gives no answer before it goes to the disk, 200 ms to 1 min of real time. Default 2 s; a store that refuses is not waited for.</summary>
    [Range(typeof(TimeSpan), "00:00:00.200", "00:01:00")]
    public TimeSpan SpillAfter { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>How often what was written is forced to the disk, 10 ms to 1 s of real time. Default 500 ms: a power cut takes half a second, and a flash disk is spared.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:00:01")]
    public TimeSpan FlushEvery { get; set; } = TimeSpan.FromMilliseconds(500);
}

[OptionsValidator]
internal sealed partial class QueueOptionsCheck : IValidateOptions<QueueOptions>;
