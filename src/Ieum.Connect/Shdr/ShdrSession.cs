using System.Text;
using Ieum.Model;

namespace Ieum.Connect.Shdr;

/// <summary>What a line leads to. The source carries it out; tests write it down.</summary>
internal interface IShdrEffects
{
    void Sample(in Sample sample);

    /// <summary>A broken rule; <paramref name="rejected"/> samples were lost to it.</summary>
    void Problem(string rule, string message, int rejected);

    /// <summary>The adapter answers PING and wants one every <paramref name="interval"/>.</summary>
    void Pong(TimeSpan interval);
}

/// <summary>The meaning of the lines of one adapter: keys, conditions, assets, repeated values after a reconnect. No I/O, no clock.</summary>
/// <remarks>The state changes in place instead of being copied: at 200,000 samples a second a copy per line would be the whole cost.</remarks>
internal sealed class ShdrSession(ConnectionSettings settings, ShdrOptions options, ISignalDirectory signals, IShdrEffects effects)
{
    /// <summary>A multi-line asset may have as many lines; a tool has about fifty.</summary>
    public const int LongestAsset = 10_000;

    private static readonly long Earliest = new DateTime(1990, 1, 1, 0, 0, 0, DateTimeKind.Utc).Ticks;

    private readonly ShdrKeys _keys = new(options);
    private readonly ShdrValues _values = new(settings, signals, effects);
    private byte[]? _assetEnd;
    private int _assetLines;

    /// <summary>Assets skipped since the start: documents, updates and removals.</summary>
    public long Assets { get; private set; }

    /// <summary>Values re-sent on reconnect and therefore not counted again.</summary>
    public long Repeated { get; private set; }

    /// <summary>Samples of other devices of the adapter, left out by the option <c>device</c>.</summary>
    public long Foreign { get; private set; }

    /// <summary>The adapter's <c>* shdrVersion</c>; null when it never said.</summary>
    public string? Version { get; private set; }

    /// <summary>Newest source time since it was set to 0; for the clock skew.</summary>
    public long NewestTicks { get; set; }

    /// <summary>Samples are marked uncertain: the adapter's clock is too far off.</summary>
    public bool IsUncertain { get; set; }

    /// <summary>A new connection: the adapter will first send its whole state, of which only changes are new.</summary>
    public void Connected()
    {
        _assetEnd = null;
        foreach (var key in _keys.All) key.AwaitsDump = key.Number.Value > 0;
    }

    public void Take(ReadOnlySpan<byte> bytes, long receiveTicks)
    {
        if (options.Encoding is { } encoding && System.Text.Ascii.IsValid(bytes) is false) bytes = Encoding.UTF8.GetBytes(encoding.GetString(bytes));
        if (_assetEnd is not null)
        {
            SkipAsset(bytes);
            return;
        }
        var line = ShdrLine.Decode(bytes);
        switch (line.Kind)
        {
            case ShdrLineKind.Data: TakeFields(line, bytes, receiveTicks); break;
            case ShdrLineKind.Command: TakeCommand(line.Rest); break;
            case ShdrLineKind.Unreadable: Refuse(line.Rule!, bytes, "Check that the port belongs to an SHDR adapter (usually 7878)."); break;
        }
    }

    private void TakeCommand(ReadOnlySpan<byte> command)
    {
        if (command.StartsWith("PONG"u8))
        {
            effects.Pong(WireNumber.TryParseWhole(command[4..].Trim((byte)' '), out var ms) && ms is > 0 and <= 3_600_000
                ? TimeSpan.FromMilliseconds(ms) : TimeSpan.FromSeconds(10));
        }
        else if (command.StartsWith("shdrVersion:"u8)) Version = Encoding.UTF8.GetString(command["shdrVersion:"u8.Length..].Trim((byte)' '));
    }

    private void TakeFields(ShdrLine line, ReadOnlySpan<byte> bytes, long receiveTicks)
    {
        var hasTime = line.Ticks != 0 && !options.UseReceiveTime;
        var ticks = hasTime ? line.Ticks : receiveTicks;
        var inRange = ticks >= Earliest && ticks <= receiveTicks + TimeSpan.TicksPerDay;
        var fields = new ShdrFields(line.Rest);
        while (fields.Next(out var name))
        {
            name = name.Trim((byte)' ');
            if (name.Length > 0 && name[0] == '@')
            {
                TakeAsset(name, fields.Rest);
                return;
            }
            if (name.IsEmpty && fields.Ended) return;
            if (!_keys.TryFind(name, out var key))
            {
                if (_keys.Add(name, out key) is { } rule)
                {
                    Refuse(rule, bytes, rule == ShdrRules.TooManyKeys ? $"More than {options.MaxKeys} keys; raise the option 'max-keys' if the machine really has them." : "The field was skipped.");
                    fields.Next(out _);
                    continue;
                }
            }
            if (fields.Ended)
            {
                Refuse(ShdrRules.ValueMissing, bytes, $"The key '{key!.Name}' has no value.");
                return;
            }
            TakeValue(key!, ref fields, ticks, receiveTicks, hasTime, inRange, bytes);
        }
    }

