using System.Globalization;
using System.Text;
using Ieum.Model;
using Microsoft.Extensions.Logging;

namespace Ieum.Connect.Files;

/// <summary>Watches one folder, for ever: waits until a file is written, reads it, and moves it to <c>done</c> or <c>refused</c>.</summary>
/// <remarks>The folder is looked at again and again rather than watched by the system: notices do not come over network shares.</remarks>
/// <param name="bookFolder">Where rows that were counted are remembered; null: it only looks, so files stay where they lie and no row counts as taken.</param>
internal sealed class FilesSource(ConnectionSettings settings, FilesOptions options, string? bookFolder, ISignalDirectory signals, Clocks clocks, ILogger log) : IMachineSource
{
    private sealed record Seen(long Length, DateTime Written, long Since);

    private readonly SourceHealthTracker _health = new(clocks.Factory);
    private readonly Dictionary<string, Seen> _seen = new(StringComparer.Ordinal);
    // Files that stay where they lie, as they were when they were read.
    private readonly Dictionary<string, (long Length, DateTime Written)> _stays = new(StringComparer.Ordinal);

    /// <summary>Files moved a short while ago, by where they lie now.</summary>
    private readonly Dictionary<string, (string Name, long Length, long Since)> _moved = new(StringComparer.Ordinal);
    private readonly FileRows _rows = new(settings, options);

    public ConnectionSettings Settings => settings;
    public SourceHealth Health => _health.Health;

