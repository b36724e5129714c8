using System.Globalization;
using System.Text.RegularExpressions;
using Ieum.Node.Ui;
using Ieum.TestKit;

namespace Ieum.Ui.Tests;

public sealed partial class TextTests
{
    // Names, abbreviations and formats that are the same in every language.
    private static readonly HashSet<string> SameEverywhere = ["OEE", "OK"];

    [Fact]
    public void Every_text_has_the_same_places_in_the_three_languages()
    {
        foreach (var t in TextCatalogue.All.Values)
        {
            Assert.True(Places(t.Ko) == Places(t.En), $"{t.Key}: ko {Places(t.Ko)}, en {Places(t.En)}");
            Assert.True(Places(t.Ja) == Places(t.En), $"{t.Key}: ja {Places(t.Ja)}, en {Places(t.En)}");
        }
    }

    [Fact]
    public void Korean_and_Japanese_are_translated_and_not_copied()
    {
        var copied = TextCatalogue.All.Values.Where(t => !SameEverywhere.Contains(t.En) && (!Hangul().IsMatch(t.Ko) || !JapaneseLetters().IsMatch(t.Ja)));
        Assert.Empty(copied.Select(t => t.Key));
        Assert.Empty(TextCatalogue.All.Values.Where(t => Hangul().IsMatch(t.Ja) || Hangul().IsMatch(t.En) || Kana().IsMatch(t.Ko)).Select(t => t.Key));
    }

    [Fact]
    public void Words_that_look_down_on_suppliers_stand_nowhere() =>
        Assert.Empty(TextCatalogue.All.Values.Where(t => t.Ko.Contains("하청", StringComparison.Ordinal) || t.Ja.Contains("下請", StringComparison.Ordinal)).Select(t => t.Key));

    [Fact]
    public void Every_key_that_a_page_uses_is_written()
    {
        var missing = from file in Directory.EnumerateFiles(Path.Combine(Needs.Repository, "src", "Ieum.Node", "Ui"), "*.*", SearchOption.AllDirectories)
                      where file.EndsWith(".razor", StringComparison.Ordinal) || file.EndsWith(".cs", StringComparison.Ordinal)
                      from Match m in UsedKey().Matches(File.ReadAllText(file))
                      let key = m.Groups[1].Value
                      where !TextCatalogue.All.ContainsKey(key)
                      select $"{Path.GetFileName(file)}: {key}";
        Assert.Empty(missing.Distinct());
    }

    [Fact]
    public void Every_broken_rule_of_every_room_has_a_text()
    {
        var rooms = Directory.EnumerateFiles(AppContext.BaseDirectory, "*.dll").Where(f => Path.GetFileName(f).StartsWith("Ieum.", StringComparison.Ordinal) || Path.GetFileName(f) == "ieum.dll")
            .Where(f => !Path.GetFileName(f).Contains("Test", StringComparison.Ordinal)).Select(System.Reflection.Assembly.LoadFrom);
        var rules = from room in rooms from type in room.GetTypes() where type.Name.EndsWith("Rules", StringComparison.Ordinal)
                    let all = type.GetProperty("All", System.Reflection.BindingFlags.Static | System.Reflection.BindingFlags.Public)?.GetValue(null) as IReadOnlyDictionary<string, string>
                    where all is not null
                    from id in all.Keys select id;
        var missing = rules.Distinct().Where(id => !TextCatalogue.All.ContainsKey($"rule.{id}")).ToList();
        Assert.True(missing.Count == 0, "No text for " + string.Join(", ", missing));
    }

    [Fact]
    public void Every_sentence_of_the_loop_ledger_has_a_text_with_its_figures_in_the_same_places() =>
        Assert.All(Ieum.Act.LoopTexts.All, s => Assert.Equal(Places(s.Value), Places(TextCatalogue.All[$"loop.{s.Key}"].En)));

    [Fact]
    public void A_sentence_of_the_ledger_is_said_in_the_readers_language_and_a_plain_one_stays()
    {
        var ja = new Texts(CultureInfo.GetCultureInfo("ja"));
        Assert.Equal("計画にない新しい注文 13件", LoopWords.Sentence("finding-new-orders|13", ja));
        Assert.Equal("Checked by hand", LoopWords.Sentence("Checked by hand", ja));
        Assert.Equal(("自律化レベル 4", "kim"), (LoopWords.By("level 4", ja), LoopWords.By("kim", ja)));
    }

    [Theory]
    [InlineData("ko", 12000, "3시간 20분")]
    [InlineData("ja", 12000, "3時間20分")]
    [InlineData("en", 12000, "3 h 20 min")]
    [InlineData("en", 45, "45 s")]
    [InlineData("en", 93600 * 2, "2 d 4 h")]   // 52 h
    public void Spans_are_said_in_their_two_largest_parts(string language, int seconds, string expected) =>
        Assert.Equal(expected, new Texts(CultureInfo.GetCultureInfo(language)).Span(TimeSpan.FromSeconds(seconds)));

    [Fact]
    public void A_due_date_is_relative_and_in_factory_time()
    {
        var t = new Texts(CultureInfo.GetCultureInfo("en"));
        var now = new DateTimeOffset(2026, 11, 24, 4, 0, 0, TimeSpan.Zero);
        Assert.Equal("in 3 h 20 min", t.Relative(now.AddMinutes(200), now));
        Assert.Equal("14 s ago", t.Relative(now.AddSeconds(-14), now));
        Assert.Equal("13:00", t.Clock(now));   // 04:00 UTC is 13:00 at +09:00
    }

    private static string Places(string text) => string.Join(",", Place().Matches(text).Select(m => m.Groups[1].Value).Distinct().Order());

    [GeneratedRegex(@"\{(\d+)[^}]*\}")] private static partial Regex Place();
    [GeneratedRegex(@"\p{IsHangulSyllables}")] private static partial Regex Hangul();
    [GeneratedRegex(@"[\p{IsHiragana}\p{IsKatakana}]")] private static partial Regex Kana();
    [GeneratedRegex(@"[\p{IsHiragana}\p{IsKatakana}\p{IsCJKUnifiedIdeographs}]")] private static partial Regex JapaneseLetters();
    [GeneratedRegex(@"T(?:\.Text)?\[""([a-z][\w.-]*)""[,\]]")] private static partial Regex UsedKey();
}
