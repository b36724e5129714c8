using System.Collections.Immutable;
using Ieum.Connect;
using Ieum.Model;
using Ieum.Node.Store;
using Ieum.Node.Store.Config;
using Ieum.Node.Views;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Components.Forms;

namespace Ieum.Node.Ui.Pages;

/// <summary>From an address to live values in three steps: find, choose, look. Nothing is kept before the last button.</summary>
public partial class SettingsConnect
{
    private const int MostFile = 1 << 20;

    /// <summary>Rows that a page shows at first; a controller with hundreds of values would make it metres long.</summary>
    private const int Many = 25;

    /// <summary>A point while it is edited.</summary>
    private sealed class Row
    {
        public string Name { get; set; } = "";
        public string Address { get; set; } = "";
        public string Type { get; set; } = "";
        public string Unit { get; set; } = "";
        public SignalRole Role { get; set; }
        public double Scale { get; set; } = 1;
        public double? Low { get; set; }
        public double? High { get; set; }

        /// <summary>What the table does not show is kept as it came.</summary>
        public PointSettings Rest { get; init; } = new("", "");

        public static Row Of(PointSettings p) => new() { Name = p.Name, Address = p.Address, Type = p.Type, Unit = p.Unit, Role = p.Role, Scale = p.Scale, Low = p.Range?.Low, High = p.Range?.High, Rest = p };
        public PointSettings ToPoint() => Rest with { Name = Name.Trim(), Address = Address.Trim(), Type = Type.Trim(), Unit = Unit, Role = Role, Scale = Scale, Range = Low < High ? new(Low!.Value, High!.Value) : null };

        /// <summary>One end alone, or the ends in the wrong order, would be lost without a word.</summary>
        public bool HasWrongRange => (Low is null) != (High is null) || Low >= High;
    }

    private string _machine = "", _addresses = "", _protocol = "", _endpoint = "", _options = "", _source = "";
    private List<Row> _points = [];
    private IReadOnlyList<ScanHit>? _hits;
    private IReadOnlyList<BrowseItem>? _items;
    private readonly List<BrowseItem> _trail = [];
    private PreviewAnswer? _seen;
    private bool _scanning, _previewing, _browsing;
    private int _done, _of;
    private string? _message, _filled;
    private string _find = "", _findPoint = "";
    private int _shown = Many, _pointsShown = Many;

    /// <summary>The points in whose name or address the searched words stand.</summary>
    private IEnumerable<Row> FoundPoints => _points.Where(p => p.Name.Contains(_findPoint, StringComparison.OrdinalIgnoreCase) || p.Address.Contains(_findPoint, StringComparison.OrdinalIgnoreCase));

    private static IEnumerable<BrowseItem> Found(IReadOnlyList<BrowseItem> items, string words) =>
        items.Where(i => i.Name.Contains(words, StringComparison.OrdinalIgnoreCase) || i.Model?.Contains(words, StringComparison.OrdinalIgnoreCase) == true);

    [Inject] private ISettingsDesk Desk { get; set; } = default!;
    [Inject] private NavigationManager Navigation { get; set; } = default!;
    [Inject] private AuthenticationStateProvider Who { get; set; } = default!;

    /// <summary>A connection whose points are to be changed.</summary>
    [SupplyParameterFromQuery(Name = "source")] public string? Source { get; set; }

    /// <summary>The machine a new connection is for.</summary>
    [SupplyParameterFromQuery(Name = "machine")] public string? For { get; set; }

    private bool _busy => _scanning || _previewing || _browsing;
    private static IReadOnlyList<Unit> Units { get; } = [.. Unit.All.Where(u => u.Symbol.Length > 0).OrderBy(u => u.Quantity, StringComparer.Ordinal).ThenBy(u => u.Symbol, StringComparer.Ordinal)];

