using System.Globalization;
using System.IO.Compression;
using Ieum.Analyze;
using Ieum.TestKit;

namespace Ieum.Tests.Analyze;

/// <summary>Real days of real machines, against an independent reckoning.</summary>
public sealed class RealRecordingTests
{
    private static string Raw(string file) => Needs.Shared("data/machine-recordings/raw/" + file);
    private static Task<RecordingStates> Analyze(string file) => RecordingAnalysis.StatesAsync(Raw(file), TestContext.Current.CancellationToken);

    private static async Task<string[]> Lines(string path)
    {
        await using var file = File.OpenRead(path);
        await using Stream stream = path.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(file, CompressionMode.Decompress) : file;
        using var reader = new StreamReader(stream);
        return (await reader.ReadToEndAsync(TestContext.Current.CancellationToken)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    private static DateTimeOffset Time(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);

    public static TheoryData<string, string> Days => new()
    {
        { "Mazak01-20161128-20161129.txt.gz", "execution" }, { "Mazak01-20161129-20161130.txt.gz", "execution" },
        { "Mazak01-20161202-20161203.txt.gz", "execution" }, { "Mazak01-20161208-20161209.txt.gz", "execution" },
        { "GFAgie01-20161005-20161006.txt.gz", "execution" }, { "GFAgie01-20161011-20161012.txt.gz", "execution" },
        { "GFAgie01-20161013-20161014.txt.gz", "execution" }, { "Hurco01-20170227-20170228.txt.gz", "Program_Status" },
        { "Hurco01-20170518-20170519.txt.gz", "Program_Status" }, { "Hurco04-20170124-20170125.txt", "Program_Status" },
    };

    /// <summary>
    /// A reckoning that shares nothing with the product: lines of the day (by the date in the name), sorted by stamp;
    /// every stretch between two execution lines goes to the word that was said last; nothing else is looked at.
    /// </summary>
    [Theory]
    [MemberData(nameof(Days))]
    public async Task Seconds_transitions_and_faults_agree_with_a_plain_reckoning(string file, string item)
    {
        var day = file.Split('-')[1];
        var all = (await Lines(Raw(file))).Select(l => l.TrimEnd('\r').Split('|')).ToArray();
        var isOld = all.Select(f => string.CompareOrdinal(f[0][..10].Replace("-", "", StringComparison.Ordinal), day) < 0).ToArray();
        var word = all.Where((f, i) => isOld[i] && f[1] == item).Select(f => f[2]).LastOrDefault() ?? "";
        var events = all.Where((_, i) => !isOld[i]).OrderBy(f => Time(f[0])).ToArray();
        var (from, to) = (Time(events[0][0]), Time(events[^1][0]));
        var held = new Dictionary<string, double>();
        var (since, transitions) = (from, 0);
        foreach (var f in events.Where(f => f[1] == item))
        {
            held[word] = held.GetValueOrDefault(word) + (Time(f[0]) - since).TotalSeconds;
            if (f[2] == "ACTIVE" && word != "ACTIVE") transitions++;
            (word, since) = (f[2], Time(f[0]));
        }
        held[word] = held.GetValueOrDefault(word) + (to - since).TotalSeconds;
        var faults = events.Count(f => f.Length >= 7 && f[2] == "Fault");
        double Of(params string[] words) => words.Sum(w => held.GetValueOrDefault(w));

        var states = await Analyze(file);
        Assert.Equal((from, to), (states.From, states.To));
        Assert.Equal(Of("ACTIVE"), states.Seconds.Running, 4);
        Assert.Equal(Of("READY"), states.Seconds.Idle, 4);
        Assert.Equal(Of("STOPPED", "INTERRUPTED", "FEED_HOLD", "WAIT", "OPTIONAL_STOP", "PROGRAM_STOPPED"), states.Seconds.Stopped, 4);
        Assert.Equal(Of("UNAVAILABLE"), states.Seconds.Offline, 4);
        Assert.Equal((to - from).TotalSeconds, held.Values.Sum(), 4);
        Assert.Equal((transitions, faults), (states.ActiveTransitions, states.Faults));
        Assert.Equal(0, states.BrokenLines);
    }

    [Fact]
    public async Task Every_recording_at_hand_is_read_to_its_last_line()
    {
        var files = Directory.GetFiles(Raw(""));
        var report = await RecordingAnalysis.StatesAsync(files, TestContext.Current.CancellationToken);
        Assert.Empty(report.Errors);
        Assert.Equal(files.Length, report.Files.Length);
        Assert.All(report.Files, f =>
        {
            Assert.Equal(0, f.BrokenLines);
            Assert.Equal((f.To - f.From).TotalSeconds, f.Seconds.Running + f.Seconds.Idle + f.Seconds.Stopped + f.Seconds.Offline + f.Seconds.Unknown, 4);
            // A snapshot names every item once, with one item twice on the GF Agie.
            Assert.InRange(f.SnapshotLines, 0, 87);
        });
    }

    /// <summary>
    /// Twenty boxes on one machine, one recording per box. Undisturbed boxes ran 7,070 to 7,100 s; six did not: long runs of
    /// 18,431, 12,619, 9,704 and 7,945 s, short ones of 5,757 and 5,670 s. The median stays among the undisturbed ones and
    /// its interval is a minute wide at most; the mean is dragged off by more than ten minutes.
    /// </summary>
    [Fact]
    public async Task The_median_of_twenty_real_boxes_is_not_moved_by_six_disturbed_ones()
    {
        var folder = Needs.Shared("data/machine-recordings/tdp-mtc/PartData");
        var report = await RecordingAnalysis.StatesAsync(Directory.GetFiles(folder, "Box-Hurco02-*").Order(StringComparer.Ordinal), TestContext.Current.CancellationToken);
        var seconds = report.Files.Select(f => f.Seconds.Running).Order().ToArray();
        Assert.Equal(20, seconds.Length);
        Assert.InRange(RobustStatistics.Median(seconds), 7_070, 7_100);
        var (low, high) = RobustStatistics.MedianInterval(seconds);   // ranks 6 and 15 of 20
        Assert.InRange(low, 7_060, RobustStatistics.Median(seconds));
        Assert.InRange(high, RobustStatistics.Median(seconds), 7_120);
        Assert.InRange(RobustStatistics.Mad(seconds), 0, 30);
        Assert.True(seconds.Average() > 7_700);
    }
}
