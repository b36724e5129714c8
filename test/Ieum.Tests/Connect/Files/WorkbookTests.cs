using System.Collections.Immutable;
using Ieum.Connect.Files;
using Ieum.Model;
using Ieum.TestKit;
using Microsoft.Extensions.Logging.Abstractions;

namespace Ieum.Tests.Connect.Files;

/// <summary>Workbooks dropped into the folder are judged as texts are.</summary>
public sealed class WorkbookTests : IDisposable
{
    private static readonly DateTimeOffset Now = new(2026, 3, 3, 0, 0, 0, TimeSpan.Zero);
    private readonly string _folder = Directory.CreateDirectory(Path.Combine(Needs.Scratch, "sheets-" + Guid.NewGuid().ToString("n"))).FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private ConnectionSettings Settings(params (string Key, string Value)[] options) => new(new("cmm.files"), new("cmm"), "files", _folder,
        new[] { ("time", "측정시각"), ("offset", "+09:00") }.Concat(options).GroupBy(o => o.Item1).ToImmutableDictionary(g => g.Key, g => g.Last().Item2))
    {
        Points = [new("bore", "내경(mm)") { Unit = "MMT" }, new("result", "판정") { Type = "text" }],
    };

    private static (List<FileValue> Values, List<FileFault> Faults) Read(ConnectionSettings settings, byte[] bytes, HashSet<ulong>? known = null)
    {
        List<FileFault> faults = [];
        List<ulong> rows = [];
        known ??= [];
        var options = FilesOptions.Read(settings);
        using var book = new Workbook(bytes, options.Sheet, options.MostBytes);
        var values = new FileRows(settings, options).Read(book, Now, Now, known.Contains, faults, rows);
        known.UnionWith(rows);
        return (values, faults);
    }

    // 2026-03-02 is day 46083 of the 1900 system; 17:00 is 17/24 of a day.
    private static string At(int row, string days = "46083.708333333336", int style = 1) => Xlsx.Number("A", row, days, style);

    [Theory]
    [InlineData(1, "46083.708333333336")]                 // a format of the workbook's own
    [InlineData(2, "46083.708333333336")]                 // built-in 14
    [InlineData(3, "46083.708333333336")]                 // built-in 31, the long date of Korean and Japanese programs
    public void Cells_that_are_dates_are_times_of_the_factory(int style, string days)
    {
        var (values, faults) = Read(Settings(), Xlsx.Of(Xlsx.Header() + Xlsx.Row(2, At(2, days, style), Xlsx.Number("B", 2, "12.345"), Xlsx.Text("C", 2, "OK"))));
        Assert.Empty(faults);
        Assert.Equal(new DateTime(2026, 3, 2, 8, 0, 0, DateTimeKind.Utc).Ticks, values[0].Ticks);
        Assert.Equal(["12.345", "OK"], values.Select(v => v.Value.ToString()));
    }

    [Fact]
    public void Dates_as_text_the_1904_system_and_a_time_in_a_column_of_its_own_are_read()
    {
        var expected = new DateTime(2026, 3, 2, 11, 15, 0, DateTimeKind.Utc).Ticks;
        var text = Xlsx.Of(Xlsx.Header() + Xlsx.Row(2, Xlsx.Text("A", 2, "2026. 3. 2. 오후 8:15:00"), Xlsx.Number("B", 2, "1"), Xlsx.Text("C", 2, "OK")));
        Assert.Equal(expected, Read(Settings(), text).Values[0].Ticks);
        // 1 462 days lie between the two systems; 20:15 is 0.84375.
        var mac = Xlsx.Of(Xlsx.Header() + Xlsx.Row(2, At(2, "44621.84375"), Xlsx.Number("B", 2, "1"), Xlsx.Text("C", 2, "OK")), from1904: true);
        Assert.Equal(expected, Read(Settings(), mac).Values[0].Ticks);
        var two = Xlsx.Of(Xlsx.Row(1, Xlsx.Text("A", 1, "날짜"), Xlsx.Text("B", 1, "내경(mm)"), Xlsx.Text("C", 1, "판정"), Xlsx.Text("D", 1, "시각"))
            + Xlsx.Row(2, At(2, "46083", 2), Xlsx.Number("B", 2, "1"), Xlsx.Text("C", 2, "OK"), Xlsx.Number("D", 2, "0.84375", 4)));
        Assert.Equal(expected, Read(Settings(("time", "날짜+시각")), two).Values[0].Ticks);
        // A format for texts does not stand in the way of cells that are dates.
        Assert.Equal(new DateTime(2026, 3, 2, 8, 0, 0, DateTimeKind.Utc).Ticks,
            Read(Settings(("time-format", "dd.MM.yyyy HH:mm")), Xlsx.Of(Xlsx.Header() + Xlsx.Row(2, At(2), Xlsx.Number("B", 2, "1"), Xlsx.Text("C", 2, "OK")))).Values[0].Ticks);
    }

