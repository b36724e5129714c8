using System.Collections.Immutable;
using Ieum.Act;
using Ieum.Model;
using Ieum.Node.Ui.Parts;
using Ieum.Node.Views;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using MudBlazor;
using Identifier = Ieum.Model.Identifier;

namespace Ieum.Node.Ui.Pages;

/// <summary>Which set point is written when a signal goes wrong: what holds, what came of it, and for owners the form to change it.</summary>
public partial class SettingsCorrections
{
    /// <summary>Turns of one correction that are shown.</summary>
    private const int Shown = 3;

    private string _id = "", _machine = "", _watch = "", _set = "", _limit = "", _for = "", _to = "", _target = "", _settle = "";
    private CorrectionTrigger _when;
    private string? _shown, _told, _problem;
    private bool _busy;
    private IReadOnlyList<CorrectionFault> _faults = [];
    private IReadOnlyList<LoopEntry> _entries = [];
    private ImmutableArray<SettingsChange> _changes = [];

    [Inject] private ICorrectionDesk Desk { get; set; } = default!;
    [Inject] private ILoopDesk Loops { get; set; } = default!;
    [Inject] private IWriteDesk Writes { get; set; } = default!;
    [Inject] private IShopFloor Floor { get; set; } = default!;
    [Inject] private IDialogService Dialogs { get; set; } = default!;
    [Inject] private NavigationManager Navigation { get; set; } = default!;
    [Inject] private AuthenticationStateProvider Who { get; set; } = default!;

    /// <summary>The correction to change; empty for a new one, absent while none is.</summary>
    [SupplyParameterFromQuery(Name = "edit")] public string? Edit { get; set; }

    private Correction? Old => Desk.All.FirstOrDefault(c => c.Id == Edit);

    /// <summary>What the node has seen of the machine and is a number.</summary>
    private IEnumerable<LastValue> Numbers => Identifier.IsValid(_machine)
        ? Floor.Values(new(_machine)).Where(v => v.Signal.Kind is ValueKind.Real or ValueKind.Integer).OrderBy(v => v.Signal.Id.Name, StringComparer.Ordinal) : [];

    protected override void Follow() { Desk.Changed += OnChanged; Loops.Changed += OnChanged; }
    protected override void Unfollow() { Desk.Changed -= OnChanged; Loops.Changed -= OnChanged; }
    protected override Task OnInitializedAsync() => ReadAsync();

    protected override async Task ReadAsync() =>
        (_entries, _changes) = ([.. (await Loops.ListAsync(1000, Leaving)).Where(e => e is { Loop: CorrectionWatch.Loop, Change: null })], await Desk.ChangesAsync(10, Leaving));

    protected override void OnParametersSet()
    {
        if (_shown == Edit) return;
        _shown = Edit;
        if (Edit is null) return;
        var machine = Floor.Company.Machines.FirstOrDefault()?.Id ?? new("?");
        var c = Old ?? new Correction("", new(machine, ""), new(machine, ""), double.NaN, double.NaN) { When = CorrectionTrigger.Above, Limit = double.NaN };
        (_id, _machine, _watch, _set, _when) = (c.Id, c.Set.Machine.Value, c.Watch.Name, c.Set.Name, c.When);
        (_limit, _for, _to, _target, _settle) = (FormNumber.Text(c.Limit), FormNumber.Text(c.For.TotalMinutes), FormNumber.Text(c.To), FormNumber.Text(c.Target), FormNumber.Text(c.Settle.TotalMinutes));
        (_faults, _told, _problem) = ([], null, null);
    }

    private IEnumerable<LoopEntry> LastOf(Correction c) => _entries.Where(e => e.Subject == c.Id).Take(Shown);

    private LastValue? Last(SignalId signal) => Floor.Values(signal.Machine).FirstOrDefault(v => v.Signal.Id == signal);
    private string ValueOf(double value, SignalId signal) => $"{FormNumber.Text(value)} {Last(signal)?.Signal.Unit.Symbol}".TrimEnd();
    private string Held(SignalId signal) => Last(signal) is { } v ? T["corrections.now", WriteWords.Value(v.Sample.Value, v.Signal.Unit.Code, T)] : T["corrections.novalue"];
    private string NameOf(MachineId machine) => Floor.Company.Machines.FirstOrDefault(m => m.Id == machine) is { } m ? T.Name(m.Name) : machine.Value;

    private string When(Correction c) => c.When == CorrectionTrigger.Anomaly ? T["corrections.anomaly", c.Watch.Name]
        : T[$"corrections.{c.When.ToString().ToLowerInvariant()}", c.Watch.Name, ValueOf(c.Limit, c.Watch), T.Span(c.For)];

    /// <summary>Unit and present value of a signal that is being chosen.</summary>
    private string Hint(string name) => Identifier.IsValid(_machine) && name.Trim().Length > 0 ? Held(new(new(_machine), name.Trim())) : "";

    private async Task SaveAsync()
    {
        if (!Identifier.IsValid(_machine)) { _faults = [new(CorrectionRules.Machine, "machine", "")]; return; }
        var limited = _when != CorrectionTrigger.Anomaly;
        var c = new Correction(_id.Trim(), new(new(_machine), _watch.Trim()), new(new(_machine), _set.Trim()), FormNumber.Read(_to), FormNumber.Read(_target))
        {
            When = _when, Limit = limited ? FormNumber.Read(_limit) : 0, For = limited ? Minutes(_for) : TimeSpan.Zero, Settle = Minutes(_settle),
        };
        _faults = await Desk.SaveAsync(c, replace: Old is not null, await NameAsync(), CancellationToken.None);
        if (_faults.Count > 0) return;
        await ReadAsync();
        _told = T["corrections.saved"];
        Navigation.NavigateTo("/settings/corrections");
    }

    private async Task RemoveAsync(Correction c)
    {
        if (await Ask.Open(Dialogs, T["corrections.remove.title"], T["corrections.remove"], T["corrections.remove.body", c.Id]) is null) return;
        _faults = await Desk.RemoveAsync(c.Id, await NameAsync(), CancellationToken.None);
        (_told, _problem) = _faults is [var f, ..] ? (null, T.Rule(f.Rule, f.Message)) : (T["corrections.removed"], (string?)null);
        await ReadAsync();
    }

    private async Task UndoAsync(LoopEntry e)
    {
        if (await Ask.Open(Dialogs, T["loops.undo.value"], T["loops.undo"], LoopWords.Sentence(e.Receipt!.What, T)) is null) return;
        (_busy, _problem) = (true, null);
        try { await Loops.UndoAsync(e.Number, await NameAsync(), CancellationToken.None); }
        catch (LoopRefusedException x) { _problem = T[$"rule.{x.Rule}"]; }
        finally { _busy = false; }
        await ReadAsync();
    }

    private Task<string> NameAsync() => Who.NameAsync();

    /// <summary>The desk judges; here only what a span of time cannot hold is kept away from it.</summary>
    private static TimeSpan Minutes(string text) => FormNumber.Read(text) is var minutes && double.IsFinite(minutes) ? TimeSpan.FromMinutes(Math.Clamp(minutes, -1, 1e5)) : TimeSpan.FromMinutes(-1);
}
