using Ieum.Record.Store;
using Ieum.Record.Ingest;
using Ieum.Record.Tend;

namespace Ieum.Record.Query;

/// <summary>
/// Splits a range into what stored sums answer and what samples must: whole hours that are finished and not stale come from
/// sums where the asked step is made of them; before the oldest kept sample everything comes from the finest sums there are.
/// </summary>
internal static class SumsReader
{
    /// <summary>A part of a range: sums of one tier, or null where samples answer.</summary>
    public readonly record struct Part(long From, long To, List<RollupBucket>? Sums);

    /// <param name="step">The step of the question in ticks; null when any whole hour will do (state durations).</param>
    /// <param name="statesOnly">Hours without state times are left to the samples.</param>
    public static List<Part> Split(ReadSession session, int signal, SumsView view, long from, long to, long? step, bool statesOnly, RecordOptionsTiers tiers)
    {
        List<Part> parts = [];
        var rawFrom = Math.Clamp(view.RawFrom, from, to);
        if (rawFrom > from) parts.AddRange(Dropped(session, signal, from, rawFrom, step));
        // Samples below an hour's step are summed faster than they are looked up, so only hours and days are taken.
        var fits = step is not { } s || (s % Tiers.Hour == 0 && from % Tiers.Hour == 0);
        var first = (rawFrom + Tiers.Hour - 1) / Tiers.Hour * Tiers.Hour;
        var end = Math.Min(to, view.Through) / Tiers.Hour * Tiers.Hour;
        if (!fits || end <= first || !tiers.HasHours)
        {
            if (to > rawFrom) parts.Add(new(rawFrom, to, null));
            return parts;
        }
        HashSet<long> broken = [.. view.Stale];
        var days = step is { } d && d % TimeSpan.TicksPerDay == 0 && from % TimeSpan.TicksPerDay == 0 && first % TimeSpan.TicksPerDay == 0;
        var sums = days ? WholeDays(first, end) : Hours(first, end);
        if (statesOnly) foreach (var b in sums) if (b.States is null) broken.Add(RollupBook.HourOf(b.Start));
        var at = rawFrom;
        foreach (var hour in broken.Order())
        {
            var (start, stop) = (Math.Max(hour * Tiers.Hour, first), Math.Min((hour + 1) * Tiers.Hour, end));
            if (stop <= start) continue;
            Good(at, start);
            parts.Add(new(start, stop, null));
            at = stop;
        }
        Good(at, end);
        if (to > end) parts.Add(new(end, to, null));
        return parts;

        List<RollupBucket> Hours(long start, long stop) => session.Rollups(signal, Tier.Hour, start, stop, day => { for (var h = 0; h < 24; h++) broken.Add(RollupBook.HourOf(day) + h); });

        // Years are a row a month then, instead of a row a day; only the hours of days that are not whole are looked at.
        List<RollupBucket> WholeDays(long start, long stop)
        {
            var (last, damaged) = (stop / TimeSpan.TicksPerDay * TimeSpan.TicksPerDay, false);
            var whole = session.Rollups(signal, Tier.Day, start, last, _ => damaged = true);
            if (damaged) return Hours(start, stop);
            var partly = broken.Select(h => h / 24 * TimeSpan.TicksPerDay).Where(t => t >= start && t < last).Distinct().ToHashSet();
            List<RollupBucket> all = [.. whole.Where(b => !partly.Contains(b.Start))];
            foreach (var t in partly) all.AddRange(Hours(t, t + TimeSpan.TicksPerDay));
            all.AddRange(Hours(last, stop));
            return [.. all.OrderBy(b => b.Start)];
        }

        void Good(long start, long stop)
        {
            if (start < first && stop > start)
            {
                parts.Add(new(start, Math.Min(first, stop), null));
                start = Math.Min(first, stop);
            }
            if (stop > start) parts.Add(new(start, stop, [.. sums.Where(b => b.Start >= start && b.End <= stop)]));
        }
    }

    /// <summary>Where samples are gone: of the tiers that are left, hour by hour the coarsest that the step is made of, else the finest.</summary>
    private static List<Part> Dropped(ReadSession session, int signal, long from, long to, long? step)
    {
        var order = new[] { Tier.Hour, Tier.Minute, Tier.Second }.Where(t => step is not { } s || (s % Tiers.Width(t) == 0 && from % Tiers.Width(t) == 0))
            .Concat([Tier.Second, Tier.Minute, Tier.Hour, Tier.Day]).Distinct();
        HashSet<long> covered = [];
        List<RollupBucket> all = [];
        foreach (var tier in order)
        {
            var found = session.Rollups(signal, tier, from, to).Where(b => !covered.Contains(RollupBook.HourOf(b.Start)) && b.Start >= from && b.End <= to).ToList();
            all.AddRange(tier != Tier.Day ? found : found.Where(b => !Enumerable.Range(0, 24).Any(h => covered.Contains(RollupBook.HourOf(b.Start) + h))));
            foreach (var b in found) covered.Add(RollupBook.HourOf(b.Start));
        }
        return [new(from, to, [.. all.OrderBy(b => b.Start)])];
    }
}

/// <summary>Whether sums by hour are there for the whole past; not where their keeping is limited.</summary>
internal readonly record struct RecordOptionsTiers(bool HasHours)
{
    public static RecordOptionsTiers Of(RecordOptions options) => new(options.KeepHours == TimeSpan.Zero);
}
