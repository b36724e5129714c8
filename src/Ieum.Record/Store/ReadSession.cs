using System.Data;
using System.Data.Common;
using Ieum.Model;
using Ieum.Record.Blocks;

namespace Ieum.Record.Store;

/// <summary>Where a block lies and what time it covers, without its bytes.</summary>
internal readonly record struct BlockPlace(long Id, long Start, long End);

/// <summary>A connection that reads, with its own codec. For one thread at a time; the recorder keeps a few.</summary>
internal sealed partial class ReadSession : IDisposable
{
    private readonly DbConnection _connection;
    private readonly Engine _engine;
    private readonly DbCommand _longest, _places, _nearest, _bytes, _gaps, _rejections, _sums, _hourBefore;
    private byte[] _buffer = new byte[64 * 1024];

    public ReadSession(Engine engine)
    {
        _engine = engine;
        var connection = _connection = engine.Connect();
        _longest = connection.Prepared("SELECT longest FROM sealed WHERE signal = @signal");
        // A block that touches the range begins at most the longest block before it; so the index is entered near the range.
        _places = connection.Prepared("""
            SELECT id, "start", "end" FROM block WHERE signal = @signal AND "start" >= @earliest AND "end" >= @from AND "start" < @to ORDER BY "start", id
            """);
        _nearest = connection.Prepared("""SELECT "start" FROM block WHERE signal = @signal AND "start" < @instant ORDER BY "start" DESC LIMIT 1""");
        _bytes = connection.Prepared("SELECT bytes FROM block WHERE id = @id");
        _sums = connection.Prepared("""
            SELECT "start", bytes FROM rollup WHERE signal = @signal AND tier = @tier AND "start" >= @from AND "start" < @to ORDER BY "start"
            """);
        _hourBefore = connection.Prepared("""
            SELECT "start", bytes FROM rollup WHERE signal = @signal AND tier = 2 AND "start" < @instant ORDER BY "start" DESC LIMIT 2
            """);
        _gaps = connection.Prepared("""
            SELECT "start", "end", cause, lost, detail FROM gap WHERE source = @source AND "end" >= @from AND "start" < @to ORDER BY "start", id
            """);
        _rejections = connection.Prepared("""
            SELECT at, source, machine, signal, rule, count, example FROM rejection ORDER BY id DESC LIMIT @most
            """);
    }

    public BlockCodec Codec { get; } = new();

    /// <summary>Room for one block, used again by every question: a megabyte is too much to throw away hundreds of times a second.</summary>
    public SampleColumns Block { get; } = new();

    /// <summary>Blocks that may hold samples from <paramref name="from"/> up to but not including <paramref name="to"/>, by start.</summary>
    /// <exception cref="RecordException">Pages of the files are damaged.</exception>
    public List<BlockPlace> Places(SignalNumber signal, long from, long to) => _engine.Ask(() => FindPlaces(signal, from, to));

    private List<BlockPlace> FindPlaces(SignalNumber signal, long from, long to)
    {
        List<BlockPlace> places = [];
        long longest;
        using (var ask = _longest.Ask(signal.Value))
        {
            if (!ask.Read()) return places;
            longest = ask.GetInt64(0);
        }
        using var rows = _places.Ask(signal.Value, Math.Max(0, from - longest), from, to);
        while (rows.Read()) places.Add(new(rows.GetInt64(0), rows.GetInt64(1), rows.GetInt64(2)));
        return places;
    }

    /// <summary>The blocks among which the newest sample before <paramref name="instant"/> is: none starts later than one of them, and none that is left out ends later.</summary>
    public List<BlockPlace> PlacesBefore(SignalNumber signal, long instant) => _engine.Ask(() =>
    {
        long start;
        using (var ask = _nearest.Ask(signal.Value, instant))
        {
            if (!ask.Read()) return [];
            start = ask.GetInt64(0);
        }
        return FindPlaces(signal, start, instant);
    });

