using System.Collections.Frozen;
using System.Reflection;

namespace Ieum.Node.Ui;

/// <summary>One text in the three languages of the product.</summary>
internal sealed record TextLine(string Key, string Ko, string Ja, string En)
{
    public string In(string language) => language switch { "ko" => Ko, "ja" => Ja, _ => En };
}

/// <summary>All texts of the pages, read once from the embedded tables of Ui/Texts (key, ko, ja, en; one line a text).</summary>
/// <remarks>The three languages stand side by side in one line, so none can be forgotten and a translator sees all of them.</remarks>
internal static class TextCatalogue
{
    public static readonly string[] Languages = ["ko", "ja", "en"];

    public static FrozenDictionary<string, TextLine> All { get; } = Read(typeof(TextCatalogue).Assembly);

    /// <exception cref="InvalidDataException">A line has not four columns, or a key stands twice.</exception>
    private static FrozenDictionary<string, TextLine> Read(Assembly assembly)
    {
        var lines = new Dictionary<string, TextLine>(StringComparer.Ordinal);
        foreach (var name in assembly.GetManifestResourceNames().Where(n => n.StartsWith("texts/", StringComparison.Ordinal)))
        {
            using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
            while (reader.ReadLine() is { } row)
            {
                if (row.Length == 0 || row.StartsWith('#')) continue;
                var c = row.Split('\t');
                if (c.Length != 4 || c.Any(string.IsNullOrWhiteSpace))
                    throw new InvalidDataException($"{name}: '{row}' needs the four columns key, ko, ja, en.");
                if (!lines.TryAdd(c[0], new TextLine(c[0], c[1], c[2], c[3])))
                    throw new InvalidDataException($"{name}: key '{c[0]}' stands twice.");
            }
        }
        return lines.ToFrozenDictionary(StringComparer.Ordinal);
    }
}
