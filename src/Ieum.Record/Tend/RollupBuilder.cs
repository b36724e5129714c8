using Ieum.Record.Blocks;
using Ieum.Record.Store;

namespace Ieum.Record.Tend;

/// <summary>Makes the rows of sums of one signal from samples in order of time, hour by whole hour; hours that are not given stay as they are stored.</summary>
internal sealed class RollupBuilder(ReadSession session, int signal, IReadOnlyList<Tier> kept, Action<long> damagedDay)
{
    private readonly Dictionary<(Tier Tier, long Chunk), List<RollupBucket>> _fine = [];
    // By hour; null: renewed and found empty.
    private readonly SortedDictionary<long, RollupBucket?> _hours = [];
    private readonly bool _finer = kept.Contains(Tier.Minute);
    private RollupBucket? _second, _minute, _hour;

    /// <summary>The hour is made anew, also when no sample is left in it.</summary>
    public void Renew(long hour)
    {
        _hours.TryAdd(hour, null);
        if (!_finer) return;
        foreach (var tier in new[] { Tier.Second, Tier.Minute }) _fine.TryAdd((tier, hour * Tiers.Hour), []);
    }

    public void Add(SampleColumns samples, int i)
    {
        var ticks = samples.Source[i];
        if (_hour is null || ticks >= _hour.End || ticks < _hour.Start)
        {
            EndHour();
            _hour = Bucket(Tier.Hour, ticks);
            Renew(RollupBook.HourOf(ticks));
        }
        if (!_finer)
        {
            _hour.Add(samples, i);
            return;
        }
        if (_second is null || ticks >= _second.End)
        {
            EndSecond();
            if (_minute is null || ticks >= _minute.End)
            {
                EndMinute();
                _minute = Bucket(Tier.Minute, ticks);
            }
            _second = Bucket(Tier.Second, ticks);
        }
        _second.Add(samples, i);
    }

    public List<RollupRow> Rows()
    {
        EndHour();
        List<RollupRow> rows = [];
        foreach (var ((tier, chunk), buckets) in _fine) rows.Add(Row(tier, chunk, buckets));
        foreach (var day in _hours.GroupBy(h => h.Key / 24).ToList())
        {
            var chunk = day.Key * TimeSpan.TicksPerDay;
            var hours = new SortedDictionary<long, RollupBucket>();
            foreach (var stored in session.Rollups(signal, Tier.Hour, chunk, chunk + TimeSpan.TicksPerDay, damagedDay)) hours[RollupBook.HourOf(stored.Start)] = stored;
            foreach (var (hour, bucket) in day)
                if (bucket is null) hours.Remove(hour); else hours[hour] = bucket;
            rows.Add(Row(Tier.Hour, chunk, [.. hours.Values]));
            _days[chunk] = [.. hours.Values];
        }
        foreach (var month in _days.GroupBy(d => Tiers.ChunkOf(Tier.Day, d.Key)))
        {
            var days = new SortedDictionary<long, RollupBucket>();
            foreach (var stored in session.Rollups(signal, Tier.Day, month.Key, month.Key + Tiers.Chunk(Tier.Day))) days[stored.Start] = stored;
            foreach (var (start, hours) in month)
            {
                days.Remove(start);
                if (hours.Count == 0) continue;
                var day = Bucket(Tier.Day, start);
                foreach (var hour in hours) day.Add(hour);
                day.Close();
                days[start] = day;
            }
            rows.Add(Row(Tier.Day, month.Key, [.. days.Values]));
        }
        return rows;
    }

    private readonly SortedDictionary<long, List<RollupBucket>> _days = [];

    private static RollupBucket Bucket(Tier tier, long ticks)
    {
        var width = Tiers.Width(tier);
        return new(ticks / width * width, (ticks / width + 1) * width);
    }

    private RollupRow Row(Tier tier, long chunk, List<RollupBucket> buckets) =>
        new(signal, tier, chunk, buckets.Count == 0 ? null : session.Encode(buckets, tier, chunk));

    private void EndSecond()
    {
        if (_second is not { } second) return;
        second.Close();
        _minute!.Add(second);
        _fine[(Tier.Second, Tiers.ChunkOf(Tier.Second, second.Start))].Add(second);
        _second = null;
    }

    private void EndMinute()
    {
        if (_minute is not { } minute) return;
        minute.Close();
        _hour!.Add(minute);
        _fine[(Tier.Minute, Tiers.ChunkOf(Tier.Minute, minute.Start))].Add(minute);
        _minute = null;
    }

    private void EndHour()
    {
        EndSecond();
        EndMinute();
        if (_hour is not { } hour) return;
        hour.Close();
        _hours[RollupBook.HourOf(hour.Start)] = hour;
        _hour = null;
    }
}
