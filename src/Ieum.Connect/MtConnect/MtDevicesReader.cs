using System.Xml;

namespace Ieum.Connect.MtConnect;

/// <summary>Reads one device of MTConnectDevices. Components may nest to any depth; only data items matter here.</summary>
internal static class MtDevicesReader
{
    public static MtDevice Device(XmlReader reader)
    {
        var (id, name, uuid, isAgent) = (reader.GetAttribute("id") ?? "", reader.GetAttribute("name") ?? "", reader.GetAttribute("uuid") ?? "", reader.LocalName == "Agent");
        var items = new List<MtDataItem>();
        var description = "";
        if (!reader.IsEmptyElement)
        {
            var depth = reader.Depth;
            var components = new Stack<(int Depth, string Name)>();
            while (reader.Read() && reader.Depth > depth)
            {
                if (reader.NodeType != XmlNodeType.Element) continue;
                while (components.Count > 0 && components.Peek().Depth >= reader.Depth) components.Pop();
                switch (reader.LocalName)
                {
                    case "DataItem":
                        items.Add(Item(reader, components.Count > 0 ? components.Peek().Name : name));
                        break;
                    case "Description" when description.Length == 0:
                        description = $"{reader.GetAttribute("manufacturer")} {reader.GetAttribute("model")}".Trim();
                        break;
                    default:
                        // A component is what has an id and is no data item; containers such as Components have none.
                        if (reader.GetAttribute("id") is { } component)
                            components.Push((reader.Depth, reader.GetAttribute("name") ?? component));
                        break;
                }
            }
        }
        return new(id, name, uuid, isAgent, description, items);
    }

    private static MtDataItem Item(XmlReader reader, string component) => new(
        reader.GetAttribute("id") ?? "", reader.GetAttribute("name"),
        reader.GetAttribute("category") switch { "SAMPLE" => MtCategory.Sample, "CONDITION" => MtCategory.Condition, _ => MtCategory.Event },
        reader.GetAttribute("type") ?? "", reader.GetAttribute("subType") ?? "",
        reader.GetAttribute("units") ?? reader.GetAttribute("nativeUnits") ?? "", reader.GetAttribute("representation") ?? "", component);
}
