using System.Data.Common;
using System.Globalization;

namespace Ieum.Record.Store;

/// <summary>
/// The database that holds the measurements: a SQLite file or a schema of PostgreSQL. Tables, codec and questions are the
/// same in both (<see cref="Schema"/>); what differs is here: opening, keeping other writers out, freeing space.
/// </summary>
internal abstract class Engine : IDisposable
{
    /// <summary>The engine that the settings name, ready for one writer.</summary>
    /// <exception cref="RecordException">It cannot be opened, is in use, or was written by a newer program.</exception>
    public static Engine Open(RecordOptions options) => options.Postgres is { } postgres ? PostgresEngine.Open(postgres) : SqliteEngine.Open(options.Folder);

    /// <summary>Where it lies, for messages; never with a password.</summary>
    public abstract string Place { get; }
    /// <summary>Bytes on the disk with the write-ahead log, as far as the engine can tell.</summary>
    public abstract long Bytes { get; }
    public abstract string BeginWrite { get; }
    /// <summary>A read transaction that sees one state of the data from its first question to its end.</summary>
    public abstract string BeginRead { get; }
    public abstract bool IsFull(Exception error);

    /// <summary>What was saved of damaged files when this one was opened; null when they were in order.</summary>
    public virtual RescueReport? Rescued => null;

    /// <summary>Whether an error means that pages of the files make no sense. Of a file the next start then copies what is readable into a new one.</summary>
    public abstract bool NoteDamage(Exception error);

    /// <summary>Damage in words, with what to do.</summary>
    public abstract RecordException DamageError(Exception error);

    /// <summary>Whether an error ends what a transaction can answer, so that the next question needs a new one.</summary>
    public virtual bool ErrorsEndTransactions => false;

    /// <summary>Asks, and tells damage of the files as what it is.</summary>
    /// <exception cref="RecordException">Pages are damaged.</exception>
    public T Ask<T>(Func<T> ask)
    {
        try
        {
            return ask();
        }
        catch (DbException e) when (NoteDamage(e))
        {
            throw DamageError(e);
        }
    }

    /// <summary>After the server was lost: makes sure that still nobody else writes.</summary>
    /// <exception cref="RecordException">Another node has taken over.</exception>
    public virtual void Regain() { }

    /// <summary>A connection that is ready for work.</summary>
    public abstract DbConnection Connect();

    /// <summary>Gives the room of deleted rows back to the disk, as far as that goes beside running questions.</summary>
    public abstract void Shrink(DbConnection connection);

    /// <summary>Removes the last traces of deleted rows from the files: what was deleted on request can then not be found in their bytes.</summary>
    /// <returns>False when a question that reads an older state keeps them for now; ask again.</returns>
    public abstract bool Purge(DbConnection connection);

    /// <summary>Copies the bytes of a column into a buffer that grows when it must; returns how many there are, 0 where a damaged page left none.</summary>
    public virtual int Copy(DbDataReader rows, int column, ref byte[] into)
    {
        if (rows.IsDBNull(column)) return 0;
        into = rows.GetFieldValue<byte[]>(column);
        return into.Length;
    }

    /// <summary>A text as the database can keep it, and back. PostgreSQL takes neither NUL nor half surrogates.</summary>
    public virtual string Keep(string text) => text;
    public virtual string Tell(string kept) => kept;

    public abstract void Dispose();

    /// <summary>Makes the tables, or brings older ones to this version.</summary>
    /// <exception cref="RecordException">The tables were written by a newer program.</exception>
    protected void Prepare(DbConnection connection, bool hasTables, Dialect dialect)
    {
        using var transaction = connection.BeginTransaction();
        void Run(string sql)
        {
            using var command = connection.CreateCommand();
            command.Transaction = transaction;
            command.CommandText = dialect.Write(sql);
            command.ExecuteNonQuery();
        }
        if (!hasTables)
        {
            Run(Schema.Tables);
        }
        else
        {
            using var ask = connection.CreateCommand();
            ask.Transaction = transaction;
            ask.CommandText = "SELECT value FROM meta WHERE key = 'schema'";
            var version = int.Parse((string)(ask.ExecuteScalar() ?? "0"), CultureInfo.InvariantCulture);
            if (version > Schema.Version)
                throw new RecordException(RecordRules.SchemaTooNew,
                    $"'{Place}' has schema {version}, this program knows {Schema.Version}. Start the newer program again.");
            for (; version < Schema.Version; version++)
                Run(Schema.Upgrades[version] + string.Create(CultureInfo.InvariantCulture, $"UPDATE meta SET value = '{version + 1}' WHERE key = 'schema';"));
        }
        transaction.Commit();
    }
}

/// <summary>How an engine spells the three types of the tables.</summary>
/// <param name="Whole">64-bit whole number.</param>
/// <param name="Id">Primary key that the engine gives where the writer gives none.</param>
internal sealed record Dialect(string Whole, string Id, string Bytes)
{
    public string Write(string sql) => sql.Replace("{id}", Id, StringComparison.Ordinal).Replace("{whole}", Whole, StringComparison.Ordinal).Replace("{bytes}", Bytes, StringComparison.Ordinal);
}

internal static class Sql
{
    public static void Run(this DbConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    public static long Number(this DbConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return Convert.ToInt64(command.ExecuteScalar(), CultureInfo.InvariantCulture);
    }

    /// <summary>A command whose named parameters (<c>@name</c>, in order of first use) are found in its text; used for the life of the connection.</summary>
    public static DbCommand Prepared(this DbConnection connection, string sql)
    {
        var command = connection.CreateCommand();
        command.CommandText = sql;
        for (var at = sql.IndexOf('@', StringComparison.Ordinal); at >= 0; at = sql.IndexOf('@', at + 1))
        {
            var end = at + 1;
            while (end < sql.Length && char.IsAsciiLetterOrDigit(sql[end])) end++;
            var name = sql[at..end];
            if (command.Parameters.Contains(name)) continue;
            var parameter = command.CreateParameter();
            parameter.ParameterName = name;
            command.Parameters.Add(parameter);
        }
        return command;
    }

    /// <summary>Sets the parameters in order and runs.</summary>
    public static int Run(this DbCommand command, params ReadOnlySpan<object> values)
    {
        for (var i = 0; i < values.Length; i++) command.Parameters[i].Value = values[i];
        return command.ExecuteNonQuery();
    }

    public static DbDataReader Ask(this DbCommand command, params ReadOnlySpan<object> values)
    {
        for (var i = 0; i < values.Length; i++) command.Parameters[i].Value = values[i];
        return command.ExecuteReader();
    }
}
