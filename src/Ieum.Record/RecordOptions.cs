using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Ieum.Record;

/// <summary>Settings of the Record room; section <c>Record</c> of <c>ieum.json</c>. Safe to leave out entirely.</summary>
public sealed class RecordOptions
{
    public const string Section = "Record";

    /// <summary>Folder of <c>measurements.db</c>; made when it is not there. Default <c>data</c>, beside the configuration, so that one folder is the whole backup.</summary>
    [Required]
    [MinLength(1)]
    public string Folder { get; set; } = "data";

    /// <summary>
    /// Connection string of a PostgreSQL database (14 or newer) for the measurements, in the words of Npgsql, for example
    /// <c>Host=db;Database=ieum;Username=ieum;Password=…</c>. Default none: the SQLite file needs no server and is faster on one PC.
    /// </summary>
    public string? Postgres { get; set; }

    /// <summary>Samples in one compressed block, 60 to 16384. Default 900: a quarter of an hour at 1 Hz; they are merged into larger ones soon (<see cref="MergedSamples"/>).</summary>
    [Range(60, 16_384)]
    public int BlockSamples { get; set; } = 900;

    /// <summary>Longest wait of a small batch before it is made durable, wire time, 1 ms to 1 s. Default 200 ms: five writes a second spare flash disks, and a batch stands well within a second.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "00:00:01")]
    public TimeSpan CommitInterval { get; set; } = TimeSpan.FromMilliseconds(200);

    /// <summary>Waiting samples that are worth a write of their own before the interval is over, 1 to 65536. Default 1000: then the write costs a sample less than reading it did.</summary>
    [Range(1, 65_536)]
    public int CommitSamples { get; set; } = 1000;

    /// <summary>Samples that may wait for a write before sources have to wait, 1000 to 10 million. Default 262144: about 10 MB, and a second of the fastest import.</summary>
    [Range(1000, 10_000_000)]
    public int PendingLimit { get; set; } = 262_144;

    /// <summary>Samples in open blocks and thus in the tail, 10,000 to 20 million. Default 1 million: about 30 MB, and 50 with the room to grow; above it blocks are closed before they are full.</summary>
    [Range(10_000, 20_000_000)]
    public int TailLimit { get; set; } = 1_000_000;

    /// <summary>Rows in the tail before they are merged into fewer, 16 to 100,000. Default 4096: about a quarter of an hour at five writes a second, read back in well under a second at start.</summary>
    [Range(16, 100_000)]
    public int TailRows { get; set; } = 4096;

    /// <summary>Samples in a block after blocks were merged in the background, 60 to 65536, at least <see cref="BlockSamples"/>. Default 28800: a shift at 1 Hz; 3600 take 4 % more disk (docs/record.md). The newest hours stay in smaller blocks.</summary>
    [Range(60, 65_536)]
    public int MergedSamples { get; set; } = 28_800;

    /// <summary>How long samples are kept, 0 (for ever) to 100 years. Default for ever: a year of 1,000 values a second takes about 45 GB. Sums by second, minute, hour and day stay when samples go.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "36500.00:00:00")]
    public TimeSpan KeepSamples { get; set; }

    /// <summary>How long sums by second are kept once samples go, 0 (for ever) to 100 years. Only made where <see cref="KeepSamples"/> is set.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "36500.00:00:00")]
    public TimeSpan KeepSeconds { get; set; }

    /// <summary>How long sums by minute are kept once samples go, 0 (for ever) to 100 years. Only made where <see cref="KeepSamples"/> is set.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "36500.00:00:00")]
    public TimeSpan KeepMinutes { get; set; }

    /// <summary>How long sums by hour are kept, 0 (for ever) to 100 years. Default for ever: a signal's year takes about 100 kB. Sums by day are always kept.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "36500.00:00:00")]
    public TimeSpan KeepHours { get; set; }
}

/// <summary>Checks the attributes above without reflection; runs at start, so a bad file stops the node, not a shift.</summary>
[OptionsValidator]
internal sealed partial class RecordOptionsCheck : IValidateOptions<RecordOptions>;
