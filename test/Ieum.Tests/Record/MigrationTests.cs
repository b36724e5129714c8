using Ieum.Model;
using Ieum.Record.Blocks;
using Microsoft.Data.Sqlite;

namespace Ieum.Tests.Record;

/// <summary>Files as earlier versions wrote them (their tables word by word) open, keep everything, and get what they lack.</summary>
public sealed class MigrationTests
{
    private const string Version1 = """
        CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT NOT NULL);
        CREATE TABLE signal(
          number INTEGER PRIMARY KEY, machine TEXT NOT NULL, name TEXT NOT NULL,
          unit TEXT NOT NULL, symbol TEXT NOT NULL, quantity TEXT NOT NULL,
          kind INTEGER NOT NULL, role INTEGER NOT NULL, description TEXT NOT NULL,
          UNIQUE(machine, name));
        CREATE TABLE tail(id INTEGER PRIMARY KEY, count INTEGER NOT NULL, bytes BLOB NOT NULL);
        CREATE TABLE block(
          id INTEGER PRIMARY KEY, signal INTEGER NOT NULL, "start" INTEGER NOT NULL, "end" INTEGER NOT NULL,
          count INTEGER NOT NULL, bytes BLOB NOT NULL);
        CREATE INDEX block_by_time ON block(signal, "start", "end");
        CREATE TABLE sealed(signal INTEGER PRIMARY KEY, longest INTEGER NOT NULL, newest_end INTEGER NOT NULL, newest_block INTEGER NOT NULL);
        CREATE TABLE gap(
          id INTEGER PRIMARY KEY, source TEXT NOT NULL, "start" INTEGER NOT NULL, "end" INTEGER NOT NULL,
          cause INTEGER NOT NULL, lost INTEGER, detail TEXT NOT NULL);
        CREATE INDEX gap_by_source ON gap(source, "end");
        CREATE TABLE rejection(
          id INTEGER PRIMARY KEY, at INTEGER NOT NULL, source TEXT NOT NULL, machine TEXT NOT NULL,
          signal INTEGER NOT NULL, rule TEXT NOT NULL, count INTEGER NOT NULL, example TEXT NOT NULL);
        CREATE TABLE damage(
          id INTEGER PRIMARY KEY, at INTEGER NOT NULL, place TEXT NOT NULL, row INTEGER NOT NULL,
          reason TEXT NOT NULL, bytes BLOB NOT NULL, UNIQUE(place, row, bytes));
        """;

    private const string Version2 = Version1 + """
        CREATE TABLE mark(source TEXT PRIMARY KEY, number INTEGER NOT NULL, through INTEGER NOT NULL, place TEXT);
        INSERT INTO mark VALUES ('B-MC1.mtconnect', 41, 5, 'here');
        """;

    // The tables of version 3 are those of version 4; new are the forms of blocks.
    private const string Version3 = Version2 + """
        CREATE TABLE rollup(signal INTEGER NOT NULL, tier INTEGER NOT NULL, "start" INTEGER NOT NULL, bytes BLOB NOT NULL, PRIMARY KEY(signal, tier, "start"));
        CREATE TABLE rolled(signal INTEGER NOT NULL, tier INTEGER NOT NULL, through INTEGER NOT NULL, PRIMARY KEY(signal, tier));
        CREATE TABLE stale(signal INTEGER NOT NULL, hour INTEGER NOT NULL, PRIMARY KEY(signal, hour));
        CREATE TABLE deletion(
          id INTEGER PRIMARY KEY, at INTEGER NOT NULL, signal INTEGER NOT NULL, "start" INTEGER NOT NULL, "end" INTEGER NOT NULL,
          samples INTEGER NOT NULL, reason TEXT NOT NULL);
        """;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task A_file_of_an_earlier_version_keeps_everything_and_takes_part_in_all_that_is_new(int version)
    {
        var samples = Enumerable.Range(0, 8000).Select(i => RecorderRig.Sample(new(1), i, SampleValue.Of("SECRET" + i % 3))).ToArray();
        await using var rig = new RecorderRig(o => Write(o.Folder, version, samples));
        Assert.Equal(samples, await rig.Range(new(1)));
        Assert.Equal(samples[^1], rig.Recorder.Last(new SignalNumber(1)));
        Assert.Equal(version >= 2 ? new SourceMark(41, new(5, TimeSpan.Zero), "here") : null, rig.Recorder.MarkOf(RecorderRig.Source));
        await rig.Recorder.SealAllAsync();
        await rig.Recorder.TendAllAsync();
        Assert.True(rig.Number("SELECT count(*) FROM rollup") > 0);
        Assert.Equal(4, rig.Number("SELECT CAST(value AS INTEGER) FROM meta WHERE key = 'schema'"));
        var hours = await rig.Recorder.DownsampleAsync(new(1), new(RecorderRig.At(0), RecorderRig.At(10_800)), 1.Hours, CancellationToken.None);
        Assert.Equal([3600L, 3600, 800], hours.Select(h => h.BadCount));   // texts have no number
        // Such a file has old bytes in the gaps of its pages; the first deletion finds those too.
        await rig.Recorder.DeleteAsync(new(1), new(RecorderRig.At(-1), RecorderRig.At(1e6)), "test", CancellationToken.None);
        await rig.Recorder.DisposeAsync();
        Assert.True((await File.ReadAllBytesAsync(rig.File, TestContext.Current.CancellationToken)).AsSpan().IndexOf("SECRET"u8) < 0);
    }

    private static void Write(string folder, int version, Sample[] samples)
    {
        Directory.CreateDirectory(folder);
        using var file = new SqliteConnection($"Data Source={Path.Combine(folder, "measurements.db")};Pooling=False");
        file.Open();
        void Run(string sql, params (string Name, object Value)[] values)
        {
            using var command = file.CreateCommand();
            command.CommandText = sql;
            foreach (var (name, value) in values) command.Parameters.AddWithValue(name, value);
            command.ExecuteNonQuery();
        }
        Run("PRAGMA page_size = 16384; PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL;");
        Run(version switch { 1 => Version1, 2 => Version2, _ => Version3 });
        Run($"INSERT INTO meta VALUES ('schema', '{version}'); INSERT INTO signal VALUES (1, 'B-MC1', 'mode', '1', '', '', 4, 0, '');");
        using var codec = new BlockCodec();
        // Nine blocks of 800, the rest in the tail.
        for (var b = 0; b < 9; b++)
        {
            var block = new SampleColumns();
            foreach (var s in samples.AsSpan(b * 800, 800)) block.Add(s);
            Run("""INSERT INTO block VALUES ($id, 1, $start, $end, 800, $bytes)""", ("$id", b + 1), ("$start", block.Source[0]), ("$end", block.Source[799]), ("$bytes", codec.Encode(block, 0, 800).ToArray()));
        }
        Run("INSERT INTO sealed VALUES (1, $longest, $end, 9)", ("$longest", 799 * TimeSpan.TicksPerSecond), ("$end", samples[7199].SourceTicks));
        var tail = new SampleColumns { Signal = new int[800] };
        Array.Fill(tail.Signal, 1);
        foreach (var s in samples.AsSpan(7200)) tail.Add(s);
        Run("INSERT INTO tail VALUES (1, 800, $bytes)", ("$bytes", codec.Encode(tail, 0, 800).ToArray()));
    }
}
