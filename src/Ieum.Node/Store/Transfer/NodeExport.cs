using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Ieum.Record;
using Microsoft.EntityFrameworkCore;

namespace Ieum.Node.Store.Transfer;

/// <summary>What an export holds, as <c>manifest.json</c>.</summary>
/// <param name="Format">Always <c>ieum-export</c>.</param>
/// <param name="Version">1; a newer one is refused.</param>
/// <param name="Tables">Rows of the node's database, by table.</param>
/// <param name="Measurements">Digest over all measurements; the same in SQLite and PostgreSQL.</param>
internal sealed record Manifest(string Format, int Version, DateTimeOffset Created, IReadOnlyList<ManifestFile> Files, IReadOnlyDictionary<string, long> Tables, ManifestMeasurements Measurements)
{
    public const string FileName = "manifest.json", FormatName = "ieum-export";
    private static readonly JsonSerializerOptions Shape = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    public void Write(string folder) => File.WriteAllText(Path.Combine(folder, FileName), JsonSerializer.Serialize(this, Shape));

    /// <exception cref="NodeStoreException">There is none, or this version cannot read it.</exception>
    public static Manifest Read(string folder)
    {
        var path = Path.Combine(folder, FileName);
        try
        {
            var manifest = JsonSerializer.Deserialize<Manifest>(File.ReadAllText(path), Shape);
            if (manifest is { Format: FormatName, Version: 1, Files: not null, Measurements: not null }) return manifest;
            throw new NodeStoreException("export-unknown", $"'{path}' is not a manifest that this version reads. Use the version that wrote it, or a newer one.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            throw new NodeStoreException("export-unknown", $"'{folder}' holds no export: {e.Message}");
        }
    }
}

/// <param name="Name">Path in the export, with '/'.</param>
internal sealed record ManifestFile(string Name, long Bytes, string Sha256);

internal sealed record ManifestMeasurements(long Samples, long Signals, string Digest);

/// <summary>A whole node as a folder of files, and back: people, settings, orders, plans, ledger, audit, measurements, certificates, queue.</summary>
internal static class NodeExport
{
    private const string NodeDatabase = "node.db", Measurements = "measurements.db";