    [Fact]
    public void The_header_may_stand_below_titles_and_notes_below_the_table_are_none_of_it()
    {
        var (values, faults) = Read(Settings(), Xlsx.Of(
            Xlsx.Row(1, Xlsx.Text("A", 1, "측정 성적서")) + Xlsx.Row(3, Xlsx.Text("E", 3, "LOT 17")) + Xlsx.Header(5)
            + Xlsx.Row(6, At(6), Xlsx.Number("B", 6, "12.5", 6), Xlsx.Text("C", 6, "OK")) + Xlsx.Row(7, Xlsx.Number("B", 7, "", 6)) + Xlsx.Row(9, Xlsx.Text("D", 9, "합계")),
            """<mergeCell ref="A1:E2"/>"""));
        Assert.Empty(faults);
        Assert.Equal(["12.5", "OK"], values.Select(v => v.Value.ToString()));
    }

    [Fact]
    public void A_merged_cell_is_told_with_row_and_column_and_the_other_cells_go_on()
    {
        var (values, faults) = Read(Settings(), Xlsx.Of(Xlsx.Header()
            + Xlsx.Row(2, At(2), Xlsx.Number("B", 2, "12.1"), Xlsx.Text("C", 2, "OK")) + Xlsx.Row(3, At(3), Xlsx.Number("B", 3, "12.2")) + Xlsx.Row(4, Xlsx.Number("B", 4, "12.3"), Xlsx.Text("C", 4, "NG")) + Xlsx.Row(5, At(5), Xlsx.Number("B", 5, "12.4"), Xlsx.Text("C", 5, "OK")),
            """<mergeCell ref="C2:C3"/><mergeCell ref="A3:A4"/>"""));
        Assert.Equal([(2, FilesRules.CellMerged), (3, FilesRules.CellMerged), (4, FilesRules.CellMerged)], faults.Select(f => (f.Line, f.Rule)));
        Assert.Equal("column '판정': cell C2 is merged with others (C2:C3); unmerge them and give each row its own value", faults[0].Why);
        Assert.Contains("column of the time: cell A3 is merged", faults[1].Why, StringComparison.Ordinal);
        Assert.Equal(["12.1", "12.4", "OK"], values.Select(v => v.Value.ToString()));   // rows 3 and 4 have no time of their own
    }

    [Fact]
    public void A_formula_gives_its_stored_value_and_one_without_or_with_an_error_is_told()
    {
        static string Formula(int row, string rest, string kind = "") => $"""<c r="B{row}"{kind}><f>A1*2</f>{rest}</c>""";
        var (values, faults) = Read(Settings(), Xlsx.Of(Xlsx.Header()
            + Xlsx.Row(2, At(2), Formula(2, "<v>24.69</v>"), """<c r="C2" t="str"><f>IF(1,"OK")</f><v>OK</v></c>""")
            + Xlsx.Row(3, At(3), Formula(3, ""), Xlsx.Text("C", 3, "OK"))
            + Xlsx.Row(4, At(4), Formula(4, "<v>#DIV/0!</v>", " t=\"e\""), Xlsx.Text("C", 4, "NG"))));
        Assert.Equal([(3, FilesRules.CellError), (4, FilesRules.CellError)], faults.Select(f => (f.Line, f.Rule)));
        Assert.Contains("B4: it shows the error #DIV/0!", faults[1].Why, StringComparison.Ordinal);
        Assert.Equal(["24.69", "OK", "OK", "NG"], values.Select(v => v.Value.ToString()));
    }

