using Ieum.Connect.Sparkplug.Payload;
using Ieum.Connect.Sparkplug.Session;

namespace Ieum.Connect.Sparkplug.Monitor;

internal sealed partial class SparkplugJudge
{
    /// <summary>What is inside a metric: datatype, properties, tables, templates.</summary>
    private void Content(NodeView node, SparkplugTopic t, Metric m)
    {
        var birth = t.Kind is MessageKind.NBirth or MessageKind.DBirth;
        if (m.DataType is { } type) Is("datatype", type is > SparkplugDataType.Unknown and <= SparkplugDataType.DateTimeArray and not (SparkplugDataType.PropertySet or SparkplugDataType.PropertySetList), $"'{m.Name}' of '{t.Node}' has the datatype {(uint)type}");
        foreach (var (key, value) in m.Properties?.Items ?? [])
        {
            Is("properties", true, "");
            Is("property-type", value.Type is > SparkplugDataType.Unknown and <= SparkplugDataType.PropertySetList || (!birth && value.Type is null), $"property '{key}' of '{m.Name}' has the type {(uint?)value.Type}");
            if (key == "Quality") Is("quality", value.Type == SparkplugDataType.Int32 && value.Value is { Kind: WireValue.Int, Bits: 0 or 192 or 500 }, $"quality {value.Value.Bits} of type {value.Type} at '{m.Name}{m.Alias}'");
        }
        if (m.Value.Object is DataSet table)
            Is("dataset", table.Types.All(c => c is > SparkplugDataType.Unknown and <= SparkplugDataType.Text), $"a column of '{m.Name}' has no basic type");
        if (m.Value.Object is Template template) Template(node, t, m, template, birth);
    }

    private void Template(NodeView node, SparkplugTopic t, Metric m, Template template, bool birth)
    {
        // Without a reference it can only be a definition, whatever its flag says.
        var isDefinition = template.IsDefinition == true || template.Reference is null;
        if (isDefinition)
        {
            Is("template-definition", template.IsDefinition == true && template.Reference is null, $"'{m.Name}' of '{t.Node}': is_definition {template.IsDefinition}, reference '{template.Reference}'");
            Is("template-nbirth-only", t.Kind == MessageKind.NBirth, $"the definition '{m.Name}' stands in {t.Kind}");
        }
        else
        {
            Is("template-instance", template.IsDefinition == false, $"'{m.Name}{m.Alias}' of '{t.Node}' is an instance without is_definition = false");
            if (node.IsBorn && Is("template-defined", node.Definitions.TryGetValue(template.Reference!, out var definition), $"'{template.Reference}' of '{m.Name}{m.Alias}' was not defined in NBIRTH"))
            {
                var members = definition!.Metrics.Select(x => x.Name).ToHashSet();
                Is("template-members", template.Metrics.All(x => members.Contains(x.Name)), $"'{m.Name}{m.Alias}' has a member that '{template.Reference}' does not define");
                if (birth) Is("template-members-birth", members.All(n => template.Metrics.Any(x => x.Name == n)), $"'{m.Name}' lacks a member of '{template.Reference}'");
            }
        }
        foreach (var p in template.Parameters)
            Is("template-parameters", p.Name is { Length: > 0 } && (p.Type is > SparkplugDataType.Unknown and <= SparkplugDataType.Text || (!birth && p.Type is null))
                && p.Value.Kind is >= WireValue.None and <= WireValue.Text, $"parameter '{p.Name}' of '{m.Name}{m.Alias}' lacks name, type, or a basic value");
    }
}
