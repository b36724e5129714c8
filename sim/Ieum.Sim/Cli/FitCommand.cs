using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Ieum.Sim.Generate;
using Ieum.Sim.Machines;
using Ieum.Sim.Recordings;

namespace Ieum.Sim.Cli;

/// <summary><c>ieum-sim fit FILE… --type mill --out model.json</c>: makes a generator's model from real days.</summary>
internal static class FitCommand
{
    private static readonly JsonSerializerOptions Pretty = new(ModelJson.Default.Options) { WriteIndented = true, IndentSize = 1 };

    public static Command Create()
    {
        var files = new Argument<FileInfo[]>("file") { Description = "Recordings of one machine, one file a day.", Arity = ArgumentArity.OneOrMore };
        var type = new Option<string>("--type") { Description = "Machine type the model is for.", Required = true };
        var output = new Option<FileInfo>("--out") { Description = "Where the model is written, JSON.", Required = true };
        var command = new Command("fit", "Fits a model for generated days to recordings.") { files, type, output };
        command.SetAction((parsed, cancel) => SimCommands.GuardAsync(async _ =>
        {
            var fit = new ModelFit(DeviceDescription.Of(parsed.GetRequiredValue(type)));
            foreach (var file in parsed.GetRequiredValue(files)) fit.AddDay(new RecordingReader(file.FullName).Lines());
            var model = fit.Model(parsed.GetRequiredValue(type));
            if (model.Basis.PoweredHours <= 0 || model.States.Count == 0) throw new InvalidDataException("The recordings hold no execution changes to fit to.");
            var text = JsonSerializer.Serialize(model, new ModelJson(new(Pretty)).MachineModel);
            await File.WriteAllTextAsync(parsed.GetRequiredValue(output).FullName, text + "\n", cancel).ConfigureAwait(false);
            Terminal.Answer(string.Create(CultureInfo.InvariantCulture,
                $"{model.Basis.Days} days, {model.Basis.PoweredHours:0.0} powered hours, {model.Basis.Lines} lines, active {model.Basis.ActiveShare:P1}"));
            return 0;
        }));
        return command;
    }
}
