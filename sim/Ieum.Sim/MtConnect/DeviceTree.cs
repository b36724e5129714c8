using System.Globalization;
using System.Xml;
using System.Xml.Linq;
using System.Xml.XPath;
using Ieum.Sim.Machines;

namespace Ieum.Sim.MtConnect;

/// <summary>How one item is written in streams.</summary>
internal sealed record ItemTag(string Id, string Name, string Type, string Element, string? SubType);

/// <summary>A component as streams name it.</summary>
internal sealed record ComponentTag(int Order, string Element, string Name, string Id);

/// <summary>The device of one agent as a tree of components; ids, element names and paths come from here.</summary>
internal sealed class DeviceTree
{
    private readonly XElement _root;
    private readonly ItemTag[] _items;
    private readonly ComponentTag[] _components;
    private readonly Dictionary<string, int> _byId;

    private DeviceTree(XElement root, string name, string uuid, ItemTag[] items, ComponentTag[] components)
    {
        (_root, Name, Uuid, _items, _components) = (root, name, uuid, items, components);
        _byId = items.Select((t, i) => (t.Id, i)).ToDictionary(p => p.Id, p => p.i, StringComparer.Ordinal);
    }

    public string Name { get; }
    public string Uuid { get; }
    public ItemTag TagOf(int item) => _items[item];
    public ComponentTag ComponentOf(int item) => _components[item];

    public void Write(XmlWriter w) => WriteElement(w, _root);

    /// <summary>Indexes of the items a <c>path</c> selects: items themselves, or everything below a component.</summary>
    /// <returns>False when the path is not XPath; an empty set when it selects nothing.</returns>
    public bool TrySelect(string path, out IReadOnlySet<int> items)
    {
        var found = new HashSet<int>();
        items = found;
        try
        {
            foreach (var element in new XDocument(new XElement("MTConnectDevices", new XElement("Devices", _root))).XPathSelectElements(path))
                foreach (var item in element.DescendantsAndSelf("DataItem"))
                    found.Add(_byId[item.Attribute("id")!.Value]);
            return true;
        }
        catch (Exception e) when (e is XPathException or InvalidOperationException)
        {
            return false;
        }
    }

    public static DeviceTree Of(DeviceDescription device, string machine, SchemaVersion schema)
    {
        var uuid = "ieum-sim-" + machine;
        var id = XmlConvert.EncodeLocalName(machine);
        var root = new XElement("Device", new XAttribute("id", id), new XAttribute("name", machine), new XAttribute("uuid", uuid),
            new XElement("Description", new XAttribute("manufacturer", "Ieum"), new XAttribute("model", device.Type), device.Title));
        var deviceTag = new ComponentTag(0, "Device", machine, id);
        var known = new Dictionary<string, (XElement Element, ComponentTag Tag)> { [""] = (root, deviceTag) };
        var items = new ItemTag[device.Items.Count];
        var components = new ComponentTag[device.Items.Count];
        for (var i = 0; i < items.Length; i++)
        {
            var item = device.Items[i];
            var (component, tag) = Component(item.At);
            components[i] = tag;
            items[i] = Tag(item, $"{id}_{XmlConvert.EncodeLocalName(item.Name)}", schema);
            var list = component.Element("DataItems");
            if (list is null)
            {
                list = new XElement("DataItems");
                // The schema wants Description, DataItems, Components in this order.
                if (component.Element("Components") is { } children) children.AddBeforeSelf(list); else component.Add(list);
            }
            list.Add(Describe(item, items[i]));
        }
        return new(root, machine, uuid, items, components);

        (XElement, ComponentTag) Component(string at)
        {
            if (known.TryGetValue(at, out var there)) return there;
            var cut = at.LastIndexOf('/');
            var (parent, _) = Component(cut < 0 ? "" : at[..cut]);
            var parts = at[(cut + 1)..].Split(':', 2);
            var tag = new ComponentTag(known.Count, parts[0], parts[1], $"{id}_c{known.Count.ToString(CultureInfo.InvariantCulture)}");
            var element = new XElement(parts[0], new XAttribute("id", tag.Id), new XAttribute("name", tag.Name));
            var list = parent.Element("Components");
            if (list is null) parent.Add(list = new XElement("Components"));
            list.Add(element);
            return known[at] = (element, tag);
        }
    }

    private static ItemTag Tag(DataItem item, string id, SchemaVersion schema)
    {
        var since = item.Since?.Split('.').Select(p => int.Parse(p, CultureInfo.InvariantCulture)).ToArray();
        var type = since is null || schema.AtLeast(since[0], since[1]) ? item.Type : "MESSAGE";
        var element = string.Concat(type.Split('_').Select(p => p[..1] + p[1..].ToLowerInvariant()));
        return new(id, item.Name, type, element, type == "MESSAGE" ? null : item.SubType);
    }

    private static XElement Describe(DataItem item, ItemTag tag)
    {
        var e = new XElement("DataItem", new XAttribute("category", item.Category), new XAttribute("id", tag.Id),
            new XAttribute("name", item.Name), new XAttribute("type", tag.Type));
        if (tag.SubType is { } sub) e.Add(new XAttribute("subType", sub));
        if (item.Units is { } units && !item.IsCondition) e.Add(new XAttribute("units", units));
        return e;
    }

    // The tree itself has no namespace, so that paths without prefixes select in it; the document's namespace is given here.
    private static void WriteElement(XmlWriter w, XElement element)
    {
        w.WriteStartElement(element.Name.LocalName);
        foreach (var a in element.Attributes()) w.WriteAttributeString(a.Name.LocalName, a.Value);
        foreach (var node in element.Nodes())
        {
            if (node is XElement child) WriteElement(w, child);
            else if (node is XText text) w.WriteString(text.Value);
        }
        w.WriteEndElement();
    }
}
