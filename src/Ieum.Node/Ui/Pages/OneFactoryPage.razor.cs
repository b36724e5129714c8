using System.Globalization;
using System.Text;
using Ieum.Node.Ui.Parts;
using Ieum.Node.Views;
using Ieum.Plan.Across;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Forms;

namespace Ieum.Node.Ui.Pages;

/// <summary>Several companies planned as one factory, live. The address keeps the town and the company looked at; the run lives in the node.</summary>
public partial class OneFactoryPage
{
    private const long LargestFile = 4_000_000;
    private static readonly (string Key, int Orders, int Companies)[] Sizes = [("small", 6, 3), ("middle", 12, 4), ("large", 22, 6)];
    private AcrossTown? _town;
    private IReadOnlyList<AcrossSlot> _slots = [];
    private AcrossReport? _slotsOf;
    private string? _refused;

    [SupplyParameterFromQuery(Name = "orders")] public string? OrdersText { get; set; }
    [SupplyParameterFromQuery(Name = "companies")] public string? CompaniesText { get; set; }
    [SupplyParameterFromQuery(Name = "seed")] public string? SeedText { get; set; }
    /// <summary>A file given before, instead of a made-up town.</summary>
    [SupplyParameterFromQuery(Name = "file")] public string? File { get; set; }
    /// <summary>Id of the company looked at; the first when left out.</summary>
    [SupplyParameterFromQuery(Name = "see")] public string? See { get; set; }

    private FactoryChoice Choice { get; set; } = new(6, 3, 1);
    private FactoryRun? Run => Desk.Run;
    private FactoryRun? Shown => Run is { } run && run.Choice == Choice ? run : null;
    private AcrossTown Town => _town!;
    private TownCompany Company => Town.Companies.FirstOrDefault(c => c.Id == See) ?? Town.Companies[0];

    protected override void Follow() => Desk.Changed += OnChanged;
    protected override void Unfollow() => Desk.Changed -= OnChanged;

    protected override void OnParametersSet()
    {
        // Come back without naming a town: what was planned last is what the reader left.
        Choice = OrdersText is null && CompaniesText is null && SeedText is null && File is null && Run is { } last ? last.Choice
            : new(Within(OrdersText, 6, 2, 60), Within(CompaniesText, 3, 2, 12), Within(SeedText, 1, 0, 1_000_000), File);
        (_town, var rule, var message) = Desk.TownOf(Choice);
        _refused = _town is null ? T.Rule(rule, message) : null;
        Slots();
    }

    protected override Task ReadAsync()
    {
        Slots();
        return Task.CompletedTask;
    }

    private void Slots()
    {
        if (ReferenceEquals(_slotsOf, Shown?.Report)) return;
        _slotsOf = Shown?.Report;
        _slots = _slotsOf is { } report ? [.. report.Slots] : [];
    }

    private void Start()
    {
        _refused = null;
        // Somebody else may have begun at the same moment; then the note above says so.
        Desk.Start(Choice);
    }

    private async Task KeepAsync(InputFileChangeEventArgs e)
    {
        _refused = null;
        try
        {
            await using var stream = e.File.OpenReadStream(LargestFile, Leaving);
            using var reader = new StreamReader(stream, Encoding.UTF8);
            var (file, rule, message) = Desk.Keep(e.File.Name, await reader.ReadToEndAsync(Leaving));
            if (file is null) _refused = $"{T.Rule(rule, message)} {(T.Language == "en" ? "" : message)}";
            else Navigation.NavigateTo(Here(Choice with { File = file }, null));
        }
        catch (IOException)
        {
            _refused = T.Rule(AcrossRules.Unreadable, "");
        }
    }

    private string Sentence(AcrossReport r)
    {
        var better = 1 - r.Objective / (double)Math.Max(1, r.Today);
        var first = T[better >= 0 ? "one.says.better" : "one.says.worse", T.Percent(Math.Abs(better))];
        return r.Gap is not { } gap ? first : $"{first} {T[gap >= 0 ? "one.says.gap" : "one.says.ahead", T.Percent(Math.Abs(gap), 1)]} {T["one.says.leak", T.Percent(r.TimesRecovered)]}";
    }

    private List<Bars.Bar> BarsOf(AcrossReport r)
    {
        var most = (double)Math.Max(1, Math.Max(Math.Max(r.Today, r.Objective), r.Reference ?? 0));
        var (today, closed) = r.LateOrders;
        List<Bars.Bar> bars =
        [
            new(T["one.bar.phone"], 0, r.Today / most, "neutral", T.Number(r.Today), T["one.bar.late", today, Town.Orders.Length]),
            new(T["one.bar.closed"], 0, r.Objective / most, "neutral", T.Number(r.Objective), T["one.bar.late", closed, Town.Orders.Length], Total: true),
        ];
        if (r.Reference is { } open) bars.Add(new(T["one.bar.open"], 0, open / most, "neutral", T.Number(open), T["one.bar.bound", T.Number(r.ReferenceBound ?? 0)]));
        return bars;
    }

    private static string Here(FactoryChoice c, string? see) => string.Create(CultureInfo.InvariantCulture,
        $"/plan/across?{(c.File is { } file ? $"file={Uri.EscapeDataString(file)}&" : "")}orders={c.Orders}&companies={c.Companies}&seed={c.Seed}{(see is null ? "" : $"&see={Uri.EscapeDataString(see)}")}");

    private static int Within(string? text, int otherwise, int least, int most) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var v) ? Math.Clamp(v, least, most) : otherwise;

    private static TimeSpan Whole(TimeSpan t) => TimeSpan.FromSeconds(Math.Floor(t.TotalSeconds));
}
