using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using DuckDB.NET.Data;
using Ieum.Model;
using Microsoft.Extensions.Logging.Abstractions;

namespace Ieum.Record;

/// <summary>Which samples a question in SQL sees.</summary>
/// <param name="From">First instant; null: a week before the newest sample.</param>
/// <param name="To">Instant after the last; null: all newer ones.</param>
/// <param name="Machine">Only signals of this machine; null: all.</param>
public sealed record SqlScope(DateTimeOffset? From, DateTimeOffset? To, string? Machine)
{
    /// <summary>How far a question looks back that does not say from when.</summary>
    internal static TimeSpan Usual { get; } = TimeSpan.FromDays(7);
}

/// <summary>The rows of an answer.</summary>
public sealed record SqlAnswer(IReadOnlyList<string> Columns, IReadOnlyList<IReadOnlyList<object?>> Rows)
{
    private static readonly JsonSerializerOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, NumberHandling = System.Text.Json.Serialization.JsonNumberHandling.AllowNamedFloatingPointLiterals };

    public string ToJson() => JsonSerializer.Serialize(new { columns = Columns, rows = Rows }, Readable);

    /// <summary>Columns side by side, with a header.</summary>
    public string ToText()
    {
        var table = Rows.Select(r => r.Select(Text).ToArray()).Prepend([.. Columns]).ToList();
        var widths = Columns.Select((_, i) => table.Max(r => r[i].Length)).ToArray();
        var text = new StringBuilder();
        foreach (var row in table) text.AppendLine(string.Join("  ", row.Select((cell, i) => cell.PadRight(widths[i]))).TrimEnd());
        return text.ToString().TrimEnd();
    }

    private static string Text(object? value) => value switch
    {
        null => "",
        DateTime t => t.ToString("yyyy-MM-dd HH:mm:ss.fff", CultureInfo.InvariantCulture),
        IFormattable f => f.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString() ?? "",
    };
}

/// <summary>
/// A read-only look with SQL: a copy of the measurements is written as Parquet into a temporary folder, and DuckDB answers from it.
/// The store itself is never touched, and files outside that folder cannot be read or written by the question.
/// </summary>
public static class RecordSql
{
    private const int MostRows = 100_000;

    /// <exception cref="RecordException">The question is wrong (rule <see cref="RecordRules.SqlRefused"/>), or the measurements cannot be read.</exception>
    public static async Task<SqlAnswer> AskAsync(RecordOptions of, string sql, SqlScope scope, CancellationToken cancel)
    {
        var folder = Directory.CreateTempSubdirectory("ieum-sql-").FullName;
        try
        {
            // A copy of its own, of what the question can see: the store may be in use by its node, and hold years.
            var copy = new RecordOptions { Folder = Path.Combine(folder, "copy") };
            await RecordTransfer.CopyPartAsync(of, copy, scope, cancel).ConfigureAwait(false);
            var parquet = Path.Combine(folder, "samples.parquet");
            List<(SignalNumber Number, Signal Signal)> signals;
            var recorder = Recorder.Open(copy, Clocks.Real, NullLogger.Instance);
            await using (recorder.ConfigureAwait(false))
            {
                signals = [.. recorder.All().Where(s => scope.Machine is null || s.Signal.Id.Machine.Value == scope.Machine)];
                var newest = signals.Select(s => recorder.Last(s.Number)?.SourceTime).Max() ?? DateTimeOffset.UnixEpoch;
                var to = scope.To ?? newest.AddTicks(1);
                var from = scope.From ?? (newest > DateTimeOffset.UnixEpoch + SqlScope.Usual ? newest - SqlScope.Usual : DateTimeOffset.UnixEpoch);
                if (from > to) throw new RecordException(RecordRules.SqlRefused, "--from lies after --to.");
                await RecordFiles.ParquetFileAsync(recorder, [.. signals.Select(s => s.Number)], new(from.ToUniversalTime(), to.ToUniversalTime()), parquet, cancel).ConfigureAwait(false);
            }
            return await Task.Run(() => Ask(parquet, signals, sql), cancel).ConfigureAwait(false);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static SqlAnswer Ask(string parquet, List<(SignalNumber Number, Signal Signal)> signals, string sql)
    {
        try
        {
            using var connection = new DuckDBConnection("DataSource=:memory:");
            connection.Open();
            using var command = connection.CreateCommand();
            // A view: a week of a large shop need not fit into memory.
            var file = parquet.Replace("'", "''", StringComparison.Ordinal);
            command.CommandText = $"SET TimeZone = 'UTC'; SET allowed_paths = ['{file}']; CREATE VIEW samples AS SELECT * FROM read_parquet('{file}'); CREATE TABLE signals(number INTEGER, machine TEXT, signal TEXT, unit TEXT, kind TEXT, role TEXT, description TEXT)";
            command.ExecuteNonQuery();
            using (var append = connection.CreateAppender("signals"))
                foreach (var (n, s) in signals)
                    append.CreateRow().AppendValue(n.Value).AppendValue(s.Id.Machine.Value).AppendValue(s.Id.Name).AppendValue(s.Unit.Code)
                        .AppendValue(s.Kind.ToString()).AppendValue(s.Role.ToString()).AppendValue(s.Description).EndRow();
            // From here on no other file can be reached, whatever the question says.
            command.CommandText = "SET enable_external_access = false; SET lock_configuration = true";
            command.ExecuteNonQuery();
            command.CommandText = sql;
            using var rows = command.ExecuteReader();
            List<IReadOnlyList<object?>> all = [];
            var columns = Enumerable.Range(0, rows.FieldCount).Select(rows.GetName).ToList();
            while (rows.Read())
            {
                if (all.Count == MostRows) throw new RecordException(RecordRules.SqlRefused, $"The answer has more than {MostRows} rows. Sum up, or add LIMIT.");
                all.Add([.. Enumerable.Range(0, rows.FieldCount).Select(i => rows.IsDBNull(i) ? null : rows.GetValue(i))]);
            }
            return new(columns, all);
        }
        catch (DuckDBException e)
        {
            throw new RecordException(RecordRules.SqlRefused, $"The question cannot be answered: {e.Message}", e);
        }
    }
}
