using Ieum.Record.Query;
using Ieum.Record.Tend;

namespace Ieum.Record.Store;

/// <summary>What upkeep and sums ask.</summary>
internal sealed partial class ReadSession
{
    private readonly RollupCodec _rollups = new();

    /// <summary>Sums of a tier that begin within the range, by start. Rows that fail their checksum are left out and named.</summary>
    public List<RollupBucket> Rollups(int signal, Tier tier, long from, long to, Action<long>? damaged = null)
    {
        List<RollupBucket> buckets = [];
        using var rows = _sums.Ask(signal, (int)tier, Tiers.ChunkOf(tier, from), to);
        while (rows.Read())
        {
            var chunk = rows.GetInt64(0);
            if (_rollups.TryDecode(BytesOf(rows, 1), tier, chunk, out var read)) buckets.AddRange(read.Where(b => b.Start >= from && b.Start < to));
            else damaged?.Invoke(chunk);
        }
        return buckets;
    }

    /// <summary>The newest hour of sums that begins before an instant; null when there is none.</summary>
    public RollupBucket? HourBefore(int signal, long instant)
    {
        using var rows = _hourBefore.Ask(signal, instant);
        while (rows.Read())
            if (_rollups.TryDecode(BytesOf(rows, 1), Tier.Hour, rows.GetInt64(0), out var read) && read.LastOrDefault(b => b.End <= instant) is { } newest) return newest;
        return null;
    }

    public byte[] Encode(IReadOnlyList<RollupBucket> buckets, Tier tier, long chunk) => _rollups.Encode(buckets, tier, chunk);

    public List<(int Signal, int Tier, long Through)> Rolled()
    {
        List<(int, int, long)> rolled = [];
        using var ask = _connection.Prepared("SELECT signal, tier, through FROM rolled");
        using var rows = ask.ExecuteReader();
        while (rows.Read()) rolled.Add((rows.GetInt32(0), rows.GetInt32(1), rows.GetInt64(2)));
        return rolled;
    }

    public List<(int Signal, long Hour)> Stale()
    {
        List<(int, long)> stale = [];
        using var ask = _connection.Prepared("SELECT signal, hour FROM stale");
        using var rows = ask.ExecuteReader();
        while (rows.Read()) stale.Add((rows.GetInt32(0), rows.GetInt64(1)));
        return stale;
    }

    /// <summary>Blocks of a signal that end at or after an instant, by start, with how many samples each holds.</summary>
    public List<(BlockPlace Place, int Count)> Shelf(int signal, long from, long before, int most)
    {
        List<(BlockPlace, int)> blocks = [];
        long longest;
        using (var ask = _longest.Ask(signal))
        {
            if (!ask.Read()) return blocks;
            longest = ask.GetInt64(0);
        }
        using var list = _connection.Prepared("""
            SELECT id, "start", "end", count FROM block WHERE signal = @signal AND "start" >= @earliest AND "end" >= @from AND "end" < @before ORDER BY "start", id LIMIT @most
            """);
        using var rows = list.Ask(signal, Math.Max(0, from - longest), from, before, most);
        while (rows.Read()) blocks.Add((new(rows.GetInt64(0), rows.GetInt64(1), rows.GetInt64(2)), (rows.IsDBNull(3) ? 0 : rows.GetInt32(3))));
        return blocks;
    }

    public List<Deletion> Deletions(int most)
    {
        List<Deletion> deletions = [];
        using var ask = _connection.Prepared("""SELECT at, signal, "start", "end", samples, reason FROM deletion ORDER BY id DESC LIMIT @most""");
        using var rows = ask.Ask(most);
        while (rows.Read())
            deletions.Add(new(new(rows.GetInt64(0), TimeSpan.Zero), new(rows.GetInt32(1)),
                new(new(rows.GetInt64(2), TimeSpan.Zero), new(rows.GetInt64(3), TimeSpan.Zero)), rows.GetInt64(4), Text(rows, 5)));
        return deletions;
    }

    public List<DamageRow> Damages(int most)
    {
        List<DamageRow> rows = [];
        using var ask = _connection.Prepared("""SELECT at, place, "row", reason, length(bytes) FROM damage ORDER BY id DESC LIMIT @most""");
        using var found = ask.Ask(most);
        while (found.Read()) rows.Add(new(found.GetInt64(0), Text(found, 1), found.GetInt64(2), Text(found, 3), found.IsDBNull(4) ? 0 : found.GetInt32(4)));
        return rows;
    }

    /// <summary>Everything asked from now on until <see cref="EndSnapshot"/> is of one state of the data.</summary>
    public void BeginSnapshot()
    {
        EndSnapshot();
        _connection.Run(_engine.BeginRead);
        InSnapshot = true;
    }

    /// <summary>After an error: where the engine's transaction, and perhaps its connection, answers nothing more, another one begins. It may see a newer state than the places were listed in.</summary>
    public void GoOn()
    {
        if (!_engine.ErrorsEndTransactions) return;
        var inSnapshot = InSnapshot;
        if (!IsOpen)
        {
            InSnapshot = false;
            _connection.Close();
            _connection.Open();
        }
        if (!inSnapshot) return;
        BeginSnapshot();
        IsNewer = true;
    }

    public void EndSnapshot()
    {
        IsNewer = false;
        if (!InSnapshot) return;
        InSnapshot = false;
        _connection.Run("ROLLBACK");
    }

    /// <summary>Whether all questions see one state of the data.</summary>
    public bool InSnapshot { get; private set; }

    /// <summary>Whether damage made that state a newer one than the first question saw.</summary>
    public bool IsNewer { get; private set; }
}
