using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Ieum.Plan.Across;

/// <summary>The documented file format of closed-book instances (docs/fedfjsp.md), version 1.</summary>
internal static class FedJson
{
    internal sealed record FileForm(string Format, string Name, CompanyForm[] Companies, OrderForm[] Orders, int[][] Transport);
    internal sealed record CompanyForm(string Id, string[] Machines, PrivateForm[] Private);
    internal sealed record PrivateForm(string Id, string Machine, int Time, int Release, int Due, int Weight);
    internal sealed record OrderForm(string Id, int Release, int Due, int Weight, string? Origin, OptionForm[][] Operations);
    internal sealed record OptionForm(string Company, string Machine, int Time);

    private const string Format = "FedFJSP/1";
    /// <summary>Times up to this keep every sum far inside 64 bits.</summary>
    private const int Most = 10_000_000;

    public static string Write(FedInstance i)
    {
        var form = new FileForm(Format, i.Name,
            [.. i.Companies.Select(c => new CompanyForm(c.Id, [.. c.Machines], [.. c.Private.Select(p => new PrivateForm(p.Id, c.Machines[p.Machine], p.Time, p.Release, p.Due, p.Weight))]))],
            [.. i.Orders.Select(o => new OrderForm(o.Id, o.Release, o.Due, o.Weight, o.Origin < 0 ? null : i.Companies[o.Origin].Id,
                [.. o.Operations.Select(x => x.Select(y => new OptionForm(i.Companies[y.Company].Id, i.Companies[y.Company].Machines[y.Machine], y.Time)).ToArray())]))],
            [.. i.Transport.Select(r => r.ToArray())]);
        return JsonSerializer.Serialize(form, FedJsonContext.Default.FileForm);
    }

    /// <exception cref="AcrossException">The text is no instance, or an impossible one.</exception>
    public static FedInstance Read(string text, string file)
    {
        FileForm? form;
        try
        {
            form = JsonSerializer.Deserialize(text, FedJsonContext.Default.FileForm);
        }
        catch (JsonException e)
        {
            throw new AcrossException(AcrossRules.NotAnInstance, $"'{file}' is no closed-book instance: {e.Message}");
        }
        if (form is not { Format: Format, Companies.Length: > 0, Orders.Length: > 0 } || form.Transport is null || form.Name is null)
            throw new AcrossException(AcrossRules.NotAnInstance, $"'{file}' is no closed-book instance: \"format\" must be \"{Format}\", with companies, orders and transport. './ieum plan generate' writes one.");
        try
        {
            return Of(form);
        }
        catch (Exception e) when (e is NullReferenceException or ArgumentNullException)
        {
            throw new AcrossException(AcrossRules.NotAnInstance, $"'{file}' is no closed-book instance: a field is missing; docs/fedfjsp.md lists them.");
        }
    }

