using System.CommandLine;
using Ieum.Model;
using Ieum.Sim.Config;

namespace Ieum.Sim.Cli;

/// <summary>The three options every process of a town is given, so that all agree on the time.</summary>
internal sealed class ClockOptions
{
    public Option<DateTimeOffset?> Start { get; } = new("--start") { Description = "Scenario time at the origin, ISO 8601 with offset. Default: now." };
    public Option<double?> Speed { get; } = new("--speed") { Description = "Scenario seconds per real second, above 0, at most 100000. Default 1." };
    public Option<DateTimeOffset?> Origin { get; } = new("--origin") { Description = "Real instant at which the scenario began. Default: now." };

    public void AddTo(Command command)
    {
        command.Options.Add(Start);
        command.Options.Add(Speed);
        command.Options.Add(Origin);
    }

    /// <summary>Options win over the file.</summary>
    /// <exception cref="InvalidDataException">The speed lies outside its range.</exception>
    public (Clocks Clocks, DateTimeOffset Start, double Speed) Clocks(ParseResult parsed, ClockConfig? file)
    {
        var now = TimeProvider.System.GetUtcNow();
        var origin = parsed.GetValue(Origin) ?? file?.Origin ?? now;
        var start = parsed.GetValue(Start) ?? file?.Start ?? origin;
        var speed = parsed.GetValue(Speed) ?? file?.Speed ?? 1;
        if (!(speed > 0 && speed <= 100_000)) throw new InvalidDataException("The speed must lie above 0 and at most at 100000.");
        return (new(new ScenarioClock(start, speed, origin, TimeProvider.System), TimeProvider.System), start, speed);
    }
}
