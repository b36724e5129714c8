using System.Globalization;
using Ieum.Analyze;
using Ieum.Model;
using Ieum.TestKit;

namespace Ieum.Tests.Analyze;

/// <summary>
/// Two real days with their working shown. Each text is one stretch of ACTIVE, from the line that says so to the next
/// line of execution that says something else, read off the file with
/// <c>zcat FILE | grep '|execution|'</c>.
/// </summary>
public sealed class DayByHandTests
{
    private static readonly string[] Mazak =
    [
        "09:42:29.493 09:42:36.834", "09:44:09.207 09:44:19.782", "09:44:20.834 09:44:23.968", "09:44:26.071 09:47:35.413",
        "10:08:23.718 10:08:33.362", "10:08:34.414 10:08:35.465", "10:08:36.517 10:08:43.857", "11:27:07.610 11:27:17.254",
        "11:27:18.305 11:32:14.952", "11:35:13.018 11:36:13.886", "11:36:31.030 11:45:01.414", "11:46:24.023 12:03:59.130",
        "12:06:03.218 12:07:34.638483", "12:08:20.476 12:08:24.692", "12:08:31.001 12:16:23.520", "12:20:14.863 12:20:30.596",
        "12:20:32.699 12:20:34.802", "12:20:35.853 12:20:37.956", "12:21:21.058 12:21:32.595", "12:22:02.318 12:22:09.878",
        "12:22:12.042 12:22:14.195", "12:22:34.143 12:40:00.548", "12:48:30.081 12:48:37.551", "13:01:21.029 13:01:29.892",
        "13:06:37.374 13:07:46.854", "13:13:45.209 13:13:51.679", "13:14:52.476 13:16:08.485", "13:20:15.561 13:21:33.453",
        "13:23:28.408 13:24:45.499", "13:31:38.162 13:31:44.702", "13:36:17.734 13:39:46.264", "13:44:15.401 13:54:03.547",
        "14:46:10.723 14:46:17.283", "14:49:53.984 14:53:49.974", "14:55:53.732 14:56:03.526", "14:59:51.363 15:01:07.303",
        "15:18:59.154 15:19:08.627", "15:19:09.689 15:19:14.947", "15:19:59.280 15:21:22.420", "15:25:14.864 15:25:49.634",
        "15:25:50.676 15:27:12.794", "15:28:48.491 15:29:42.219", "15:29:45.373 15:30:16.938", "15:30:23.258 15:34:41.078",
        "15:35:06.305 15:36:24.257", "15:37:02.311 15:53:02.883", "15:54:51.098 16:09:59.882763", "16:10:43.738 16:12:25.845",
        "16:37:16.038 16:37:22.407", "16:38:49.071 16:40:12.471", "16:40:20.833 16:40:54.562", "16:43:00.253 16:44:23.693",
        "16:47:39.354 16:48:14.054", "17:47:30.157 17:47:39.581", "17:47:40.632 17:48:00.791", "17:48:02.894 17:57:06.866",
        "17:57:21.538 17:58:22.756", "18:05:24.552 18:05:31.893", "18:20:46.788 18:20:52.046", "18:20:54.149 18:20:56.232",
        "18:20:58.335 18:21:00.438", "18:21:01.489 18:22:26.772", "18:24:27.546 18:26:03.804", "18:29:29.079 18:29:35.368",
        "18:29:38.523 18:31:11.316", "18:36:25.258 18:36:31.547", "18:36:34.701 18:38:09.928", "18:44:50.825 18:44:55.081",
        "18:48:16.941 18:48:22.229", "18:48:23.290 18:48:27.516", "18:48:29.599 18:50:08.431", "20:22:04.223 20:22:10.542",
    ];

    private static readonly string[] GfAgie =
    [
        "10:06:54.629 10:08:08.579", "10:12:59.648 10:14:18.981", "10:19:20.104 10:20:47.863", "10:25:38.926 10:26:38.836",
        "10:31:29.977 10:32:03.269", "10:37:04.325 10:37:43.622", "11:25:04.180 11:25:07.744", "11:31:09.703 11:31:25.112",
        "11:37:34.454 11:38:05.850", "11:49:26.990 11:51:14.873", "11:56:15.945 11:56:42.827", "12:07:37.897 12:09:12.743",
        "12:14:13.732 12:14:24.505", "12:20:55.993 12:22:51.361", "12:27:52.409 12:28:52.055", "12:52:33.714 12:54:31.668",
        "12:59:24.287 13:00:38.754", "13:11:53.970 13:12:58.751", "13:22:56.783 13:23:03.918", "13:28:05.021 13:28:23.270",
        "13:36:55.641 13:37:39.754", "13:42:40.795 13:43:24.136",
    ];

