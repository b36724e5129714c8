using System.Globalization;
using System.Text;
using Ieum.Model;
using Ieum.Node.Ui;
using Ieum.Node.Ui.Parts;

namespace Ieum.Node.Exchange;

/// <summary>A file to hand out.</summary>
public sealed record OutFile(string Name, string ContentType, byte[] Bytes);

/// <summary>Tables and empty templates as CSV (UTF-8 with mark, so that spreadsheets read Korean and Japanese) or .xlsx, headings in the reader's language. What goes out comes in again unchanged.</summary>
internal static class TableOut
{
    private const string Xlsx = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

    /// <summary>Headings only; the workbook has a second sheet that explains every column.</summary>
    public static OutFile Template(TableKind kind, string format, string language)
    {
        List<IReadOnlyList<object?>> head = [[.. kind.Columns.Select(c => (object?)(kind.Heading(c, language) + (c.Needed ? " *" : "")))]];
        var t = TextCatalogue.All;
        string Word(string key) => t[key].In(language);
        List<IReadOnlyList<object?>> guide = [[Word("exchange.guide.column"), Word("exchange.guide.needed"), Word("exchange.guide.what"), Word("exchange.guide.example")]];
        foreach (var c in kind.Columns) guide.Add([kind.Heading(c, language), c.Needed ? "*" : "", Word($"exchange.{kind.Name}.{c.Key}.what"), c.Example]);
        return Write(kind.Name + "-template", format, new(Word($"exchange.kind.{kind.Name}"), head), new(Word("exchange.guide"), guide));
    }

    public static OutFile Orders(IEnumerable<Order> orders, PlanVersion? plan, string format, string language, TimeSpan offset)
    {
        var promises = plan?.Promises.ToDictionary(p => p.Order) ?? [];
        return Table(TableKind.Orders, orders.Select(o => (IReadOnlyList<object?>)
        [
            o.Id.Value, o.Item.Value, o.Quantity, EndOf(o.Due.ToOffset(offset)), o.Release.ToOffset(offset), o.Deadline is { } d ? EndOf(d.ToOffset(offset)) : null, o.Weight, o.Lot?.Value, o.IsPrivate ? "yes" : "no",
            promises.GetValueOrDefault(o.Id)?.Finish.ToOffset(offset), promises.GetValueOrDefault(o.Id)?.IsLate == true ? "late" : "",
        ]), ["promised", "late"], format, language);
    }

    /// <summary>The usual way to make an item is routing 1, the others follow; every column is written, so that nothing is lost on the way back in.</summary>
    public static OutFile Routings(IEnumerable<Product> products, string format, string language) => Table(TableKind.Routings,
        from p in products
        from way in p.Alternatives.Prepend(p.Routing).Select((routing, k) => (Steps: routing.Steps, Number: k + 1))
        from step in way.Steps
        from row in RowsOf(step)
        select (IReadOnlyList<object?>)[.. TableKind.Routings.Columns.Select(c => c.Key switch
        {
            "item" => p.Id.Value,
            "itemName" => p.Name.In(language),
            "way" => way.Number,
            "step" => step.Number,
            "stepName" => step.Name,
            var other => row.GetValueOrDefault(other),
        })], [], format, language);

    private static IEnumerable<Dictionary<string, object?>> RowsOf(RoutingStep step) => step switch
    {
        RoutingStep.Wait w => [new() { ["wait"] = w.Duration.TotalMinutes, ["waitMost"] = w.Most?.TotalMinutes }],
        RoutingStep.Transport t => [new() { ["transport"] = t.Service }],
        RoutingStep.Work w => w.Options.Select(o => new Dictionary<string, object?>
        {
            ["machine"] = o.Machine.Value, ["setUp"] = o.SetUp.TotalMinutes, ["perPiece"] = o.PerPiece.TotalMinutes, ["unbroken"] = o.Unbroken ? "yes" : "no",
            ["family"] = w.Family, ["transfer"] = w.Transfer == 0 ? null : w.Transfer, ["recipe"] = w.Batch?.Recipe, ["load"] = w.Batch?.Load,
            ["needs"] = string.Join("; ", w.Needs.Select(n => n.RunOnly ? n.Skill + ":run" : n.Skill)),
            ["takes"] = string.Join("; ", w.Takes.Select(u => string.Create(CultureInfo.InvariantCulture, $"{u.Item}:{u.PerPiece}"))),
        }),
        _ => throw new ArgumentException($"A step of the kind '{step.GetType().Name}' has no columns.", nameof(step)),
    };

