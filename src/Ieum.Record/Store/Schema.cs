namespace Ieum.Record.Store;

/// <summary>
/// The tables. A sample is in exactly one of two: in <c>tail</c> (a row per write, many signals) until it is sealed,
/// then in <c>block</c> (a row per signal and stretch of time). The same tables hold in SQLite and in PostgreSQL,
/// hence no row tricks of one engine.
/// </summary>
internal static class Schema
{
    public const int Version = 4;

    /// <summary>Tables in which bytes of samples lie.</summary>
    public static IReadOnlyList<string> WithSamples { get; } = ["tail", "block", "rollup", "damage", "rejection"];

    public const string Tables = """
        CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT NOT NULL);
        CREATE TABLE signal(
          number {whole} PRIMARY KEY, machine TEXT NOT NULL, name TEXT NOT NULL,
          unit TEXT NOT NULL, symbol TEXT NOT NULL, quantity TEXT NOT NULL,
          kind {whole} NOT NULL, role {whole} NOT NULL, description TEXT NOT NULL,
          UNIQUE(machine, name));
        CREATE TABLE tail(id {whole} PRIMARY KEY, count {whole} NOT NULL, bytes {bytes} NOT NULL);
        CREATE TABLE block(
          id {whole} PRIMARY KEY, signal {whole} NOT NULL, "start" {whole} NOT NULL, "end" {whole} NOT NULL,
          count {whole} NOT NULL, bytes {bytes} NOT NULL);
        CREATE INDEX block_by_time ON block(signal, "start", "end");
        CREATE TABLE sealed(signal {whole} PRIMARY KEY, longest {whole} NOT NULL, newest_end {whole} NOT NULL, newest_block {whole} NOT NULL);
        CREATE TABLE gap(
          id {id}, source TEXT NOT NULL, "start" {whole} NOT NULL, "end" {whole} NOT NULL,
          cause {whole} NOT NULL, lost {whole}, detail TEXT NOT NULL);
        CREATE INDEX gap_by_source ON gap(source, "end");
        CREATE TABLE rejection(
          id {id}, at {whole} NOT NULL, source TEXT NOT NULL, machine TEXT NOT NULL,
          signal {whole} NOT NULL, rule TEXT NOT NULL, count {whole} NOT NULL, example TEXT NOT NULL);
        CREATE TABLE damage(
          id {id}, at {whole} NOT NULL, place TEXT NOT NULL, "row" {whole} NOT NULL,
          reason TEXT NOT NULL, bytes {bytes} NOT NULL);
        INSERT INTO meta(key, value) VALUES ('schema', '4');
        INSERT INTO meta(key, value) VALUES ('overwrites', '1');
        """ + Marks + Rollups;

    /// <summary>New in version 2: how far each source is durable, so that nothing handed over twice is stored twice.</summary>
    private const string Marks = """
        CREATE TABLE mark(source TEXT PRIMARY KEY, number {whole} NOT NULL, through {whole} NOT NULL, place TEXT);
        """;

    /// <summary>
    /// New in version 3: sums by second, minute, hour and day (<c>tier</c> 0 to 3), how far each signal has them, and the hours
    /// whose sums are to be made again because samples came late or were deleted. The log of deletions keeps what was deleted, not the data.
    /// </summary>
    private const string Rollups = """
        CREATE TABLE rollup(signal {whole} NOT NULL, tier {whole} NOT NULL, "start" {whole} NOT NULL, bytes {bytes} NOT NULL, PRIMARY KEY(signal, tier, "start"));
        CREATE TABLE rolled(signal {whole} NOT NULL, tier {whole} NOT NULL, through {whole} NOT NULL, PRIMARY KEY(signal, tier));
        CREATE TABLE stale(signal {whole} NOT NULL, hour {whole} NOT NULL, PRIMARY KEY(signal, hour));
        CREATE TABLE deletion(
          id {id}, at {whole} NOT NULL, signal {whole} NOT NULL, "start" {whole} NOT NULL, "end" {whole} NOT NULL,
          samples {whole} NOT NULL, reason TEXT NOT NULL);
        """;

    /// <summary>What a database of an older version lacks, by that version. Version 4 has new forms of blocks: an older program must not take them for damage.</summary>
    public static IReadOnlyDictionary<int, string> Upgrades { get; } = new Dictionary<int, string> { [1] = Marks, [2] = Rollups, [3] = "" };
}
