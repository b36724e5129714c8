using System.Runtime.InteropServices;

namespace Ieum.Connect.OpcUa;

/// <summary>Arrays inside variants: numbers in one copy, the rest element by element.</summary>
internal static class VariantArrays
{
    public static void Write(OpcWriter w, BuiltInType type, Array elements)
    {
        switch (elements)
        {
            case bool[] a: Numbers(w, a); break;
            case sbyte[] a when type == BuiltInType.SByte: Numbers(w, a); break;
            case byte[] a: Numbers(w, a); break;
            case short[] a when type == BuiltInType.Int16: Numbers(w, a); break;
            case ushort[] a: Numbers(w, a); break;
            case int[] a when type == BuiltInType.Int32: Numbers(w, a); break;
            case uint[] a when type == BuiltInType.UInt32: Numbers(w, a); break;
            case long[] a when type == BuiltInType.Int64: Numbers(w, a); break;
            case ulong[] a: Numbers(w, a); break;
            case float[] a: Numbers(w, a); break;
            case double[] a: Numbers(w, a); break;
            case OpcTime[] a: w.WriteArray(a, static (w, x) => w.WriteDateTime(x)); break;
            case StatusCode[] a: w.WriteArray(a, static (w, x) => w.WriteStatusCode(x)); break;
            case string?[] a: w.WriteArray(a, static (w, x) => w.WriteString(x)); break;
            case Guid[] a: w.WriteArray(a, static (w, x) => w.WriteGuid(x)); break;
            case byte[]?[] a: w.WriteArray(a, static (w, x) => w.WriteByteString(x)); break;
            case XmlElement[] a: w.WriteArray(a, static (w, x) => w.WriteXmlElement(x)); break;
            case NodeId[] a: w.WriteArray(a, static (w, x) => w.WriteNodeId(x)); break;
            case ExpandedNodeId[] a: w.WriteArray(a, static (w, x) => w.WriteExpandedNodeId(x)); break;
            case QualifiedName[] a: w.WriteArray(a, static (w, x) => w.WriteQualifiedName(x)); break;
            case LocalizedText[] a: w.WriteArray(a, static (w, x) => w.WriteLocalizedText(x)); break;
            case ExtensionObject[] a: w.WriteArray(a, static (w, x) => w.WriteExtensionObject(x)); break;
            case DataValue[] a: w.WriteArray(a, static (w, x) => w.WriteDataValue(x)); break;
            case Variant[] a: w.WriteArray(a, static (w, x) => w.WriteVariant(x)); break;
            case DiagnosticInfo?[] a: w.WriteArray(a, static (w, x) => w.WriteDiagnosticInfo(x)); break;
            default: throw new InvalidOperationException($"{elements.GetType().Name} is no array of {type}.");
        }
    }

    /// <param name="count">Elements to come; null: their number stands in front of them.</param>
    public static Array? Read(ref OpcReader r, BuiltInType type, int? count = null)
    {
        switch (type)
        {
            case BuiltInType.Boolean:
                var bytes = r.ReadNumbers<byte>(count);
                // Any other bit pattern than 0 and 1 would be an impossible bool in .NET.
                return Array.ConvertAll(bytes, b => b != 0);
            case BuiltInType.SByte: return r.ReadNumbers<sbyte>(count);
            case BuiltInType.Byte: return r.ReadNumbers<byte>(count);
            case BuiltInType.Int16: return r.ReadNumbers<short>(count);
            case BuiltInType.UInt16: return r.ReadNumbers<ushort>(count);
            case BuiltInType.Int32: return r.ReadNumbers<int>(count);
            case BuiltInType.UInt32: return r.ReadNumbers<uint>(count);
            case BuiltInType.Int64: return r.ReadNumbers<long>(count);
            case BuiltInType.UInt64: return r.ReadNumbers<ulong>(count);
            case BuiltInType.Float: return r.ReadNumbers<float>(count);
            case BuiltInType.Double: return r.ReadNumbers<double>(count);
            case BuiltInType.String: return r.ReadArray(static (ref OpcReader x) => x.ReadString(), count);
            case BuiltInType.DateTime: return r.ReadArray(static (ref OpcReader x) => x.ReadDateTime(), count);
            case BuiltInType.Guid: return r.ReadArray(static (ref OpcReader x) => x.ReadGuid(), count);
            case BuiltInType.ByteString: return r.ReadArray(static (ref OpcReader x) => x.ReadByteString(), count);
            case BuiltInType.XmlElement: return r.ReadArray(static (ref OpcReader x) => x.ReadXmlElement(), count);
            case BuiltInType.NodeId: return r.ReadArray(static (ref OpcReader x) => x.ReadNodeId(), count);
            case BuiltInType.ExpandedNodeId: return r.ReadArray(static (ref OpcReader x) => x.ReadExpandedNodeId(), count);
            case BuiltInType.StatusCode: return r.ReadArray(static (ref OpcReader x) => x.ReadStatusCode(), count);
            case BuiltInType.QualifiedName: return r.ReadArray(static (ref OpcReader x) => x.ReadQualifiedName(), count);
            case BuiltInType.LocalizedText: return r.ReadArray(static (ref OpcReader x) => x.ReadLocalizedText(), count);
            case BuiltInType.ExtensionObject: return r.ReadArray(static (ref OpcReader x) => x.ReadExtensionObject(), count);
            case BuiltInType.DataValue: return r.ReadArray(static (ref OpcReader x) => x.ReadDataValue(), count);
            case BuiltInType.Variant: return r.ReadArray(static (ref OpcReader x) => x.ReadVariant(), count);
            case BuiltInType.DiagnosticInfo: return r.ReadArray(static (ref OpcReader x) => x.ReadDiagnosticInfo(), count);
            default: return null;
        }
    }

    private static void Numbers<T>(OpcWriter w, T[] items) where T : unmanaged
    {
        w.WriteInt32(items.Length);
        // The wire is little-endian, and so is every machine .NET runs on.
        w.WriteRaw(MemoryMarshal.AsBytes<T>(items));
    }
}
