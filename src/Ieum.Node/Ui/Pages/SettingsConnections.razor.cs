using System.Collections.Immutable;
using Ieum.Connect;
using Ieum.Model;
using Ieum.Node.Ui.Parts;
using Ieum.Node.Views;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using MudBlazor;
using Identifier = Ieum.Model.Identifier;

namespace Ieum.Node.Ui.Pages;

public partial class SettingsConnections
{
    private string _machine = "", _protocol = "", _source = "", _endpoint = "", _options = "", _edited = "";
    private bool _testing;
    private ConnectionTest? _test;
    private ImmutableArray<PointSettings> _points = [];
    private (string Text, bool Bad)? _message;

    [Inject] private ISettingsDesk Desk { get; set; } = default!;
    [Inject] private IShopFloor Floor { get; set; } = default!;
    [Inject] private IDialogService Dialogs { get; set; } = default!;
    [Inject] private NavigationManager Navigation { get; set; } = default!;
    [Inject] private AuthenticationStateProvider Who { get; set; } = default!;

    /// <summary>The connection in the form; <c>new</c> for a new one.</summary>
    [SupplyParameterFromQuery(Name = "edit")] public string? Edit { get; set; }

    /// <summary>The machine a new connection is for.</summary>
    [SupplyParameterFromQuery(Name = "machine")] public string? For { get; set; }

    private bool HasMachines => Desk.Company.Machines.Any();
    private bool Editing => Edit is not null && HasMachines;
    private string EndpointHint => _protocol is "mtconnect" or "shdr" or "sparkplug" ? $"settings.endpoint.{_protocol}" : "settings.endpoint.other";

    protected override void Follow() => Desk.Changed += OnChanged;
    protected override void Unfollow() => Desk.Changed -= OnChanged;

    protected override void OnParametersSet()
    {
        if (Edit is null) _edited = "";
        if (!Editing || _edited == Edit) return;
        (_edited, _test, _message) = (Edit!, null, null);
        var known = Desk.Connections.FirstOrDefault(c => c.Source.Value == Edit);
        (_machine, _protocol, _source, _endpoint, _options) = known is null
            ? (Desk.Company.Machines.FirstOrDefault(m => m.Id.Value == For)?.Id.Value ?? Desk.Company.Machines.First().Id.Value, Desk.Protocols.FirstOrDefault() ?? "", "", "", "")
            : (known.Machine.Value, known.Protocol, known.Source.Value, known.Endpoint, string.Join('\n', known.Options.OrderBy(o => o.Key, StringComparer.Ordinal).Select(o => $"{o.Key}={o.Value}")));
        _points = known?.Points ?? [];
        if (known is null) Suggest();
    }

    private void Suggest()
    {
        if (Edit == "new") _source = $"{_machine}.{_protocol}";
    }

    /// <summary>What the form says; null after telling what is missing.</summary>
    private ConnectionSettings? Read()
    {
        if (!Identifier.IsValid(_source)) return Missing(T["settings.invalid.name"]);
        if (string.IsNullOrWhiteSpace(_endpoint)) return Missing(T["settings.invalid.endpoint"]);
        var options = ImmutableDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        foreach (var line in _options.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var equals = line.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0) return Missing(T["settings.invalid.option", line]);
            options[line[..equals].Trim()] = line[(equals + 1)..].Trim();
        }
        return new ConnectionSettings(new(_source), new(_machine), _protocol, _endpoint.Trim(), options.ToImmutable()) { Points = _points };

        ConnectionSettings? Missing(string text)
        {
            _message = (text, true);
            return null;
        }
    }

    private async Task TestAsync()
    {
        (_message, _test) = (null, null);
        if (Read() is not { } settings) return;
        _testing = true;
        try { _test = await Desk.TestAsync(settings, Leaving); }
        catch (ConnectionSettingsException e) { _test = new ConnectionTest(false, e.Rule, e.Message, []); }
        catch (OperationCanceledException) when (Leaving.IsCancellationRequested) { /* the reader left */ }
        finally { _testing = false; }
    }

    private async Task SaveAsync()
    {
        _message = null;
        if (Read() is not { } settings) return;
        try
        {
            await Desk.SaveAsync(settings, await NameAsync(), CancellationToken.None);
            _message = (T["settings.saved"], false);
            Navigation.NavigateTo("/settings");
        }
        catch (ConnectionSettingsException e) { _message = ($"{T.Rule(e.Rule, e.Message)} ({e.Message})", true); }
    }

    private async Task RemoveAsync(SourceId source)
    {
        if (await Ask.Open(Dialogs, T["settings.remove.title"], T["settings.remove"], T["settings.remove.body", source]) is null) return;
        await Desk.RemoveAsync(source, await NameAsync(), CancellationToken.None);
    }

    private Task<string> NameAsync() => Who.NameAsync();
    private static string LinkCss(LinkState link) => link switch { LinkState.Connected => "st-running", LinkState.Connecting => "st-idle", LinkState.Silent => "st-waiting", _ => "st-fault" };
    private static string LinkIcon(LinkState link) => link switch { LinkState.Connected => "running", LinkState.Connecting => "idle", LinkState.Silent => "waiting", _ => "offline" };
}
