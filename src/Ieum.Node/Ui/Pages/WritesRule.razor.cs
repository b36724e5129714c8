using Ieum.Act;
using Ieum.Model;
using Ieum.Node.Ui.Parts;
using Ieum.Node.Views;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using MudBlazor;
using Identifier = Ieum.Model.Identifier;

namespace Ieum.Node.Ui.Pages;

/// <summary>One line of the allow list, made or changed by an owner.</summary>
public partial class WritesRule
{
    private string _machine = "", _signal = "", _unit = Unit.One.Code, _min = "", _max = "", _step = "", _words = "", _tolerance = "0", _shown = "?";
    private int _writes;
    private double _perMinutes, _approveMinutes, _undoMinutes;
    private PersonRole _role;
    private bool _second, _automatic;
    private WriteHours _hours;
    private TimeOnly _from, _to;
    private readonly HashSet<MachineState> _states = [];
    private string? _problem;

    [Inject] private IWriteDesk Desk { get; set; } = default!;
    [Inject] private ISettingsDesk Settings { get; set; } = default!;
    [Inject] private IShopFloor Floor { get; set; } = default!;
    [Inject] private IDialogService Dialogs { get; set; } = default!;
    [Inject] private NavigationManager Navigation { get; set; } = default!;
    [Inject] private AuthenticationStateProvider Who { get; set; } = default!;

    [SupplyParameterFromQuery(Name = "machine")] public string? Machine { get; set; }
    [SupplyParameterFromQuery(Name = "signal")] public string? Signal { get; set; }

    private WriteRule? Old => Identifier.IsValid(Machine) && Signal is not null ? Desk.Rules.FirstOrDefault(r => r.Signal == new SignalId(new(Machine!), Signal)) : null;

    /// <summary>Signals the node has seen of this machine; conditions and the states of the controller are no memory to write.</summary>
    private IEnumerable<Signal> Signals => Identifier.IsValid(_machine)
        ? Floor.Values(new(_machine)).Select(v => v.Signal).Where(s => s.Role is SignalRole.None or >= SignalRole.ToolNumber).OrderBy(s => s.Id.Name, StringComparer.Ordinal) : [];

    protected override void OnParametersSet()
    {
        if (_shown == $"{Machine}/{Signal}") return;
        _shown = $"{Machine}/{Signal}";
        _machine = Machine ?? Floor.Company.Machines.FirstOrDefault()?.Id.Value ?? "";
        _signal = Signal ?? "";
        Fill(Old ?? new WriteRule(new(new("x"), "x")));
        if (Old is null && _signal.Length > 0) Suggest();
    }

    private void Fill(WriteRule r)
    {
        (_unit, _min, _max, _step, _words, _tolerance) = (r.Unit, FormNumber.Text(r.Min), FormNumber.Text(r.Max), FormNumber.Text(r.MaxStep), string.Join(", ", r.Words), FormNumber.Text(r.Tolerance));
        (_writes, _perMinutes, _approveMinutes, _undoMinutes) = (r.Writes, r.Per.TotalMinutes, r.ApproveWithin.TotalMinutes, r.UndoWithin.TotalMinutes);
        (_role, _second, _automatic, _hours) = (r.Role, r.SecondPerson, r.Automatic, r.Hours);
        // 24:00 is the end of a day; a clock field shows it as 0:00, which means the same as an end.
        (_from, _to) = (TimeOnly.FromTimeSpan(TimeSpan.FromTicks(r.From.Ticks % TimeSpan.TicksPerDay)), TimeOnly.FromTimeSpan(TimeSpan.FromTicks(r.To.Ticks % TimeSpan.TicksPerDay)));
        _states.Clear();
        _states.UnionWith(r.States);
    }

    /// <summary>The unit that the node knows of the signal; limits in another one could not stand.</summary>
    private void Suggest()
    {
        if (Signals.FirstOrDefault(s => s.Id.Name == _signal) is { } known) _unit = known.Unit.Code;
        // What the machine itself says is a better start than an empty field; a person still decides.
        if (Old is null && _min.Length == 0 && _max.Length == 0 && Range is { } range) Take(range);
    }

    /// <summary>Between which values the machine says that the signal normally lies (EURange of OPC UA, or what the connection names).</summary>
    private ValueRange? Range => Identifier.IsValid(_machine) && _signal.Trim().Length > 0 ? Settings.RangeOf(new(new(_machine), _signal.Trim())) : null;

    private void Take(ValueRange range) => (_min, _max) = (FormNumber.Text(range.Low), FormNumber.Text(range.High));

    private bool IsBeyond(ValueRange range) => (FormNumber.TryRead(_min, out var min) && min < range.Low) || (FormNumber.TryRead(_max, out var max) && max > range.High);

    private void Turn(MachineState state, bool on)
    {
        if (on) _states.Add(state);
        else _states.Remove(state);
    }

    private async Task SaveAsync()
    {
        _problem = null;
        if (!Identifier.IsValid(_machine) || _signal.Trim().Length == 0) { _problem = T["writes.rule.wrong.signal"]; return; }
        if (!FormNumber.TryRead(_min, out var min) || !FormNumber.TryRead(_max, out var max) || !FormNumber.TryRead(_step, out var step) || !FormNumber.TryRead(_tolerance, out var tolerance)) { _problem = T["writes.ask.number"]; return; }
        if (min is null != max is null) { _problem = T["writes.rule.wrong.both"]; return; }
        if (min > max) { _problem = T["writes.rule.wrong.order"]; return; }
        if (_states.Count == 0) { _problem = T["writes.rule.wrong.states"]; return; }
        // The desk judges the ranges; here only what a span of time cannot hold is kept away from it.
        if (new[] { _perMinutes, _approveMinutes, _undoMinutes }.Any(m => !(m is >= 0 and <= 1440))) { _problem = T["writes.rule.wrong.minutes"]; return; }
        var rule = new WriteRule(new(new(_machine), _signal.Trim()))
        {
            Unit = _unit, Min = min, Max = max, MaxStep = step, Tolerance = tolerance ?? 0,
            Words = [.. _words.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Distinct(StringComparer.Ordinal)],
            Writes = _writes, Per = TimeSpan.FromMinutes(_perMinutes), Role = _role, SecondPerson = _second, ApproveWithin = TimeSpan.FromMinutes(_approveMinutes),
            Automatic = _automatic, Hours = _hours, From = _hours == WriteHours.Between ? _from.ToTimeSpan() : default, To = _hours == WriteHours.Between ? _to.ToTimeSpan() : default,
            States = [.. _states.Order()], UndoWithin = TimeSpan.FromMinutes(_undoMinutes),
        };
        Tell(await Desk.SaveRuleAsync(rule, await NameAsync(), CancellationToken.None));
    }

    private async Task RemoveAsync()
    {
        if (Old is not { } old || await Ask.Open(Dialogs, T["writes.rule.remove.title"], T["writes.rule.remove"], T["writes.rule.remove.body", old.Signal]) is null) return;
        Tell(await Desk.RemoveRuleAsync(old.Signal, await NameAsync(), CancellationToken.None));
    }

    private void Tell(WriteDeskAnswer answer)
    {
        if (answer.Ok) Navigation.NavigateTo("/writes/list");
        else _problem = T.Has($"rule.{answer.Rule}") && answer.Message.Length > 0 ? $"{T.Rule(answer.Rule, "")} ({answer.Message})" : answer.Message;
    }

    private Task<string> NameAsync() => Who.NameAsync();
}
