using System.Text;
using Ieum.Connect;
using Ieum.Connect.Shdr;
using Ieum.Model;

namespace Ieum.Tests.Connect.Shdr;

public class ShdrSessionTests
{
    private const string T = "2026-03-02T08:59:59.000Z";

    [Fact]
    public void A_line_with_several_pairs_gives_one_sample_each_with_the_time_of_the_line()
    {
        var h = new ShdrHarness().Take($"{T}|execution|ACTIVE|Xabs|-12.5|PartCountAct|17|program|100");
        Assert.Equal(["execution=ACTIVE", "Xabs=-12.5", "PartCountAct=17", "program=100"], h.Pairs);
        Assert.All(h.Samples, s => Assert.Equal(ShdrHarness.Now.AddSeconds(-1), s.SourceTime));
        Assert.Equal([ValueKind.Text, ValueKind.Real, ValueKind.Integer, ValueKind.Text], h.Samples.Select(s => s.Value.Kind));
        Assert.Equal([SignalRole.Execution, SignalRole.Position, SignalRole.PartCount, SignalRole.Program], h.Samples.Select(s => h.SignalOf(s).Role));
        Assert.Equal(["C62", "MMT", "H87", "C62"], h.Samples.Select(s => h.SignalOf(s).Unit.Code));
    }

    [Fact]
    public void UNAVAILABLE_is_kept_as_a_word_for_states_and_as_no_value_for_measurements()
    {
        var h = new ShdrHarness().Take($"{T}|execution|UNAVAILABLE|Xabs|UNAVAILABLE");
        Assert.All(h.Samples, s => Assert.Equal(Quality.Unavailable, s.Quality));
        Assert.Equal(["UNAVAILABLE", null], h.Samples.Select(s => s.Value.Text));
        Assert.Equal(ValueKind.Real, h.SignalOf(h.Samples[1]).Kind);
    }

    [Theory]
    [InlineData("system_cond|Fault|1102|||INTERFERE", "FAULT|1102|||INTERFERE")]
    [InlineData("servo_cond|Normal||||", "NORMAL||||")]
    [InlineData("Xtravel|Unavailable||||", "UNAVAILABLE||||")]
    [InlineData("system|FAULT|1102|100|HIGH|과부하", "FAULT|1102|100|HIGH|과부하")]       // every field filled
    public void A_level_word_before_four_fields_makes_a_condition(string line, string expected)
    {
        var h = new ShdrHarness().Take($"{T}|{line}");
        var sample = Assert.Single(h.Samples);
        Assert.Equal(expected, sample.Value.Text);
        Assert.Equal(SignalRole.Condition, h.SignalOf(sample).Role);
        Assert.True(ConditionReport.TryParse(sample.Value.Text, out _));
    }

    [Fact]
    public void Pairs_whose_values_are_UNAVAILABLE_are_not_taken_for_a_condition()
    {
        var h = new ShdrHarness().Take($"{T}|p1PalletID|UNAVAILABLE|lamp|NORMAL|door|CLOSED", $"{T}|chuck|UNAVAILABLE|lamp|NORMAL|door|");
        Assert.Equal(["p1PalletID=UNAVAILABLE", "lamp=NORMAL", "door=CLOSED", "chuck=UNAVAILABLE", "lamp=NORMAL", "door="], h.Pairs);
    }

    [Fact]
    public void A_key_named_in_the_options_is_a_condition_whatever_follows()
    {
        var h = new ShdrHarness(("conditions", "alarm")).Take($"{T}|alarm|NORMAL|a|b|c|d|Xabs|1");
        Assert.Equal(["alarm=NORMAL|a|b|c|d", "Xabs=1"], h.Pairs);
    }

    [Fact]
    public void Role_and_unit_can_be_set_per_key()
    {
        var h = new ShdrHarness(("role.D100", "PartCount"), ("unit.oil", "CEL")).Take($"{T}|D100|8|oil|41.25");
        Assert.Equal((SignalRole.PartCount, ValueKind.Integer), (h.SignalOf(h.Samples[0]).Role, h.SignalOf(h.Samples[0]).Kind));
        Assert.Equal("CEL", h.SignalOf(h.Samples[1]).Unit.Code);
    }