    /// <summary>The bytes of a block, valid until the next block is asked for; null when it is gone.</summary>
    /// <exception cref="RecordException">The page with the block, or the way to it, is damaged.</exception>
    public ReadOnlyMemory<byte>? Bytes(long id) => _engine.Ask<ReadOnlyMemory<byte>?>(() =>
    {
        using var row = _bytes.Ask(id);
        if (!row.Read()) return null;
        var size = _engine.Copy(row, 0, ref _buffer);
        return _buffer.AsMemory(0, size);
    });

    public List<Gap> Gaps(SourceId source, long from, long to)
    {
        List<Gap> gaps = [];
        using var rows = _gaps.Ask(_engine.Keep(source.Value), from, to);
        while (rows.Read())
            gaps.Add(new(source, new(new(rows.GetInt64(0), TimeSpan.Zero), new(rows.GetInt64(1), TimeSpan.Zero)),
                (GapCause)rows.GetInt32(2), rows.IsDBNull(3) ? null : rows.GetInt64(3), Text(rows, 4)));
        return gaps;
    }

    public List<Rejection> Rejections(int most)
    {
        List<Rejection> rejections = [];
        using var rows = _rejections.Ask(most);
        while (rows.Read())
            rejections.Add(new(new(rows.GetInt64(0), TimeSpan.Zero), new(Text(rows, 1)), new(Text(rows, 2)),
                new(rows.GetInt32(3)), Text(rows, 4), rows.GetInt32(5), Text(rows, 6)));
        return rejections;
    }

    public IEnumerable<(int Number, Signal Signal)> Signals()
    {
        using var ask = _connection.Prepared("SELECT number, machine, name, unit, symbol, quantity, kind, role, description FROM signal ORDER BY number");
        using var rows = ask.ExecuteReader();
        while (rows.Read())
        {
            var code = Text(rows, 3);
            var unit = Unit.TryFind(code, out var known) && known.Symbol == Text(rows, 4) && known.Quantity == Text(rows, 5)
                ? known : new Unit(code, Text(rows, 4), Text(rows, 5));
            yield return (rows.GetInt32(0), new Signal(new(new(Text(rows, 1)), Text(rows, 2)), unit,
                (ValueKind)rows.GetInt32(6), (SignalRole)rows.GetInt32(7), Text(rows, 8)));
        }
    }

    public IEnumerable<(SourceId Source, SourceMark Mark)> Marks()
    {
        using var ask = _connection.Prepared("SELECT source, number, through, place FROM mark");
        using var rows = ask.ExecuteReader();
        while (rows.Read())
            yield return (new(Text(rows, 0)), new(rows.GetInt64(1), new(rows.GetInt64(2), TimeSpan.Zero), rows.IsDBNull(3) ? null : Text(rows, 3)));
    }

    public IEnumerable<(long Id, byte[] Bytes)> Tail()
    {
        using var ask = _connection.Prepared("SELECT id, bytes FROM tail ORDER BY id");
        using var rows = ask.ExecuteReader();
        while (rows.Read()) yield return (rows.GetInt64(0), BytesOf(rows, 1));
    }

    /// <summary>Per signal the end of its newest block, and which one that is.</summary>
    public IEnumerable<(int Signal, long End, long Block)> Newest()
    {
        using var ask = _connection.Prepared("SELECT signal, newest_end, newest_block FROM sealed");
        using var rows = ask.ExecuteReader();
        while (rows.Read()) yield return (rows.GetInt32(0), rows.GetInt64(1), rows.GetInt64(2));
    }

    /// <summary>Whether the connection can answer another question; a server may have closed it.</summary>
    public bool IsOpen => _connection.State == ConnectionState.Open;

    // A page that was half written can leave a row without bytes; that is for the checksum to tell.
    private static byte[] BytesOf(DbDataReader rows, int column) => rows.IsDBNull(column) ? [] : rows.GetFieldValue<byte[]>(column);

    private string Text(DbDataReader rows, int column) => _engine.Tell(rows.GetString(column));

    public void Dispose()
    {
        foreach (var command in new[] { _longest, _places, _nearest, _bytes, _gaps, _rejections, _sums, _hourBefore }) command.Dispose();
        Codec.Dispose();
        _rollups.Dispose();
        _connection.Dispose();
    }
}
