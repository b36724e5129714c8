namespace Ieum.Connect.OpcUa.Structures;

/// <summary>One value inside a structure.</summary>
/// <param name="Name">Names from the outside in, parted by '.', elements of an array of structures as <c>[2]</c>.</param>
internal readonly record struct StructureMember(string Name, Variant Value);

/// <summary>Takes a structure that a server defined itself apart into named values (OPC 10000-6, 5.2.6 to 5.2.9).</summary>
internal static class StructureReader
{
    private const int MostDepth = 32, MostMembers = 10_000;

    /// <summary>Members of one extension object; members of nested structures stand in the same list.</summary>
    /// <param name="error">Why it cannot be read: type unknown, bytes that contradict the definition.</param>
    public static bool TryRead(in ExtensionObject value, TypeBook book, out List<StructureMember> members, out string error)
    {
        (members, error) = ([], "");
        if (value.Body is { } standard)
        {
            // A structure of the standard that the product knows: its bytes are those of its definition, if the server gave one.
            if (book.TypeOf(value.TypeId) is not { } known) return No($"the definition of {value.TypeId} is not known", out error);
            return TryRead(OpcWriter.Bytes(standard), known, book, members, out error);
        }
        if (book.TypeOf(value.TypeId) is not { } type) return No($"the definition of {value.TypeId} is not known", out error);
        return TryRead(value.Bytes.Span, type, book, members, out error);
    }

    private static bool TryRead(ReadOnlySpan<byte> bytes, NodeId type, TypeBook book, List<StructureMember> members, out string error)
    {
        var walk = new Walk(book, members);
        var r = new OpcReader(bytes);
        walk.Structure(ref r, type, "", 0);
        error = r.Error ?? "";
        if (r.Failed) members.Clear();
        return !r.Failed;
    }

    private static bool No(string why, out string error)
    {
        error = why;
        return false;
    }

    private sealed class Walk(TypeBook book, List<StructureMember> members)
    {
        public void Structure(ref OpcReader r, NodeId type, string prefix, int depth)
        {
            if (book.Structure(type) is not { } s)
            {
                r.Fail($"The definition of the structure {type} is not known.");
                return;
            }
            if (depth > MostDepth)
            {
                r.Fail($"Structures nested more than {MostDepth} deep are not taken apart.");
                return;
            }
            switch (s.StructureType)
            {
                case StructureType.Union or StructureType.UnionWithSubtypedValues:
                    var chosen = r.ReadUInt32();
                    if (chosen > s.Fields.Length) r.Fail($"Field {chosen} of a union that has {s.Fields.Length}.");
                    else if (chosen > 0) Field(ref r, s.Fields[chosen - 1], prefix, depth, s.StructureType == StructureType.UnionWithSubtypedValues && s.Fields[chosen - 1].IsOptional);
                    break;
                case StructureType.StructureWithOptionalFields:
                    var (mask, bit) = (r.ReadUInt32(), 0);
                    foreach (var f in s.Fields)
                    {
                        if (r.Failed) return;
                        if (!f.IsOptional || (mask >> bit++ & 1) != 0) Field(ref r, f, prefix, depth, false);
                    }
                    break;
                default:
                    foreach (var f in s.Fields)
                    {
                        if (r.Failed) return;
                        Field(ref r, f, prefix, depth, s.StructureType == StructureType.StructureWithSubtypedValues && f.IsOptional);
                    }
                    break;
            }
        }

        private void Field(ref OpcReader r, StructureField f, string prefix, int depth, bool anySubtype)
        {
            var name = prefix + (f.Name is { Length: > 0 } n ? n : "?");
            if (f.ValueRank < 1)
            {
                One(ref r, f.DataType, name, depth, anySubtype);
                return;
            }
            // A matrix tells its lengths, a plain array its one length (OPC 10000-6, 5.2.5).
            long count = 1;
            var dimensions = f.ValueRank > 1 ? r.ReadNumbers<int>() : [r.ReadInt32()];
            foreach (var d in dimensions) count = d <= 0 ? 0 : Math.Min(count * d, int.MaxValue);
            if (count > r.Remaining) r.Fail($"The array '{name}' of {count} elements is longer than its message.");
            if (r.Failed) return;
            if (!anySubtype && book.TrySimple(f.DataType, out var simple))
            {
                Keep(ref r, name, Simple(ref r, simple, (int)count));
                return;
            }
            for (var i = 0; i < count && !r.Failed; i++) One(ref r, f.DataType, FormattableString.Invariant($"{name}[{i}]"), depth, anySubtype);
        }

