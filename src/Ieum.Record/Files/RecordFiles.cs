using System.Globalization;
using System.Text;
using Apache.Arrow;
using Apache.Arrow.Ipc;
using Apache.Arrow.Types;
using Ieum.Model;
using ParquetSharp;
using Column = ParquetSharp.Column;
using Encoding = System.Text.Encoding;

namespace Ieum.Record;

/// <summary>Files that other programs read.</summary>
public enum RecordFileFormat
{
    /// <summary>Comma-separated, UTF-8 with byte order mark (Excel then reads Korean and Japanese), a line per sample, RFC 4180.</summary>
    Csv,
    /// <summary>Apache Parquet, Zstandard, a row group of up to 1,000,000 samples.</summary>
    Parquet,
    /// <summary>Arrow IPC stream, for notebooks: batches of up to 65,536 samples.</summary>
    Arrow,
}

/// <summary>
/// Writes samples as files. Columns: machine, signal, unit, source_time, receive_time (UTC, nanoseconds), kind, value (number; booleans
/// 0 and 1; empty for texts), integer (exact, where value would round), text, quality.
/// </summary>
public static class RecordFiles
{
    private const int BatchRows = 65_536, GroupRows = 1_000_000;
    private static readonly string[] Names = ["machine", "signal", "unit", "source_time", "receive_time", "kind", "value", "integer", "text", "quality"];

    /// <param name="range">Half open, source time.</param>
    /// <returns>How many samples were written.</returns>
    public static async Task<long> WriteAsync(IRecorder recorder, IReadOnlyList<SignalNumber> signals, TimeRange range, RecordFileFormat format, Stream to, CancellationToken cancel) => format switch
    {
        RecordFileFormat.Csv => await CsvAsync(recorder, signals, range, to, cancel).ConfigureAwait(false),
        RecordFileFormat.Arrow => await ArrowAsync(recorder, signals, range, to, cancel).ConfigureAwait(false),
        _ => await ParquetAsync(recorder, signals, range, to, cancel).ConfigureAwait(false),
    };

    /// <summary>Samples of several signals with what belongs to each, in batches that are reused.</summary>
    private static async IAsyncEnumerable<List<(Signal Signal, Sample Sample)>> Batches(IRecorder recorder, IReadOnlyList<SignalNumber> signals, TimeRange range, int size,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel)
    {
        var batch = new List<(Signal, Sample)>(Math.Min(size, BatchRows));
        foreach (var number in signals)
        {
            if (recorder.Find(number) is not { } signal) continue;
            await foreach (var sample in recorder.RangeAsync(number, range, cancel).ConfigureAwait(false))
            {
                batch.Add((signal, sample));
                if (batch.Count < size) continue;
                yield return batch;
                batch.Clear();
            }
        }
        if (batch.Count > 0) yield return batch;
    }

    private static async Task<long> CsvAsync(IRecorder recorder, IReadOnlyList<SignalNumber> signals, TimeRange range, Stream to, CancellationToken cancel)
    {
        var written = 0L;
        var text = new StringBuilder("\uFEFF" + string.Join(',', Names) + "\r\n");
        await to.WriteAsync(Encoding.UTF8.GetBytes(text.ToString()), cancel).ConfigureAwait(false);
        await foreach (var batch in Batches(recorder, signals, range, 4096, cancel).ConfigureAwait(false))
        {
            text.Clear();
            foreach (var (signal, s) in batch)
            {
                Field(signal.Id.Machine.Value);
                Field(signal.Id.Name);
                Field(signal.Unit.Code);
                Field(s.SourceTime.UtcDateTime.ToString("o", CultureInfo.InvariantCulture));
                Field(s.ReceiveTime.UtcDateTime.ToString("o", CultureInfo.InvariantCulture));
                Field(s.Value.Kind.ToString());
                Field(Number(s.Value) is { } v ? v.ToString("R", CultureInfo.InvariantCulture) : "");
                Field(s.Value.Kind == ValueKind.Integer ? s.Value.Integer.ToString(CultureInfo.InvariantCulture) : "");
                Field(s.Value.Text ?? "");
                text.Append(s.Quality).Append("\r\n");
            }
            await to.WriteAsync(Encoding.UTF8.GetBytes(text.ToString()), cancel).ConfigureAwait(false);
            written += batch.Count;
        }
        return written;

        void Field(string value)
        {
            if (value.AsSpan().IndexOfAny(",\"\r\n") < 0) text.Append(value);
            else text.Append('"').Append(value.Replace("\"", "\"\"", StringComparison.Ordinal)).Append('"');
            text.Append(',');
        }
    }

