namespace Ieum.Bench.Plan;

/// <summary>The fixed, listed samples; chosen once by family and size, before any of them was tuned on but mk10, mk06, la21 and la38.</summary>
internal static class PlanSample
{
    private static readonly string[] Kinds = ["edata", "rdata", "vdata"];

    /// <param name="File">Below the planning data.</param>
    /// <param name="Name">Name in the tables of best known values.</param>
    internal sealed record Entry(string Family, string File, string Name);

    public static Entry[] Flexible { get; } =
    [
        .. Enumerable.Range(1, 15).Select(i => new Entry("brandimarte", $"fjsp-instances/brandimarte/mk{i:00}.txt", $"mk{i:00}")),
        .. Hurink("edata", "la16", "la21", "la27", "la36", "la38"),
        .. Hurink("rdata", "la02", "la18", "la21", "la38"),
        .. Hurink("vdata", "la08", "la21", "la27", "la38"),
        .. new[] { "01a", "03a", "05a", "08a", "12a", "18a" }.Select(n => new Entry("dauzere", $"fjsp-instances/dauzere/{n}.txt", $"dpp{n}")),
        .. new[] { "mt10c1", "mt10xyz", "setb4x", "setb4xyz", "seti5x", "seti5xyz" }.Select(n => new Entry("barnes", $"fjsp-instances/barnes/{n}.txt", n)),
    ];

    public static Entry[] Classic { get; } =
        [.. new[] { 1, 7, 11, 15, 21, 24, 31, 38, 41, 51 }.Select(i => new Entry("taillard", $"scheduleopt/jsp-text/ta{i:00}js.txt", $"ta{i:00}js"))];

    public static Entry[] SetUps { get; } =
        [.. new[] { 12, 14, 16, 18, 20 }.Select(i => new Entry("fattahi-sdst", $"tue/data/fjsp_sdst/fattahi/Fattahi_setup_{i:00}.fjs", $"Fattahi_setup_{i:00}"))];

    /// <summary>Due dates and weights are added by a rule; see <see cref="TardinessBench"/>.</summary>
    public static Entry[] Tardiness { get; } =
    [
        .. new[] { "ft10", "la16", "la24", "la36", "swv06" }.Select(n => new Entry("classic", $"scheduleopt/jsp-text/{n}.txt", n)),
        .. new[] { "mk04", "mk08", "mk10" }.Select(n => new Entry("brandimarte", $"fjsp-instances/brandimarte/{n}.txt", n)),
        .. Hurink("edata", "la21", "la36"), .. Hurink("rdata", "la38"), .. Hurink("vdata", "la08"),
    ];

    /// <summary>Every flexible file of the families above whose best known value stands in the table.</summary>
    public static Entry[] All(string data) =>
    [
        .. Enumerable.Range(1, 15).Select(i => new Entry("brandimarte", $"fjsp-instances/brandimarte/mk{i:00}.txt", $"mk{i:00}")),
        .. from kind in Kinds
           from file in Directory.GetFiles(Path.Combine(data, "fjsp-instances/hurink", kind)).Order(StringComparer.Ordinal)
           select new Entry($"hurink-{kind}", $"fjsp-instances/hurink/{kind}/{Path.GetFileName(file)}", $"{Path.GetFileNameWithoutExtension(file)}_{kind}"),
        .. Directory.GetFiles(Path.Combine(data, "fjsp-instances/dauzere")).Order(StringComparer.Ordinal).Select(f => new Entry("dauzere", $"fjsp-instances/dauzere/{Path.GetFileName(f)}", $"dpp{Path.GetFileNameWithoutExtension(f)}")),
        .. Directory.GetFiles(Path.Combine(data, "fjsp-instances/barnes")).Order(StringComparer.Ordinal).Select(f => new Entry("barnes", $"fjsp-instances/barnes/{Path.GetFileName(f)}", Path.GetFileNameWithoutExtension(f))),
    ];

    private static IEnumerable<Entry> Hurink(string kind, params string[] names) =>
        names.Select(n => new Entry($"hurink-{kind}", $"fjsp-instances/hurink/{kind}/{n}.txt", $"{n}_{kind}"));
}