    protected override void OnParametersSet()
    {
        if (_machine.Length > 0 || !Desk.Company.Machines.Any()) return;
        _machine = Desk.Company.Machines.FirstOrDefault(m => m.Id.Value == For)?.Id.Value ?? Desk.Company.Machines.First().Id.Value;
        if (Source is { } name && Desk.Connections.FirstOrDefault(c => c.Source.Value == name) is { } known)
        {
            Take(known);
            (_machine, _source) = (known.Machine.Value, known.Source.Value);
        }
    }

    private async Task ScanAsync()
    {
        (_hits, _message, _scanning, _done, _of) = (null, null, true, 0, 0);
        try
        {
            var progress = new Progress<ScanProgress>(p => { (_done, _of) = (p.Done, p.Of); InvokeAsync(StateHasChanged); });
            _hits = await Desk.ScanAsync(_addresses, null, progress, Leaving);
        }
        catch (ConnectionSettingsException e) { _message = Told(e); }
        catch (OperationCanceledException) when (Leaving.IsCancellationRequested) { /* the reader left */ }
        finally { _scanning = false; }
    }

    /// <summary>Who was found is looked into at once: one press less, and the reader sees that it answers.</summary>
    private async Task TakeAsync(ScanHit hit)
    {
        Reset();
        (_protocol, _endpoint, _options, _points) = (hit.Protocol, hit.Endpoint, Lines(hit.Options), []);
        if (Desk.TakesPoints(hit.Protocol)) await BrowseAsync(null);
    }

    private void Take(ConnectionTemplate template) => Take(template.Settings);

    private void Take(ConnectionSettings c)
    {
        Reset();
        (_protocol, _endpoint, _options, _points) = (c.Protocol, c.Endpoint, Lines(c.Options), [.. c.Points.Select(Row.Of)]);
    }

    private async Task OpenAsync(InputFileChangeEventArgs file)
    {
        _message = null;
        try
        {
            using var reader = new StreamReader(file.File.OpenReadStream(MostFile, Leaving));
            Take(ConnectionFile.Read(file.File.Name, await reader.ReadToEndAsync(Leaving)));
        }
        catch (ConfigException e) { _message = string.Join(' ', e.Problems.Select(p => p.Rule).Distinct(StringComparer.Ordinal).Select(r => T.Rule(r, r)).Append($"({e.Message})")); }
        catch (IOException e) { _message = e.Message; }
    }

    private void Reset() => (_items, _seen, _message, _filled) = (null, null, null, null);

    private Task DeeperAsync(BrowseItem item)
    {
        _trail.Add(item);
        return BrowseAsync(item.Address);
    }

    private Task BackAsync(int to)
    {
        _trail.RemoveRange(to + 1, _trail.Count - to - 1);
        return BrowseAsync(_trail[to].Address);
    }

    private async Task BrowseAsync(string? at)
    {
        if (at is null) _trail.Clear();
        if (Read(withPoints: false) is not { } settings) return;
        _browsing = true;
        try
        {
            var answer = await Desk.BrowseAsync(settings, at, Leaving);
            (_items, _find, _shown) = (answer.Items, "", Many);
            Fill(answer.Suggested.Where(o => !settings.Options.ContainsKey(o.Key)));
            if (!answer.Ok) _message = $"{T.Rule(answer.Rule ?? "", answer.Message)} ({answer.Message})";
        }
        catch (OperationCanceledException) when (Leaving.IsCancellationRequested) { /* the reader left */ }
        finally { _browsing = false; }
    }

    /// <summary>What was seen speaks for these options: they are filled in where the reader sees and changes them, and it is said.</summary>
    private void Fill(IEnumerable<KeyValuePair<string, string>> suggested)
    {
        string[] lines = [.. suggested.Select(o => $"{o.Key}={o.Value}")];
        _options = string.Join('\n', lines.Prepend(_options.TrimEnd()).Where(l => l.Length > 0));
        _filled = lines.Length > 0 ? string.Join(", ", lines) : null;
    }

