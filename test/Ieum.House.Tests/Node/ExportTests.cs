using Ieum.Model;
using Ieum.Node;
using Ieum.Node.Store;
using Ieum.Node.Store.Transfer;
using Ieum.Record;
using Ieum.TestKit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Ieum.House.Tests.Node;

/// <summary>A whole node out and in again; nightly backups that are read again before they count.</summary>
public sealed class ExportTests
{
    private static string Fresh(string name) => Path.Combine(Needs.Scratch, $"{name}-{Guid.NewGuid():N}");
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static async Task<RunningNode> FilledAsync()
    {
        var node = await RunningNode.StartAsync("""{"company":{"id":"B","name":"대성정밀"}}""");
        await node.SignInAsOwnerAsync();
        var recorder = node.Services.GetRequiredService<IRecorder>();
        var signal = recorder.Register(new(new(new("B-MC1"), "온도"), Unit.Celsius, ValueKind.Real));
        var now = TimeProvider.System.GetUtcNow().UtcTicks;
        await recorder.AppendAsync(new(new("B-MC1.test"), new("B-MC1"), Enumerable.Range(0, 5000).Select(i =>
            new Sample(signal, now - (5000 - i) * TimeSpan.TicksPerSecond, now, SampleValue.Of(i / 10.0), Quality.Good)).ToArray()), Cancel);
        return node;
    }

    private static async Task<string> DumpAsync(string folder)
    {
        await using var db = new NodeDb(new DbContextOptionsBuilder<NodeDb>().UseSqlite($"Data Source={Path.Combine(folder, "node.db")};Pooling=False").Options);
        await db.Database.OpenConnectionAsync(Cancel);
        await using var ask = db.Database.GetDbConnection().CreateCommand();
        ask.CommandText = "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name";
        List<string> tables = [];
        await using (var rows = await ask.ExecuteReaderAsync(Cancel)) while (await rows.ReadAsync(Cancel)) tables.Add(rows.GetString(0));
        var dump = new System.Text.StringBuilder();
        foreach (var table in tables)
        {
            ask.CommandText = $"SELECT * FROM \"{table}\" ORDER BY 1, 2";
            await using var rows = await ask.ExecuteReaderAsync(Cancel);
            while (await rows.ReadAsync(Cancel)) dump.Append(table).Append('|').AppendJoin('|', Enumerable.Range(0, rows.FieldCount).Select(i => rows.IsDBNull(i) ? "∅" : rows.GetValue(i) is byte[] b ? Convert.ToHexString(b) : rows.GetValue(i))).Append('\n');
        }
        return dump.ToString();
    }

    [Fact]
    public async Task A_node_goes_out_while_it_runs_and_comes_in_equal_with_its_people_settings_and_measurements()
    {
        var (export, imported) = (Fresh("export"), Fresh("imported"));
        string dump, digest;
        await using (var node = await FilledAsync())
        {
            var manifest = await NodeExport.WriteAsync(node.Folder, new() { Folder = node.Folder }, export, TimeProvider.System.GetUtcNow(), Cancel);
            Assert.Equal(5000, manifest.Measurements.Samples);
            Assert.Contains(manifest.Files, f => f.Name.StartsWith("files/keys/", StringComparison.Ordinal));
            Assert.True(manifest.Tables["AspNetUsers"] == 1 && manifest.Tables["documents"] >= 1);
            dump = await DumpAsync(node.Folder);
            digest = (await RecordTransfer.DigestAsync(new() { Folder = node.Folder }, Cancel)).Digest;
        }
        await NodeExport.ReadAsync(export, imported, new() { Folder = imported }, Cancel);
        Assert.Equal(dump, await DumpAsync(imported));
        Assert.Equal(digest, (await RecordTransfer.DigestAsync(new() { Folder = imported }, Cancel)).Digest);
        await using var again = await RunningNode.StartAsync(folder: imported);
        Assert.Null(again.Address.OwnerLink);   // the owner came along
        Assert.Equal(System.Net.HttpStatusCode.NoContent, (await again.PostAsync("/api/v1/session", new { user = "owner", password = "a long password" })).StatusCode);
        Assert.Equal(499.9, again.Services.GetRequiredService<IRecorder>().Last(new SignalNumber(1))!.Value.Value.Number);
    }

    [Fact]
    public async Task An_export_that_was_changed_is_refused_and_nothing_is_imported()
    {
        var (export, imported) = (Fresh("export"), Fresh("imported"));
        await using (var node = await FilledAsync()) await NodeExport.WriteAsync(node.Folder, new() { Folder = node.Folder }, export, TimeProvider.System.GetUtcNow(), Cancel);
        foreach (var file in new[] { "node.db", "measurements.db" })
        {
            var path = Path.Combine(export, file);
            var bytes = await File.ReadAllBytesAsync(path, Cancel);
            bytes[bytes.Length / 2] ^= 1;
            await File.WriteAllBytesAsync(path, bytes, Cancel);
            Assert.Equal("export-changed", (await Assert.ThrowsAsync<NodeStoreException>(() => NodeExport.ReadAsync(export, imported, new() { Folder = imported }, Cancel))).Rule);
            Assert.False(Directory.Exists(imported));
            bytes[bytes.Length / 2] ^= 1;
            await File.WriteAllBytesAsync(path, bytes, Cancel);
        }
        await File.WriteAllTextAsync(Path.Combine(export, "more"), "", Cancel);
        Assert.Equal("export-changed", (await Assert.ThrowsAsync<NodeStoreException>(() => NodeExport.CheckAsync(export, Cancel))).Rule);
        File.Delete(Path.Combine(export, "more"));
        Assert.Equal(5000, (await NodeExport.CheckAsync(export, Cancel)).Measurements.Samples);
    }

    [Fact]
    public async Task A_backup_is_made_at_night_checked_and_can_be_restored_and_the_oldest_go()
    {
        var backups = Fresh("backups");
        await using var node = await FilledAsync();
        var service = new BackupService(node.Services.GetRequiredService<NodeSetup>(), Options.Create(new BackupOptions { Folder = backups, Keep = 2 }),
            Options.Create(new RecordOptions { Folder = node.Folder }), NullLogger<BackupService>.Instance);
        var night = new DateTimeOffset(2026, 11, 26, 17, 0, 0, TimeSpan.Zero);
        Assert.Equal(night, service.Due(night, null));                                      // none yet: at once
        Assert.Equal(night, service.Due(night.AddHours(-20), night.AddDays(-1)));           // tonight
        Assert.Equal(night.AddDays(1), service.Due(night.AddMinutes(1), night));            // done tonight: tomorrow
        Assert.Equal(night, service.Due(night.AddDays(3), night.AddDays(-1)));              // was off: it is overdue
        for (var day = 0; day < 3; day++) await service.MakeAsync(night.AddDays(day), Cancel);
        Assert.Equal(["ieum-20261127-170000", "ieum-20261128-170000"], Directory.EnumerateDirectories(backups).Select(d => Path.GetFileName(d)!).Order());
        var restored = Fresh("restored");
        await NodeExport.ReadAsync(Path.Combine(backups, "ieum-20261128-170000"), restored, new() { Folder = restored }, Cancel);
        Assert.Equal(await DumpAsync(node.Folder), await DumpAsync(restored));
    }
}
