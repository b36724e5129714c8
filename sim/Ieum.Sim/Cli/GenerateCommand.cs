using System.CommandLine;
using System.Globalization;
using System.IO.Compression;
using Ieum.Sim.Feeds;
using Ieum.Sim.Generate;
using Ieum.Sim.Machines;

namespace Ieum.Sim.Cli;

/// <summary><c>ieum-sim generate</c>: writes generated days as a recording.</summary>
internal static class GenerateCommand
{
    public static Command Create()
    {
        var type = new Option<string>("--type") { Description = "Machine type: mill, fiveaxis, lathe, hone.", Required = true };
        var seed = new Option<int>("--seed") { Description = "Same seed, same days.", DefaultValueFactory = _ => 1 };
        var start = new Option<DateTimeOffset>("--start") { Description = "First day, ISO 8601 with offset.", Required = true };
        var days = new Option<int>("--days") { Description = "Number of days.", DefaultValueFactory = _ => 1 };
        var shift = new Option<string>("--shift") { Description = "Working periods of a day.", DefaultValueFactory = _ => ShopHours.Default };
        var output = new Option<FileInfo>("--out") { Description = "Recording to write; .gz is compressed.", Required = true };
        var command = new Command("generate", "Writes generated days as a recording.") { type, seed, start, days, shift, output };
        command.SetAction((parsed, cancel) => SimCommands.GuardAsync(async _ =>
        {
            var from = parsed.GetRequiredValue(start);
            if (parsed.GetRequiredValue(days) is not (> 0 and <= 3660)) throw new InvalidDataException("'--days' must lie between 1 and 3660.");
            var hours = ShopHours.Parse(parsed.GetRequiredValue(shift), from.Offset);
            var generator = new DayGenerator(MachineModel.Of(parsed.GetRequiredValue(type)), DeviceDescription.Of(parsed.GetRequiredValue(type)),
                parsed.GetRequiredValue(seed), from, hours, onlyWork: false);
            var until = new DateTimeOffset(hours.Midnight(from.UtcTicks), TimeSpan.Zero).AddDays(parsed.GetRequiredValue(days));
            var path = parsed.GetRequiredValue(output).FullName;
            await using var file = File.Create(path);
            await using Stream stream = path.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(file, CompressionLevel.Optimal) : file;
            await using var writer = new StreamWriter(stream) { NewLine = "\n" };
            var lines = new List<FeedLine>(4096);
            long count = 0;
            do
            {
                lines.Clear();
                generator.Advance(until, lines, 4096);
                foreach (var line in lines) await writer.WriteLineAsync(line.ToString().AsMemory(), cancel).ConfigureAwait(false);
                count += lines.Count;
            } while (lines.Count == 4096);
            Terminal.Answer(string.Create(CultureInfo.InvariantCulture, $"{count} lines"));
            return 0;
        }));
        return command;
    }
}