    /// <summary>Whom the reader trusts now is asked again at once.</summary>
    private Task TrustedAsync(bool trusted)
    {
        if (!trusted || _message is null) return Task.CompletedTask;
        _message = null;
        return Desk.TakesPoints(_protocol) ? BrowseAsync(null) : Task.CompletedTask;
    }

    private void Add(PointSettings point)
    {
        var name = point.Name;
        for (var n = 2; _points.Any(p => p.Name == name); n++) name = FormattableString.Invariant($"{point.Name}-{n}");
        _points.Add(Row.Of(point with { Name = name }));
    }

    private void AddAll()
    {
        foreach (var item in Found(_items ?? [], _find))
            if (item.Point is { } point && _points.All(p => p.Address != point.Address)) Add(point);
    }

    /// <summary>A row that is to be filled stands where the reader sees it.</summary>
    private void AddByHand()
    {
        _findPoint = "";
        _points.Add(new());
        _pointsShown = Math.Max(_pointsShown, _points.Count);
    }

    private void RemoveFound()
    {
        var found = FoundPoints.ToHashSet();
        _points.RemoveAll(found.Contains);
        _findPoint = "";
    }

    private async Task PreviewAsync()
    {
        _seen = null;
        if (Read(withPoints: true) is not { } settings) return;
        _previewing = true;
        try { _seen = await Desk.PreviewAsync(settings, Leaving); }
        catch (ConnectionSettingsException e) { _message = Told(e); }
        catch (OperationCanceledException) when (Leaving.IsCancellationRequested) { /* the reader left */ }
        finally { _previewing = false; }
    }

    private async Task SaveAsync()
    {
        if (Read(withPoints: true) is not { } settings) return;
        if (settings.Points.IsEmpty && Desk.TakesPoints(settings.Protocol))
        {
            _message = T["connect.nothing"];
            return;
        }
        try
        {
            var isNew = Desk.Connections.All(c => c.Source != settings.Source);
            await Desk.SaveAsync(settings, await Who.NameAsync(), CancellationToken.None);
            // Who connects a machine wants to see it run; who changes one goes back to where it was chosen.
            Navigation.NavigateTo(isNew ? $"/machine/{Uri.EscapeDataString(settings.Machine.Value)}" : "/settings");
        }
        catch (ConnectionSettingsException e) { _message = Told(e); }
    }

    /// <summary>The translated rule, and the message that names the point.</summary>
    private string Told(ConnectionSettingsException e) => $"{T.Rule(e.Rule, e.Message)} ({e.Message})";

    private ConnectionSettings? Read(bool withPoints)
    {
        _message = null;
        if (string.IsNullOrWhiteSpace(_endpoint))
        {
            _message = T["settings.invalid.endpoint"];
            return null;
        }
        var options = ImmutableDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        foreach (var line in _options.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var equals = line.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0)
            {
                _message = T["settings.invalid.option", line];
                return null;
            }
            options[line[..equals].Trim()] = line[(equals + 1)..].Trim();
        }
        if (withPoints && _points.Find(p => p.HasWrongRange) is { } wrong)
        {
            _message = T["connect.range.wrong", wrong.Name];
            return null;
        }
        return new(new(_source.Length > 0 ? _source : NewSource()), new(_machine), _protocol, _endpoint.Trim(), options.ToImmutable())
        {
            Points = withPoints && Desk.TakesPoints(_protocol) ? [.. _points.Select(p => p.ToPoint())] : [],
        };
    }

    private string NewSource()
    {
        var name = $"{_machine}.{_protocol}";
        for (var n = 2; Desk.Connections.Any(c => c.Source.Value == name); n++) name = FormattableString.Invariant($"{_machine}.{_protocol}-{n}");
        return name;
    }

    private static string Lines(ImmutableDictionary<string, string> options) => string.Join('\n', options.OrderBy(o => o.Key, StringComparer.Ordinal).Select(o => $"{o.Key}={o.Value}"));
}
