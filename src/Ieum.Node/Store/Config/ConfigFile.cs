using System.Collections.Immutable;
using System.Text.Json;

namespace Ieum.Node.Store.Config;

/// <summary>Reads <c>ieum.json</c> strictly: whatever it does not know, it names, with the place and the remedy.</summary>
public static class ConfigFile
{
    /// <exception cref="ConfigException">The file cannot be read or used; every problem in it is told, not only the first.</exception>
    public static NodeConfig Load(string path)
    {
        string text;
        try
        {
            text = File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ConfigException(path, [new("$", ConfigRules.Unreadable, $"the file cannot be read ({e.Message}) Give an existing file with --config, or none to start empty.")]);
        }
        return Parse(path, text);
    }

    /// <param name="file">Name of the file, for messages.</param>
    /// <exception cref="ConfigException">As with <see cref="Load"/>.</exception>
    public static NodeConfig Parse(string file, string text)
    {
        var problems = new List<ConfigProblem>();
        NodeConfig? config = null;
        try
        {
            using var document = JsonDocument.Parse(text, new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
            config = Read(new ConfigObject(problems, "$", document.RootElement));
        }
        catch (JsonException e)
        {
            problems.Add(new("$", ConfigRules.BrokenJson, $"line {e.LineNumber + 1}, column {e.BytePositionInLine + 1} is not JSON; check commas, quotes and brackets there. ({e.Message})"));
        }
        return problems.Count == 0 && config is not null ? config : throw new ConfigException(file, [.. problems]);
    }

    private static NodeConfig Read(ConfigObject root)
    {
        var company = CompanySection.Read(root);
        var machines = company.Machines.Select(m => m.Id).ToHashSet();
        var (calendar, own) = CalendarSection.Read(root, machines);
        var connections = ConnectionSection.Read(root, machines);
        var products = OrderSection.ReadProducts(root, machines);
        var orders = OrderSection.ReadOrders(root, products);
        var (planning, goal) = PlanningSection.Read(root, machines, calendar);
        var writes = WriteSection.Read(root, machines);
        var corrections = CorrectionSection.Read(root, machines);
        var options = ImmutableDictionary.CreateBuilder<string, string?>(StringComparer.OrdinalIgnoreCase);
        foreach (var section in OptionSections.All) section.Read(root, options);
        root.Close();
        return new(company, connections, calendar, own, products, orders, options.ToImmutable()) { Writes = writes, Corrections = corrections, Planning = planning, Goal = goal };
    }
}
