using Ieum.Model;
using Ieum.Node.Ui;
using Ieum.Node.Views;
using Microsoft.Extensions.Options;

namespace Ieum.Node.Loop;

/// <summary>A machine that stands with a fault calls for help by itself, and takes the call back when the fault is gone.</summary>
internal sealed class FaultCalls(IShopFloor floor, IAndonDesk desk, IOptions<AndonOptions> options, Clocks clocks, ILogger<FaultCalls> log) : BackgroundService
{
    private static readonly TimeSpan Beat = TimeSpan.FromSeconds(5);
    // A call that a person closed is not raised again for the same standstill.
    private readonly Dictionary<MachineId, DateTimeOffset> _called = [];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (options.Value.FaultAfter == TimeSpan.Zero) return;
        using var timer = new PeriodicTimer(Beat, clocks.Factory);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
                try
                {
                    await LookAsync(stoppingToken);
                }
                catch (Exception e) when (e is not OperationCanceledException)
                {
                    Log.TurnFailed(log, e, "fault-calls");
                }
        }
        catch (OperationCanceledException)
        {
            // the node stops
        }
    }

    internal async Task LookAsync(CancellationToken cancel)
    {
        foreach (var card in floor.Cards)
        {
            var (id, now) = (card.Machine.Id, floor.Now);
            var stands = StateLook.Of(card.State, card.Overlay).Name == "fault";
            if (stands && now - card.Since >= options.Value.FaultAfter && _called.GetValueOrDefault(id) != card.Since)
            {
                _called[id] = card.Since;
                await desk.CallAsync(Guid.NewGuid(), id, AndonDesk.Fault, id.Value, cancel);
            }
            else if (!stands && card.State is not (MachineState.Unknown or MachineState.Offline) && desk.Open.FirstOrDefault(c => c.Machine == id && c.Kind == AndonDesk.Fault) is { } over)
                await desk.CloseAsync(over.Id, id.Value, cancel);
        }
    }
}