    private static async Task<long> ArrowAsync(IRecorder recorder, IReadOnlyList<SignalNumber> signals, TimeRange range, Stream to, CancellationToken cancel)
    {
        var time = new TimestampType(Apache.Arrow.Types.TimeUnit.Nanosecond, "UTC");
        IArrowType[] types = [StringType.Default, StringType.Default, StringType.Default, time, time, StringType.Default, DoubleType.Default, Int64Type.Default, StringType.Default, StringType.Default];
        var schema = new Schema(Names.Zip(types, (n, t) => new Field(n, t, n is "value" or "integer" or "text")), null);
        using var writer = new ArrowStreamWriter(to, schema, leaveOpen: true);
        await writer.WriteStartAsync(cancel).ConfigureAwait(false);
        var written = 0L;
        await foreach (var batch in Batches(recorder, signals, range, BatchRows, cancel).ConfigureAwait(false))
        {
            var texts = new Dictionary<string, StringArray.Builder>();
            foreach (var n in new[] { "machine", "signal", "unit", "kind", "text", "quality" }) texts[n] = new();
            var (source, receive, value, integer) = (new TimestampArray.Builder(time), new TimestampArray.Builder(time), new DoubleArray.Builder(), new Int64Array.Builder());
            foreach (var (signal, s) in batch)
            {
                texts["machine"].Append(signal.Id.Machine.Value);
                texts["signal"].Append(signal.Id.Name);
                texts["unit"].Append(signal.Unit.Code);
                source.Append(s.SourceTime);
                receive.Append(s.ReceiveTime);
                texts["kind"].Append(s.Value.Kind.ToString());
                if (Number(s.Value) is { } v) value.Append(v); else value.AppendNull();
                if (s.Value.Kind == ValueKind.Integer) integer.Append(s.Value.Integer); else integer.AppendNull();
                if (s.Value.Text is { } t) texts["text"].Append(t); else texts["text"].AppendNull();
                texts["quality"].Append(s.Quality.ToString());
            }
            using var rows = new RecordBatch(schema, [texts["machine"].Build(), texts["signal"].Build(), texts["unit"].Build(), source.Build(), receive.Build(),
                texts["kind"].Build(), value.Build(), integer.Build(), texts["text"].Build(), texts["quality"].Build()], batch.Count);
            await writer.WriteRecordBatchAsync(rows, cancel).ConfigureAwait(false);
            written += batch.Count;
        }
        await writer.WriteEndAsync(cancel).ConfigureAwait(false);
        return written;
    }

    private static async Task<long> ParquetAsync(IRecorder recorder, IReadOnlyList<SignalNumber> signals, TimeRange range, Stream to, CancellationToken cancel)
    {
        // The library writes with blocking calls, which a web answer does not take; so by way of a file.
        var path = Path.Combine(Path.GetTempPath(), $"ieum-{Guid.NewGuid():N}.parquet");
        try
        {
            var written = await ParquetFileAsync(recorder, signals, range, path, cancel).ConfigureAwait(false);
            var file = File.OpenRead(path);
            await using (file.ConfigureAwait(false)) await file.CopyToAsync(to, cancel).ConfigureAwait(false);
            return written;
        }
        finally
        {
            File.Delete(path);
        }
    }

    internal static async Task<long> ParquetFileAsync(IRecorder recorder, IReadOnlyList<SignalNumber> signals, TimeRange range, string path, CancellationToken cancel)
    {
        using var time = LogicalType.Timestamp(true, ParquetSharp.TimeUnit.Nanos);
        Column[] columns = [new Column<string>("machine"), new Column<string>("signal"), new Column<string>("unit"), new Column<DateTimeNanos>("source_time", time),
            new Column<DateTimeNanos>("receive_time", time), new Column<string>("kind"), new Column<double?>("value"), new Column<long?>("integer"), new Column<string?>("text"), new Column<string>("quality")];
        using var file = new ParquetFileWriter(path, columns, Compression.Zstd);
        var written = 0L;
        await foreach (var batch in Batches(recorder, signals, range, GroupRows, cancel).ConfigureAwait(false))
        {
            using var group = file.AppendRowGroup();
            Write(group, batch, b => b.Signal.Id.Machine.Value);
            Write(group, batch, b => b.Signal.Id.Name);
            Write(group, batch, b => b.Signal.Unit.Code);
            Write(group, batch, b => new DateTimeNanos(b.Sample.SourceTime.UtcDateTime));
            Write(group, batch, b => new DateTimeNanos(b.Sample.ReceiveTime.UtcDateTime));
            Write(group, batch, b => b.Sample.Value.Kind.ToString());
            Write(group, batch, b => Number(b.Sample.Value));
            Write(group, batch, b => b.Sample.Value.Kind == ValueKind.Integer ? b.Sample.Value.Integer : (long?)null);
            Write(group, batch, b => b.Sample.Value.Text);
            Write(group, batch, b => b.Sample.Quality.ToString());
            written += batch.Count;
        }
        file.Close();
        return written;
    }

    private static void Write<T>(RowGroupWriter group, List<(Signal Signal, Sample Sample)> batch, Func<(Signal Signal, Sample Sample), T> of)
    {
        using var column = group.NextColumn().LogicalWriter<T>();
        var values = new T[batch.Count];
        for (var i = 0; i < values.Length; i++) values[i] = of(batch[i]);
        column.WriteBatch(values);
    }

    private static double? Number(SampleValue value) => value.Kind is ValueKind.Real or ValueKind.Integer or ValueKind.Boolean ? value.Number : null;
}
