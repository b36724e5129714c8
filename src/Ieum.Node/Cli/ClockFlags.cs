using System.CommandLine;
using System.Globalization;
using Ieum.Model;

namespace Ieum.Node.Cli;

/// <summary>The three flags with which every process of a town is given the same factory clock.</summary>
internal sealed class ClockFlags
{
    private readonly Option<string?> _start = new("--clock-start") { Description = "Factory time at the clock's origin, ISO 8601 with offset. Default: the machine's own clock." };
    private readonly Option<double> _speed = new("--clock-speed") { Description = "Factory seconds per real second, above 0 to 100000.", DefaultValueFactory = _ => 1 };
    private readonly Option<string?> _origin = new("--clock-origin") { Description = "Real instant at which the factory clock shows its start, ISO 8601. Default: now." };

    public ClockFlags AddTo(Command verb)
    {
        foreach (var o in (Option[])[_start, _speed, _origin]) verb.Options.Add(o);
        _start.Validators.Add(r => Check(r, r.GetValueOrDefault<string?>()));
        _origin.Validators.Add(r => Check(r, r.GetValueOrDefault<string?>()));
        _speed.Validators.Add(r =>
        {
            if (r.GetValueOrDefault<double>() is not (> 0 and <= 100_000)) r.AddError("--clock-speed lies above 0 and at most at 100000.");
        });
        return this;

        static void Check(System.CommandLine.Parsing.OptionResult r, string? text)
        {
            if (text is not null && Instant(text) is null) r.AddError($"{r.Option.Name}: '{text}' is not a point in time; write it as 2026-11-02T08:00:00+09:00.");
        }
    }

    public Clocks Read(ParseResult parsed)
    {
        if (parsed.GetValue(_start) is not { } start) return Clocks.Real;
        var origin = parsed.GetValue(_origin) is { } o ? Instant(o)!.Value : TimeProvider.System.GetUtcNow();
        return new(new ScenarioClock(Instant(start)!.Value, parsed.GetValue(_speed), origin, TimeProvider.System), TimeProvider.System);
    }

    private static DateTimeOffset? Instant(string text) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at) ? at : null;
}
