using System.Text;
using Ieum.Model;

namespace Ieum.Connect.Shdr;

/// <summary>Tells a condition from a plain pair. SHDR has no mark for it; the reference agent knows it from its device file, a direct reader must look.</summary>
internal static class ShdrConditions
{
    public static int FieldsOf(ShdrForm form) => form switch
    {
        ShdrForm.Condition => 5,   // level | native code | native severity | qualifier | text
        ShdrForm.TimeSeries => 3,  // count | frequency | values
        ShdrForm.Message => 2,     // native code | text
        _ => 1,
    };

    /// <summary>Looks at the fields after the key. A key seen as a condition once stays one.</summary>
    /// <remarks>
    /// Read as pairs, the third and fifth field would be keys. An empty one proves a condition; when both have text, only
    /// Fault and Warning as the whole rest of the line are taken for one (UNAVAILABLE is the commonest plain value).
    /// </remarks>
    public static ShdrForm FormOf(ShdrKey key, ShdrFields fields)
    {
        if (key.Meaning.Kind != ValueKind.None) return key.Form = ShdrForm.Plain;
        var look = fields;
        look.Next(out var word);
        if (!IsLevel(word, out var isAlarm)) return ShdrForm.Plain;
        var count = fields.Count(6);
        if (count < 4) return ShdrForm.Plain;
        look.Next(out var second);
        look.Next(out _);
        look.Next(out var fourth);
        if (second.IsEmpty || (fourth.IsEmpty && count >= 5) || (count == 5 && isAlarm) || count == 4) return key.Form = ShdrForm.Condition;
        return ShdrForm.Plain;
    }

    public static bool IsLevel(ReadOnlySpan<byte> word, out bool isAlarm)
    {
        isAlarm = false;
        word = word.Trim((byte)' ');
        switch (word.Length)
        {
            case 5: return isAlarm = Ascii.EqualsIgnoreCase(word, "fault"u8);
            case 6: return Ascii.EqualsIgnoreCase(word, "normal"u8);
            case 7: return isAlarm = Ascii.EqualsIgnoreCase(word, "warning"u8);
            case 11: return Ascii.EqualsIgnoreCase(word, "unavailable"u8);
            default: return false;
        }
    }

    /// <summary>Keeps the newest report per native code; NORMAL without a code and UNAVAILABLE clear the others, as in the agent.</summary>
    public static void Remember(ShdrKey key, in Sample sample)
    {
        var code = CodeOf(sample);
        if (code.Length == 0) key.Active = null;
        else if ((key.Active ??= new(StringComparer.Ordinal)).Count < 1000 || key.Active.ContainsKey(code)) key.Active[code] = sample;
    }

    public static bool TryRecall(ShdrKey key, in Sample sample, out Sample last)
    {
        last = default;
        return key.Active is not null && key.Active.TryGetValue(CodeOf(sample), out last);
    }

    private static string CodeOf(in Sample sample) => ConditionReport.TryParse(sample.Value.Text, out var report) ? report.Code : "";
}