    private static double Seconds(string stretch) =>
        (TimeSpan.Parse(stretch.Split(' ')[1], CultureInfo.InvariantCulture) - TimeSpan.Parse(stretch.Split(' ')[0], CultureInfo.InvariantCulture)).TotalSeconds;

    private static Task<RecordingStates> Analyze(string file) =>
        RecordingAnalysis.StatesAsync(Needs.Shared("data/machine-recordings/raw/" + file), TestContext.Current.CancellationToken);

    /// <summary>
    /// 86 head lines of 2016-11-14 and 2016-11-28; the first event is 09:26:43.303, the last 20:23:29.404204: 39,406.101204 s.
    /// The machine is UNAVAILABLE in the head and until STOPPED at 09:28:49.444.
    /// </summary>
    [Fact]
    public async Task A_day_of_the_Mazak()
    {
        var states = await Analyze("Mazak01-20161129-20161130.txt.gz");
        Assert.Equal(86, states.SnapshotLines);
        Assert.Equal(39_406.101204, (states.To - states.From).TotalSeconds, 6);
        Assert.Equal(Mazak.Length, states.ActiveTransitions);
        Assert.Equal(72, states.ActiveTransitions);
        Assert.Equal(Mazak.Sum(Seconds), states.Seconds.Running, 3);
        Assert.Equal(9_273.15, states.Seconds.Running, 2);
        // 09:43:09.882 path_system Fault 149 TAILSTOCK BARRIER is the only one.
        Assert.Equal(1, states.Faults);
        // The counter reads 0 whenever it reads anything.
        Assert.Equal(0, states.PartCount);
    }

    /// <summary>The adapter loses its machine every few minutes, so ACTIVE often ends in UNAVAILABLE and begins anew: each is a change by an event.</summary>
    [Fact]
    public async Task A_day_of_the_GF_Agie()
    {
        var states = await Analyze("GFAgie01-20161014-20161015.txt.gz");
        // 09:15:33.080 to 13:58:16.041.
        Assert.Equal(16_962.961, (states.To - states.From).TotalSeconds, 3);
        Assert.Equal(22, states.ActiveTransitions);
        Assert.Equal(GfAgie.Sum(Seconds), states.Seconds.Running, 3);
        Assert.Equal(1_209.348, states.Seconds.Running, 3);
        // INTERRUPTED once, 11:38:05.850 to READY at 11:38:07.434.
        Assert.Equal(1.584, states.Seconds.Stopped, 3);
        // logic 81000046 six times, system 3AA nine, B6 two, 1F2D one.
        Assert.Equal(18, states.Faults);
    }

    /// <summary>The same day through the recorder's history and the door of the room gives the same seconds.</summary>
    [Fact]
    public async Task The_timeline_of_the_door_and_the_recording_agree()
    {
        var path = Needs.Shared("data/machine-recordings/raw/Mazak01-20161129-20161130.txt.gz");
        var recording = await Recording.ReadAsync(path, TestContext.Current.CancellationToken);
        var states = await Analyze("Mazak01-20161129-20161130.txt.gz");
        var floor = new Floor();
        foreach (var entry in recording.Entries)
            if (recording.Items[entry.Item].Role is SignalRole.Execution or SignalRole.PartCount)
                floor.Says(new(entry.Ticks, TimeSpan.Zero), recording.Items[entry.Item].Role, entry.Value);
        var range = new TimeRange(states.From, states.To);
        var spans = await floor.Analyst.TimelineAsync(Floor.Mc1, range, TestContext.Current.CancellationToken);
        double Of(MachineState state) => spans.Where(s => s.State == state).Sum(s => s.Range.Duration.TotalSeconds);
        Assert.Equal(states.Seconds, new(Of(MachineState.Running), Of(MachineState.Idle), Of(MachineState.Stopped), Of(MachineState.Offline), Of(MachineState.Unknown)),
            (a, b) => Math.Abs(a!.Running - b!.Running) + Math.Abs(a.Idle - b.Idle) + Math.Abs(a.Stopped - b.Stopped) + Math.Abs(a.Offline - b.Offline) + Math.Abs(a.Unknown - b.Unknown) < 0.001);
        Assert.Equal(range, new(spans[0].Range.From, spans[^1].Range.To));
        Assert.All(spans.Zip(spans.Skip(1)), pair => Assert.Equal(pair.First.Range.To, pair.Second.Range.From));
    }
}
