using Ieum.Connect;
using Ieum.Model;
using Ieum.Node.Telemetry;
using Ieum.Node.Views;
using Ieum.Record;
using Microsoft.Extensions.Options;

namespace Ieum.Node.Loop;

/// <summary>Runs the node's Sparkplug edge side: the machines of the company and their links; device commands go to the guard.</summary>
internal sealed class EdgeService(
    ISparkplugEdge edge, IOptions<ConnectOptions> connect, IShopFloor shop, Intake intake, IRecorder recorder, IServiceProvider services,
    ILogger<EdgeService> log) : BackgroundService
{
    /// <summary>Links change without news of the shop floor.</summary>
    private static readonly TimeSpan Beat = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        Show();
        Func<SparkplugEdgeStatus> watched = () => edge.Status;
        NodeMeter.WatchEdge(watched);
        var running = edge.RunAsync(new(shop.Company.Id, recorder, recorder, services.GetService<IWriteDoor>(), connect.Value.Folder), stoppingToken);
        using var timer = new PeriodicTimer(Beat);
        try
        {
            while (!running.IsCompleted && await timer.WaitForNextTickAsync(stoppingToken)) Show();
        }
        catch (OperationCanceledException)
        {
            // the node stops
        }
        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        NodeMeter.UnwatchEdge(watched);
    }

    /// <summary>A machine without a connection of its own (paper, phone) is there as long as the node is.</summary>
    private void Show()
    {
        try
        {
            edge.Show([.. shop.Cards.Select(c => new SparkplugEdgeMachine(c.Machine.Id,
                intake.Connections.Any(x => x.Machine == c.Machine.Id) ? intake.LinkOf(c.Machine.Id) : LinkState.Connected))]);
        }
        catch (Exception e)
        {
            Log.TurnFailed(log, e, "sparkplug-edge");
        }
    }
}
