using System.Collections.Immutable;
using System.ComponentModel;
using System.Globalization;
using System.Reflection;
using System.Text.Json;

namespace Ieum.Node.Store.Config;

/// <summary>An options class that a section of <c>ieum.json</c> fills.</summary>
internal abstract class OptionSection(string name, Type type)
{
    public string Name { get; } = name;
    public Type Type { get; } = type;

    /// <summary>The settings of the section: public properties that can be set.</summary>
    public IReadOnlyList<PropertyInfo> Settings { get; } = [.. type.GetProperties().Where(p => p.SetMethod is { IsPublic: true } || IsTable(p))];

    /// <summary>Checks the section and puts its values, in configuration form, into <paramref name="into"/>.</summary>
    public void Read(ConfigObject root, ImmutableDictionary<string, string?>.Builder into)
    {
        if (root.Child(Name) is not { } section) return;
        foreach (var p in Settings)
            if (section.Find(p.Name) is { } e)
            {
                if (IsTable(p)) ReadTable(section.Open(p.Name, e), $"{Name}:{p.Name}", into);
                else if (TryText(e, p.PropertyType, out var text, out var rule, out var why)) into[$"{Name}:{p.Name}"] = text;
                else section.Tell(section.PathOf(p.Name), rule, why);
            }
        section.Close();
    }

    public abstract void Bind(IServiceCollection services, IConfiguration configuration);

    /// <summary>A setting whose keys are names, each with a text.</summary>
    private static bool IsTable(PropertyInfo p) => typeof(IDictionary<string, string>).IsAssignableFrom(p.PropertyType);

    private static void ReadTable(ConfigObject table, string prefix, ImmutableDictionary<string, string?>.Builder into)
    {
        foreach (var (key, value) in table.Entries())
            if (Config.Read.Text(value, out var text, out var rule, out var why)) into[$"{prefix}:{key}"] = text;
            else table.Tell(table.PathOf(key), rule, why);
    }

    private static bool TryText(JsonElement e, Type type, out string text, out string rule, out string why)
    {
        (text, rule, why) = ("", ConfigRules.WrongType, "");
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (type == typeof(TimeSpan))
        {
            if (!Config.Read.Duration(e, out var span, out rule, out why)) return false;
            text = span!.Value.ToString("c", CultureInfo.InvariantCulture);
            return true;
        }
        var wanted = type == typeof(bool) ? "true or false" : type.IsEnum ? $"one of {string.Join(", ", Enum.GetNames(type))}"
            : type == typeof(string) || type == typeof(Uri) ? "a text" : "a number";
        text = e.ValueKind switch
        {
            JsonValueKind.True => "true",
            JsonValueKind.False => "false",
            JsonValueKind.Number => e.GetRawText(),
            JsonValueKind.String => e.GetString()!,
            _ => "",
        };
        var right = wanted switch
        {
            "true or false" => e.ValueKind is JsonValueKind.True or JsonValueKind.False,
            "a number" => e.ValueKind == JsonValueKind.Number,
            _ => e.ValueKind == JsonValueKind.String,
        };
        if (right && (!type.IsEnum || Enum.TryParse(type, text, ignoreCase: true, out _))
            && (type == typeof(string) || TypeDescriptor.GetConverter(type) is var c && Converts(c, text))) return true;
        why = $"{wanted} is expected here, not {ConfigObject.Name(e)}.";
        return false;
    }

    private static bool Converts(TypeConverter converter, string text)
    {
        try
        {
            return converter.ConvertFromInvariantString(text) is not null;
        }
        catch (Exception e) when (e is FormatException or ArgumentException or OverflowException or NotSupportedException)
        {
            return false;
        }
    }
}

internal sealed class OptionSection<T>(string name) : OptionSection(name, typeof(T)) where T : class
{
    public override void Bind(IServiceCollection services, IConfiguration configuration) =>
        services.AddOptions<T>().Bind(configuration.GetSection(Name)).ValidateOnStart();
}

/// <summary>Every options class of the product: public, with a constant <c>Section</c>. A catalogue test compares them with docs/configuration.md.</summary>
internal static class OptionSections
{
    private static readonly string[] Houses = ["Ieum.Connect", "Ieum.Record", "Ieum.Analyze", "Ieum.Plan", "Ieum.Act", "ieum"];

    public static IReadOnlyList<OptionSection> All { get; } =
        [.. from house in Houses
            from type in Assembly.Load(house).GetExportedTypes()
            let section = type.GetField("Section", BindingFlags.Public | BindingFlags.Static)
            where section is { IsLiteral: true } && type.IsClass
            select (OptionSection)Activator.CreateInstance(typeof(OptionSection<>).MakeGenericType(type), section.GetRawConstantValue())!];
}
