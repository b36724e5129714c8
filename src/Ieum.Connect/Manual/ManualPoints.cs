using System.Collections.Immutable;
using System.Globalization;
using Ieum.Model;

namespace Ieum.Connect.Manual;

/// <summary>Reads the points of a manual connection, and entries for them.</summary>
internal static class ManualPoints
{
    private const string Form = "number, text, count, choice:WORD|WORD…, state or state:REASON|REASON…";
    private static readonly long Earliest = new DateTime(1990, 1, 1, 0, 0, 0, DateTimeKind.Utc).Ticks;

    /// <exception cref="ConnectionSettingsException">An option or a point cannot be used.</exception>
    public static ImmutableArray<ManualPoint> Read(ConnectionSettings settings)
    {
        new OptionReader(settings).Finish();
        return [.. settings.Points.Select(p => Of(p) ?? throw new ConnectionSettingsException(ConnectRules.PointWrong,
            $"Connection '{settings.Source}' (manual): point '{p.Name}' at '{p.Address}': the address is not {Form}."))];
    }

    /// <summary>The signals an entry of the point becomes: its value, and of a state the reason.</summary>
    public static IEnumerable<Signal> SignalsOf(MachineId machine, PointSettings p, ManualPoint point)
    {
        var unit = Unit.TryFind(p.Unit, out var known) ? known : point.Kind == ManualKind.Count ? Unit.Piece : Unit.One;
        var (kind, role) = point.Kind switch
        {
            ManualKind.Number => (ValueKind.Real, p.Role),
            ManualKind.Count => (ValueKind.Integer, p.Role == SignalRole.None ? SignalRole.PartCount : p.Role),
            ManualKind.State => (ValueKind.Text, p.Role == SignalRole.None ? SignalRole.Execution : p.Role),
            _ => (ValueKind.Text, p.Role),
        };
        yield return new(new(machine, p.Name), unit, kind, role, p.Description);
        if (point.Kind == ManualKind.State) yield return new(new(machine, ReasonOf(p.Name)), Unit.One, ValueKind.Text);
    }

    public static string ReasonOf(string name) => name + "/reason";

    /// <summary>The value of an entry; false with why not.</summary>
    public static bool TryRead(ManualPoint point, PointSettings settings, ManualEntry entry, DateTimeOffset now, out SampleValue value, out string rule, out string why)
    {
        (value, rule, why) = (SampleValue.None, ManualRules.ValueWrong, "");
        if (entry.At.UtcTicks < Earliest || entry.At > now.AddDays(1)) return No(ManualRules.TimeWrong, $"{entry.At:u} cannot be the time of an entry; set the clock of the phone.", ref rule, out why);
        var text = entry.Value.Trim();
        if (text.Length is 0 or > 500 || text.Any(char.IsControl)) return No(rule, "one line of 1 to 500 characters is expected.", ref rule, out why);
        switch (point.Kind)
        {
            case ManualKind.Number:
                // A phone set to a country with a decimal comma types one.
                if (!double.TryParse(text.Replace(',', '.'), NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) || !double.IsFinite(number))
                    return No(rule, $"'{text}' is not a number.", ref rule, out why);
                value = SampleValue.Of(number * settings.Scale + settings.Offset);
                return true;
            case ManualKind.Count:
                if (!long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var count) || count > 1_000_000_000) return No(rule, $"'{text}' is not a count from 0 to 1,000,000,000.", ref rule, out why);
                value = SampleValue.Of(count);
                return true;
            case ManualKind.State:
                if (text is not ("running" or "stopped")) return No(rule, $"'{text}' is neither running nor stopped.", ref rule, out why);
                if (entry.Reason is { } reason && !point.Choices.Contains(reason)) return No(rule, $"'{reason}' is not one of the reasons {string.Join(", ", point.Choices)}.", ref rule, out why);
                value = SampleValue.Of(text == "running" ? "ACTIVE" : "STOPPED");
                return true;
            case ManualKind.Choice when !point.Choices.Contains(text):
                return No(rule, $"'{text}' is not one of {string.Join(", ", point.Choices)}.", ref rule, out why);
            default:
                value = SampleValue.Of(settings.Words.TryGetValue(text, out var word) ? word : text);
                return true;
        }

        static bool No(string broken, string reason, ref string rule, out string why)
        {
            (rule, why) = (broken, reason);
            return false;
        }
    }

    private static ManualPoint? Of(PointSettings p)
    {
        var colon = p.Address.IndexOf(':', StringComparison.Ordinal);
        var (word, rest) = colon < 0 ? (p.Address.Trim(), "") : (p.Address[..colon].Trim(), p.Address[(colon + 1)..]);
        ImmutableArray<string> choices = [.. rest.Split('|', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)];
        ManualKind? kind = word switch
        {
            "number" when colon < 0 => ManualKind.Number,
            "text" when colon < 0 => ManualKind.Text,
            "count" when colon < 0 => ManualKind.Count,
            "choice" when choices.Length > 0 => ManualKind.Choice,
            "state" => ManualKind.State,
            _ => null,
        };
        return kind is null ? null : new(p.Name, kind.Value, choices, Unit.TryFind(p.Unit, out var unit) ? unit.Symbol : "", p.Description);
    }
}
