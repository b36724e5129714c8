using System.Collections.Immutable;
using System.Globalization;
using System.Xml;
using System.Xml.Linq;

namespace Ieum.Analyze;

/// <summary>
/// Measured values of a QIF document (ISO 23952; QIF 2.x and 3.0): actual (2.x) or measurement (3.0) → item → nominal → definition with its tolerance.
/// Read by local names, so that the namespaces of both editions serve. Limits given as deviations are laid round the target.
/// </summary>
internal static class QifReader
{
    public static GaugeFile Read(ReadOnlySpan<byte> bytes)
    {
        XDocument document;
        try
        {
            // No DTD, no entities, no addresses are followed: the file comes from outside.
            using var reader = XmlReader.Create(new MemoryStream(bytes.ToArray()), new() { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null });
            document = XDocument.Load(reader, LoadOptions.SetLineInfo);
        }
        catch (XmlException e)
        {
            return new([], [new(e.LineNumber, "", GaugeRules.NotXml, e.Message)]);
        }
        if (document.Root is not { Name.LocalName: "QIFDocument" } root)
            return new([], [new(1, "", GaugeRules.NotQif, $"The first element is '{document.Root?.Name.LocalName}', not QIFDocument.")]);
        return Read(root);
    }

    private static GaugeFile Read(XElement root)
    {
        var definitions = ById(root, "CharacteristicDefinition");
        var nominals = ById(root, "CharacteristicNominal");
        var items = ById(root, "CharacteristicItem");
        var serials = root.Descendants().Where(e => e.Name.LocalName == "ActualComponent")
            .Where(e => e.Attribute("id") is not null).GroupBy(e => e.Attribute("id")!.Value).ToDictionary(g => g.Key, g => Text(g.First(), "SerialNumber") ?? "");
        var (values, problems) = (ImmutableArray.CreateBuilder<GaugeValue>(), ImmutableArray.CreateBuilder<GaugeProblem>());
        foreach (var results in root.Descendants().Where(e => e.Name.LocalName == "MeasurementResults"))
        {
            var component = results.Descendants().FirstOrDefault(e => e.Name.LocalName == "ActualComponentId")?.Value
                ?? results.Descendants().FirstOrDefault(e => e.Name.LocalName == "ActualComponentIds")?.Elements().FirstOrDefault()?.Value;
            var part = component is not null && serials.TryGetValue(component.Trim(), out var serial) ? serial : component?.Trim() ?? "";
            var at = Time(results);
            foreach (var actual in results.Descendants().Where(e => e.Name.LocalName.EndsWith("CharacteristicActual", StringComparison.Ordinal) || e.Name.LocalName.EndsWith("CharacteristicMeasurement", StringComparison.Ordinal)))
                Add(actual, part, Time(actual) ?? at, items, nominals, definitions, values, problems);
        }
        return new(values.ToImmutable(), problems.ToImmutable());
    }

    private static void Add(XElement actual, string part, DateTimeOffset? at, Dictionary<string, XElement> items, Dictionary<string, XElement> nominals,
        Dictionary<string, XElement> definitions, ImmutableArray<GaugeValue>.Builder values, ImmutableArray<GaugeProblem>.Builder problems)
    {
        var line = ((IXmlLineInfo)actual).LineNumber;
        // An actual without a value was planned and not measured.
        if (Text(actual, "Value") is not { } text) return;
        if (!double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) || !double.IsFinite(value))
        {
            problems.Add(new(line, "Value", GaugeRules.NoNumber, $"Line {line}: '{text}' is no finite number."));
            return;
        }
        if (Text(actual, "CharacteristicItemId") is not { } id || !items.TryGetValue(id, out var item))
        {
            problems.Add(new(line, "CharacteristicItemId", GaugeRules.Unreferenced, $"Line {line}: no CharacteristicItem '{Text(actual, "CharacteristicItemId")}'."));
            return;
        }
        var nominal = Text(item, "CharacteristicNominalId") is { } n ? nominals.GetValueOrDefault(n) : null;
        var definition = nominal is not null && Text(nominal, "CharacteristicDefinitionId") is { } d ? definitions.GetValueOrDefault(d) : null;
        var (lower, upper) = Limits(nominal, definition);
        if (lower > upper)
        {
            problems.Add(new(line, "Tolerance", GaugeRules.LimitsCrossed, $"Line {line}: the limits of '{Text(item, "Name")}' are crossed."));
            (lower, upper) = (null, null);
        }
        var unit = actual.Elements().FirstOrDefault(e => e.Name.LocalName == "Value")?.Attributes().FirstOrDefault(a => a.Name.LocalName is "linearUnit" or "angularUnit")?.Value ?? "";
        values.Add(new(part, Text(item, "Name") ?? Text(definition, "Name") ?? id, at, value, lower, upper, unit));
    }

    private static (double? Lower, double? Upper) Limits(XElement? nominal, XElement? definition)
    {
        if (definition is null) return (null, null);
        // A form or position has one limit: it cannot be better than 0.
        if (Number(definition, "ToleranceValue") is { } zone) return (null, zone);
        if (definition.Elements().FirstOrDefault(e => e.Name.LocalName == "Tolerance") is not { } tolerance) return (null, null);
        var (low, high) = (Number(tolerance, "MinValue"), Number(tolerance, "MaxValue"));
        if (Text(tolerance, "DefinedAsLimit") is "true" or "1") return (low, high);
        var target = nominal is null ? null : Number(nominal, "TargetValue");
        return (target + low, target + high);
    }

    private static Dictionary<string, XElement> ById(XElement root, string ending) => root.Descendants()
        .Where(e => e.Name.LocalName.EndsWith(ending, StringComparison.Ordinal) && e.Attribute("id") is not null)
        .GroupBy(e => e.Attribute("id")!.Value, StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.First(), StringComparer.Ordinal);

    private static string? Text(XElement? parent, string name) => parent?.Elements().FirstOrDefault(e => e.Name.LocalName == name)?.Value.Trim();

    private static double? Number(XElement parent, string name) =>
        double.TryParse(Text(parent, name), NumberStyles.Float, CultureInfo.InvariantCulture, out var n) && double.IsFinite(n) ? n : null;

    private static DateTimeOffset? Time(XElement element) =>
        element.Elements().FirstOrDefault(e => e.Name.LocalName is "InspectionDateTime" or "Time" or "InspectionTimeEnd" or "InspectionTimeBegin") is { } time
        && DateTimeOffset.TryParse(time.Value.Trim(), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at) ? at : null;
}
