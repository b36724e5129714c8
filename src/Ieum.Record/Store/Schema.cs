namespace Ieum.Record.Store;

/// <summary>
/// The tables. A sample is in exactly one of two: in <c>tail</c> (a row per write, many signals) until it is sealed,
/// then in <c>block</c> (a row per signal and stretch of time). The same tables are meant to hold in PostgreSQL,
/// hence no row tricks of one engine.
/// </summary>
internal static class Schema
{
    public const int Version = 2;

    public const string Tables = """
        CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT NOT NULL);
        CREATE TABLE signal(
          number INTEGER PRIMARY KEY, machine TEXT NOT NULL, name TEXT NOT NULL,
          unit TEXT NOT NULL, symbol TEXT NOT NULL, quantity TEXT NOT NULL,
          kind INTEGER NOT NULL, role INTEGER NOT NULL, description TEXT NOT NULL,
          UNIQUE(machine, name));
        CREATE TABLE tail(id INTEGER PRIMARY KEY, count INTEGER NOT NULL, bytes BLOB NOT NULL);
        CREATE TABLE block(
          id INTEGER PRIMARY KEY, signal INTEGER NOT NULL, "start" INTEGER NOT NULL, "end" INTEGER NOT NULL,
          count INTEGER NOT NULL, bytes BLOB NOT NULL);
        CREATE INDEX block_by_time ON block(signal, "start", "end");
        CREATE TABLE sealed(signal INTEGER PRIMARY KEY, longest INTEGER NOT NULL, newest_end INTEGER NOT NULL, newest_block INTEGER NOT NULL);
        CREATE TABLE gap(
          id INTEGER PRIMARY KEY, source TEXT NOT NULL, "start" INTEGER NOT NULL, "end" INTEGER NOT NULL,
          cause INTEGER NOT NULL, lost INTEGER, detail TEXT NOT NULL);
        CREATE INDEX gap_by_source ON gap(source, "end");
        CREATE TABLE rejection(
          id INTEGER PRIMARY KEY, at INTEGER NOT NULL, source TEXT NOT NULL, machine TEXT NOT NULL,
          signal INTEGER NOT NULL, rule TEXT NOT NULL, count INTEGER NOT NULL, example TEXT NOT NULL);
        CREATE TABLE damage(
          id INTEGER PRIMARY KEY, at INTEGER NOT NULL, place TEXT NOT NULL, row INTEGER NOT NULL,
          reason TEXT NOT NULL, bytes BLOB NOT NULL, UNIQUE(place, row, bytes));
        INSERT INTO meta(key, value) VALUES ('schema', '2');
        """ + Marks;

    /// <summary>New in version 2: how far each source is durable, so that nothing handed over twice is stored twice.</summary>
    private const string Marks = """
        CREATE TABLE mark(source TEXT PRIMARY KEY, number INTEGER NOT NULL, through INTEGER NOT NULL, place TEXT);
        """;

    /// <summary>What a file of an older version lacks, by that version.</summary>
    public static IReadOnlyDictionary<int, string> Upgrades { get; } = new Dictionary<int, string> { [1] = Marks };

    // WAL with FULL: a commit is on the disk before it is acknowledged, so that also a power cut takes nothing acknowledged.
    // wal_autocheckpoint counts pages of 16 KiB: 1000 pages, 16 MB.
    public const string EveryConnection = """
        PRAGMA synchronous = FULL;
        PRAGMA busy_timeout = 5000;
        PRAGMA temp_store = MEMORY;
        """;

    public const string NewFile = """
        PRAGMA page_size = 16384;
        PRAGMA auto_vacuum = INCREMENTAL;
        PRAGMA journal_mode = WAL;
        """;
}
