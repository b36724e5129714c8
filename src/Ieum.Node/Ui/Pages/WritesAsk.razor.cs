using System.Globalization;
using Ieum.Act;
using Ieum.Model;
using Ieum.Node.Views;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using Identifier = Ieum.Model.Identifier;

namespace Ieum.Node.Ui.Pages;

/// <summary>Asks for one write: first the guard's answer without sending, then the write itself. Only what was checked can be sent.</summary>
public partial class WritesAsk
{
    private string _value = "", _unit = "", _reason = "", _shown = "";
    private bool _convert, _busy, _asking;
    private WriteOutcome? _dry;
    private string? _problem;

    [Inject] private IWriteDesk Desk { get; set; } = default!;
    [Inject] private IShopFloor Floor { get; set; } = default!;
    [Inject] private NavigationManager Navigation { get; set; } = default!;
    [Inject] private AuthenticationStateProvider Who { get; set; } = default!;

    [SupplyParameterFromQuery(Name = "machine")] public string? Machine { get; set; }
    [SupplyParameterFromQuery(Name = "signal")] public string? Signal { get; set; }

    private WriteRule? Rule => Identifier.IsValid(Machine) && Signal is not null ? Desk.Rules.FirstOrDefault(r => r.Signal == new SignalId(new(Machine!), Signal)) : null;
    private LastValue? Known => Rule is { } rule ? Floor.Values(rule.Signal.Machine).FirstOrDefault(v => v.Signal.Id == rule.Signal) : null;

    /// <summary>What can be chosen; empty for numbers.</summary>
    private string[] Choices => Rule is not { } rule ? [] : !rule.Words.IsEmpty ? [.. rule.Words] : Known?.Signal.Kind == ValueKind.Boolean || rule.Min is null ? ["true", "false"] : [];

    protected override void Follow() => Desk.Changed += OnChanged;
    protected override void Unfollow() => Desk.Changed -= OnChanged;

    protected override void OnParametersSet()
    {
        if (_shown == $"{Machine}/{Signal}") return;
        _shown = $"{Machine}/{Signal}";
        (_value, _reason, _unit, _convert, _dry, _problem) = ("", "", Rule?.Unit ?? "", false, null, null);
    }

    /// <summary>The signal's own unit first, then those it can be converted from.</summary>
    private static IEnumerable<Unit> Units(WriteRule rule)
    {
        if (!Unit.TryFind(rule.Unit, out var own)) return [];
        return Unit.All.Where(u => u != own && u.Quantity == own.Quantity && UnitConversion.TryConvert(0, u, own, out _)).OrderBy(u => u.Symbol, StringComparer.Ordinal).Prepend(own);
    }

    /// <summary>What was checked is not what stands in the form any more.</summary>
    private void Forget() => (_dry, _problem) = (null, null);

    private Task CheckAsync() => AskAsync(dryRun: true);
    private Task SendAsync() => AskAsync(dryRun: false);

    private async Task AskAsync(bool dryRun)
    {
        if (Rule is not { } rule || _busy) return;
        if (Read(rule) is not { } value)
        {
            (_dry, _problem) = (null, T[Choices.Length > 0 ? "writes.ask.choose" : "writes.ask.number"]);
            return;
        }
        (_busy, _asking, _problem) = (true, !dryRun, null);
        try
        {
            var by = await Who.NameAsync();
            var own = _unit.Length == 0 || _unit == rule.Unit || Choices.Length > 0;
            var outcome = await Desk.RequestAsync(new(rule.Signal, value, by, "page") { Unit = own ? "" : _unit, Convert = !own && _convert, DryRun = dryRun, Reason = _reason.Trim() }, CancellationToken.None);
            // What became of a write, well or not, stands on the first page; only a refusal leaves the asker here with the reasons.
            if (!dryRun && outcome.State != WriteState.Refused) Navigation.NavigateTo("/writes");
            else _dry = outcome;
        }
        finally
        {
            (_busy, _asking) = (false, false);
        }
    }

    /// <summary>The value in the kind of the signal; null when it cannot be read. A comma is refused: nobody should guess whether 1,234 is one or a thousand.</summary>
    private SampleValue? Read(WriteRule rule)
    {
        var text = _value.Trim();
        if (Choices.Length > 0)
            return text.Length == 0 ? null : text is "true" or "false" && Known?.Signal.Kind != ValueKind.Text ? SampleValue.Of(text == "true") : SampleValue.Of(text);
        if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole)) return SampleValue.Of(whole);
        return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number) ? SampleValue.Of(number) : null;
    }

    private string NameOf(MachineId machine) => Floor.Company.Machines.FirstOrDefault(m => m.Id == machine) is { } m ? T.Name(m.Name) : machine.Value;
}
