using Ieum.Act;
using Ieum.Analyze;
using Ieum.Connect;
using Ieum.Model;
using Ieum.Node.Loop;
using Ieum.Plan;
using Ieum.Record;

namespace Ieum.Node;

/// <summary>Wires the rooms: what one needs of another is given to it here and nowhere else.</summary>
internal static class Rooms
{
    public static void AddRooms(this WebApplicationBuilder builder)
    {
        builder.Services.AddConnect();
        builder.Services.AddAnalyze();
        builder.Services.AddPlan();
        if (SolverProgram.Beside(AppContext.BaseDirectory) is { } solver) builder.Services.AddSingleton(solver);
        builder.Services.AddRecord();
        builder.Services.AddAct();
        builder.Services.AddSingleton<IMachineSources, ConnectedSources>();
        builder.Services.AddSingleton<IPlaces, StoredPlaces>();
        builder.Services.AddSingleton<IMachineWriters, MachineWriters>().AddSingleton<IWriteScene, WriteScene>();
    }

    /// <summary>What must be read from disk before the first request.</summary>
    public static async Task LoadRoomsAsync(this IServiceProvider services, CancellationToken cancel)
    {
        await services.GetRequiredService<IDispatcher>().InitialiseAsync(cancel);
        await services.GetRequiredService<IWriteDesk>().InitialiseAsync(cancel);
    }

    private sealed class StoredPlaces(IServiceProvider services, IMeasurementWriter store) : IPlaces
    {
        // A running line knows more than the store: what waits in its queue is safe too, and must not be read again.
        public SourceMark? Find(SourceId source) => services.GetRequiredService<Intake>().Line(source)?.Newest ?? store.MarkOf(source);

        public Task SettledAsync(SourceId source) => services.GetRequiredService<Intake>().Line(source)?.Settled ?? Task.CompletedTask;
    }

    private sealed class ConnectedSources(IServiceProvider services) : IMachineSources
    {
        // Asked late: the intake itself leans on rooms that lean on this.
        public IReadOnlyList<SourceId> Of(MachineId machine) =>
            [.. services.GetRequiredService<Intake>().Connections.Where(c => c.Machine == machine).Select(c => c.Source)];
    }
}
