using System.Globalization;
using Microsoft.EntityFrameworkCore;

namespace Ieum.Node.Store;

/// <summary>Brings a database to the schema of this version, step by numbered step; each step is one transaction.</summary>
/// <remarks>
/// Steps are embedded SQL files that are never changed after a release, only followed by new ones. A test compares the result of all
/// steps with the model of <see cref="NodeDb"/>. SQLite's user_version holds the number of the last step taken.
/// </remarks>
internal static class NodeSchema
{
    /// <summary>Steps in order; the first has number 1.</summary>
    public static IReadOnlyList<string> Steps { get; } =
        [.. typeof(NodeSchema).Assembly.GetManifestResourceNames()
            .Where(n => n.StartsWith("Ieum.Node.Store.Schema.", StringComparison.Ordinal)).Order(StringComparer.Ordinal).Select(Text)];

    /// <exception cref="NodeStoreException">The database was written by a newer version; nothing was changed.</exception>
    public static void Upgrade(NodeDb db)
    {
        db.Database.OpenConnection();
        using var connection = db.Database.GetDbConnection();
        using var command = connection.CreateCommand();
        // WAL: readers never wait for the writer; NORMAL keeps every commit through a crash of the process.
        command.CommandText = "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA user_version;";
        var at = 0;
        using (var reader = command.ExecuteReader())
        {
            do
            {
                if (reader.Read() && reader.GetName(0) == "user_version") at = reader.GetInt32(0);
            }
            while (reader.NextResult());
        }
        if (at > Steps.Count)
            throw new NodeStoreException("store-newer-schema",
                $"'{connection.DataSource}' was written by a newer version (schema {at}, this version knows {Steps.Count}). Start that version, or give another --data folder.");
        for (; at < Steps.Count; at++)
        {
            using var transaction = connection.BeginTransaction();
            command.Transaction = transaction;
            command.CommandText = Steps[at] + string.Create(CultureInfo.InvariantCulture, $";PRAGMA user_version={at + 1};");
            command.ExecuteNonQuery();
            transaction.Commit();
        }
    }

    private static string Text(string resource)
    {
        using var reader = new StreamReader(typeof(NodeSchema).Assembly.GetManifestResourceStream(resource)!);
        return reader.ReadToEnd();
    }
}

/// <summary>The node's database cannot be used.</summary>
internal sealed class NodeStoreException(string rule, string message) : Exception(message)
{
    public string Rule { get; } = rule;
}
