using Ieum.Connect;
using Ieum.Model;
using Ieum.Node.Security;
using Ieum.Node.Store;
using Ieum.Node.Views;
using Ieum.Record;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;

namespace Ieum.Node.Loop;

/// <summary>Keeps the OPC UA door up to date: the machines of the company, their states and work; accounts judge who comes in.</summary>
internal sealed class DoorService(
    IOpcUaDoor door, IOptions<OpcUaDoorOptions> options, IShopFloor shop, IRecorder recorder, IServiceScopeFactory scopes, IServiceProvider services,
    ILogger<DoorService> log) : BackgroundService
{
    /// <summary>Also without news, so that new signals appear.</summary>
    private static readonly TimeSpan Beat = TimeSpan.FromSeconds(1);

    private readonly SemaphoreSlim _news = new(0, 1);

    public override void Dispose()
    {
        _news.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!options.Value.Enabled) return;
        try
        {
            await door.OpenAsync(new(shop.Company.Id, recorder, recorder, services.GetService<IWriteDoor>(), AdmitAsync), stoppingToken);
        }
        catch (IOException e)
        {
            Log.DoorStaysShut(log, e.Message);
            return;
        }
        shop.Changed += Wake;
        try
        {
            while (!stoppingToken.IsCancellationRequested)
            {
                try
                {
                    door.Show([.. shop.Cards.Select(Of)]);
                }
                catch (Exception e)
                {
                    Log.TurnFailed(log, e, "opcua-door");
                }
                await ((Task)_news.WaitAsync(Beat, stoppingToken)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
        finally
        {
            shop.Changed -= Wake;
        }
    }

    private void Wake()
    {
        try { _news.Release(); }
        catch (SemaphoreFullException) { }
        catch (ObjectDisposedException) { }
    }

    private DoorMachine Of(MachineCard card) => new(card.Machine, PathOf(card.Machine.Id), card.State, card.Overlay, card.Since, card.Link,
        card.Oee, card.Program, card.PartCount, card.Work?.Order.Value, card.Work?.Operation.Value);

    private string[] PathOf(MachineId machine) => shop.Company.PathOf(machine)?.Split('/')[..^1] ?? [shop.Company.Id.Value];

    /// <summary>An account of the node, with the same lockout as the sign-in page. Who may report at a machine may ask to write.</summary>
    private async ValueTask<DoorUser?> AdmitAsync(string name, string password, CancellationToken cancel)
    {
        await using var scope = scopes.CreateAsyncScope();
        var users = scope.ServiceProvider.GetRequiredService<UserManager<NodeUser>>();
        if (await users.FindByNameAsync(name) is not { } user || user.UserName == DemoOwner.UserName || await users.IsLockedOutAsync(user)) return null;
        if (!await users.CheckPasswordAsync(user, password))
        {
            await users.AccessFailedAsync(user);
            return null;
        }
        await users.ResetAccessFailedCountAsync(user);
        var roles = await users.GetRolesAsync(user);
        return new(user.UserName!, roles.Any(r => r is Roles.Owner or Roles.Planner or Roles.Operator));
    }
}