    [Fact]
    public void Furigana_is_no_part_of_a_text_and_runs_are_one_text()
    {
        var book = Xlsx.Of(Xlsx.Header() + Xlsx.Row(2, At(2), Xlsx.Number("B", 2, "1"), """<c r="C2" t="s"><v>0</v></c>""") + Xlsx.Row(3, At(3), Xlsx.Number("B", 3, "2"), """<c r="C3" t="s"><v>1</v></c>"""),
            strings: ["<t>合格</t><rPh sb=\"0\" eb=\"2\"><t>ゴウカク</t></rPh><phoneticPr fontId=\"1\"/>", "<r><rPr><b/></rPr><t>不</t></r><r><t xml:space=\"preserve\">合格 </t></r>"]);
        Assert.Equal(["1", "合格", "2", "不合格"], Read(Settings(), book).Values.Select(v => v.Value.ToString()));
    }

    [Theory]
    [InlineData("12.345 mm", "12.345")]
    [InlineData("12345 µm", "12.345")]        // converted to the unit of the point
    [InlineData("１２．５ｍｍ", "12.5")]        // full width
    [InlineData("12.345 kg", null)]
    [InlineData("12.345 pcs", null)]
    public void A_unit_behind_a_number_is_the_points_own_or_converted_or_told(string text, string? expected)
    {
        var (values, faults) = Read(Settings(), Xlsx.Of(Xlsx.Header() + Xlsx.Row(2, At(2), Xlsx.Text("B", 2, text), Xlsx.Text("C", 2, "OK"))));
        Assert.Equal(expected is null ? ["OK"] : [expected, "OK"], values.Select(v => v.Value.ToString()));
        Assert.Equal(expected is null ? [FilesRules.ValueWrong] : [], faults.Select(f => f.Rule));
    }

    [Fact]
    public void A_percentage_is_a_hundredth_unless_the_point_is_in_percent()
    {
        var book = Xlsx.Of(Xlsx.Header() + Xlsx.Row(2, At(2), Xlsx.Number("B", 2, "0.955", 5), Xlsx.Text("C", 2, "OK")));
        Assert.Equal("95.5", Read(Settings() with { Points = [new("load", "내경(mm)") { Unit = "P1" }] }, book).Values[0].Value.ToString());
        Assert.Equal("0.955", Read(Settings() with { Points = [new("load", "내경(mm)")] }, book).Values[0].Value.ToString());
        // With a decimal comma in its texts, a sheet's numbers are still the numbers they are.
        Assert.Equal("1234.5", Read(Settings(("decimal-comma", "true")), Xlsx.Of(Xlsx.Header() + Xlsx.Row(2, At(2), Xlsx.Number("B", 2, "1234.5"), Xlsx.Text("C", 2, "OK")))).Values[0].Value.ToString());
    }

    [Fact]
    public void The_sheet_is_the_first_that_is_not_hidden_or_the_one_named_and_a_missing_one_is_told_with_those_that_are_there()
    {
        var book = Xlsx.Of(Xlsx.Header() + Xlsx.Row(2, At(2), Xlsx.Number("B", 2, "1"), Xlsx.Text("C", 2, "OK")), name: "측정 결과");
        Assert.Equal(2, Read(Settings(), book).Values.Count);
        Assert.Equal(2, Read(Settings(("sheet", "측정 결과")), book).Values.Count);
        Assert.Empty(Read(Settings(("sheet", "OTHER")), book).Values);
        var told = Assert.Throws<WorkbookException>(() => Read(Settings(("sheet", "3월")), book));
        Assert.Equal((FilesRules.SheetMissing, "no sheet '3월'; there are 'hidden', '측정 결과', 'other'"), (told.Rule, told.Message));
    }

    [Fact]
    public void A_protected_or_old_workbook_says_what_to_do()
    {
        var told = Assert.Throws<WorkbookException>(() => Read(Settings(), [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1]));
        Assert.Contains("save it as .xlsx without a password", told.Message, StringComparison.Ordinal);
        Assert.False(told.IsCut);
    }

