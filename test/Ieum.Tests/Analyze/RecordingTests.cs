using System.IO.Compression;
using System.Text;
using System.Text.Json;
using Ieum.Analyze;
using Ieum.TestKit;

namespace Ieum.Tests.Analyze;

public sealed class RecordingTests
{
    private static string Write(string name, params string[] lines) => WriteBytes(name, Encoding.UTF8.GetBytes(string.Join('\n', lines) + "\n"));

    private static string WriteBytes(string name, byte[] bytes)
    {
        var folder = Directory.CreateDirectory(Path.Combine(Needs.Scratch, "recordings", Guid.NewGuid().ToString("N"))).FullName;
        var path = Path.Combine(folder, name);
        File.WriteAllBytes(path, bytes);
        return path;
    }

    private static byte[] Gzip(byte[] plain)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest)) gzip.Write(plain);
        return packed.ToArray();
    }

    private static Task<RecordingStates> Analyze(string path) => RecordingAnalysis.StatesAsync(path, TestContext.Current.CancellationToken);

    private static readonly string[] Day =
    [
        // Head: how things stood since days ago.
        "2016-11-14T18:37:34.798605Z|coolant|Fault|77|||LOW",
        "2016-11-28T20:23:28.439772Z|execution|ACTIVE",
        "2016-11-28T20:23:28.439772Z|PartCountAct|12",
        "2016-11-28T20:23:28.439772Z|Xabs|1.5",
        // Events.
        "2016-11-29T09:00:00Z|Xabs|1.6",
        "2016-11-29T09:00:10Z|execution|ACTIVE",
        "2016-11-29T09:00:30Z|execution|FEED_HOLD",
        "2016-11-29T09:00:40Z|execution|ACTIVE",
        "2016-11-29T09:00:41Z|coolant|Fault|77|||LOW",
        "2016-11-29T09:00:42Z|coolant|Fault|78|||EMPTY",
        "2016-11-29T09:00:43Z|coolant|Fault|78|||EMPTY",
        "2016-11-29T09:00:44Z|coolant|Normal||||",
        "2016-11-29T09:00:45Z|coolant|Fault|78|||EMPTY",
        "2016-11-29T09:01:00Z|PartCountAct|14",
        "2016-11-29T09:01:30Z|execution|READY",
        "2016-11-29T09:01:40Z|PartCountAct|0",
        "2016-11-29T09:01:50Z|PartCountAct|1",
        "2016-11-29T09:02:00Z|execution|UNAVAILABLE",
        "2016-11-29T09:02:05.5Z|Xabs|UNAVAILABLE",
    ];

    // Worked by hand. The head says ACTIVE, so the machine runs from the first event, 9:00:00.
    // Running 0:00-0:30 and 0:40-1:30 = 30 + 50; stopped 0:30-0:40; idle 1:30-2:00; offline 2:00-2:05.5.
    // ACTIVE at 0:10 repeats what the head said; only 0:40 is a change. Fault 77 is on since the head, 78 begins twice.
    // Parts: 12 → 14 makes 2, set back to 0 makes none, 0 → 1 makes 1.
    private static void IsTheDay(RecordingStates r)
    {
        Assert.Equal(new DateTimeOffset(2016, 11, 29, 9, 0, 0, TimeSpan.Zero), r.From);
        Assert.Equal(new DateTimeOffset(2016, 11, 29, 9, 2, 5, 500, TimeSpan.Zero), r.To);
        Assert.Equal(new StateSeconds(Running: 80, Idle: 30, Stopped: 10, Offline: 5.5, Unknown: 0), r.Seconds);
        Assert.Equal((1, 2, 3L), (r.ActiveTransitions, r.Faults, r.PartCount));
        Assert.Equal(4, r.SnapshotLines);
    }

    [Fact]
    public async Task A_day_worked_by_hand()
    {
        var states = await Analyze(Write("Mazak01-20161129-20161130.txt", Day));
        IsTheDay(states);
        Assert.Equal("Mazak01", states.Machine);
        Assert.Equal((19L, 0L), (states.Lines, states.BrokenLines));
        Assert.Empty(states.Problems);
    }

    [Fact]
    public async Task The_head_is_found_without_a_date_in_the_name() => IsTheDay(await Analyze(Write("machine.log", Day)));

    [Fact]
    public async Task A_packed_recording_is_read_whatever_its_name() =>
        IsTheDay(await Analyze(WriteBytes("Mazak01-20161129.txt", Gzip(Encoding.UTF8.GetBytes(string.Join("\r\n", Day))))));

    [Fact]
    public async Task Lines_out_of_order_are_taken_by_their_stamp()
    {
        string[] swapped = [.. Day[..6], Day[7], Day[6], .. Day[8..]];
        IsTheDay(await Analyze(Write("a-20161129.txt", swapped)));
    }

    [Fact]
    public async Task A_recording_without_a_head_begins_with_its_first_line()
    {
        var states = await Analyze(Write("MC1.txt",
            "2026-11-02T08:00:00Z|avail|AVAILABLE", "2026-11-02T08:00:05Z|execution|READY", "2026-11-02T08:00:15Z|execution|ACTIVE", "2026-11-02T08:01:00Z|execution|READY"));
        Assert.Equal(new StateSeconds(Running: 45, Idle: 10, Stopped: 0, Offline: 0, Unknown: 5), states.Seconds);
        Assert.Equal((1, 0L), (states.ActiveTransitions, states.SnapshotLines));
    }

    [Fact]
    public async Task A_head_that_names_an_item_twice_is_still_head()
    {
        var states = await Analyze(Write("GFAgie01-20161011-20161012.txt",
            "2016-10-06T23:06:07.138151Z|avail|UNAVAILABLE", "2016-10-06T23:06:07.138151Z|execution|UNAVAILABLE", "2016-10-06T19:24:33.942Z|avail|UNAVAILABLE",
            "2016-10-11T08:31:58Z|avail|UNAVAILABLE", "2016-10-11T08:32:58Z|avail|AVAILABLE", "2016-10-11T08:33:00Z|execution|READY", "2016-10-11T08:33:10Z|execution|READY"));
        // Available for 2 s, but execution still says unavailable: offline 62 s, then idle 10 s.
        Assert.Equal(new StateSeconds(0, Idle: 10, 0, Offline: 62, 0), states.Seconds);
        Assert.Equal(3, states.SnapshotLines);
    }

    [Fact]
    public async Task A_day_on_which_nothing_happened_spans_no_time()
    {
        var states = await Analyze(Write("M-20161204-20161205.txt", "2016-12-01T10:00:00Z|execution|UNAVAILABLE", "2016-12-02T16:54:20.235681Z|mode|UNAVAILABLE"));
        Assert.Equal((states.To, new StateSeconds(0, 0, 0, 0, 0)), (states.From, states.Seconds));
        Assert.Equal(2, states.SnapshotLines);
    }

    [Theory]
    [InlineData("execution")]
    [InlineData("Execution")]
    [InlineData("Program_Status")]
    [InlineData("exec")]
    [InlineData("pexecution")]
    [InlineData("p1execution")]
    [InlineData("path1_execution")]
    [InlineData("Steuerung7")]
    public async Task Execution_is_found_by_the_names_adapters_use_and_else_by_its_words(string name)
    {
        var states = await Analyze(Write("m.txt", $"2026-11-02T08:00:00Z|{name}|ACTIVE", "2026-11-02T08:00:01Z|mode|AUTOMATIC", $"2026-11-02T08:00:20Z|{name}|INTERRUPTED", $"2026-11-02T08:00:50Z|{name}|ACTIVE"));
        Assert.Equal(new StateSeconds(Running: 20, 0, Stopped: 30, 0, 0), states.Seconds);
        Assert.Equal(2, states.ActiveTransitions);
    }

    [Fact]
    public async Task A_machine_with_two_paths_runs_while_one_of_them_does()
    {
        var states = await Analyze(Write("m.txt", "2026-11-02T08:00:00Z|p1execution|ACTIVE|p2execution|READY", "2026-11-02T08:00:10Z|p2execution|ACTIVE", "2026-11-02T08:00:20Z|p1execution|READY", "2026-11-02T08:00:40Z|p2execution|READY"));
        Assert.Equal(40, states.Seconds.Running);
        Assert.Equal(1, states.ActiveTransitions);
    }

    [Fact]
    public async Task Broken_lines_are_told_with_their_place_and_stop_nothing()
    {
        var bytes = new List<byte>();
        void Line(string text) => bytes.AddRange(Encoding.UTF8.GetBytes(text + "\n"));
        foreach (var line in Day[..6]) Line(line);
        Line("<<<<<<< HEAD");                                     // line 7
        Line("2016-13-45T99:00:00Z|execution|READY");             // line 8
        Line("0001-01-01T00:00:00Z|execution|READY");             // line 9
        Line("2016-11-29T09:00:11Z|Xabs|" + new string('9', 10_000_000));   // line 10
        bytes.AddRange([.. "2016-11-29T09:00:12Z|message|"u8, 0xB0, 0xA1, (byte)'\n']);   // line 11, EUC-KR
        Line("* PONG 10000");
        Line("2016-11-29T09:00:13Z|@ASSET@|1|CuttingTool|--multiline--ABCD");
        Line("<CuttingTool>|execution|READY</CuttingTool>");
        Line("--multiline--ABCD");
        foreach (var line in Day[6..]) Line(line);
        var states = await Analyze(WriteBytes("Mazak01-20161129.txt", [.. bytes]));
        IsTheDay(states);
        Assert.Equal((24L, 4L), (states.Lines, states.BrokenLines));
        Assert.Equal(
            [(AnalyzeRules.LineBroken, 1L, 7L), (AnalyzeRules.TimeBroken, 2L, 8L), (AnalyzeRules.LineTooLong, 1L, 10L), (AnalyzeRules.NotUtf8, 1L, 11L)],
            states.Problems.Select(p => (p.Rule, p.Count, p.FirstLine)));
    }

    [Fact]
    public async Task A_recording_that_says_nothing_about_execution_is_unknown_and_told()
    {
        var states = await Analyze(Write("m.txt", "2026-11-02T08:00:00Z|Xabs|1", "2026-11-02T08:00:10Z|Xabs|2"));
        Assert.Equal(new StateSeconds(0, 0, 0, 0, Unknown: 10), states.Seconds);
        Assert.Equal(AnalyzeRules.WithoutExecution, Assert.Single(states.Problems).Rule);
    }

    [Fact]
    public async Task Files_that_cannot_be_read_stand_in_the_errors_and_the_others_are_answered()
    {
        var good = Write("Mazak01-20161129.txt", Day);
        var cut = Gzip(Encoding.UTF8.GetBytes(string.Join('\n', Day)));
        var report = await RecordingAnalysis.StatesAsync(
            [Path.Combine(Needs.Scratch, "none.txt"), good, Needs.Scratch, WriteBytes("empty.txt", []), WriteBytes("words.txt", "good morning\n"u8.ToArray()), WriteBytes("cut.txt.gz", [0x1f, 0x8b, .. cut[2..^40]])],
            TestContext.Current.CancellationToken);
        IsTheDay(Assert.Single(report.Files));
        Assert.Equal(
            [AnalyzeRules.NotReadable, AnalyzeRules.NotReadable, AnalyzeRules.Empty, AnalyzeRules.Empty, AnalyzeRules.GzipBroken],
            report.Errors.Select(e => e.Rule));
    }

    [Fact]
    public async Task The_json_has_the_keys_of_the_contract()
    {
        var path = Write("Mazak01-20161129-20161130.txt", Day);
        var report = await RecordingAnalysis.StatesAsync([path], TestContext.Current.CancellationToken);
        using var json = JsonDocument.Parse(report.ToJson());
        var file = json.RootElement.GetProperty("files")[0];
        Assert.Equal(path, file.GetProperty("file").GetString());
        Assert.Equal("Mazak01", file.GetProperty("machine").GetString());
        Assert.Equal("2016-11-29T09:00:00Z", file.GetProperty("from").GetString());
        Assert.Equal("2016-11-29T09:02:05.5Z", file.GetProperty("to").GetString());
        Assert.Equal(["running", "idle", "stopped", "offline", "unknown"], file.GetProperty("seconds").EnumerateObject().Select(p => p.Name));
        Assert.Equal(80, file.GetProperty("seconds").GetProperty("running").GetDouble());
        Assert.Equal((1, 2, 3), (file.GetProperty("activeTransitions").GetInt32(), file.GetProperty("faults").GetInt32(), file.GetProperty("partCount").GetInt32()));
    }

    [Theory]
    [InlineData("Mazak01-20161129-20161130.txt.gz", "Mazak01", 2016, 11, 29, 30)]
    [InlineData("B-MC1_20261102.shdr", "B-MC1", 2026, 11, 2, 2)]
    [InlineData("20261102.txt", "20261102", 2026, 11, 2, 2)]
    public void The_name_tells_machine_and_days(string file, string machine, int year, int month, int first, int last) =>
        Assert.Equal(new(machine, new DateOnly(year, month, first), new DateOnly(year, month, last)), RecordingName.Of(file));

    [Theory]
    [InlineData("okuma.shdr.txt")]
    [InlineData("part-12345678901.txt")]
    [InlineData("part-20169999.txt")]
    public void A_name_without_a_day_tells_the_machine_only(string file) => Assert.Null(RecordingName.Of(file).First);

    [Theory]
    [InlineData("2016-11-29T09:42:29.493Z", 636160093494930000L)]      // day 736,296 × 864e9 + 34,949.493 s × 1e7
    [InlineData("2016-11-29T09:42:29Z", 636160093490000000L)]
    [InlineData("2016-11-29T18:42:29.493+09:00", 636160093494930000L)]
    [InlineData("2016-11-29T09:42:29.4930000Z", 636160093494930000L)]
    [InlineData("2016-11-29T09:42:29.493Z@1.5", 636160093494930000L)]
    [InlineData("2016-11-29T09:42:29.493", 636160093494930000L)]
    public void Stamps_are_read_in_the_forms_adapters_write(string text, long expected)
    {
        Assert.True(RecordingTime.TryParse(text, out var ticks));
        Assert.Equal(expected, ticks);
    }

    [Theory]
    [InlineData("")]
    [InlineData("2016-02-30T09:42:29.493Z")]
    [InlineData("1969-12-31T23:59:59Z")]
    [InlineData("2200-01-01T00:00:00Z")]
    [InlineData("29.11.2016 09:42:29")]
    [InlineData("2016-11-29T09:42:29.Z")]
    public void What_is_no_stamp_is_refused(string text) => Assert.False(RecordingTime.TryParse(text, out _));
}