    private static FedInstance Of(FileForm form)
    {
        Dictionary<string, int> company = [];
        foreach (var (c, firm) in form.Companies.Index())
            if (!company.TryAdd(firm.Id ?? throw Missing("company", c, "id"), c)) throw new AcrossException(AcrossRules.NotAnInstance, $"Company '{firm.Id}' stands twice: give every company its own id.");
        if (company.Count is < 2 or > 26) throw new AcrossException(AcrossRules.Companies, $"{company.Count} companies: from 2 to 26 are possible.");
        foreach (var firm in form.Companies)
        {
            Once(firm.Machines, $"machine of company '{firm.Id}'");
            Once(firm.Private.Select(p => p.Id), $"private order of company '{firm.Id}'");
        }
        Once(form.Orders.Select(o => o.Id), "order");
        var machines = form.Companies.Select(c => c.Machines.Select((m, i) => (m, i)).ToDictionary(x => x.m, x => x.i)).ToArray();
        var companies = form.Companies.Select((c, i) => new FedCompany(c.Id, [.. c.Machines],
            [.. c.Private.Select(p => new PrivateOrder(p.Id, Machine(i, p.Machine, $"private order '{p.Id}'"), Within(p.Time, 1, $"time of private order '{p.Id}'"),
                Within(p.Release, 0, $"release of private order '{p.Id}'"), Within(p.Due, 0, $"due of private order '{p.Id}'"), Weight(p.Weight, $"weight of private order '{p.Id}'")))]));
        var orders = form.Orders.Select(o => new FedOrder(o.Id, Within(o.Release, 0, $"release of order '{o.Id}'"), Within(o.Due, 0, $"due of order '{o.Id}'"),
            Weight(o.Weight, $"weight of order '{o.Id}'"), [.. o.Operations.Select((x, k) => Options(o.Id, k, x))], o.Origin is null ? -1 : Company(o.Origin, $"order '{o.Id}'"))).ToImmutableArray();
        foreach (var o in orders)
            if (o.Operations.IsEmpty) throw new AcrossException(AcrossRules.NotAnInstance, $"Order '{o.Id}' has no operation: give it one or leave it out.");
        return new(form.Name, [.. companies], orders, Ways(form.Transport, form.Companies));

        ImmutableArray<FedOption> Options(string order, int k, OptionForm[] options) => options.Length == 0
            ? throw new AcrossException(AcrossRules.NobodyCan, $"Operation {k + 1} of order '{order}' can be done by nobody: name at least one company and machine for it.")
            : [.. options.Select(x => new FedOption(Company(x.Company, $"operation {k + 1} of order '{order}'"), Machine(Company(x.Company, order), x.Machine, $"operation {k + 1} of order '{order}'"),
                Within(x.Time, 1, $"time of operation {k + 1} of order '{order}'")))];

        static void Once(IEnumerable<string?> ids, string what)
        {
            HashSet<string> seen = [];
            foreach (var (i, id) in ids.Index())
                if (!seen.Add(id ?? throw Missing(what, i, "id"))) throw new AcrossException(AcrossRules.NotAnInstance, $"Two times '{id}' as {what}: give every one its own id.");
        }

        static AcrossException Missing(string what, int index, string field) => new(AcrossRules.NotAnInstance, $"The {what} number {index + 1} has no {field}: docs/fedfjsp.md lists the fields.");

        int Company(string id, string where) => company.TryGetValue(id, out var c) ? c
            : throw new AcrossException(AcrossRules.UnknownMachine, $"{where} names company '{id}', which is not listed: list it or correct the name.");

        int Machine(int c, string id, string where) => machines[c].TryGetValue(id, out var m) ? m
            : throw new AcrossException(AcrossRules.UnknownMachine, $"{where} names machine '{id}', which company '{form.Companies[c].Id}' does not have.");
    }

    private static int Within(int value, int least, string what) => value >= least && value <= Most ? value
        : throw new AcrossException(AcrossRules.OutOfRange, $"The {what} is {value}; it must lie between {least} and {Most}.");

    private static int Weight(int value, string what) => value is >= 0 and <= 1_000_000 ? value
        : throw new AcrossException(AcrossRules.OutOfRange, $"The {what} is {value}; it must lie between 0 and 1000000.");

    private static ImmutableArray<ImmutableArray<int>> Ways(int[][] ways, CompanyForm[] companies)
    {
        var k = companies.Length;
        if (ways.Length != k || ways.Any(r => r is null || r.Length != k))
            throw new AcrossException(AcrossRules.Transport, $"Transport needs {k} rows of {k} times, one per pair of companies.");
        for (var a = 0; a < k; a++)
            for (var b = 0; b < k; b++)
            {
                var pair = $"from '{companies[a].Id}' to '{companies[b].Id}'";
                if (ways[a][b] is < 0 or > Most) throw new AcrossException(AcrossRules.Transport, $"Transport {pair} takes {ways[a][b]}; it must lie between 0 and {Most}.");
                if (a == b && ways[a][b] != 0) throw new AcrossException(AcrossRules.Transport, $"Transport {pair} takes {ways[a][b]}; inside a company it is 0.");
                if (ways[a][b] != ways[b][a]) throw new AcrossException(AcrossRules.Transport, $"Transport {pair} takes {ways[a][b]}, back {ways[b][a]}: give both directions the same time.");
                for (var v = 0; v < k; v++)
                    if (ways[a][v] + ways[v][b] < ways[a][b])
                        throw new AcrossException(AcrossRules.Transport, $"Transport {pair} takes {ways[a][b]}, but by '{companies[v].Id}' only {ways[a][v] + ways[v][b]}: shorten the direct way.");
            }
        return [.. ways.Select(r => r.ToImmutableArray())];
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = false, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(FedJson.FileForm))]
internal sealed partial class FedJsonContext : JsonSerializerContext;