    [Fact]
    public void A_line_without_time_takes_the_receive_time_and_a_duration_is_passed_over()
    {
        var h = new ShdrHarness().Take("|Xabs|1", "Xabs|2", $"{T}@12.5|Xabs|3");
        Assert.Equal([ShdrHarness.Now, ShdrHarness.Now, ShdrHarness.Now.AddSeconds(-1)], h.Samples.Select(s => s.SourceTime));
    }

    [Fact]
    public void An_escaped_bar_inside_quotes_belongs_to_the_text_and_plain_quotes_stay()
    {
        var h = new ShdrHarness().Take($$"""{{T}}|message|"oil \| air low"|comment|"A"|path|C:\|Xabs|1""");
        Assert.Equal(["message=oil | air low", "comment=\"A\"", @"path=C:\", "Xabs=1"], h.Pairs);
    }

    [Fact]
    public void Assets_are_skipped_and_counted_also_over_many_lines()
    {
        var h = new ShdrHarness().Take(
            $"{T}|@ASSET@|T1|CuttingTool|<CuttingTool/>", $"{T}|@REMOVE_ALL_ASSETS@|CuttingTool",
            $"{T}|@ASSET@|T2|CuttingTool|--multiline--ABCD", "<CuttingTool>", $"{T}|Xabs|99", "</CuttingTool>", "--multiline--ABCD",
            $"{T}|Xabs|1");
        Assert.Equal(["Xabs=1"], h.Pairs);
        Assert.Equal(3, h.Session.Assets);
        Assert.Empty(h.Problems);
    }

    [Fact]
    public void An_asset_that_never_ends_is_given_up_and_told()
    {
        var h = new ShdrHarness().Take($"{T}|@ASSET@|T2|CuttingTool|--multiline--ABCD");
        for (var i = 0; i <= ShdrSession.LongestAsset; i++) h.Take("<x/>");
        h.Take($"{T}|Xabs|1");
        Assert.Equal([ShdrRules.AssetUnended], h.Problems.Select(p => p.Rule));
        Assert.Equal(["Xabs=1"], h.Pairs);
    }

    [Theory]
    [InlineData("GET / HTTP/1.1", ShdrRules.LineUnreadable)]
    [InlineData("2026-99-02T08:59:59Z|Xabs|1", ShdrRules.TimeUnreadable)]
    [InlineData("1989-12-31T23:59:59Z|Xabs|1", ConnectRules.TimeOutOfRange)]
    [InlineData("2026-03-03T09:00:01Z|Xabs|1", ConnectRules.TimeOutOfRange)]             // one second more than a day ahead
    [InlineData("2026-03-02T08:59:59Z|Xabs", ShdrRules.ValueMissing)]
    [InlineData("2026-03-02T08:59:59Z||1|x", ShdrRules.KeyWrong)]
    public void A_broken_line_costs_one_sample_is_told_and_stops_nothing(string line, string rule)
    {
        var h = new ShdrHarness().Take(line);
        Assert.Contains(h.Problems, p => p.Rule == rule && p.Rejected == 1);
        var before = h.Samples.Count;
        h.Take($"{T}|Yabs|1");
        Assert.Equal(before + 1, h.Samples.Count);
    }

    [Fact]
    public void A_day_ahead_to_the_tick_is_still_taken()
    {
        var h = new ShdrHarness().Take("2026-03-03T09:00:00Z|Xabs|1");
        Assert.Single(h.Samples);
        Assert.Empty(h.Problems);
    }

    [Theory]
    [InlineData("NaN", double.NaN)]
    [InlineData("-INF", double.NegativeInfinity)]
    [InlineData("infinity", double.PositiveInfinity)]
    public void NaN_and_infinity_are_kept_marked_bad_and_told(string text, double expected)
    {
        var h = new ShdrHarness().Take($"{T}|Xabs|{text}");
        Assert.Equal(Quality.Bad, h.Samples[0].Quality);
        Assert.Equal(expected, h.Samples[0].Value.Number);
        Assert.Equal([(ShdrRules.NotANumber, 0)], h.Problems.Select(p => (p.Rule, p.Rejected)));
    }

    [Fact]
    public void A_text_in_a_foreign_code_page_is_refused_until_the_option_names_it()
    {
        // 가 in CP949 is B0 A1.
        byte[] line = [.. Encoding.ASCII.GetBytes($"{T}|msg|"), 0xB0, 0xA1, .. "|Xabs|1"u8];
        var plain = new ShdrHarness();
        plain.Session.Take(line, ShdrHarness.Now.UtcTicks);
        Assert.Equal([(ShdrRules.TextEncoding, 1)], plain.Problems.Select(p => (p.Rule, p.Rejected)));
        Assert.Equal(["Xabs=1"], plain.Pairs);

        var told = new ShdrHarness(("encoding", "cp949"));
        told.Session.Take(line, ShdrHarness.Now.UtcTicks);
        Assert.Equal(["msg=가", "Xabs=1"], told.Pairs);
    }

    [Fact]
    public void After_a_reconnect_only_what_changed_counts()
    {
        var h = new ShdrHarness().Take($"{T}|Xabs|1|execution|ACTIVE", $"{T}|servo_cond|Fault|7|||A", $"{T}|servo_cond|Fault|8|||B");
        h.Session.Connected();
        h.Take($"{T}|Xabs|1|execution|ACTIVE", $"{T}|servo_cond|Fault|7|||A", $"{T}|servo_cond|Fault|8|||B");
        Assert.Equal((4, 4), (h.Samples.Count, (int)h.Session.Repeated));
        // The same value with a new time is news; and after that nothing is taken for a repetition any more.
        h.Take("2026-03-02T08:59:59.500Z|Xabs|1", "2026-03-02T08:59:59.500Z|Xabs|1");
        Assert.Equal(6, h.Samples.Count);
    }

    [Fact]
    public void Only_the_device_of_the_option_is_taken_and_its_prefix_is_left_out()
    {
        var h = new ShdrHarness(("device", "M1")).Take($"{T}|M1:Xabs|1|M2:Xabs|2|avail|AVAILABLE");
        Assert.Equal(["Xabs=1", "avail=AVAILABLE"], h.Pairs);
        Assert.Equal(1, h.Session.Foreign);
        Assert.Equal(["M1:Xabs=1", "M2:Xabs=2"], new ShdrHarness().Take($"{T}|M1:Xabs|1|M2:Xabs|2").Pairs);
    }

    [Fact]
    public void Keys_are_bounded()
    {
        var h = new ShdrHarness(("max-keys", "2")).Take($"{T}|a|1|b|2|c|3|a|4");
        Assert.Equal(["a=1", "b=2", "a=4"], h.Pairs);
        Assert.Equal([(ShdrRules.TooManyKeys, 1)], h.Problems.Select(p => (p.Rule, p.Rejected)));
    }

    [Fact]
    public void A_signal_becomes_a_number_when_its_first_number_comes()
    {
        var h = new ShdrHarness().Take($"{T}|oil|UNAVAILABLE", $"{T}|oil|3.5", $"{T}|oil|UNAVAILABLE");
        Assert.Equal(ValueKind.Real, h.SignalOf(h.Samples[0]).Kind);
        Assert.Equal([ValueKind.Text, ValueKind.Real, ValueKind.None], h.Samples.Select(s => s.Value.Kind));
        Assert.Single(h.Samples.Select(s => s.Signal).Distinct());
    }

    [Fact]
    public void Commands_are_understood_and_are_no_samples()
    {
        var h = new ShdrHarness().Take("* PONG 10000", "* shdrVersion: 2.0", "* device: M1", "*", "");
        Assert.Equal(10.Seconds, h.PongInterval);
        Assert.Equal("2.0", h.Session.Version);
        Assert.Empty(h.Samples);
        Assert.Empty(h.Problems);
    }

    [Theory]
    [InlineData("host:7878", "pings", "1", ConnectRules.OptionUnknown)]
    [InlineData("host:7878", "ping", "20", ConnectRules.OptionWrong)]
    [InlineData("host:7878", "unit.oil", "degrees", ConnectRules.OptionWrong)]
    [InlineData("host:7878", "role.oil", "3", ConnectRules.OptionWrong)]
    [InlineData("http://host:7878", "ping", "2", ConnectRules.EndpointWrong)]
    [InlineData("host:99999", "ping", "2", ConnectRules.EndpointWrong)]
    public void Settings_that_cannot_be_used_are_refused_with_what_is_allowed(string endpoint, string key, string value, string rule)
    {
        var refused = Assert.Throws<ConnectionSettingsException>(() => ShdrOptions.Read(ShdrHarness.SettingsFor(endpoint, (key, value))));
        Assert.Equal(rule, refused.Rule);
        Assert.Contains("MC1.shdr", refused.Message, StringComparison.Ordinal);
    }
}
