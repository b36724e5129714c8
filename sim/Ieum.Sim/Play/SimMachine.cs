using Ieum.Model;
using Ieum.Sim.Feeds;
using Microsoft.Extensions.Logging;

namespace Ieum.Sim.Play;

/// <summary>One simulated machine: a feed played on the factory clock into an outlet.</summary>
internal sealed class SimMachine(string id, IFeed feed, IOutlet outlet, Clocks clocks, bool waitForClient, ILogger log)
{
    /// <summary>Wire time between two looks at the feed. 20 ms is 2.4 s of scenario at speed 120: far below any skew limit.</summary>
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(20);

    /// <summary>Lines taken at once, so that a busy minute at high speed does not hold up everything else.</summary>
    private const int Batch = 4096;

    private volatile bool _stopped;

    public string Id { get; } = id;
    public IOutlet Outlet { get; } = outlet;
    public IFeed Feed { get; } = feed;

    /// <summary>Scenario time of the newest line played.</summary>
    public DateTimeOffset Played { get; private set; }

    /// <summary>Why the machine stopped by itself; null while it runs.</summary>
    public string? Failure { get; private set; }

    /// <summary>Ends the feed: no new line from here on. The outlet stays open and delivers what it has.</summary>
    public void Stop() => _stopped = true;

    /// <summary>Plays until cancelled or stopped. A broken recording stops this machine only, and its status says so.</summary>
    public async Task RunAsync(CancellationToken cancel)
    {
        try
        {
            if (waitForClient) await Outlet.FirstClient.WaitAsync(cancel).ConfigureAwait(false);
            Write(CatchUp());
            var lines = new List<FeedLine>(Batch);
            while (!_stopped)
            {
                lines.Clear();
                var more = Feed.Advance(clocks.Factory.GetUtcNow(), lines, Batch);
                Write(lines);
                if (!more) return;
                if (lines.Count < Batch) await Task.Delay(Tick, clocks.Wire, cancel).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) { }
        catch (Exception e) when (e is IOException or InvalidDataException)
        {
            Failure = e.Message;
            Log.MachineFailed(log, Id, e.Message);
        }
    }

    /// <summary>What happened before now becomes the state the machine is found in: the past itself is not told again.</summary>
    private List<FeedLine> CatchUp()
    {
        var board = new StateBoard<FeedLine>(l => l.Value);
        var now = clocks.Factory.GetUtcNow();
        var lines = new List<FeedLine>(Batch);
        do
        {
            lines.Clear();
            Feed.Advance(now, lines, Batch);
            foreach (var line in lines) board.Apply(line.Item, line);
        } while (lines.Count == Batch);
        return [.. board.All.OrderBy(l => l.Ticks)];
    }

    private void Write(List<FeedLine> lines)
    {
        if (lines.Count == 0) return;
        Outlet.Write(lines);
        Played = new(lines[^1].Ticks, TimeSpan.Zero);
    }
}
