using System.CommandLine;
using System.Data.Common;
using System.Text.Json;
using Ieum.Node.Store;
using Ieum.Node.Store.Config;
using Ieum.Node.Store.Transfer;
using Ieum.Record;

namespace Ieum.Node.Cli;

/// <summary><c>ieum export</c>, <c>import</c>, <c>copy</c> and <c>sql</c>: a node's data on the move, and a look at it.</summary>
internal static class TransferVerbs
{
    public static IEnumerable<Command> Make() => [Export(), Import(), Copy(), Sql()];

    private static Command Export()
    {
        var folder = new Argument<DirectoryInfo>("DIR") { Description = "A new folder for the export." };
        var (config, data, json) = Common();
        var verb = new Command("export", "Writes everything a node keeps into a folder, with checksums; also while the node runs.") { folder, config, data, json };
        verb.SetAction((parsed, cancel) => Run(async () =>
        {
            var (name, source) = (parsed.GetValue(folder)!.FullName, parsed.GetValue(data)!.FullName);
            var manifest = await NodeExport.WriteAsync(source, Record(parsed.GetValue(config), source), name, TimeProvider.System.GetUtcNow(), cancel);
            Tell(manifest, name, parsed.GetValue(json), "Exported to");
        }));
        return verb;
    }

    private static Command Import()
    {
        var folder = new Argument<DirectoryInfo>("DIR") { Description = "The folder of an export." };
        var check = new Option<bool>("--check") { Description = "Only check the export's files against its manifest." };
        var (config, data, json) = Common();
        var verb = new Command("import", "Makes a node of an export, in a new data folder.") { folder, check, config, data, json };
        verb.SetAction((parsed, cancel) => Run(async () =>
        {
            var (name, target) = (parsed.GetValue(folder)!.FullName, parsed.GetValue(data)!.FullName);
            var only = parsed.GetValue(check);
            var manifest = only ? await NodeExport.CheckAsync(name, cancel) : await NodeExport.ReadAsync(name, target, Record(parsed.GetValue(config), target), cancel);
            Tell(manifest, only ? name : target, parsed.GetValue(json), only ? "Every file is as exported in" : "Imported to");
        }));
        return verb;
    }

    private static Command Copy()
    {
        var to = new Option<string>("--to") { Description = "PostgreSQL connection string, or a folder.", Required = true };
        var (config, data, json) = Common();
        var verb = new Command("copy", "Copies all measurements into PostgreSQL (or another folder) beside the running node, and compares both sides.") { to, config, data, json };
        verb.SetAction((parsed, cancel) => Run(async () =>
        {
            var source = parsed.GetValue(data)!.FullName;
            var target = parsed.GetValue(to)!;
            var report = await RecordTransfer.CopyAsync(Record(parsed.GetValue(config), source),
                target.Contains('=', StringComparison.Ordinal) ? new() { Postgres = target } : new() { Folder = target }, cancel);
            Terminal.Answer(parsed.GetValue(json)
                ? JsonSerializer.Serialize(new { samples = report.Samples, copiedRows = report.Copied, digest = report.Digest, rows = report.Rows })
                : FormattableString.Invariant($"{report.Samples} samples stand on both sides, equal row by row (SHA-256 {report.Digest}). {report.Copied} rows were written. What the node records from now on is copied by the same command: run it again once the node is stopped, then set Record.Postgres."));
        }));
        return verb;
    }

    private static Command Sql()
    {
        var query = new Argument<string>("SELECT") { Description = "One question in SQL (DuckDB) to the tables samples and signals." };
        var from = new Option<DateTimeOffset?>("--from") { Description = "First instant of the samples, ISO 8601. Default: a week before the newest." };
        var until = new Option<DateTimeOffset?>("--to") { Description = "Instant after the last, ISO 8601." };
        var machine = new Option<string?>("--machine") { Description = "Only signals of this machine." };
        var (config, data, json) = Common();
        var verb = new Command("sql", "Asks the measurements in SQL, read-only, beside the running node.") { query, from, until, machine, config, data, json };
        verb.SetAction((parsed, cancel) => Run(async () =>
        {
            var source = parsed.GetValue(data)!.FullName;
            var answer = await RecordSql.AskAsync(Record(parsed.GetValue(config), source), parsed.GetValue(query)!,
                new(parsed.GetValue(from), parsed.GetValue(until), parsed.GetValue(machine)), cancel);
            Terminal.Answer(parsed.GetValue(json) ? answer.ToJson() : answer.ToText());
        }));
        return verb;
    }

    private static (Option<FileInfo?>, Option<DirectoryInfo>, Option<bool>) Common() => (
        new("--config") { Description = "Configuration file of the node, where it names a PostgreSQL database for the measurements." },
        new("--data") { Description = "The node's data folder.", DefaultValueFactory = _ => new("data") },
        new("--json") { Description = "One JSON document on standard output." });

    private static RecordOptions Record(FileInfo? config, string data)
    {
        var options = config is null ? [] : ConfigFile.Load(config.FullName).Options;
        return new()
        {
            Folder = options.GetValueOrDefault($"{RecordOptions.Section}:{nameof(RecordOptions.Folder)}") ?? data,
            Postgres = options.GetValueOrDefault($"{RecordOptions.Section}:{nameof(RecordOptions.Postgres)}"),
        };
    }

    private static void Tell(Manifest manifest, string folder, bool json, string what) => Terminal.Answer(json
        ? JsonSerializer.Serialize(new { folder, files = manifest.Files.Count, bytes = manifest.Files.Sum(f => f.Bytes), samples = manifest.Measurements.Samples, digest = manifest.Measurements.Digest, tables = manifest.Tables })
        : FormattableString.Invariant($"{what} {folder}: {manifest.Measurements.Samples} samples of {manifest.Measurements.Signals} signals, {manifest.Files.Count} files, {manifest.Files.Sum(f => f.Bytes) / 1e6:0.0} MB, each with its SHA-256."));

    private static async Task<int> Run(Func<Task> work)
    {
        try
        {
            await work();
            return 0;
        }
        catch (ConfigException e)
        {
            foreach (var p in e.Problems) Terminal.Error($"{e.File}: {p.Path}: {p.Message} [{p.Rule}]");
        }
        catch (NodeStoreException e)
        {
            Terminal.Error($"{e.Message} [{e.Rule}]");
        }
        catch (RecordException e)
        {
            Terminal.Error($"{e.Message} [{e.Rule}]");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or DbException)
        {
            Terminal.Error($"{e.Message} [transfer-failed]");
        }
        return 1;
    }
}
