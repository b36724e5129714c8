using System.Globalization;

namespace Ieum.Connect.OpcUa.Server;

internal static partial class CoreNodes
{
    /// <summary>Fills a fresh address space. Values of the server object are set by <see cref="ServerObject"/>.</summary>
    public static void AddTo(AddressSpace space)
    {
        var rows = Table.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => l.TrimEnd('\r').Split('|')).ToList();
        foreach (var row in rows) space.AddRoot(Make(row));
        foreach (var row in rows)
        {
            var id = Of(row[0]);
            if (Cell(row, 5) is { Length: > 0 } type) space.AddReference(id, Ids.HasTypeDefinition, Of(type));
            if (Cell(row, 3) is { Length: > 0 } parent) space.AddReference(Of(parent), Of(row[4]), id);
        }
    }

    private static Node Make(string[] row)
    {
        var id = Of(row[0]);
        var name = new QualifiedName(0, row[2]);
        var text = new LocalizedText(row[2]);
        var dataType = Cell(row, 6) is { Length: > 0 } type ? Of(type) : Ids.BaseDataType;
        var rank = Cell(row, 7) is { Length: > 0 } given ? int.Parse(given, CultureInfo.InvariantCulture) : -1;
        return row[1][0] switch
        {
            'O' => new ObjectNode(id, name, text),
            'M' => new MethodNode(id, name, text),
            'V' => Variable(id, name, text, dataType, rank),
            var kind => new TypeNode(id, kind switch { 'T' => NodeClass.ObjectType, 'Y' => NodeClass.VariableType, 'D' => NodeClass.DataType, _ => NodeClass.ReferenceType }, name, text)
            {
                IsAbstract = row[1].EndsWith('a'),
                DataType = dataType,
                ValueRank = rank,
                Symmetric = Cell(row, 8) == "=",
                InverseName = Cell(row, 8) is { Length: > 0 } inverse and not "=" ? inverse : null,
            },
        };
    }

    private static VariableNode Variable(NodeId id, QualifiedName name, LocalizedText text, NodeId dataType, int rank) =>
        new(id, name, text, dataType) { ValueRank = rank, ArrayDimensions = rank > 0 ? new uint[rank] : [] };

    private static string? Cell(string[] row, int at) => at < row.Length ? row[at] : null;

    private static NodeId Of(string number) => new(uint.Parse(number, CultureInfo.InvariantCulture));
}
