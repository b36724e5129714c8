using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Ieum.Connect;
using Ieum.Model;
using Ieum.Node.Views;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Components.Forms;

namespace Ieum.Node.Ui.Pages;

/// <summary>Lets the SCADA see the machines: what is published, to whom, and how it is doing. Changed without a restart.</summary>
public partial class SettingsSparkplug
{
    private const int MostFile = 256 << 10;

    /// <summary>What waits grows by the second; counting it reads in the record.</summary>
    private static readonly TimeSpan CountEvery = TimeSpan.FromSeconds(5);

    private EdgeForm _form = new();
    private IReadOnlyList<SparkplugEdgeFault> _faults = [];
    private IReadOnlyList<Signal> _signals = [];
    private ImmutableArray<SettingsChange> _changes = [];
    private UserLine[] _writers = [];
    private SparkplugEdgeStatus? _counted;
    private bool _saved, _saving;
    private string? _open;

    [Inject] private IEdgeDesk Desk { get; set; } = default!;
    [Inject] private IShopFloor Floor { get; set; } = default!;
    [Inject] private IAccountDesk Accounts { get; set; } = default!;
    [Inject] private AuthenticationStateProvider Who { get; set; } = default!;

    private SparkplugEdgeStatus Now => Desk.Status;
    private string StateKey => $"edge.state.{Now.State.ToString().ToLowerInvariant()}";
    private string StateCss => Now.State switch { SparkplugEdgeState.Online => "st-running", SparkplugEdgeState.Off => "st-idle", SparkplugEdgeState.WaitingForHost => "st-waiting", _ => "st-fault" };
    private string StateIcon_ => Now.State switch { SparkplugEdgeState.Online => "running", SparkplugEdgeState.Off => "idle", SparkplugEdgeState.WaitingForHost => "waiting", _ => "offline" };

    protected override void Follow() => Desk.Changed += OnChanged;
    protected override void Unfollow() => Desk.Changed -= OnChanged;
    protected override async Task ReadAsync() => (_changes, _counted) = (await Desk.ChangesAsync(10, Leaving), await Desk.CountAsync(Leaving));

    protected override async Task OnInitializedAsync()
    {
        Fill();
        await ReadAsync();
        _writers = [.. (await Accounts.UsersAsync(Leaving)).Where(u => u.Role != "viewer")];
        if (RendererInfo.IsInteractive) _ = CountAgainAsync();
    }

    private async Task CountAgainAsync()
    {
        using var timer = new PeriodicTimer(CountEvery, Wire);
        try
        {
            while (await timer.WaitForNextTickAsync(Leaving)) _counted = await Desk.CountAsync(Leaving);   // painted with the ages, once a second
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
        {
            // the reader left
        }
    }

    private void Fill() => (_form, _faults, _open, _saved) = (EdgeForm.Of(Desk.Settings, Floor.Company.Machines), [], null, false);

    private void Open(EdgeForm.MachineRow row)
    {
        _open = _open == row.Id ? null : row.Id;
        if (_open is not null) _signals = Desk.SignalsOf(new(row.Id));
    }

    private string NameOf(string machine) => Floor.Company.Machines.FirstOrDefault(m => m.Id.Value == machine) is { } m ? $"{T.Name(m.Name)} ({machine})" : machine;

    private string SignalsText(EdgeForm.MachineRow row) => row.EverySignal
        ? T["edge.signals.all", T.Number(Desk.SignalsOf(new(row.Id)).Count)] : T["edge.signals.some", T.Number(row.Chosen.Count)];

    /// <summary>A secret is told only as being there.</summary>
    private string Said(string value) => value switch { "" => "–", "true" or "True" => T["edge.yes"], "false" or "False" => T["edge.no"], _ => value.Length > 120 ? value[..120] + "…" : value };

    /// <summary>Whose certificate it is; a path as it is.</summary>
    private string CaName
    {
        get
        {
            if (!_form.Ca.Contains("-----BEGIN", StringComparison.Ordinal)) return _form.Ca;
            try
            {
                using var certificate = X509Certificate2.CreateFromPem(_form.Ca);
                return T["edge.ca.name", certificate.GetNameInfo(X509NameType.SimpleName, false), T.Day(certificate.NotAfter)];
            }
            catch (CryptographicException) { return T["edge.ca.unreadable"]; }
        }
    }

    private async Task OpenCaAsync(InputFileChangeEventArgs file)
    {
        try
        {
            using var reader = new StreamReader(file.File.OpenReadStream(MostFile, Leaving));
            _form.Ca = await reader.ReadToEndAsync(Leaving);
        }
        catch (IOException e) { _faults = [new("sparkplug-edge-ca", "ca", e.Message)]; }
    }

    private async Task SaveAsync()
    {
        (_saved, _saving) = (false, true);
        try
        {
            _faults = await Desk.SaveAsync(_form.ToSettings(Desk.Settings), await Who.NameAsync(), CancellationToken.None);
            if (_faults.Count > 0) return;
            Fill();
            _saved = true;
            await ReadAsync();
        }
        finally { _saving = false; }
    }
}
