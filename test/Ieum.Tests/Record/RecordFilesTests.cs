using Apache.Arrow;
using Apache.Arrow.Ipc;
using Ieum.Model;
using Ieum.Record;
using ParquetSharp;

namespace Ieum.Tests.Record;

public sealed class RecordFilesTests
{
    private static async Task<(RecorderRig Rig, SignalNumber[] Signals, List<Sample> All)> Filled()
    {
        var rig = new RecorderRig();
        SignalNumber[] signals = [rig.Signal("온도, \"1\""), rig.Signal("mode", ValueKind.Text)];
        List<Sample> all = [.. Enumerable.Range(0, 500).Select(i => RecorderRig.Sample(signals[i % 2], i + 0.0000001 * (i % 3), i % 2 == 0
            ? i % 10 == 0 ? SampleValue.Of((1L << 53) + 1 + i) : SampleValue.Of(i / 10.0) : i % 9 == 0 ? SampleValue.None : SampleValue.Of(i % 3 == 0 ? "가공 중" : "a,\"b\"\r\nc"), (Quality)(i % 5)))];
        await rig.Append([.. all]);
        return (rig, signals, [.. all.OrderBy(s => s.Signal.Value)]);
    }

    private static TimeRange Everything => new(RecorderRig.At(-10), RecorderRig.At(1e6));

    [Fact]
    public async Task Parquet_holds_every_sample_with_its_times_value_and_quality()
    {
        var (rig, signals, all) = await Filled();
        await using var _ = rig;
        using var bytes = new MemoryStream();
        Assert.Equal(500, await RecordFiles.WriteAsync(rig.Recorder, signals, Everything, RecordFileFormat.Parquet, bytes, CancellationToken.None));
        bytes.Position = 0;
        using var file = new ParquetFileReader(bytes);
        using var group = file.RowGroup(0);
        T[] Read<T>(int column) { using var c = group.Column(column).LogicalReader<T>(); return c.ReadAll(500); }
        Assert.Equal(all.Select(s => s.SourceTicks), Read<DateTimeNanos>(3).Select(t => t.Ticks / 100 + DateTime.UnixEpoch.Ticks));
        Assert.Equal(all.Select(s => s.Value.Text), Read<string?>(8));
        Assert.Equal(all.Select(s => s.Value.Kind == ValueKind.Integer ? s.Value.Integer : (long?)null), Read<long?>(7));
        Assert.Equal(all.Select(s => s.Value.Kind is ValueKind.Text or ValueKind.None ? (double?)null : s.Value.Number), Read<double?>(6));
        Assert.Equal(all.Select(s => s.Quality.ToString()), Read<string>(9));
    }

    [Fact]
    public async Task An_arrow_stream_holds_every_sample()
    {
        var (rig, signals, all) = await Filled();
        await using var _ = rig;
        using var bytes = new MemoryStream();
        await RecordFiles.WriteAsync(rig.Recorder, signals, Everything, RecordFileFormat.Arrow, bytes, CancellationToken.None);
        bytes.Position = 0;
        using var reader = new ArrowStreamReader(bytes);
        var rows = await reader.ReadNextRecordBatchAsync(TestContext.Current.CancellationToken);
        Assert.Equal(500, rows.Length);
        var (source, value, text) = ((TimestampArray)rows.Column("source_time"), (DoubleArray)rows.Column("value"), (StringArray)rows.Column("text"));
        for (var i = 0; i < all.Count; i++)
        {
            Assert.Equal(all[i].SourceTicks - DateTime.UnixEpoch.Ticks, source.GetValue(i)!.Value / 100);
            Assert.Equal(all[i].Value.Kind is ValueKind.Text or ValueKind.None ? null : all[i].Value.Number, value.GetValue(i));
            Assert.Equal(all[i].Value.Text, text.GetString(i));
        }
    }

