using System.Globalization;

namespace Ieum.Sim.MtConnect;

/// <summary>The schema an agent writes: 1.3, 1.8, 2.0 or 2.5.</summary>
internal sealed record SchemaVersion(int Major, int Minor)
{
    public static IReadOnlyList<SchemaVersion> All { get; } = [new(1, 3), new(1, 8), new(2, 0), new(2, 5)];

    public string Text => string.Create(CultureInfo.InvariantCulture, $"{Major}.{Minor}");
    public string Namespace(string document) => $"urn:mtconnect.org:{document}:{Text}";
    public bool AtLeast(int major, int minor) => Major > major || (Major == major && Minor >= minor);

    /// <exception cref="InvalidDataException">Not one of <see cref="All"/>.</exception>
    public static SchemaVersion Parse(string text) => All.FirstOrDefault(v => v.Text == text)
        ?? throw new InvalidDataException($"MTConnect schema '{text}' is not offered. Offered: {string.Join(", ", All.Select(v => v.Text))}.");
}
