using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using Ieum.Model;
using Ieum.Node.Store.Config;
using Ieum.Node.Views;

namespace Ieum.Node.Store;

/// <summary>One connection, or a template of one, as a file that can be mailed, kept and read by people: the keys are those of <c>connections[]</c> in ieum.json.</summary>
internal static class ConnectionFile
{
    private const string Connection = "connection", Template = "template";
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Passwords are left out: a file is passed on more easily than meant.</summary>
    private static readonly string[] Secrets = ["password", "user-key", "secret"];

    public static string Write(ConnectionSettings c) => new JsonObject { ["ieum"] = Connection, ["version"] = 1, ["connection"] = Object(c) }.ToJsonString(Indented);

    /// <exception cref="ConfigException">Every problem of the file, with its place.</exception>
    public static ConnectionSettings Read(string file, string json) => Parse(file, json, Connection, static (root, problems) =>
        Settings(root, problems));

    /// <exception cref="ConfigException">Every problem of the file, with its place.</exception>
    public static ConnectionTemplate ReadTemplate(string file, string json) => Parse(file, json, Template, static (root, problems) =>
    {
        var id = root.Need<string?>("id", Config.Read.Id);
        var name = root.Optional("name", LocalName.Same(id ?? "?"), Config.Read.Name);
        var note = root.Optional("note", LocalName.Same(""), Config.Read.Name);
        return Settings(root, problems) is { } settings && id is not null ? new ConnectionTemplate(id, name, note, settings) : null;
    });

    private static T Parse<T>(string file, string json, string kind, Func<ConfigObject, List<ConfigProblem>, T?> read) where T : class
    {
        var problems = new List<ConfigProblem>();
        T? value = null;
        try
        {
            using var document = JsonDocument.Parse(json, new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
            var root = new ConfigObject(problems, "$", document.RootElement);
            if (root.Need<string?>("ieum", Config.Read.Text!) is { } told && told != kind) problems.Add(new("$.ieum", ConfigRules.OtherFile, $"this is a {told} file; a {kind} file is expected here."));
            if (root.Need<int?>("version", Config.Read.Whole(1, 1000)) is { } version and not 1) problems.Add(new("$.version", ConfigRules.NewerFile, $"version {version} was written by a newer program; this one reads version 1."));
            value = read(root, problems);
            root.Close();
        }
        catch (JsonException e)
        {
            problems.Add(new("$", ConfigRules.BrokenJson, $"line {e.LineNumber + 1}, column {e.BytePositionInLine + 1} is not JSON; check commas, quotes and brackets there."));
        }
        return problems.Count == 0 && value is not null ? value : throw new ConfigException(file, [.. problems]);
    }

    private static ConnectionSettings? Settings(ConfigObject root, List<ConfigProblem> problems)
    {
        if (root.Need("connection") is not { } element) return null;
        // The machine need not exist where the file is read: it is chosen there.
        using var wrapped = JsonDocument.Parse($$"""{"connections":[{{element.GetRawText()}}]}""", new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
        var machine = element.ValueKind == JsonValueKind.Object && element.TryGetProperty("machine", out var m) && m.ValueKind == JsonValueKind.String ? m.GetString()! : "";
        var found = ConnectionSection.Read(new ConfigObject(problems, "$", wrapped.RootElement), Identifier.IsValid(machine) ? [new(machine)] : []);
        return found.FirstOrDefault();
    }

    private static JsonObject Object(ConnectionSettings c)
    {
        var o = new JsonObject { ["machine"] = c.Machine.Value, ["source"] = c.Source.Value, ["protocol"] = c.Protocol, ["endpoint"] = c.Endpoint };
        var options = new JsonObject();
        foreach (var (key, value) in c.Options.OrderBy(p => p.Key, StringComparer.Ordinal))
            if (!Secrets.Contains(key, StringComparer.Ordinal)) options[key] = value;
        if (options.Count > 0) o["options"] = options;
        if (!c.Points.IsEmpty) o["points"] = new JsonArray([.. c.Points.Select(Object)]);
        return o;
    }

    private static JsonObject Object(PointSettings p)
    {
        var o = new JsonObject { ["name"] = p.Name, ["address"] = p.Address };
        if (p.Type.Length > 0) o["type"] = p.Type;
        if (p.Unit.Length > 0) o["unit"] = p.Unit;
        if (p.Role != SignalRole.None) o["role"] = p.Role.ToString();
        if (p.Scale != 1) o["scale"] = p.Scale;
        if (p.Offset != 0) o["offset"] = p.Offset;
        if (p.Deadband != 0) o["deadband"] = p.Deadband;
        if (p.Period > TimeSpan.Zero) o["period"] = FormattableString.Invariant($"{p.Period.TotalSeconds:0.###} s");
        if (p.Words.Count > 0) o["words"] = new JsonObject([.. p.Words.Select(w => new KeyValuePair<string, JsonNode?>(w.Key, w.Value))]);
        if (p.Range is { } range) o["range"] = new JsonObject { ["low"] = range.Low, ["high"] = range.High };
        if (p.Description.Length > 0) o["text"] = p.Description;
        return o;
    }
}
