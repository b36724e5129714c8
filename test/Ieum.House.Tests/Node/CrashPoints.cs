using System.Diagnostics;
using Ieum.TestKit;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace Ieum.House.Tests.Node;

/// <summary>
/// Every state in which a node killed without warning can leave its database: after each commit the file is copied as it is. What is
/// committed outlives the process and what is not does not, so starting from each copy is starting after a kill at each moment.
/// </summary>
internal sealed class CrashPoints : IObserver<DiagnosticListener>, IObserver<KeyValuePair<string, object?>>, IDisposable
{
    private readonly string _database;
    private readonly Lock _gate = new();
    private readonly List<IDisposable> _subscriptions = [];
    private readonly List<string> _folders = [];

    /// <param name="folder">Data folder of the node that is watched, from now until this is disposed.</param>
    public CrashPoints(string folder)
    {
        _database = Path.Combine(folder, "node.db");
        _subscriptions.Add(DiagnosticListener.AllListeners.Subscribe(this));
    }

    /// <summary>A data folder for each moment, in order.</summary>
    public IReadOnlyList<string> Folders { get { lock (_gate) return [.. _folders]; } }

    public void OnNext(DiagnosticListener value)
    {
        if (value.Name == DbLoggerCategory.Name) _subscriptions.Add(value.Subscribe(this, (name, _, _) => name == CoreEventId.SaveChangesCompleted.Name));
    }

    public void OnNext(KeyValuePair<string, object?> value)
    {
        if (value.Key != CoreEventId.SaveChangesCompleted.Name || value.Value is not DbContextEventData { Context: { } db } || db.Database.GetDbConnection().DataSource != _database) return;
        lock (_gate)
        {
            var folder = Directory.CreateDirectory(Path.Combine(Needs.Scratch, $"crash-{Guid.NewGuid():N}")).FullName;
            using var from = new SqliteConnection($"Data Source={_database};Mode=ReadOnly;Pooling=False");
            using var to = new SqliteConnection($"Data Source={Path.Combine(folder, "node.db")};Pooling=False");
            from.Open();
            to.Open();
            from.BackupDatabase(to);
            _folders.Add(folder);
        }
    }

    public void OnCompleted() { }
    public void OnError(Exception error) { }

    public void Dispose()
    {
        foreach (var s in _subscriptions) s.Dispose();
        _subscriptions.Clear();
    }
}
