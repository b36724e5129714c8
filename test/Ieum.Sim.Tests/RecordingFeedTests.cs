using System.IO.Compression;
using Ieum.Sim.Feeds;
using Ieum.Sim.Recordings;
using Ieum.TestKit;

namespace Ieum.Sim.Tests;

public sealed class RecordingFeedTests : IDisposable
{
    private static readonly DateTimeOffset Start = new(2026, 11, 2, 8, 0, 0, TimeSpan.FromHours(9));
    private readonly string _folder = Directory.CreateDirectory(Path.Combine(Needs.Scratch, Guid.NewGuid().ToString("N"))).FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private const string Day = """
        2016-10-03T19:56:16.052523Z|execution|UNAVAILABLE
        2016-10-03T19:56:16.052523Z|system|Unavailable||||
        2016-10-03T19:56:17Z|Xposition|UNAVAILABLE
        2016-10-04T17:53:56.210Z|execution|READY
        2016-10-04T17:53:56.210Z|system|Normal||||
        * PONG 10000
        not a line
        2016-10-04T17:54:56.210Z|system|Warning|1101|||INTERFERE
        2016-10-04T17:55:26.210Z|execution|ACTIVE
        2016-10-04T17:55:27.210Z|Xposition|18.85|execution|READY

        """;

    private string File(string name, string text)
    {
        var path = Path.Combine(_folder, name);
        if (!name.EndsWith(".gz", StringComparison.Ordinal)) System.IO.File.WriteAllText(path, text);
        else
        {
            using var gzip = new StreamWriter(new GZipStream(System.IO.File.Create(path), CompressionLevel.Fastest));
            gzip.Write(text);
        }
        return path;
    }

    [Theory]
    [InlineData("day.txt")]
    [InlineData("day.txt.gz")]
    public void The_head_is_told_apart_from_events_and_unreadable_lines_are_counted(string name)
    {
        var reader = new RecordingReader(File(name, Day));
        var lines = reader.Lines().ToList();
        Assert.Equal([true, true, true, false, false, false, false, false, false], lines.Select(l => l.Head));
        Assert.Equal(1, reader.Unreadable);   // "not a line"; a heartbeat is no line at all
        Assert.Equal("Warning|1101|||INTERFERE", lines[5].Value);
        Assert.Equal(("Xposition", "18.85", "execution", "READY"), (lines[7].Item, lines[7].Value, lines[8].Item, lines[8].Value));
    }

    [Fact]
    public void The_first_event_lies_at_the_start_and_distances_stay()
    {
        var feed = new RecordingFeed([File("day.txt", Day)], Start, Anchor.FirstEvent, null, loop: false);
        var lines = GeneratedDays.Until(feed, Start.AddHours(1));
        // Three head lines and two first events at 08:00; the warning a minute later, ACTIVE after 90 s, the last two after 91 s.
        Assert.Equal([0, 0, 0, 0, 0, 60, 90, 91, 91], lines.Select(l => (l.Ticks - Start.UtcTicks) / TimeSpan.TicksPerSecond));
        Assert.False(feed.Advance(Start.AddDays(1), [], 1));
        Assert.Equal(1, feed.Unreadable);
    }

    [Fact]
    public void The_first_run_may_be_the_anchor_and_what_was_before_is_state()
    {
        var feed = new RecordingFeed([File("day.txt", Day)], Start, Anchor.FirstRun, null, loop: false);
        // One minute before ACTIVE is 17:54:26: the warning of 17:54:56 comes after 30 s, ACTIVE after 60 s.
        Assert.Equal([0, 0, 0, 0, 0, 30, 60, 61, 61], GeneratedDays.Until(feed, Start.AddHours(1)).Select(l => (l.Ticks - Start.UtcTicks) / TimeSpan.TicksPerSecond));
    }

    [Fact]
    public void Each_file_is_a_day_days_without_events_are_skipped_and_the_last_is_followed_by_the_first()
    {
        var quiet = string.Join('\n', Day.Split('\n').Take(3)) + "\n";
        var other = Day.Replace("18.85", "99", StringComparison.Ordinal);
        var feed = new RecordingFeed([File("1.txt", Day), File("2.txt", quiet), File("3.txt", other)], Start, Anchor.FirstEvent, null, loop: true);
        var positions = GeneratedDays.Until(feed, Start.AddDays(3)).Where(l => l.Item == "Xposition" && l.Value != "UNAVAILABLE").ToList();
        Assert.Equal(["18.85", "99", "18.85"], positions.Select(p => p.Value));
        Assert.Equal([0, 1, 2], positions.Select(p => (p.Ticks - Start.UtcTicks) / TimeSpan.TicksPerDay));
    }

    [Fact]
    public void Asking_in_small_steps_gives_the_same_lines()
    {
        var path = File("day.txt", Day);
        var whole = GeneratedDays.Until(new RecordingFeed([path], Start, Anchor.FirstEvent, null, loop: false), Start.AddHours(1));
        var feed = new RecordingFeed([path], Start, Anchor.FirstEvent, null, loop: false);
        var pieces = new List<FeedLine>();
        for (var at = Start; feed.Advance(at, pieces, 2); at = at.AddSeconds(5)) { }
        Assert.Equal(whole, pieces);
    }

    [Fact]
    public void Recordings_without_any_event_are_refused()
    {
        var e = Assert.Throws<InvalidDataException>(() => new RecordingFeed([File("q.txt", "2016-10-03T19:56:16Z|a|1\n")], Start, Anchor.FirstEvent, null, loop: true));
        Assert.Contains("q.txt", e.Message, StringComparison.Ordinal);
    }
}