    public static OutFile Stock(IEnumerable<MaterialStock> stock, string format, string language, TimeSpan offset) => Table(TableKind.Stock, stock.SelectMany(m =>
        m.Arrivals.DefaultIfEmpty().Select((a, i) => (IReadOnlyList<object?>)[m.Item.Value, m.Name.In(language), i == 0 ? m.OnHand : null, a?.At.ToOffset(offset), a?.Amount, m.FromCustomer ? "yes" : "no"])), [], format, language);

    public static OutFile SetUps(IEnumerable<SetUpTable> tables, IEnumerable<MachineRules> machines, string format, string language)
    {
        var users = machines.Where(m => m.SetUpTable is not null).ToLookup(m => m.SetUpTable!, m => m.Machine.Value);
        return Table(TableKind.SetUps, tables.SelectMany(t => t.Times.Select((x, i) => (IReadOnlyList<object?>)[t.Id, x.From, x.To, x.Time.TotalMinutes, users[t.Id].ElementAtOrDefault(i)])), [], format, language);
    }

    /// <summary>Every planned operation; goes out only.</summary>
    public static OutFile Plan(PlanVersion plan, IReadOnlyDictionary<OperationId, OperationActual> actuals, string format, TimeSpan offset)
    {
        List<IReadOnlyList<object?>> rows = [["operation", "order", "step", "machine", "quantity", "start", "end", "setUpMinutes", "workMinutes", "status", "locked"]];
        rows.AddRange(plan.Operations.OrderBy(o => o.Start).Select(o => (IReadOnlyList<object?>)
        [
            o.Operation.Value, o.Order.Value, o.Step, o.Machine.Value, o.Quantity, o.Start.ToOffset(offset), o.End.ToOffset(offset), o.SetUp.TotalMinutes, o.Work.TotalMinutes,
            (actuals.GetValueOrDefault(o.Operation)?.Status ?? OperationStatus.Waiting).ToString().ToLowerInvariant(), o.Lock is null ? "" : "yes",
        ]));
        return Write($"plan-{plan.Number}", format, new Sheet($"plan {plan.Number}", rows));
    }

    private static OutFile Table(TableKind kind, IEnumerable<IReadOnlyList<object?>> rows, IReadOnlyList<string> more, string format, string language) =>
        Write(kind.Name, format, new Sheet(TextCatalogue.All[$"exchange.kind.{kind.Name}"].In(language), [[.. kind.Columns.Select(c => (object?)kind.Heading(c, language)).Concat(more)], .. rows]));

    private static OutFile Write(string name, string format, params Sheet[] sheets) => format == "csv"
        ? new(name + ".csv", "text/csv; charset=utf-8", Encoding.UTF8.GetBytes("\uFEFF" + CsvLink.Text(sheets[0].Rows.Select(r => (IReadOnlyList<string>)[.. r.Select(Plain)]))))
        : new(name + ".xlsx", Xlsx, XlsxWriter.Write(sheets));

    /// <summary>Midnight that ends a day is written as that day, the way it is read.</summary>
    private static DateTimeOffset EndOf(DateTimeOffset at) => at.TimeOfDay == TimeSpan.Zero ? at.AddDays(-1) : at;

    private static string Plain(object? value) => value switch
    {
        null => "",
        DateTimeOffset t => t.ToString(t.TimeOfDay == TimeSpan.Zero ? "yyyy-MM-dd" : t.Second == 0 ? "yyyy-MM-dd HH:mm" : "yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture),
        IFormattable f => f.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString()!,
    };
}
