using Ieum.Act;
using Ieum.Model;
using Ieum.Node.Cluster;
using Ieum.Node.Security;
using Ieum.Node.Store;
using Ieum.Record;
using Microsoft.AspNetCore.Identity;

namespace Ieum.Node.Loop;

/// <summary>Finds the connection that a signal is written through. The only place that takes a writer out of a source.</summary>
internal sealed class MachineWriters(Intake intake) : IMachineWriters
{
    public WriteLine? Find(SignalId signal)
    {
        var own = intake.Connections.Where(c => c.Machine == signal.Machine).ToArray();
        // A connection that names the signal owns it; another one of the machine must not be written in its place.
        if (own.FirstOrDefault(c => c.Points.Any(p => p.Name == signal.Name)) is { } named)
            return Writer(named) is { } writer ? new(writer, named.Points.First(p => p.Name == signal.Name).Address) : null;
        var open = own.Where(c => c.Points.IsEmpty && intake.Line(c.Source)?.Source.Writer is not null).ToArray();
        return open.Length == 1 && Writer(open[0]) is { } only ? new(only, signal.Name) : null;
    }

    private IMachineWriter? Writer(ConnectionSettings c) =>
        intake.Line(c.Source) is { Source: { Health.Link: LinkState.Connected } source } ? source.Writer : null;
}

/// <summary>What the guard asks of the factory.</summary>
internal sealed class WriteScene(IRecorder recorder, TwinBoard board, Intake intake, FactoryState factory, IServiceScopeFactory scopes) : IWriteScene
{
    public Signal? SignalOf(SignalId signal) => recorder.Find(signal) is { } number ? recorder.Find(number) : null;

    public Sample? LastOf(SignalId signal) => recorder.Find(signal) is { } number ? recorder.Last(number) : null;

    /// <summary>A state that no connection can bear out now is no state to write in.</summary>
    public MachineState StateOf(MachineId machine) =>
        intake.LinkOf(machine) == LinkState.Connected ? board.Find(machine)?.State ?? MachineState.Unknown : MachineState.Unknown;

    public WorkCalendar CalendarOf(MachineId machine) => factory.CalendarOf(machine);

    public async ValueTask<PersonRole?> RoleOfAsync(string person, CancellationToken cancel)
    {
        await using var scope = scopes.CreateAsyncScope();
        var users = scope.ServiceProvider.GetRequiredService<UserManager<NodeUser>>();
        if (await users.FindByNameAsync(person) is not { } user) return null;
        var roles = await users.GetRolesAsync(user);
        return roles.Contains(Roles.Owner) ? PersonRole.Owner : roles.Contains(Roles.Planner) ? PersonRole.Planner
            : roles.Contains(Roles.Operator) ? PersonRole.Operator : PersonRole.Viewer;
    }
}

/// <summary>Ends requests for approval in time, also while nobody looks.</summary>
internal sealed class WriteSweep(IWriteDesk desk, Clocks clocks, ILogger<WriteSweep> log) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(2), clocks.Wire);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                try
                {
                    await desk.SweepAsync(stoppingToken);
                }
                catch (Exception e) when (e is not OperationCanceledException)
                {
                    Log.TurnFailed(log, e, "write");
                }
            }
        }
        catch (OperationCanceledException)
        {
            // the node stops
        }
    }
}
