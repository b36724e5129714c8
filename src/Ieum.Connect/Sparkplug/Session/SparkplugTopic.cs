namespace Ieum.Connect.Sparkplug.Session;

internal enum MessageKind { NBirth, DBirth, NData, DData, NDeath, DDeath, NCommand, DCommand }

/// <summary>Where a message belongs (Sparkplug B 3.0, chapter 4).</summary>
/// <param name="Device">Null for messages of the edge node itself.</param>
internal sealed record SparkplugTopic(MessageKind Kind, string Group, string Node, string? Device)
{
    public const string Namespace = "spBv1.0";

    /// <summary>Reads a topic below <c>spBv1.0/</c>; STATE topics are none of these.</summary>
    public static bool TryParse(string topic, out SparkplugTopic? parsed)
    {
        parsed = null;
        var parts = topic.Split('/');
        if (parts.Length is not (4 or 5) || parts[0] != Namespace || parts.Any(p => p.Length is 0 or > 256)) return false;
        MessageKind? kind = (parts[2], parts.Length) switch
        {
            ("NBIRTH", 4) => MessageKind.NBirth,
            ("DBIRTH", 5) => MessageKind.DBirth,
            ("NDATA", 4) => MessageKind.NData,
            ("DDATA", 5) => MessageKind.DData,
            ("NDEATH", 4) => MessageKind.NDeath,
            ("DDEATH", 5) => MessageKind.DDeath,
            ("NCMD", 4) => MessageKind.NCommand,
            ("DCMD", 5) => MessageKind.DCommand,
            _ => null,
        };
        if (kind is not { } known) return false;
        parsed = new(known, parts[1], parts[3], parts.Length == 5 ? parts[4] : null);
        return true;
    }

    /// <summary>The message types as they stand in topics, by <see cref="MessageKind"/>.</summary>
    private static readonly string[] Words = ["NBIRTH", "DBIRTH", "NDATA", "DDATA", "NDEATH", "DDEATH", "NCMD", "DCMD"];

    public static string Of(MessageKind kind, string group, string node, string? device = null) =>
        device is null ? $"{Namespace}/{group}/{Words[(int)kind]}/{node}" : $"{Namespace}/{group}/{Words[(int)kind]}/{node}/{device}";

    public static string OfState(string host) => $"{Namespace}/STATE/{host}";
    public static string OfNodeCommand(string group, string node) => $"{Namespace}/{group}/NCMD/{node}";
}
