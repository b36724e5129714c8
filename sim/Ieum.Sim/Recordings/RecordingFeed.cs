using Ieum.Sim.Feeds;

namespace Ieum.Sim.Recordings;

/// <summary>Where in a recording the scenario begins.</summary>
internal enum Anchor
{
    /// <summary>At the first event after the head of the file.</summary>
    FirstEvent = 0,
    /// <summary>One minute before the machine first runs (an item named execution or status turns ACTIVE).</summary>
    FirstRun = 1,
}

/// <summary>Recordings laid onto the scenario clock: day by day, each file's anchor at the scenario's hour of start.</summary>
/// <remarks>
/// Distances between lines stay as recorded. State lines (the head, and events before the anchor) carry the instant at which
/// the scenario day begins. After the last file the first one follows, so a machine never runs out of days.
/// </remarks>
internal sealed class RecordingFeed : IFeed
{
    private readonly IEnumerator<FeedLine> _lines;
    private bool _waiting, _ended;

    /// <param name="files">Recordings, in the order they are played; those without events are skipped.</param>
    /// <param name="start">The scenario instant of the anchor of the first file.</param>
    /// <param name="from">An instant of the recording to use as the anchor of the first file instead.</param>
    /// <param name="loop">Begin again after the last file; each file is one scenario day. Without it, files follow each other directly.</param>
    /// <exception cref="InvalidDataException">No file holds an event.</exception>
    public RecordingFeed(IReadOnlyList<string> files, DateTimeOffset start, Anchor anchor, DateTimeOffset? from, bool loop)
    {
        var days = files.Select(f => (File: f, Anchor: FindAnchor(f, anchor))).Where(d => d.Anchor is not null)
            .Select(d => (d.File, d.Anchor!.Value)).ToList();
        if (days.Count == 0) throw new InvalidDataException($"None of the {files.Count} recordings holds an event ({string.Join(", ", files.Take(3))}).");
        _lines = Lay(days, start, from, loop).GetEnumerator();
    }

    /// <summary>Recorded minus scenario time of the file that is being played; what the shift was.</summary>
    public TimeSpan Shift { get; private set; }

    /// <summary>Lines that could not be read, in the files played to their end.</summary>
    public long Unreadable { get; private set; }

    public bool Advance(DateTimeOffset until, List<FeedLine> into, int limit)
    {
        for (var n = 0; n < limit && !_ended; n++)
        {
            if (!_waiting && !_lines.MoveNext()) { _ended = true; break; }
            _waiting = _lines.Current.Ticks > until.UtcTicks;
            if (_waiting) break;
            into.Add(_lines.Current);
        }
        return !_ended;
    }

    private IEnumerable<FeedLine> Lay(List<(string File, long Anchor)> days, DateTimeOffset start, DateTimeOffset? from, bool loop)
    {
        var begin = start.UtcTicks;
        var newest = begin;
        for (var day = 0; loop || day < days.Count; day++)
        {
            var (file, anchor) = days[day % days.Count];
            if (day == 0 && from is { } chosen) anchor = chosen.UtcTicks;
            if (loop) begin = start.UtcTicks + day * TimeSpan.TicksPerDay;
            else if (day > 0) begin = newest;
            var end = loop ? begin + TimeSpan.TicksPerDay : long.MaxValue;
            Shift = TimeSpan.FromTicks(anchor - begin);
            var reader = new RecordingReader(file);
            foreach (var line in reader.Lines())
            {
                var ticks = line.Head || line.Ticks < anchor ? begin : line.Ticks - anchor + begin;
                // A line out of order keeps its place in the story: time never runs backwards on the wire.
                if (ticks < newest) ticks = newest;
                if (ticks >= end) break;
                newest = ticks;
                yield return new(ticks, line.Item, line.Value);
            }
            Unreadable += reader.Unreadable;
        }
    }

    private static long? FindAnchor(string file, Anchor anchor)
    {
        long? first = null;
        foreach (var line in new RecordingReader(file).Lines())
        {
            if (line.Head) continue;
            first ??= line.Ticks;
            if (anchor == Anchor.FirstEvent) return first;
            if (line.Value == "ACTIVE" && ItemRoles.IsExecution(line.Item)) return Math.Max(first.Value, line.Ticks - TimeSpan.TicksPerMinute);
        }
        return first;
    }
}
