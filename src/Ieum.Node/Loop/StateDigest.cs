using System.Collections.Concurrent;
using System.Collections.Immutable;
using Ieum.Analyze;
using Ieum.Model;
using Ieum.Node.Ui;
using Ieum.Node.Views;

namespace Ieum.Node.Loop;

/// <summary>How each hour of a machine was spent, counted once per day and kept in memory, so that years can be looked over.</summary>
internal sealed class StateDigest(IAnalyst analyst, Clocks clocks)
{
    // 24 hours of seven states are 672 bytes; this many days are 15 MB.
    private const int MostDays = 20_000, MostTogether = 32;
    // A day that just ended may still receive what a machine kept while it had no connection.
    private static readonly TimeSpan Settled = TimeSpan.FromHours(6), Renew = TimeSpan.FromMinutes(1), Budget = TimeSpan.FromMilliseconds(80), Quick = TimeSpan.FromMilliseconds(10);
    private readonly ConcurrentDictionary<(MachineId Machine, long Day), Counted> _days = [];

    private sealed record Counted(float[] Parts, long At, bool IsFinal);

    /// <summary>Whole hours, or days where more than forty are asked; counts days until the time allowed is used up.</summary>
    public async Task<ExploredStates> SharesAsync(MachineId machine, TimeRange range, CancellationToken cancel)
    {
        var begun = clocks.Wire.GetTimestamp();
        var (now, byDay) = (clocks.Factory.GetUtcNow(), range.Duration > TimeSpan.FromDays(40));
        var shares = ImmutableArray.CreateBuilder<StateShare>();
        var (pending, together) = (0, 1);
        for (var day = new DateTimeOffset(range.From.UtcDateTime.Date, TimeSpan.Zero); day < range.To && day <= now; day = day.AddDays(1))
        {
            if (IsDue(machine, day))
            {
                var since = clocks.Wire.GetTimestamp();
                if (clocks.Wire.GetElapsedTime(begun) < Budget)
                {
                    var days = 1;
                    while (days < together && day.AddDays(days) < range.To && day.AddDays(days) <= now && IsDue(machine, day.AddDays(days))) days++;
                    await CountAsync(machine, day, days, now, cancel);
                    // A question costs more than a day's answer where little happened: more days at once, as long as that is quick.
                    together = clocks.Wire.GetElapsedTime(since) < Quick ? Math.Min(together * 2, MostTogether) : Math.Max(1, together / 2);
                }
                else pending++;
            }
            if (_days.GetValueOrDefault((machine, day.UtcTicks)) is not { } known) continue;
            if (byDay) shares.Add(new(new(day, day.AddDays(1)), [.. Enumerable.Range(0, Names).Select(s => Enumerable.Range(0, 24).Sum(h => known.Parts[h * Names + s]) / 24)]));
            else for (var h = 0; h < 24; h++) if (new TimeRange(day.AddHours(h), day.AddHours(h + 1)) is var hour && hour.Overlaps(range)) shares.Add(new(hour, [.. known.Parts.AsSpan(h * Names, Names)]));
        }
        return new([], shares.ToImmutable(), pending);
    }

    private bool IsDue(MachineId machine, DateTimeOffset day) =>
        _days.GetValueOrDefault((machine, day.UtcTicks)) is not { } known || (!known.IsFinal && clocks.Wire.GetElapsedTime(known.At) > Renew);

    private static int Names => StateShare.Names.Length;

    private async Task CountAsync(MachineId machine, DateTimeOffset first, int days, DateTimeOffset now, CancellationToken cancel)
    {
        var parts = Enumerable.Range(0, days).Select(_ => new float[24 * Names]).ToArray();
        foreach (var span in await analyst.TimelineAsync(machine, new(first, first.AddDays(days)), cancel))
        {
            var state = StateShare.Names.IndexOf(StateLook.Of(span.State, span.Overlay).Name);
            var (from, to) = ((span.Range.From - first) / TimeSpan.FromHours(1), (span.Range.To - first) / TimeSpan.FromHours(1));
            for (var h = (int)from; h < 24 * days && h < to; h++) parts[h / 24][h % 24 * Names + state] += (float)(Math.Min(to, h + 1) - Math.Max(from, h));
        }
        if (_days.Count + days > MostDays) _days.Clear();   // rare, and everything in it can be counted again
        for (var d = 0; d < days; d++)
            _days[(machine, first.AddDays(d).UtcTicks)] = new(parts[d], clocks.Wire.GetTimestamp(), now - first.AddDays(d + 1) > Settled);
    }
}
