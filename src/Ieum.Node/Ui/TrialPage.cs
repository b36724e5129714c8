using Ieum.Model;
using Ieum.Node.Views;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;

namespace Ieum.Node.Ui;

/// <summary>A page on which plans are tried out: follows its desk and the plan in force, does one thing at a time, and tells what came of it.</summary>
public abstract class TrialPage<TDesk> : LivePage where TDesk : class, ITrialDesk
{
    [Inject] protected TDesk Desk { get; set; } = default!;
    [Inject] protected IPlanDesk Plans { get; set; } = default!;
    [Inject] protected IShopFloor Floor { get; set; } = default!;
    [Inject] protected AuthenticationStateProvider Who { get; set; } = default!;

    /// <summary>Something is under way; nothing else can be pressed.</summary>
    protected bool Busy { get; private set; }

    /// <summary>What the last press came to.</summary>
    protected (string Text, bool Bad)? Told { get; set; }

    protected override void Follow()
    {
        Desk.Changed += OnChanged;
        Plans.Changed += OnChanged;
    }

    protected override void Unfollow()
    {
        Desk.Changed -= OnChanged;
        Plans.Changed -= OnChanged;
    }

    protected async Task BusyAsync(Func<Task> what)
    {
        ArgumentNullException.ThrowIfNull(what);
        (Busy, Told) = (true, null);
        try { await what(); }
        catch (OperationCanceledException) { return; }
        finally { Busy = false; }
    }

    protected Task<string> ByAsync() => Who.NameAsync();

    protected string NameOf(MachineId id) => Floor.Company.Machines.FirstOrDefault(m => m.Id == id) is { } m ? T.Name(m.Name) : id.Value;
}