    [Fact]
    public void However_a_workbook_grows_or_comes_again_each_row_counts_once()
    {
        for (var seed = 0; seed < 60; seed++)
        {
            var random = new Random(seed);
            var bores = Enumerable.Range(0, random.Next(1, 20)).Select(_ => $"{random.Next(3)}.5").ToList();
            HashSet<ulong> known = [];
            var values = 0;
            for (var sent = 0; sent < bores.Count;)
            {
                sent = Math.Min(bores.Count, sent + random.Next(0, 7));
                // All in the same second: only the values and how often they came tell the rows apart.
                values += Read(Settings(), Xlsx.Of(Xlsx.Header() + string.Concat(bores.Take(sent).Select((b, i) => Xlsx.Row(i + 2, At(i + 2), Xlsx.Number("B", i + 2, b), Xlsx.Text("C", i + 2, "OK"))))), known).Values.Count;
            }
            Assert.True(values == 2 * bores.Count, $"seed {seed}: {values} of {2 * bores.Count}");
        }
    }

    [Fact]
    public void Damaged_workbooks_are_answered_never_thrown()
    {
        var whole = Xlsx.Of(Xlsx.Header() + Xlsx.Row(2, At(2), Xlsx.Number("B", 2, "12.1"), """<c r="C2" t="s"><v>0</v></c>"""), """<mergeCell ref="C2:C3"/>""", ["<t>OK</t>"]);
        for (var seed = 0; seed < 3_000; seed++)
        {
            var random = new Random(seed);
            var damaged = whole.ToArray();
            for (var n = random.Next(1, 8); n > 0; n--) damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
            try
            {
                Assert.All(Read(Settings(), damaged[..random.Next(damaged.Length / 2, damaged.Length + 1)]).Faults, f => Assert.True(FilesRules.All.ContainsKey(f.Rule), $"seed {seed}"));
            }
            catch (WorkbookException told)
            {
                Assert.True(FilesRules.All.ContainsKey(told.Rule), $"seed {seed}: {told.Rule}");
            }
        }
    }

    [Fact]
    public async Task A_workbook_that_is_still_copied_waits_then_goes_to_done_and_a_second_delivery_adds_nothing()
    {
        using var stop = new CancellationTokenSource();
        using var sink = new CollectingSink();
        // A settling time of 10 s by a clock that is moved: nothing here depends on how fast the machine is.
        var wire = new Microsoft.Extensions.Time.Testing.FakeTimeProvider(Now);
        var settings = Settings(("period", "1"), ("settle", "10"));
        var source = new FilesSource(settings, FilesOptions.Read(settings), Path.Combine(_folder, "data"), new InMemorySignals(), new(wire, wire), NullLogger.Instance);
        var book = Xlsx.Of(Xlsx.Header() + Xlsx.Row(2, At(2), Xlsx.Number("B", 2, "12.1"), Xlsx.Text("C", 2, "OK")) + Xlsx.Row(3, At(3), Xlsx.Number("B", 3, "12.2"), Xlsx.Text("C", 3, "NG")));
        var path = Path.Combine(_folder, "a.xlsx");
        await File.WriteAllBytesAsync(path, book[..(book.Length / 2)], TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(Path.Combine(_folder, "~$a.xlsx"), "owner", TestContext.Current.CancellationToken);
        var running = source.RunAsync(sink, stop.Token);
        await wire.TurnAsync(60);
        Assert.True(File.Exists(path) && sink.Samples.Count == 0, "half a workbook was taken");

        // In one step, so that the source cannot have it open at this moment.
        await File.WriteAllBytesAsync(path + ".part", book, TestContext.Current.CancellationToken);
        File.Move(path + ".part", path, overwrite: true);
        await UntilAsync(() => File.Exists(Path.Combine(_folder, "done", "a.xlsx")));
        Assert.Equal(["12.1", "OK", "12.2", "NG"], sink.Samples.Select(s => s.Value.ToString()));

        await File.WriteAllBytesAsync(Path.Combine(_folder, "again.xlsx"), book, TestContext.Current.CancellationToken);
        await File.WriteAllBytesAsync(Path.Combine(_folder, "cut.xlsx"), book[..(book.Length / 2)], TestContext.Current.CancellationToken);
        await UntilAsync(() => File.Exists(Path.Combine(_folder, "done", "again.xlsx")) && File.Exists(Path.Combine(_folder, "refused", "cut.xlsx.txt")));
        Assert.Equal((4, 4L, 0L), (sink.Samples.Count, source.Health.Counters.Received, source.Health.Counters.Rejected));
        Assert.True(File.Exists(Path.Combine(_folder, "~$a.xlsx")));
        await stop.CancelAsync();
        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);

        Task UntilAsync(Func<bool> condition) => wire.TurnUntilAsync(condition, _folder);
    }
}
