using System.Text;
using System.Text.Unicode;
using Ieum.Model;

namespace Ieum.Connect.Shdr;

/// <summary>Makes samples of field bytes and registers signals as their kind becomes known.</summary>
internal sealed class ShdrValues(ConnectionSettings settings, ISignalDirectory signals, IShdrEffects effects)
{
    private const int MostWords = 4096, LongestWord = 64;
    private readonly Dictionary<byte[], string> _words = new(Bytes.Comparer);
    private byte[] _joined = new byte[512];

    /// <summary>A plain value: a number where the text is one and the key is no name, else text. UNAVAILABLE and empty measurements are kept without a value.</summary>
    public bool TryRead(ShdrKey key, ReadOnlySpan<byte> bytes, long ticks, long receiveTicks, out Sample sample)
    {
        var quality = Quality.Good;
        SampleValue value;
        var wanted = key.Meaning.Kind;
        var isNumeric = wanted is ValueKind.Real or ValueKind.Integer || (wanted == ValueKind.None && key.Kind is ValueKind.Real or ValueKind.Integer);
        sample = default;
        if (wanted != ValueKind.Text && WireNumber.TryParse(bytes.Trim((byte)' '), out var number))
        {
            var whole = 0L;
            var isWhole = wanted == ValueKind.Integer && WireNumber.TryParseWhole(bytes.Trim((byte)' '), out whole);
            value = isWhole ? SampleValue.Of(whole) : SampleValue.Of(number);
            Register(key, isWhole ? ValueKind.Integer : ValueKind.Real);
        }
        else if (Ascii.EqualsIgnoreCase(bytes, "UNAVAILABLE"u8))
        {
            quality = Quality.Unavailable;
            value = isNumeric ? SampleValue.None : SampleValue.Of("UNAVAILABLE");
            Register(key, isNumeric ? (wanted == ValueKind.None ? key.Kind : wanted) : ValueKind.Text);
        }
        else if (wanted != ValueKind.Text && WireNumber.IsNotFinite(bytes, out number))
        {
            quality = Quality.Bad;
            value = SampleValue.Of(number);
            Register(key, ValueKind.Real);
            effects.Problem(ShdrRules.NotANumber, $"Adapter '{settings.Endpoint}': '{key.Name}' is {ShdrSession.Excerpt(bytes)}. The value is kept and marked bad; check the sensor.", 0);
        }
        else if (bytes.IsEmpty && isNumeric)
        {
            quality = Quality.Unavailable;
            value = SampleValue.None;
            Register(key, key.Kind);
        }
        else
        {
            if (!TryText(key, bytes, out var text)) return false;
            value = SampleValue.Of(text);
            Register(key, isNumeric ? ValueKind.Real : ValueKind.Text);
        }
        sample = new(key.Number, ticks, receiveTicks, value, quality);
        return true;
    }

    /// <summary>A condition, message or time series: its fields joined by '|', as they came.</summary>
    public bool TryReadCompound(ShdrKey key, ShdrForm form, ref ShdrFields fields, long ticks, long receiveTicks, out Sample sample)
    {
        sample = default;
        var most = ShdrConditions.FieldsOf(form);
        var length = 0;
        var isUnavailable = false;
        for (var i = 0; i < most; i++)
        {
            if (!fields.Next(out var field)) field = default;
            if (i == 0 && form == ShdrForm.Condition && !ShdrConditions.IsLevel(field, out _))
            {
                effects.Problem(ShdrRules.LineUnreadable, $"Adapter '{settings.Endpoint}': condition '{key.Name}' has the level '{ShdrSession.Excerpt(field)}'; known: NORMAL, WARNING, FAULT, UNAVAILABLE.", 1);
                while (fields.Next(out _)) { }
                return false;
            }
            if (i == 0) isUnavailable = Ascii.EqualsIgnoreCase(field.Trim((byte)' '), "UNAVAILABLE"u8);
            if (length + field.Length + 1 > _joined.Length) Array.Resize(ref _joined, (length + field.Length + 1) * 2);
            if (i > 0) _joined[length++] = (byte)'|';
            field.CopyTo(_joined.AsSpan(length));
            if (i == 0 && form == ShdrForm.Condition) Ascii.ToUpperInPlace(_joined.AsSpan(length, field.Length), out _);
            length += field.Length;
        }
        if (!TryText(key, _joined.AsSpan(0, length), out var text)) return false;
        Register(key, ValueKind.Text, form);
        sample = new(key.Number, ticks, receiveTicks, SampleValue.Of(text), isUnavailable ? Quality.Unavailable : Quality.Good);
        return true;
    }

    private bool TryText(ShdrKey key, ReadOnlySpan<byte> bytes, out string text)
    {
        if (bytes.SequenceEqual(key.LastBytes) && (bytes.Length > 0 || key.LastText.Length == 0))
        {
            text = key.LastText;
            return true;
        }
        var words = _words.GetAlternateLookup<ReadOnlySpan<byte>>();
        if (bytes.Length > LongestWord || !words.TryGetValue(bytes, out var known))
        {
            if (!Utf8.IsValid(bytes))
            {
                text = "";
                effects.Problem(ShdrRules.TextEncoding, $"Adapter '{settings.Endpoint}': '{key.Name}' is '{ShdrSession.Excerpt(bytes)}', which is not UTF-8. Set the option encoding=cp949 or encoding=shift_jis if the controller writes that.", 1);
                return false;
            }
            known = Encoding.UTF8.GetString(bytes);
            if (bytes.Length <= LongestWord && _words.Count < MostWords) _words[bytes.ToArray()] = known;
        }
        (key.LastBytes, key.LastText) = (bytes.ToArray(), known);
        text = known;
        return true;
    }

    private void Register(ShdrKey key, ValueKind kind, ShdrForm form = ShdrForm.Plain)
    {
        // A key that once had a number is a measurement, whatever single text follows.
        if (key.Number.Value > 0 && (key.Kind == kind || kind == ValueKind.Text || (key.Kind == ValueKind.Real && kind == ValueKind.Integer))
            && (form != ShdrForm.Condition || key.Form == form && key.RegisteredForm == form)) return;
        var role = form == ShdrForm.Condition ? SignalRole.Condition : key.Meaning.Role;
        (key.Kind, key.RegisteredForm) = (kind, form);
        key.Number = signals.Register(new(new(settings.Machine, key.Name), key.Meaning.Unit, kind, role));
    }
}