    private void TakeValue(ShdrKey key, ref ShdrFields fields, long ticks, long receiveTicks, bool hasTime, bool inRange, ReadOnlySpan<byte> line)
    {
        var form = key.Form is ShdrForm.Plain or ShdrForm.Unknown ? ShdrConditions.FormOf(key, fields) : key.Form;
        if (key.IsForeign)
        {
            for (var skip = ShdrConditions.FieldsOf(form); skip > 0 && fields.Next(out _); skip--) { }
            Foreign++;
            return;
        }
        Sample sample;
        if (form == ShdrForm.Plain)
        {
            fields.Next(out var value);
            if (!_values.TryRead(key, value, ticks, receiveTicks, out sample)) return;
        }
        else if (!_values.TryReadCompound(key, form, ref fields, ticks, receiveTicks, out sample)) return;
        if (!inRange)
        {
            effects.Problem(ConnectRules.TimeOutOfRange, $"Adapter '{settings.Endpoint}': {Excerpt(line)} has a time before 1990 or more than a day ahead. Set the adapter's clock, or the option time=receive.", 1);
            return;
        }
        if (hasTime && ticks > NewestTicks) NewestTicks = ticks;
        if (key.AwaitsDump && IsRepeated(key, sample, hasTime))
        {
            Repeated++;
            return;
        }
        key.AwaitsDump = false;
        (key.Last, key.HadTime) = (sample, hasTime);
        if (form == ShdrForm.Condition) ShdrConditions.Remember(key, sample);
        effects.Sample(IsUncertain && sample.Quality == Quality.Good ? sample with { Quality = Quality.Uncertain } : sample);
    }

    /// <summary>After a reconnect: the same value with the same time, or the same value from an adapter that sends no times.</summary>
    private static bool IsRepeated(ShdrKey key, in Sample sample, bool hasTime)
    {
        var last = key.Last;
        if (key.Form == ShdrForm.Condition && key.Active is not null && ShdrConditions.TryRecall(key, sample, out var report)) last = report;
        return last.Value == sample.Value && (hasTime ? key.HadTime && last.SourceTicks == sample.SourceTicks : !key.HadTime);
    }

    private void TakeAsset(ReadOnlySpan<byte> command, ReadOnlySpan<byte> rest)
    {
        Assets++;
        var mark = rest.LastIndexOf("--multiline--"u8);
        if (!command.SequenceEqual("@ASSET@"u8) && !command.SequenceEqual("@UPDATE_ASSET@"u8)) return;
        if (mark >= 0 && (mark == 0 || rest[mark - 1] == '|') && rest[mark..].IndexOf((byte)'|') < 0)
            (_assetEnd, _assetLines) = (rest[mark..].TrimEnd((byte)' ').ToArray(), 0);
    }

    private void SkipAsset(ReadOnlySpan<byte> line)
    {
        if (line.TrimEnd((byte)' ').SequenceEqual(_assetEnd)) _assetEnd = null;
        else if (++_assetLines > LongestAsset)
        {
            effects.Problem(ShdrRules.AssetUnended, $"Adapter '{settings.Endpoint}': an asset without its end mark '{Excerpt(_assetEnd)}' after {LongestAsset} lines; the block was given up. Update the adapter.", 0);
            _assetEnd = null;
        }
    }

    private void Refuse(string rule, ReadOnlySpan<byte> line, string remedy) =>
        effects.Problem(rule, $"Adapter '{settings.Endpoint}' sent '{Excerpt(line)}'. {ShdrRules.All[rule]} {remedy}", 1);

    /// <summary>The first 80 bytes, with what cannot be printed as '?'.</summary>
    internal static string Excerpt(ReadOnlySpan<byte> bytes)
    {
        var text = Encoding.UTF8.GetString(bytes[..Math.Min(80, bytes.Length)]);
        return string.Create(text.Length, text, (span, t) =>
        {
            for (var i = 0; i < span.Length; i++) span[i] = char.IsControl(t[i]) || t[i] == '\uFFFD' ? '?' : t[i];
        });
    }
}
