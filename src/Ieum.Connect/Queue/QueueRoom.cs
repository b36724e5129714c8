using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using Ieum.Model;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Ieum.Connect.Queue;

/// <summary>The queue between all sources and the store.</summary>
public interface IQueueRoom
{
    /// <summary>Bytes on the disk now, over all sources.</summary>
    long Bytes { get; }

    /// <summary>Sources of which an earlier run left something; to be opened even when their connection is gone.</summary>
    IReadOnlyList<SourceId> Left { get; }

    /// <summary>The way of one source to the store. One at a time per source; close it before opening it again.</summary>
    IStoreLane Open(LaneSettings settings);
}

/// <summary>The one implementation: a folder, held against other processes, with a folder per source.</summary>
internal sealed class QueueRoom : IQueueRoom, IDisposable
{
    private readonly QueueOptions _options;
    private readonly IMeasurementWriter _store;
    private readonly ISignalDirectory _signals;
    private readonly Clocks _clocks;
    private readonly ILogger _log;
    private readonly QueueBudget _budget;
    private readonly FileStream _hold;
    private readonly ConcurrentDictionary<SourceId, DiskQueue> _open = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _flushing;

    /// <exception cref="QueueException">The folder is in use or cannot be written.</exception>
    public QueueRoom(IOptions<QueueOptions> options, IMeasurementWriter store, ISignalDirectory signals, Clocks clocks, ILogger<QueueRoom> log)
    {
        (_options, _store, _signals, _clocks, _log) = (options.Value, store, signals, clocks, log);
        _budget = new(_options.MaxBytes);
        _hold = Hold(_options.Folder);
        Left = [.. Directory.EnumerateDirectories(_options.Folder).Select(DiskQueue.SourceOf).OfType<SourceId>()];
        _flushing = Task.Run(FlushAsync);
    }

    public long Bytes => _budget.Taken;
    public IReadOnlyList<SourceId> Left { get; }

    public IStoreLane Open(LaneSettings settings)
    {
        var disk = new DiskQueue(settings.Source, Path.Combine(_options.Folder, FolderOf(settings.Source)), _budget, _signals, _log);
        if (!_open.TryAdd(settings.Source, disk))
        {
            disk.Dispose();
            throw new InvalidOperationException($"The queue of {settings.Source} is open already.");
        }
        return new StoreLane(settings, disk, this, _store, _options, _clocks, _log);
    }

    public void Closed(SourceId source)
    {
        if (_open.TryRemove(source, out var disk)) disk.Dispose();
    }

    /// <summary>Makes room, where the settings say so: the oldest file of whichever source goes first.</summary>
    public bool MakeRoom()
    {
        if (_options.WhenFull != WhenQueueFull.DropOldest) return false;
        var oldest = _open.Values.Select(d => (Disk: d, At: d.Droppable)).Where(d => d.At is not null).OrderBy(d => d.At).FirstOrDefault().Disk;
        return oldest?.DropOldest() ?? false;
    }

    /// <summary>A name every file system takes: what is readable of the id, and its checksum where letters were changed or cases fall together.</summary>
    internal static string FolderOf(SourceId source)
    {
        var name = new StringBuilder(source.Value.Length);
        foreach (var c in source.Value.Take(80)) name.Append(char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' ? c : '_');
        uint sum = 0;
        foreach (var c in source.Value) sum = System.Numerics.BitOperations.Crc32C(sum, c);
        return name.Append('~').Append(sum.ToString("x8", CultureInfo.InvariantCulture)).ToString();
    }

    private static FileStream Hold(string folder)
    {
        var path = Path.Combine(folder, "queue.lock");
        try
        {
            Directory.CreateDirectory(folder);
            return new(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new QueueException(QueueRules.WriteFailed, $"The queue's folder '{folder}' cannot be written: {e.Message}. Check its rights, or set Queue.Folder.", e);
        }
        catch (IOException e)
        {
            throw new QueueException(QueueRules.FolderInUse, $"The queue's folder '{folder}' is used by another process, or its disk is broken: {e.Message}. Stop the other, or set Queue.Folder.", e);
        }
    }

    private async Task FlushAsync()
    {
        using var timer = new PeriodicTimer(_options.FlushEvery, _clocks.Wire);
        try
        {
            while (await timer.WaitForNextTickAsync(_stop.Token).ConfigureAwait(false))
                foreach (var disk in _open.Values) disk.Flush();
        }
        catch (OperationCanceledException)
        {
            // Every queue forces its last bytes to the disk when it is closed.
        }
    }

    public void Dispose()
    {
        _stop.Cancel();
        _flushing.GetAwaiter().GetResult();
        foreach (var source in _open.Keys) Closed(source);
        _hold.Dispose();
        _stop.Dispose();
    }
}
