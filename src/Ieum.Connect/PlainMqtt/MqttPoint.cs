using Ieum.Model;

namespace Ieum.Connect.PlainMqtt;

/// <summary>What the payload of a point is taken for.</summary>
internal enum PayloadKind : byte
{
    /// <summary>What it looks like: a number, with or without a unit, a truth value, else a text.</summary>
    Auto = 0,
    Number = 1,
    /// <summary>true, false, on, off, 1, 0.</summary>
    Bool = 2,
    Text = 3,
}

/// <summary>One point of the connection, ready to be used.</summary>
internal sealed record MqttPoint(PointSettings Settings, MqttAddress Address, PayloadKind Kind)
{
    private readonly double _divisor = DivisorOf(Settings.Scale);

    /// <exception cref="ConnectionSettingsException">Address or type cannot be used.</exception>
    public static MqttPoint Read(ConnectionSettings settings, PointSettings p)
    {
        if (!MqttAddress.TryParse(p.Address.Trim(), out var address)) throw Wrong($"the address is not {MqttAddress.Form}");
        var kind = p.Type.Trim() switch
        {
            "" when p.Role is SignalRole.LampRed or SignalRole.LampAmber or SignalRole.LampGreen or SignalRole.LampBlue or SignalRole.Buzzer
                or SignalRole.InCycle => PayloadKind.Bool,
            "" when p.Role is SignalRole.Current or SignalRole.PartCount => PayloadKind.Number,
            "" => PayloadKind.Auto,
            "number" => PayloadKind.Number,
            "bool" => PayloadKind.Bool,
            "text" => PayloadKind.Text,
            _ => throw Wrong($"type '{p.Type}' is not known; known: number, bool, text, or nothing"),
        };
        if (kind is PayloadKind.Bool or PayloadKind.Text && (p.Scale != 1 || p.Offset != 0)) throw Wrong($"a {p.Type} cannot be scaled; leave scale at 1 and offset at 0");
        return new(p, address!, kind);

        ConnectionSettingsException Wrong(string why) => new(ConnectRules.PointWrong,
            $"Connection '{settings.Source}' (mqtt): point '{p.Name}' at '{p.Address}': {why}.");
    }

    /// <summary>The name of the signal a topic leads to: each <c>+</c> of the name is what the wildcard stood for; a name without <c>+</c> gets it added.</summary>
    public string NameFor(IReadOnlyList<string> taken)
    {
        if (taken.Count == 0) return Settings.Name;
        var levels = Settings.Name.Split('/');
        var used = 0;
        for (var i = 0; i < levels.Length; i++)
            if (levels[i] == "+" && used < taken.Count) levels[i] = taken[used++];
        return used > 0 ? string.Join('/', levels) : Settings.Name + "/" + string.Join('/', taken);
    }

    /// <summary>Value = raw × scale + offset, words put in.</summary>
    public SampleValue Finish(in SampleValue raw, out Quality quality)
    {
        quality = Quality.Good;
        if (Settings.Words.Count > 0 && (Settings.Words.TryGetValue(raw.ToString(), out var word)
            || (raw.Kind == ValueKind.Boolean && Settings.Words.TryGetValue(raw.Boolean ? "1" : "0", out word))))
        {
            if (word == "UNAVAILABLE") quality = Quality.Unavailable;
            return SampleValue.Of(word);
        }
        if (raw.Kind is not (ValueKind.Real or ValueKind.Integer) || (Settings.Scale == 1 && Settings.Offset == 0)) return raw;
        var value = (_divisor == 0 ? raw.Number * Settings.Scale : raw.Number / _divisor) + Settings.Offset;
        if (!double.IsFinite(value)) quality = Quality.Bad;
        return SampleValue.Of(value);
    }

    public Signal SignalOf(MachineId machine, string name, ValueKind seen) => new(new(machine, name),
        Unit.TryFind(Settings.Unit, out var unit) ? unit : Unit.One,
        Settings.Words.Count > 0 ? ValueKind.Text : seen, Settings.Role, Settings.Description);

    // 123 × 0.1 is 12.3000…01, 123 ÷ 10 is 12.3: scales that are one over a whole number divide.
    private static double DivisorOf(double scale)
    {
        var inverse = 1 / scale;
        return Math.Abs(scale) < 1 && Math.Abs(inverse - Math.Round(inverse)) < 1e-9 * Math.Abs(inverse) ? Math.Round(inverse) : 0;
    }
}
