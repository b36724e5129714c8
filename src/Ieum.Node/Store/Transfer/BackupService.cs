using System.ComponentModel.DataAnnotations;
using System.Globalization;
using Ieum.Record;
using Microsoft.Extensions.Options;

namespace Ieum.Node.Store.Transfer;

/// <summary>Settings of the nightly backup; section <c>Backup</c> of <c>ieum.json</c>.</summary>
public sealed class BackupOptions
{
    public const string Section = "Backup";

    /// <summary>Folder for backups, best on another disk. Default none: no backup is made, because only the owner knows where one is safe.</summary>
    public string? Folder { get; set; }

    /// <summary>Time of day in UTC, as the time since midnight (<c>17 h</c>, <c>1050 min</c>), under 24 h. Default 17 h: two o'clock at night in Korea and Japan, between the shifts.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "23:59:59")]
    public TimeSpan At { get; set; } = TimeSpan.FromHours(17);

    /// <summary>How many backups are kept, 1 to 1000; the oldest go. Default 7: a week to notice that something was deleted.</summary>
    [Range(1, 1000)]
    public int Keep { get; set; } = 7;
}

/// <summary>Checks the attributes above without reflection; runs at start, so a bad file stops the node, not a night.</summary>
[OptionsValidator]
internal sealed partial class BackupOptionsCheck : IValidateOptions<BackupOptions>;

/// <summary>
/// Every night a whole export, checked against its manifest before it counts and before older ones go. A node that did not run at the
/// time makes it up when it starts again.
/// </summary>
internal sealed class BackupService(NodeSetup setup, IOptions<BackupOptions> options, IOptions<RecordOptions> record, ILogger<BackupService> log) : BackgroundService
{
    private const string Prefix = "ieum-", Stamp = "yyyyMMdd-HHmmss";

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (options.Value.Folder is not { } folder) return;
        var clock = setup.Clocks.Factory;
        while (!stoppingToken.IsCancellationRequested)
        {
            var wait = Due(clock.GetUtcNow(), Newest(folder)) - clock.GetUtcNow();
            if (wait > TimeSpan.Zero) await Task.Delay(wait, clock, stoppingToken);
            try
            {
                await MakeAsync(clock.GetUtcNow(), stoppingToken);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                Log.BackupFailed(log, e, folder, e.Message);
                await Task.Delay(TimeSpan.FromHours(1), clock, stoppingToken);
            }
        }
    }

    /// <summary>When the next one is due: at the first time of day after the newest; without one at once.</summary>
    internal DateTimeOffset Due(DateTimeOffset now, DateTimeOffset? newest)
    {
        if (newest is not { } last || last > now) return now;
        var due = new DateTimeOffset(last.UtcDateTime.Date, TimeSpan.Zero) + options.Value.At;
        return due > last ? due : due.AddDays(1);
    }

    /// <summary>Makes one now, checks it, and lets the oldest go.</summary>
    /// <returns>Its folder.</returns>
    internal async Task<string> MakeAsync(DateTimeOffset now, CancellationToken cancel)
    {
        var folder = options.Value.Folder!;
        Directory.CreateDirectory(folder);
        var name = Path.Combine(folder, Prefix + now.UtcDateTime.ToString(Stamp, CultureInfo.InvariantCulture));
        var part = name + ".part";
        if (Directory.Exists(part)) Directory.Delete(part, recursive: true);
        await NodeExport.WriteAsync(setup.DataFolder, record.Value, part, now, cancel);
        var manifest = await NodeExport.CheckAsync(part, cancel);
        // Whole or not at all: a name without ".part" is a backup that was read again after it was written.
        Directory.Move(part, name);
        foreach (var old in Backups(folder).SkipLast(options.Value.Keep).ToList()) Directory.Delete(old.Path, recursive: true);
        Log.BackedUp(log, name, manifest.Measurements.Samples, manifest.Files.Sum(f => f.Bytes));
        return name;
    }

    private static DateTimeOffset? Newest(string folder) => Backups(folder).Select(b => (DateTimeOffset?)b.At).LastOrDefault();

    /// <summary>Names of the backups that were made before an instant and are still there.</summary>
    internal static string[] MadeBefore(string? folder, DateTimeOffset instant) =>
        folder is null ? [] : [.. Backups(folder).Where(b => b.At < instant).Select(b => Path.GetFileName(b.Path))];

    private static IEnumerable<(string Path, DateTimeOffset At)> Backups(string folder)
    {
        if (!Directory.Exists(folder)) yield break;
        foreach (var path in Directory.EnumerateDirectories(folder, Prefix + "*").Order(StringComparer.Ordinal))
            if (DateTimeOffset.TryParseExact(Path.GetFileName(path)[Prefix.Length..], Stamp, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at))
                yield return (path, at);
    }
}

internal static partial class Log
{
    [LoggerMessage(9600, LogLevel.Information, "Backup {Name}: {Samples} samples, {Bytes} bytes, checked")]
    public static partial void BackedUp(ILogger log, string name, long samples, long bytes);

    [LoggerMessage(9601, LogLevel.Error, "The backup to {Folder} failed: {Reason}. Older backups stay; tried again in an hour")]
    public static partial void BackupFailed(ILogger log, Exception error, string folder, string reason);
}