    /// <summary>A file waits in its folder for as long as the node is away.</summary>
    public bool Resumes => true;

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    public async Task RunAsync(ISampleSink sink, CancellationToken cancel)
    {
        var batch = new SampleBatcher(settings, sink, _health, clocks.Wire);
        var retry = new ReconnectPolicy(clocks.Wire);
        RowBook? book = null;
        while (true)
        {
            try
            {
                book ??= new(bookFolder, settings.Source);
                await LookAsync(batch, book, cancel).ConfigureAwait(false);
                retry.Succeeded();
                await Task.Delay(options.Period, clocks.Wire, cancel).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (cancel.IsCancellationRequested)
            {
                _health.SetLink(LinkState.Disconnected);
                throw;
            }
            catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
            {
                _health.SetLink(LinkState.Disconnected);
                Tell(FilesRules.FolderMissing, $"Folder '{options.Folder}': {fault.Message} Check that it is there, and its rights.");
                await retry.WaitAsync(cancel).ConfigureAwait(false);
            }
            catch (Exception fault)
            {
                // A fault of our own must not silence a folder for ever; it is told and the source looks again.
                Tell(ConnectRules.Unexpected, $"Folder '{options.Folder}': {fault.GetType().Name}: {fault.Message}");
                FilesLog.Unexpected(log, settings.Source, fault);
                await retry.WaitAsync(cancel).ConfigureAwait(false);
            }
        }
    }

    private async Task LookAsync(SampleBatcher batch, RowBook book, CancellationToken cancel)
    {
        PutBackWhatGrew();
        var found = options.Found();
        _health.SetLink(LinkState.Connected);
        foreach (var gone in _seen.Keys.Concat(_stays.Keys).Except(found.Select(f => f.Name)).ToList())
        {
            _seen.Remove(gone);
            _stays.Remove(gone);
        }
        foreach (var file in found.OrderBy(f => f.LastWriteTimeUtc).ThenBy(f => f.Name, StringComparer.Ordinal))
        {
            if (!IsSettled(file) || (_stays.TryGetValue(file.Name, out var read) && read == (file.Length, file.LastWriteTimeUtc))) continue;
            if (await TakeAsync(file, batch, book, cancel).ConfigureAwait(false)) _seen.Remove(file.Name);
        }
    }

    /// <summary>Size and time have not changed for a while, by the wire clock.</summary>
    private bool IsSettled(FileInfo file)
    {
        if (_seen.TryGetValue(file.Name, out var seen) && seen.Length == file.Length && seen.Written == file.LastWriteTimeUtc)
            return clocks.Wire.GetElapsedTime(seen.Since) >= options.Settle;
        _seen[file.Name] = new(file.Length, file.LastWriteTimeUtc, clocks.Wire.GetTimestamp());
        return false;
    }

    /// <summary>A workbook without its end may stand still in the middle of a slow copy; after thirty times the settling time it is one that was cut.</summary>
    /// <param name="settles">Five for a text without an end of its last line: many programs never write one, so it must not wait long.</param>
    private bool MayStillCome(FileInfo file, int settles = 30) => _seen.TryGetValue(file.Name, out var seen) && clocks.Wire.GetElapsedTime(seen.Since) < options.Settle * settles;

    /// <summary>A writer that paused for longer than the settling time goes on writing into its file where it was moved to: then it is read again, and only its new rows count.</summary>
    private void PutBackWhatGrew()
    {
        foreach (var (path, moved) in _moved.ToList())
        {
            var file = new FileInfo(path);
            if (file.Exists && file.Length != moved.Length)
            {
                // Where another file of that name came meanwhile, that one is read first.
                if (File.Exists(Path.Combine(options.Folder, moved.Name))) continue;
                _moved.Remove(path);
                try
                {
                    file.MoveTo(Path.Combine(options.Folder, moved.Name));
                    File.Delete(path + ".txt");
                }
                catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
                {
                    Tell(FilesRules.NotMoved, $"'{path}' grew after it was read, and could not be put back: {fault.Message} Put it into '{options.Folder}' by hand; rows that were read do not count again.");
                }
            }
            else if (!file.Exists || clocks.Wire.GetElapsedTime(moved.Since) >= options.Settle * 30) _moved.Remove(path);
        }
    }

    /// <returns>False when the file is on its way still and is left as it is.</returns>
    private async Task<bool> TakeAsync(FileInfo file, SampleBatcher batch, RowBook book, CancellationToken cancel)
    {
        var faults = new List<FileFault>();
        var rows = new List<ulong>();
        var now = clocks.Factory.GetUtcNow();
        List<FileValue> values = [];
        if (file.Length > options.MostBytes) faults.Add(new(FilesRules.FileTooLarge, 0, $"{file.Length / 1_048_576} MiB; most-megabytes allows {options.MostBytes / 1_048_576}", true));
        else
        {
            byte[] bytes;
            try
            {
                // Not while the writer still has it open for itself; a file that grew meanwhile is looked at again.
                await using var stream = new FileStream(file.FullName, FileMode.Open, FileAccess.Read, FileShare.Read);
                bytes = new byte[stream.Length];
                await stream.ReadExactlyAsync(bytes, cancel).ConfigureAwait(false);
            }
            catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
            {
                Tell(FilesRules.FileUnreadable, $"'{file.Name}': {fault.Message} It is tried again.");
                return true;
            }
            if (bytes.LongLength != file.Length) return true;
            if (FilesOptions.IsWorkbook(file.Name))
            {
                try
                {
                    using var workbook = new Workbook(bytes, options.Sheet, options.MostBytes);
                    values = _rows.Read(workbook, new(file.LastWriteTimeUtc, TimeSpan.Zero), now, book.Knows, faults, rows);
                }
                catch (WorkbookException fault)
                {
                    if (fault.IsCut && MayStillCome(file)) return false;
                    values.Clear();
                    rows.Clear();
                    faults.Clear();
                    faults.Add(new(fault.Rule, 0, fault.Message, true));
                }
            }
            // The last number of a line that is still written would be another number. Who only looks takes nothing, so it need not wait.
            else if (bookFolder is not null && bytes is not ([.., (byte)'\n' or (byte)'\r'] or [.., (byte)'\n', 0]) && MayStillCome(file, 5)) return false;
            else if (TextDecoding.TryDecode(bytes, options.Encoding, out var text))
                values = _rows.Read(text, new(file.LastWriteTimeUtc, TimeSpan.Zero), now, book.Knows, faults, rows);
            else faults.Add(new(FilesRules.EncodingWrong, 0, "bytes are no text; set the option encoding", true));
        }
        foreach (var value in values) batch.Add(new Sample(NumberOf(value), value.Ticks, now.UtcTicks, value.Value, value.Quality));
        // Nobody measures in the future: mostly the times are local and the connection does not say so.
        if (values.Count > 0 && new TimeSpan(values.Max(v => v.Ticks) - now.UtcTicks) is var ahead && ahead > TimeSpan.FromMinutes(5))
            Tell(ConnectRules.ClockSkew, string.Create(CultureInfo.InvariantCulture, $"'{file.Name}' holds times up to {ahead.TotalHours:0.0} h ahead of this computer. Set the option offset (+09:00 where the times are those of Korea or Japan), or the clock of the instrument."));
        // A row that is wrong as a whole counts as the one value it is; how many it meant to be is not known.
        var rejected = faults.Count(f => !f.IsWhole);
        _health.Received(values.Count + rejected, now.UtcTicks);
        _health.Rejected(rejected);
        foreach (var fault in faults) Tell(fault.Rule, $"'{file.Name}'{(fault.Line > 0 ? string.Create(CultureInfo.InvariantCulture, $", line {fault.Line}") : "")}: {fault.Why}.");
        await batch.FlushAsync(cancel).ConfigureAwait(false);
        if (rows.Count > 0) book.Add(rows);
        // Who only looks has seen it; whoever reads the folder in earnest takes it. Where a program goes on writing into its file, the file is its own.
        if (bookFolder is null || !options.Moves) _stays[file.Name] = (file.Length, file.LastWriteTimeUtc);
        if (bookFolder is null) return true;
        FilesLog.Read(log, settings.Source, file.Name, rows.Count, faults.Count);
        if (options.Moves) Move(file, faults);
        return true;
    }

    private SignalNumber NumberOf(in FileValue value)
    {
        var p = settings.Points[value.Column];
        var unit = Unit.TryFind(p.Unit, out var known) ? known : Unit.One;
        var kind = p.Words.Count > 0 || p.Type == "text" || value.Value.Kind == ValueKind.Text ? ValueKind.Text : ValueKind.Real;
        return _numbers.TryGetValue(value.Column, out var number) ? number
            : _numbers[value.Column] = signals.Register(new(new(settings.Machine, p.Name), unit, kind, p.Role, p.Description));
    }

    private readonly Dictionary<int, SignalNumber> _numbers = [];

    private void Move(FileInfo file, List<FileFault> faults)
    {
        var (name, length, written) = (file.Name, file.Length, file.LastWriteTimeUtc);
        var refused = faults.Exists(f => f.IsWhole);
        try
        {
            var folder = Directory.CreateDirectory(Path.Combine(options.Folder, refused ? "refused" : "done")).FullName;
            var target = Path.Combine(folder, name);
            // The same name again is another delivery; both are kept.
            for (var n = 2; File.Exists(target); n++)
                target = Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"{Path.GetFileNameWithoutExtension(name)}.{n}{Path.GetExtension(name)}"));
            file.MoveTo(target);
            _moved[target] = (name, length, clocks.Wire.GetTimestamp());
            if (faults.Count == 0) return;
            var why = new StringBuilder();
            foreach (var f in faults.Take(10_000)) why.Append(CultureInfo.InvariantCulture, $"{name}\t{f.Line}\t{f.Rule}\t{f.Why}\n");
            File.WriteAllText(target + ".txt", why.ToString());
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            _stays[name] = (length, written);
            Tell(FilesRules.NotMoved, $"'{name}': {fault.Message} Give the node the right to write in '{options.Folder}'.");
        }
    }

    private void Tell(string rule, string message)
    {
        var count = _health.Problem(rule, message);
        if (SourceHealthTracker.IsWorthALine(count)) FilesLog.Problem(log, settings.Source, rule, count, message);
    }
}
