using System.Collections.Immutable;
using System.IO.Compression;
using System.Text;
using Ieum.Connect.Files;
using Ieum.Model;
using Ieum.Node.Exchange;
using Ieum.Node.Ui;

namespace Ieum.House.Tests.Exchange;

/// <summary>Tables of people: what is read, what is told and how the rest goes on.</summary>
public sealed partial class ImportTests
{
    private static readonly TimeSpan Seoul = TimeSpan.FromHours(9);
    private static readonly DateTimeOffset Now = new(2026, 11, 24, 9, 0, 0, Seoul);

    [Theory]
    [InlineData("ko", "utf-8")]
    [InlineData("ko", "ks_c_5601-1987")]
    [InlineData("ja", "shift_jis")]
    [InlineData("en", "utf-16")]
    public void Orders_with_headings_of_any_language_come_in_from_the_encodings_of_its_spreadsheets(string language, string encoding)
    {
        Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);
        string[] heads = [.. new[] { "order", "item", "quantity", "due" }.Select(k => TableKind.Orders.Heading(TableKind.Orders.Columns.First(c => c.Key == k), language))];
        var note = language switch { "ko" => "비고,급함", "ja" => "備考,いそぎ", _ => "remark,urgent" };
        var text = $"{string.Join(',', heads)},{note.Split(',')[0]}\r\nPO-1,A,12,2026-12-18,{note.Split(',')[1]}\r\n";
        var code = Encoding.GetEncoding(encoding);
        var (orders, problems, table) = Orders([.. code.GetPreamble(), .. code.GetBytes(text)]);
        Assert.Empty(problems);
        var o = Assert.Single(orders.Created);
        Assert.Equal(("PO-1", "A", 12, new DateTimeOffset(2026, 12, 19, 0, 0, 0, Seoul), Now), (o.Id.Value, o.Item.Value, o.Quantity, o.Due, o.Release));   // due by the end of the 18th
        Assert.Equal([note.Split(',')[0]], table.Ignored);
    }

    [Fact]
    public void Wrong_rows_are_told_with_row_field_rule_and_remedy_and_the_good_ones_go_in()
    {
        var (orders, problems, _) = Orders("""
            order,item,quantity,due,release,deadline,weight,private
            PO-1,A,12,2026-12-18,,,,
            PO-2,NIX,12,2026-12-18,,,,
            PO-3,A,twelve,2026-12-18,,,,
            PO-4,A,12,2026-12-18,2026-12-20,,,
            PO-1,A,13,2026-12-18,,,,
            PO-6,A,12,18.12.26,,,,
            PO-7,A,0,2026-12-18,,2026-12-01,101,perhaps
            ,A,12,2026-12-18,,,,
            PO/9,A,12,2026-12-18,,,,
            PO-11,A,"1,200",2026-12-18 17:30,2026-12-01 08:00,,5,예
            "PO-10,A,12,2026-12-18,,,,
            """);
        Assert.Equal(["PO-1", "PO-11"], orders.Created.Select(o => o.Id.Value));
        Assert.Equal((1200, 5, true, new DateTimeOffset(2026, 12, 18, 17, 30, 0, Seoul)), (orders.Created[1].Quantity, orders.Created[1].Weight, orders.Created[1].IsPrivate, orders.Created[1].Due));
        Assert.Equal(9, orders.LeftOut);
        Assert.Equal(
        [
            (3, "item", ExchangeRules.UnknownItem), (4, "quantity", ExchangeRules.NotANumber), (5, "due", ExchangeRules.DueBeforeRelease), (6, "order", ExchangeRules.Twice), (7, "due", ExchangeRules.NotADate),
            (8, "quantity", ExchangeRules.OutOfRange), (8, "weight", ExchangeRules.OutOfRange), (8, "private", ExchangeRules.NotYesNo), (9, "order", ExchangeRules.Empty), (10, "order", ExchangeRules.NotAName), (12, "", FilesRules.RowWrong),
        ], problems.Select(p => (p.Line, p.Field, p.Rule)));
        Assert.All(problems, p => Assert.Matches("[.a-z]$", p.Message));   // every one says what to do
    }

    [Fact]
    public void The_same_file_again_changes_nothing_and_a_changed_row_updates_its_order_only()
    {
        const string File = "order,item,quantity,due\nPO-1,A,12,2026-12-18\nPO-2,A,5,2026-12-20\n";
        var first = Orders(File).Orders;
        var again = Orders(File, first.Created).Orders;
        Assert.Equal((0, 0, 2), (again.Created.Length, again.Updated.Length, again.Unchanged));
        // Two hours later the release of PO-1 is still what it was taken with, though the file does not say it.
        var changed = Orders(File.Replace("PO-2,A,5", "PO-2,A,6", StringComparison.Ordinal), first.Created, now: Now.AddHours(2)).Orders;
        Assert.Equal(("PO-2", 6, Now), (Assert.Single(changed.Updated).Id.Value, changed.Updated[0].Quantity, changed.Updated[0].Release));
        Assert.Equal((0, 1), (changed.Created.Length, changed.Unchanged));
    }

    [Fact]
    public void An_operation_of_a_million_hours_is_told_and_the_rest_is_taken()
    {
        // 6 min a piece: ten million pieces are a million hours.
        var (orders, problems, _) = Orders("order,item,quantity,due\nPO-1,A,10000000,2026-12-18\nPO-2,A,10,2026-12-18\n");
        Assert.Equal("PO-2", Assert.Single(orders.Created).Id.Value);
        Assert.Equal((2, "quantity", ExchangeRules.TooLong), problems.Select(p => (p.Line, p.Field, p.Rule)).Single());
        var routing = Routings("item,step,machine,perPiece\nX,10,MC1,1000000 h\n");
        Assert.Equal((2, "perPiece", ExchangeRules.OutOfRange), routing.Problems.Select(p => (p.Line, p.Field, p.Rule)).Single());
        Assert.Empty(routing.Products.Created);
    }

    [Fact]
    public void Work_that_has_begun_keeps_its_item_and_its_routing()
    {
        var taken = Orders("order,item,quantity,due\nPO-1,A,12,2026-12-18\n").Orders.Created;
        var (orders, problems, _) = Orders("order,item,quantity,due\nPO-1,B,12,2026-12-18\n", taken, begun: true);
        Assert.Equal((2, "item", ExchangeRules.Begun), problems.Select(p => (p.Line, p.Field, p.Rule)).Single());
        Assert.Equal(1, orders.LeftOut);
    }

    [Fact]
    public void Rows_of_machines_become_steps_with_alternatives_and_waits()
    {
        var (products, problems) = Routings("""
            품목,품명,공정 번호,공정명,설비,준비 교체(분),개당 시간(분),대기(분),준비 그룹,이송 로트
            V,밸브,10,선삭,MC1,40,6,,20A,10
            V,,10,선삭,MC2,40,90 s,,20A,10
            V,,20,냉각,,,,2 h,,
            V,,30,연삭,MC2,,0:30,,,
            """);
        Assert.Empty(problems);
        var v = Assert.Single(products.Created);
        Assert.Equal("밸브", v.Name.In("ko"));
        var turning = Assert.IsType<RoutingStep.Work>(v.Routing.Steps[0]);
        Assert.Equal([("MC1", 40, 6.0), ("MC2", 40, 1.5)], turning.Options.Select(o => (o.Machine.Value, (int)o.SetUp.TotalMinutes, o.PerPiece.TotalMinutes)));
        Assert.Equal(("20A", 10), (turning.Family, turning.Transfer));
        Assert.Equal(2.Hours, Assert.IsType<RoutingStep.Wait>(v.Routing.Steps[1]).Duration);
        Assert.Equal(30.Minutes, Assert.IsType<RoutingStep.Work>(v.Routing.Steps[2]).Options[0].PerPiece);
    }

    [Theory]
    [InlineData("xlsx", "ko")]
    [InlineData("csv", "ja")]
    public void A_routing_with_everything_goes_out_and_comes_in_again_unchanged(string format, string language)
    {
        var (item, third) = (new ItemId("V"), TimeSpan.FromSeconds(20));
        var usual = new Routing(item,
        [
            new RoutingStep.Work(10, "turn", [new MachineOption(new("MC1"), third, 6.Minutes) { Unbroken = true }, new MachineOption(new("MC2"), 40.Minutes, third)])
                { Family = "20A", Transfer = 10, Needs = [new("turner"), new("vice", RunOnly: true)], Takes = [new(new("SUS"), 1.2), new(new("NUT"), 4)] },
            new RoutingStep.Transport(15, "to the furnace", "truck"),
            new RoutingStep.Work(20, "harden", [new MachineOption(new("MC2"), TimeSpan.Zero, 4.Hours)]) { Batch = new("920 °C", 3) },
            new RoutingStep.Wait(25, "cool", 2.Hours, 4.Hours),
            new RoutingStep.Work(30, "plate", [new MachineOption(new("MC1"), TimeSpan.Zero, 1.Minutes)]),
            new RoutingStep.Transport(40, "to the customer", "truck"),
        ]);
        var other = new Routing(item, [new RoutingStep.Work(10, "mill", [new MachineOption(new("MC2"), 30.Minutes, 9.Minutes)])]);
        var product = new Product(item, new("밸브", "バルブ", "Valve"), usual) { Alternatives = [other] };
        var problems = new List<ExchangeProblem>();
        var file = TableOut.Routings([product], format, language);
        var read = RoutingImport.Read(TableIn.Read(TableKind.Routings, file.Bytes, problems)!, Equipped(product), problems);
        Assert.Empty(problems);
        Assert.Equal((0, 0, 1, 0), (read.Created.Length, read.Updated.Length, read.Unchanged, read.LeftOut));
    }

    [Fact]
    public void What_a_file_has_no_column_for_stays_as_it_was()
    {
        var item = new ItemId("V");
        var usual = new Routing(item,
        [
            new RoutingStep.Work(10, "turn", [new MachineOption(new("MC1"), 25.Minutes, 6.Minutes) { Unbroken = true }]) { Family = "20A", Transfer = 10, Needs = [new("turner")], Takes = [new(new("SUS"), 1.2)], Batch = new("920 °C", 3) },
            new RoutingStep.Transport(15, "", "truck"),
            new RoutingStep.Work(20, "", [new MachineOption(new("MC2"), TimeSpan.Zero, 1.Minutes)]),
        ]);
        var before = new Product(item, LocalName.Same("V"), usual) { Alternatives = [new Routing(item, [new RoutingStep.Work(10, "", [new MachineOption(new("MC2"), 30.Minutes, 9.Minutes)])])] };
        var problems = new List<ExchangeProblem>();
        var table = TableIn.Read(TableKind.Routings, Encoding.UTF8.GetBytes("item,step,machine,perPiece\nV,10,MC1,7\nV,20,MC2,1\n"), problems)!;
        var after = Assert.Single(RoutingImport.Read(table, Equipped(before), problems).Updated);
        Assert.Empty(problems);
        var turn = Assert.IsType<RoutingStep.Work>(after.Routing.Steps[0]);
        Assert.Equal(("turn", 25.Minutes, 7.Minutes, true), (turn.Name, turn.Options[0].SetUp, turn.Options[0].PerPiece, turn.Options[0].Unbroken));
        Assert.Equal(("20A", 10, "turner", "SUS", "920 °C", 3), (turn.Family, turn.Transfer, turn.Needs.Single().Skill, turn.Takes.Single().Item.Value, turn.Batch!.Recipe, turn.Batch.Load));
        Assert.Equal("truck", Assert.IsType<RoutingStep.Transport>(after.Routing.Steps[1]).Service);
        Assert.Equal(before.Alternatives, after.Alternatives);
    }

    [Theory]
    [InlineData("", "needs", ExchangeRules.UnknownName, "V,1,10,MC1,5,,,,welder,")]
    [InlineData("", "transport", ExchangeRules.UnknownName, "V,1,20,,,,,ferry,,")]
    [InlineData("", "transport", ExchangeRules.Contradicts, "V,1,20,MC1,5,,,truck,,")]
    [InlineData("", "transport", ExchangeRules.Contradicts, "V,1,20,,,60,,truck,,")]
    [InlineData("V,1,10,,,,,truck,,", "transport", ExchangeRules.Contradicts, "V,1,20,,,60,,,,")]
    [InlineData("", "waitMost", ExchangeRules.OutOfRange, "V,1,20,,,60,30,,,")]
    [InlineData("", "takes", ExchangeRules.OutOfRange, "V,1,10,MC1,5,,,,,SUS:-1")]
    [InlineData("", "way", ExchangeRules.Empty, "V,2,10,MC1,5,,,,,")]
    public void A_step_that_says_something_impossible_is_told_and_its_item_left_out(string good, string field, string rule, string wrong)
    {
        var rows = string.Join('\n', new[] { "item,way,step,machine,perPiece,wait,waitMost,transport,needs,takes", good, wrong, "Q,1,10,MC1,5,,,,,", "" }.Where((r, i) => i != 1 || r.Length > 0));
        var problems = new List<ExchangeProblem>();
        var read = RoutingImport.Read(TableIn.Read(TableKind.Routings, Encoding.UTF8.GetBytes(rows), problems)!, Equipped(), problems);
        Assert.Equal((field, rule), problems.Select(p => (p.Field, p.Rule)).Distinct().Single());
        Assert.Equal("Q", Assert.Single(read.Created).Id.Value);
        Assert.Equal(1, read.LeftOut);
    }

    /// <summary>A factory with a truck, a turner, a vice and stock.</summary>
    private static ExchangeState Equipped(params ImmutableArray<Product> there) => State(more: there) with
    {
        Factory = new()
        {
            Transport = [new("truck", LocalName.Same("truck"), Seoul, TimeSpan.Zero, [], [])],
            Resources = [new("kim", LocalName.Same("kim"), ["turner"], null, []), new("v1", LocalName.Same("v1"), ["vice"], null, [])],
            Materials = [new(new("SUS"), LocalName.Same("SUS"), 5, false, []), new(new("NUT"), LocalName.Same("NUT"), 5, false, [])],
        },
    };

    [Fact]
    public void Steps_that_wait_for_each_other_in_a_circle_leave_their_item_out_and_no_other()
    {
        var (products, problems) = Routings("""
            item,step,machine,perPiece,after
            R,10,MC1,5,30
            R,20,MC1,5,10
            R,30,MC1,5,20
            Q,10,MC1,5,20
            Q,20,MC2,5,
            """.Replace("Q,20,MC2,5,", "Q,5,MC2,5,", StringComparison.Ordinal).Replace("Q,10,MC1,5,20", "Q,10,MC1,5,5", StringComparison.Ordinal));
        Assert.Equal((2, "after", ExchangeRules.Circle), problems.Select(p => (p.Line, p.Field, p.Rule)).Single());
        Assert.Contains("10, 20, 30", problems[0].Message, StringComparison.Ordinal);
        Assert.Equal("Q", Assert.Single(products.Created).Id.Value);
        Assert.Equal([5, 10], products.Created[0].Routing.Steps.Select(s => s.Number));
    }

    [Theory]
    [InlineData("R,10,,5,", "machine", ExchangeRules.NoMachine)]
    [InlineData("R,10,MC9,5,", "machine", ExchangeRules.UnknownMachine)]
    [InlineData("R,10,SHUT,5,", "machine", ExchangeRules.CalendarNeverOpens)]
    [InlineData("R,10,MC1,5,99", "after", ExchangeRules.StepUnknown)]
    [InlineData("R,10,MC1,,", "perPiece", ExchangeRules.Empty)]
    [InlineData("R,ten,MC1,5,", "step", ExchangeRules.NotANumber)]
    [InlineData("R,10,MC1,\"12,5 h\",", "perPiece", ExchangeRules.NotANumber)]   // never 125 hours
    public void A_step_that_cannot_be_done_is_told_and_its_item_stays_as_it_was(string row, string field, string rule)
    {
        var before = new Product(new("R"), LocalName.Same("R"), new Routing(new("R"), [new RoutingStep.Work(10, "", [new MachineOption(new("MC1"), TimeSpan.Zero, 1.Minutes)])]));
        var (products, problems) = Routings($"item,step,machine,perPiece,after\n{row}\nQ,10,MC1,5,\n", before);
        Assert.Equal((2, field, rule), problems.Where(p => !p.Warning).Select(p => (p.Line, p.Field, p.Rule)).Single());
        Assert.Contains(problems, p => p is { Warning: true, Rule: ExchangeRules.ItemLeft, Value: "R" });
        Assert.Equal((1, 0, 1), (products.Created.Length, products.Updated.Length, products.LeftOut));
    }

    [Fact]
    public void A_set_up_table_with_a_hole_is_told_and_taken()
    {
        var problems = new List<ExchangeProblem>();
        var table = TableIn.Read(TableKind.SetUps, Encoding.UTF8.GetBytes("table,from,to,minutes,machine\nlathe,20A,40A,35,MC1\nlathe,40A,20A,30,\nlathe,20A,65A,50,\n"), problems)!;
        var (tables, uses) = SetUpImport.Read(table, State(), problems);
        Assert.Equal(ExchangeRules.MatrixHole, problems.Single().Rule);
        Assert.Contains("40A → 65A, 65A → 20A, 65A → 40A", problems[0].Message, StringComparison.Ordinal);
        Assert.Equal(3, Assert.Single(tables.Created).Times.Length);
        Assert.Equal((new MachineId("MC1"), "lathe"), Assert.Single(uses));
    }

    [Fact]
    public void Stock_takes_arrivals_in_rows_of_their_own()
    {
        var problems = new List<ExchangeProblem>();
        var table = TableIn.Read(TableKind.Stock, Encoding.UTF8.GetBytes("材料,現在庫,入荷予定日,入荷数量,支給材\nSUS,240,,,はい\nSUS,,2026/12/5,400,\nSUS,,令和8年12月9日,100,\nAL,3,2026-12-05,,\n"), problems)!;
        var stock = StockImport.Read(table, State(), problems);
        var sus = Assert.Single(stock.Created);
        Assert.Equal((240, true), (sus.OnHand, sus.FromCustomer));
        Assert.Equal([(5, 400.0), (9, 100.0)], sus.Arrivals.Select(a => (a.At.Day, a.Amount)));
        Assert.Equal((5, "arrivalAmount", ExchangeRules.Empty), problems.Select(p => (p.Line, p.Field, p.Rule)).Single());
    }

    [Fact]
    public void Merged_cells_of_a_workbook_are_told_by_their_address_and_the_other_rows_go_in()
    {
        var bytes = XlsxWriter.Write(new Sheet("주문", [["주문번호", "품목", "수량", "납기"], ["PO-1", "A", 12, new DateTimeOffset(2026, 12, 18, 0, 0, 0, Seoul)], ["PO-2", "A", 5, "2026-12-20"], ["PO-3", "A", 5, "2026-12-20"]]));
        bytes = Changed(bytes, "xl/worksheets/sheet1.xml", x => x.Replace("</sheetData>", "</sheetData><mergeCells count=\"1\"><mergeCell ref=\"D3:D4\"/></mergeCells>", StringComparison.Ordinal));
        var (orders, problems, _) = Orders(bytes);
        Assert.Equal("PO-1", Assert.Single(orders.Created).Id.Value);
        Assert.Equal(new DateTimeOffset(2026, 12, 19, 0, 0, 0, Seoul), orders.Created[0].Due);
        Assert.Equal([(3, "due", FilesRules.CellMerged), (4, "due", FilesRules.CellMerged)], problems.Select(p => (p.Line, p.Field, p.Rule)));
        Assert.Contains("D3", problems[0].Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", ExchangeRules.HeaderMissing)]
    [InlineData("a,b\n1,2\n", ExchangeRules.HeaderMissing)]
    [InlineData("order,item\nPO-1,A\n", ExchangeRules.ColumnMissing)]
    [InlineData("order,order,item,quantity,due\n", ExchangeRules.Twice)]
    [InlineData("PK\u0003\u0004nothing", FilesRules.WorkbookWrong)]
    public void A_file_that_is_no_table_of_orders_is_told_as_a_whole(string text, string rule)
    {
        var problems = new List<ExchangeProblem>();
        Assert.Null(TableIn.Read(TableKind.Orders, Encoding.UTF8.GetBytes(text), problems));
        Assert.Contains(problems, p => p.Rule == rule);
    }

    [Theory]
    [InlineData("2026-12-18", 2026, 12, 19, 0, 0)]
    [InlineData("2026.12.18.", 2026, 12, 19, 0, 0)]
    [InlineData("2026/12/8 7:05", 2026, 12, 8, 7, 5)]
    [InlineData("2026년 12월 18일 17시", 2026, 12, 18, 17, 0)]
    [InlineData("２０２６年１２月１８日（金）", 2026, 12, 19, 0, 0)]
    [InlineData("令和8年12月18日 17時30分", 2026, 12, 18, 17, 30)]
    [InlineData("2026-12-18T08:00:00Z", 2026, 12, 18, 17, 0)]
    [InlineData("2026-12-18 24:00", 2026, 12, 19, 0, 0)]
    public void Dates_are_read_the_way_they_are_written_in_both_countries(string text, int year, int month, int day, int hour, int minute)
    {
        var (orders, problems, _) = Orders($"order,item,quantity,due\nPO-1,A,1,{text}\n");
        Assert.Empty(problems);
        Assert.Equal(new DateTimeOffset(year, month, day, hour, minute, 0, Seoul), Assert.Single(orders.Created).Due);
    }

    [Theory]
    [InlineData("12/18/2026")]
    [InlineData("18.12.2026")]
    [InlineData("2026-02-30")]
    [InlineData("soon")]
    public void A_date_that_can_be_doubted_is_not_guessed(string text) =>
        Assert.Equal(ExchangeRules.NotADate, Orders($"order,item,quantity,due\nPO-1,A,1,{text}\n").Problems.Single().Rule);

    [Fact]
    public void What_is_wrong_is_said_whole_in_the_language_of_the_reader()
    {
        var problems = Orders("order,item,quantity,due,release\nPO-2,NIX,12,2026-12-18,\nPO-4,A,12,2026-12-18,2026-12-20\nPO-5,A,0,x,\n").Problems;
        Assert.Equal(4, problems.Count);
        foreach (var language in new[] { "ko", "ja" })
        {
            var texts = new Texts(System.Globalization.CultureInfo.GetCultureInfo(language));
            Assert.All(problems, p => Assert.DoesNotMatch("[A-Za-z]{4}", ExchangeWords.Of(texts, p)));
            Assert.Contains("NIX", ExchangeWords.Of(texts, problems[0]), StringComparison.Ordinal);
        }
        Assert.Equal(problems[0].Message, ExchangeWords.Of(new(System.Globalization.CultureInfo.GetCultureInfo("en")), problems[0]));
    }

    /// <summary>Every sentence that the code of the exchange says, found in its source, stands in the catalogue: else a Korean reader would meet it in English.</summary>
    [Fact]
    public void Every_sentence_of_the_exchange_has_its_translation()
    {
        var said = Directory.GetFiles(Path.Combine(TestKit.Needs.Repository, "src/Ieum.Node/Exchange"), "*.cs").Select(File.ReadAllText)
            .SelectMany(code => SaidIn().Matches(code).Select(m => FormatFrom(code, m.Index + m.Length))).Where(f => f != "{0}").Distinct().ToList();
        Assert.True(said.Count > 40, $"only {said.Count} sentences found");
        Assert.DoesNotContain(said, f => !ExchangeWords.ByEnglish.ContainsKey(f));
        Assert.Empty(ExchangeWords.ByEnglish.Keys.Except(said));
    }

    /// <summary>The format behind an interpolated text that begins at a place: its holes numbered, their formats kept.</summary>
    private static string FormatFrom(string code, int at)
    {
        var (format, hole) = (new StringBuilder(), 0);
        for (var i = code.IndexOf("$\"", at, StringComparison.Ordinal) + 2; code[i] != '"'; i++)
        {
            if (code[i] != '{') { format.Append(code[i]); continue; }
            var (depth, spec) = (1, -1);
            var from = i;
            for (i++; depth > 0; i++)
            {
                if (code[i] is '{' or '(' or '[') depth++;
                else if (code[i] is '}' or ')' or ']') depth--;
                else if (code[i] == ':' && depth == 1 && spec < 0) spec = i;
            }
            i--;
            format.Append('{').Append(hole++).Append(spec > from ? code[spec..i] : "").Append('}');
        }
        return format.ToString();
    }

    [System.Text.RegularExpressions.GeneratedRegex(@"\bTell\((?!string)|ExchangeProblem\.Of\(")] private static partial System.Text.RegularExpressions.Regex SaidIn();

    internal static ExchangeState State(ImmutableArray<Order> orders = default, bool begun = false, DateTimeOffset? now = null, params ImmutableArray<Product> more)
    {
        Product Make(string item) => new(new(item), LocalName.Same(item), new Routing(new(item), [new RoutingStep.Work(10, "cut", [new MachineOption(new("MC1"), 30.Minutes, 6.Minutes)])]));
        return new([new("MC1"), new("MC2"), new("SHUT")], m => m.Value != "SHUT", [Make("A"), Make("B"), .. more], orders.IsDefault ? [] : orders, FactoryData.None, _ => begun, now ?? Now, Seoul);
    }

    private static (Incoming<Order> Orders, List<ExchangeProblem> Problems, TableIn Table) Orders(string text, ImmutableArray<Order> there = default, bool begun = false, DateTimeOffset? now = null) =>
        Orders(Encoding.UTF8.GetBytes(text), there, begun, now);

    private static (Incoming<Order> Orders, List<ExchangeProblem> Problems, TableIn Table) Orders(byte[] bytes, ImmutableArray<Order> there = default, bool begun = false, DateTimeOffset? now = null)
    {
        var problems = new List<ExchangeProblem>();
        var table = TableIn.Read(TableKind.Orders, bytes, problems);
        Assert.True(table is not null, string.Join("; ", problems));
        return (OrderImport.Read(table, State(there, begun, now), problems), problems, table);
    }

    private static (Incoming<Product> Products, List<ExchangeProblem> Problems) Routings(string text, params ImmutableArray<Product> there)
    {
        var problems = new List<ExchangeProblem>();
        var table = TableIn.Read(TableKind.Routings, Encoding.UTF8.GetBytes(text), problems);
        Assert.True(table is not null, string.Join("; ", problems));
        return (RoutingImport.Read(table, State(more: there), problems), problems);
    }

    private static byte[] Changed(byte[] archive, string part, Func<string, string> change)
    {
        using var memory = new MemoryStream();
        memory.Write(archive);
        using (var zip = new ZipArchive(memory, ZipArchiveMode.Update, leaveOpen: true))
        {
            string text;
            using (var reader = new StreamReader(zip.GetEntry(part)!.Open())) text = reader.ReadToEnd();
            zip.GetEntry(part)!.Delete();
            using var writer = new StreamWriter(zip.CreateEntry(part).Open());
            writer.Write(change(text));
        }
        return memory.ToArray();
    }
}
