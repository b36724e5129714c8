using Ieum.Connect;
using Ieum.Node.Store.Config;
using Ieum.Node.Views;
using Microsoft.Extensions.Options;

namespace Ieum.Node.Store;

/// <summary>Templates of connections: those that come with the product, and files a shop laid into <c>templates</c> of its data folder.</summary>
internal sealed class TemplateShelf(IOptions<ConnectOptions> options, ILogger<TemplateShelf> log)
{
    private const string Prefix = "Ieum.Node.Templates.";

    /// <summary>Read anew each time, so that a file laid there holds at once. One broken file does not hide the others. A shop's file with a known id replaces ours.</summary>
    public IReadOnlyList<ConnectionTemplate> All()
    {
        var found = BuiltIn().ToDictionary(t => t.Id, StringComparer.Ordinal);
        var folder = Path.Combine(options.Value.Folder, "templates");
        foreach (var file in Directory.Exists(folder) ? Directory.EnumerateFiles(folder, "*.json").Order(StringComparer.Ordinal) : Enumerable.Empty<string>())
        {
            try
            {
                var template = ConnectionFile.ReadTemplate(file, File.ReadAllText(file));
                found[template.Id] = template;
            }
            catch (Exception e) when (e is ConfigException or IOException)
            {
                TemplateLog.Unreadable(log, file, e.Message);
            }
        }
        return [.. found.Values.OrderBy(t => t.Id, StringComparer.Ordinal)];
    }

    public static IEnumerable<ConnectionTemplate> BuiltIn()
    {
        var assembly = typeof(TemplateShelf).Assembly;
        foreach (var name in assembly.GetManifestResourceNames().Where(n => n.StartsWith(Prefix, StringComparison.Ordinal)))
        {
            using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
            yield return ConnectionFile.ReadTemplate(name[Prefix.Length..], reader.ReadToEnd());
        }
    }
}

internal static partial class TemplateLog
{
    [LoggerMessage(9370, LogLevel.Warning, "The template {File} is left out: {Reason}")]
    public static partial void Unreadable(ILogger log, string file, string reason);
}