    /// <summary>Writes the export; works beside the running node, since it only reads.</summary>
    /// <param name="record">Where the measurements lie; its folder is the data folder unless it was set otherwise.</param>
    /// <exception cref="NodeStoreException">The folder is not empty, or holds no node.</exception>
    public static async Task<Manifest> WriteAsync(string data, RecordOptions record, string folder, DateTimeOffset now, CancellationToken cancel)
    {
        if (!File.Exists(Path.Combine(data, NodeDatabase))) throw new NodeStoreException("export-no-node", $"'{data}' holds no node. Name its folder with --data.");
        if (Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any())
            throw new NodeStoreException("export-not-empty", $"'{folder}' is not empty. Name a new folder: an export never overwrites.");
        Directory.CreateDirectory(folder);
        // The queue first: what moves on into the store meanwhile is then in both, and its number keeps it from being stored twice.
        foreach (var file in OtherFiles(data))
        {
            var to = Path.Combine(folder, "files", file);
            Directory.CreateDirectory(Path.GetDirectoryName(to)!);
            await CopyAsync(Path.Combine(data, file), to, cancel);
        }
        var tables = await CopyNodeDatabaseAsync(data, Path.Combine(folder, NodeDatabase), cancel);
        var report = await RecordTransfer.CopyAsync(record, new() { Folder = folder }, cancel);
        File.Delete(Path.Combine(folder, "measurements.lock"));
        foreach (var log in Directory.EnumerateFiles(folder, Measurements + "-*")) File.Delete(log);   // empty: the copy ended with a checkpoint
        List<ManifestFile> files = [];
        foreach (var path in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
            files.Add(new(Path.GetRelativePath(folder, path).Replace('\\', '/'), new FileInfo(path).Length, await HashAsync(path, cancel)));
        var manifest = new Manifest(Manifest.FormatName, 1, now, files, tables, new(report.Samples, report.Rows["signal"], report.Digest));
        manifest.Write(folder);
        return manifest;
    }

    /// <summary>Whether every file of an export is there and unchanged.</summary>
    /// <exception cref="NodeStoreException">Something is missing, changed, or was added.</exception>
    public static async Task<Manifest> CheckAsync(string folder, CancellationToken cancel)
    {
        var manifest = Manifest.Read(folder);
        var there = Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Select(p => Path.GetRelativePath(folder, p).Replace('\\', '/'))
            .Where(p => p != Manifest.FileName).ToHashSet(StringComparer.Ordinal);
        if (there.Except(manifest.Files.Select(f => f.Name)).FirstOrDefault() is { } foreign)
            throw new NodeStoreException("export-changed", $"'{foreign}' does not belong to the export in '{folder}'. Nothing was imported.");
        foreach (var file in manifest.Files)
        {
            if (!there.Contains(file.Name)) throw new NodeStoreException("export-changed", $"'{file.Name}' is missing in '{folder}'. Nothing was imported.");
            if (await HashAsync(Path.Combine(folder, file.Name), cancel) != file.Sha256)
                throw new NodeStoreException("export-changed", $"'{file.Name}' in '{folder}' is not the file that was exported. Nothing was imported.");
        }
        return manifest;
    }

    /// <summary>Makes a node of an export, in an empty data folder; the measurements go where <paramref name="record"/> says.</summary>
    /// <exception cref="NodeStoreException">The export was changed, or the folder is not empty; nothing was imported.</exception>
    public static async Task<Manifest> ReadAsync(string folder, string data, RecordOptions record, CancellationToken cancel)
    {
        if (Directory.Exists(data) && Directory.EnumerateFileSystemEntries(data).Any())
            throw new NodeStoreException("import-not-empty", $"'{data}' is not empty. Name a new folder with --data: an import never overwrites a node.");
        var manifest = await CheckAsync(folder, cancel);
        Directory.CreateDirectory(data);
        foreach (var file in manifest.Files.Where(f => f.Name.StartsWith("files/", StringComparison.Ordinal)))
        {
            var to = Path.Combine(data, file.Name["files/".Length..]);
            Directory.CreateDirectory(Path.GetDirectoryName(to)!);
            await CopyAsync(Path.Combine(folder, file.Name), to, cancel);
        }
        // The source is copied aside first: reading a database may leave files beside it, and an export stays as it is.
        var aside = Directory.CreateTempSubdirectory("ieum-import-").FullName;
        try
        {
            await CopyAsync(Path.Combine(folder, Measurements), Path.Combine(aside, Measurements), cancel);
            var report = await RecordTransfer.CopyAsync(new() { Folder = aside }, record, cancel);
            // Its file is the one that was exported and the copy was compared row by row; the digest itself may be of an older schema.
            if (report.Samples != manifest.Measurements.Samples)
                throw new NodeStoreException("import-differs", $"The imported measurements differ from the export: {report.Samples} samples instead of {manifest.Measurements.Samples}.");
        }
        finally
        {
            Directory.Delete(aside, recursive: true);
        }
        // Last: a folder without it is no node, so an import that was cut off is seen.
        await CopyAsync(Path.Combine(folder, NodeDatabase), Path.Combine(data, NodeDatabase), cancel);
        return manifest;
    }

    private static async Task<Dictionary<string, long>> CopyNodeDatabaseAsync(string data, string to, CancellationToken cancel)
    {
        var options = new DbContextOptionsBuilder<NodeDb>().UseSqlite($"Data Source={Path.Combine(data, NodeDatabase)};Default Timeout=10;Pooling=False").Options;
        await using var db = new NodeDb(options);
        // One state of the database, while others may go on writing.
        await db.Database.ExecuteSqlRawAsync("VACUUM INTO {0}", [to], cancel);
        return await CountAsync(to, cancel);
    }

    private static async Task<Dictionary<string, long>> CountAsync(string file, CancellationToken cancel)
    {
        await using var db = new NodeDb(new DbContextOptionsBuilder<NodeDb>().UseSqlite($"Data Source={file};Mode=ReadOnly;Pooling=False").Options);
        await db.Database.OpenConnectionAsync(cancel);
        await using var ask = db.Database.GetDbConnection().CreateCommand();
        ask.CommandText = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name";
        List<string> names = [];
        await using (var rows = await ask.ExecuteReaderAsync(cancel))
            while (await rows.ReadAsync(cancel)) names.Add(rows.GetString(0));
        Dictionary<string, long> counts = [];
        foreach (var name in names)
        {
            ask.CommandText = $"SELECT count(*) FROM \"{name}\"";
            counts[name] = Convert.ToInt64(await ask.ExecuteScalarAsync(cancel), CultureInfo.InvariantCulture);
        }
        return counts;
    }

    /// <summary>Everything in the data folder but databases, locks and what was left over.</summary>
    private static IEnumerable<string> OtherFiles(string data) =>
        Directory.EnumerateFiles(data, "*", SearchOption.AllDirectories).Select(p => Path.GetRelativePath(data, p))
            .Where(p => !p.StartsWith(NodeDatabase, StringComparison.Ordinal) && !p.StartsWith(Measurements, StringComparison.Ordinal)
                && !p.EndsWith(".lock", StringComparison.Ordinal) && !p.StartsWith("backup", StringComparison.Ordinal)).Order(StringComparer.Ordinal);

    private static async Task CopyAsync(string from, string to, CancellationToken cancel)
    {
        try
        {
            await using var source = new FileStream(from, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            await using var target = new FileStream(to, FileMode.CreateNew);
            await source.CopyToAsync(target, cancel);
        }
        catch (FileNotFoundException) when (from.Contains("queue", StringComparison.Ordinal))
        {
            // A part of the queue that was delivered meanwhile: it is in the measurements.
        }
    }

    private static async Task<string> HashAsync(string path, CancellationToken cancel)
    {
        await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(file, cancel));
    }
}