        private void One(ref OpcReader r, NodeId type, string name, int depth, bool anySubtype)
        {
            if (anySubtype && book.Structure(type) is not null) type = new(22);
            else if (anySubtype) type = new(24);
            if (book.Enumeration(type) is { } e)
            {
                var value = r.ReadInt32();
                // The name is what a person reads; a number without a name stays a number.
                Keep(ref r, name, Array.Find(e.Fields, x => x.Value == value)?.Name is { } word ? Variant.Of(word) : Variant.Of(value));
            }
            else if (book.TrySimple(type, out var simple))
            {
                if (simple == BuiltInType.ExtensionObject) Nested(ref r, name, depth);
                else if (simple == BuiltInType.Variant) Keep(ref r, name, r.ReadVariant());
                else Keep(ref r, name, Scalar(ref r, simple));
            }
            else Structure(ref r, type, name + ".", depth + 1);
        }

        private void Nested(ref OpcReader r, string name, int depth)
        {
            var inner = r.ReadExtensionObject();
            if (inner.Body is null && !inner.Bytes.IsEmpty && book.TypeOf(inner.TypeId) is { } type)
            {
                var body = new OpcReader(inner.Bytes.Span);
                Structure(ref body, type, name + ".", depth + 1);
                if (body.Error is { } wrong) r.Fail(wrong);
            }
            else Keep(ref r, name, Variant.Of(inner));
        }

        private void Keep(ref OpcReader r, string name, Variant value)
        {
            if (members.Count >= MostMembers) r.Fail($"A structure of more than {MostMembers} values is not taken apart.");
            if (!r.Failed) members.Add(new(name, value));
        }

        private static Variant Scalar(ref OpcReader r, BuiltInType type) => type switch
        {
            BuiltInType.Boolean => Variant.Of(r.ReadBoolean()),
            BuiltInType.SByte => Variant.Of(r.ReadSByte()),
            BuiltInType.Byte => Variant.Of(r.ReadByte()),
            BuiltInType.Int16 => Variant.Of(r.ReadInt16()),
            BuiltInType.UInt16 => Variant.Of(r.ReadUInt16()),
            BuiltInType.Int32 => Variant.Of(r.ReadInt32()),
            BuiltInType.UInt32 => Variant.Of(r.ReadUInt32()),
            BuiltInType.Int64 => Variant.Of(r.ReadInt64()),
            BuiltInType.UInt64 => Variant.Of(r.ReadUInt64()),
            BuiltInType.Float => Variant.Of(r.ReadFloat()),
            BuiltInType.Double => Variant.Of(r.ReadDouble()),
            BuiltInType.String => Variant.Of(r.ReadString()),
            BuiltInType.DateTime => Variant.Of(r.ReadDateTime()),
            BuiltInType.Guid => Variant.Of(r.ReadGuid()),
            BuiltInType.ByteString => Variant.Of(r.ReadByteString()),
            BuiltInType.XmlElement => Variant.Of(r.ReadXmlElement()),
            BuiltInType.NodeId => Variant.Of(r.ReadNodeId()),
            BuiltInType.ExpandedNodeId => Variant.Of(r.ReadExpandedNodeId()),
            BuiltInType.StatusCode => Variant.Of(r.ReadStatusCode()),
            BuiltInType.QualifiedName => Variant.Of(r.ReadQualifiedName()),
            BuiltInType.LocalizedText => Variant.Of(r.ReadLocalizedText()),
            BuiltInType.DataValue => Variant.Of(r.ReadDataValue()),
            _ => default,
        };

        private static Variant Simple(ref OpcReader r, BuiltInType type, int count)
        {
            var elements = VariantArrays.Read(ref r, type, count);
            return elements is null || r.Failed ? default : Variant.Raw(type, elements, null);
        }
    }
}