    [Fact]
    public async Task Csv_quotes_what_must_be_quoted_and_keeps_whole_numbers_exact()
    {
        var (rig, signals, _) = await Filled();
        await using var closing = rig;
        using var bytes = new MemoryStream();
        await RecordFiles.WriteAsync(rig.Recorder, signals, Everything, RecordFileFormat.Csv, bytes, CancellationToken.None);
        var text = System.Text.Encoding.UTF8.GetString(bytes.ToArray());
        Assert.StartsWith("\uFEFFmachine,signal,unit,source_time,receive_time,kind,value,integer,text,quality\r\nB-MC1,\"온도, \"\"1\"\"\",", text, StringComparison.Ordinal);
        Assert.Contains(",Integer,9007199254740992,9007199254740993,,Good\r\n", text, StringComparison.Ordinal);
        Assert.Contains("\"a,\"\"b\"\"\r\nc\"", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Sql_answers_from_a_copy_beside_the_running_recorder_and_reaches_no_file()
    {
        var (rig, _, _) = await Filled();
        await using var closing = rig;
        var scope = new SqlScope(null, null, null);
        var answer = await RecordSql.AskAsync(rig.Options, "SELECT quality, count(*) AS n FROM samples GROUP BY quality ORDER BY quality", scope, CancellationToken.None);
        Assert.Equal(["quality", "n"], answer.Columns);
        Assert.Equal(["Bad", "Good", "Stale", "Unavailable", "Uncertain"], answer.Rows.Select(r => r[0]));
        Assert.All(answer.Rows, r => Assert.Equal(100L, r[1]));
        Assert.Contains("\"n\"", answer.ToJson(), StringComparison.Ordinal);
        foreach (var foreign in new[] { "SELECT * FROM read_csv('/etc/passwd')", "COPY samples TO '/tmp/ieum-never.csv'", "SELECT nothing FROM nowhere" })
            Assert.Equal(RecordRules.SqlRefused, (await Assert.ThrowsAsync<RecordException>(() => RecordSql.AskAsync(rig.Options, foreign, scope, CancellationToken.None))).Rule);
        Assert.False(File.Exists("/tmp/ieum-never.csv"));
    }

    [Fact]
    public async Task Sql_sees_exactly_its_scope_in_blocks_and_tail_and_copies_no_other_blocks()
    {
        await using var rig = new RecorderRig(o => o.BlockSamples = 60);
        SignalNumber[] signals = [.. new[] { "B-MC1", "B-MC2" }.Select(m => rig.Recorder.Register(new(new(new(m), "load"), Unit.One, ValueKind.Real)))];
        // Twenty days, a sample an hour of each machine; the last four hours stay in the tail.
        foreach (var (from, to) in new[] { (0, 480), (480, 484) })
        {
            await rig.Append([.. Enumerable.Range(from, to - from).SelectMany(h => signals.Select(s => RecorderRig.Sample(s, h * 3600.0, SampleValue.Of(h * 1.0))))]);
            if (from == 0) await rig.Recorder.SealAllAsync();
        }
        async Task<(long Count, double Least, double Most)> Ask(SqlScope scope)
        {
            var row = (await RecordSql.AskAsync(rig.Options, "SELECT count(*), min(value), max(value) FROM samples", scope, CancellationToken.None)).Rows.Single();
            return ((long)row[0]!, (double)row[1]!, (double)row[2]!);
        }
        Assert.Equal((2 * 169, 483 - 168.0, 483.0), await Ask(new(null, null, null)));   // a week up to the newest, both ends counted
        Assert.Equal((169, 483 - 168.0, 483.0), await Ask(new(null, null, "B-MC2")));
        Assert.Equal((24, 100.0, 123.0), await Ask(new(RecorderRig.At(100 * 3600), RecorderRig.At(124 * 3600), "B-MC1")));
        Assert.Equal(0L, (await RecordSql.AskAsync(rig.Options, "SELECT count(*) FROM samples", new(null, null, "nobody"), CancellationToken.None)).Rows.Single()[0]);
        var part = new RecordOptions { Folder = Path.Combine(rig.Options.Folder, "part") };
        await RecordTransfer.CopyPartAsync(rig.Options, part, new(RecorderRig.At(100 * 3600), RecorderRig.At(124 * 3600), "B-MC1"), CancellationToken.None);
        await using var copy = Recorder.Open(part, Clocks.Real, Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance);
        List<Sample> blocks = [];
        await foreach (var s in copy.RangeAsync(signals[0], new(RecorderRig.At(-1), RecorderRig.At(480 * 3600)), CancellationToken.None)) blocks.Add(s);
        Assert.InRange(blocks.Count, 24 + 60, 4 * 60);   // two or three of eight blocks in the scope, and the newest
        Assert.Equal(SampleValue.Of(483.0), copy.Last(signals[0])!.Value.Value);
    }
}
