using Ieum.Connect.OpcUa;
using Ieum.Connect.OpcUa.Secure;
using Ieum.Connect.OpcUa.Security;
using Ieum.Connect.OpcUa.Structures;
using Ieum.Connect.OpcUa.Transport;
using Ieum.Tests.Connect.OpcUa;

namespace Ieum.Bench.Fuzz;

internal static partial class FuzzTargets
{
    private static IEnumerable<FuzzTarget> OpcUaTargets()
    {
        yield return OpcUaTypes();
        yield return OpcUaStructures();
        yield return OpcUaChunks();
    }

    private static byte[] Written(Action<OpcWriter> write)
    {
        using var w = new OpcWriter(16);
        write(w);
        return w.ToArray();
    }

    private static FuzzTarget OpcUaTypes()
    {
        var good = new[]
        {
            Written(w => w.WriteVariant(Variant.OfArray(new[] { Variant.Of(1), Variant.Of("a"), Variant.Of(new NodeId(2, "x")) }))),
            OpcWriter.Bytes(new DataChangeNotification { MonitoredItems = [new(1, new(Variant.Of(1.0))), new(2, new(StatusCodes.BadNodeIdUnknown))], DiagnosticInfos = [new() { AdditionalInfo = "x" }] }),
            OpcWriter.Bytes(new ReadRequest { NodesToRead = [new() { NodeId = new(85), AttributeId = 13, IndexRange = "1:2" }] }),
            OpcWriter.Bytes(new StructureDefinition { Fields = [new() { Name = "a", DataType = new(11), ValueRank = -1 }] }),
        };
        uint[] known = [.. Enumerable.Range(1, 20_000).Select(i => (uint)i).Where(i => OpcTypes.DataTypeOf(i) is not null)];
        var turn = 0;
        return new("opcua-types", good, bytes =>
        {
            var r = new OpcReader(bytes);
            switch (++turn % 5)
            {
                case 0: r.ReadVariant(); break;
                case 1: r.ReadExtensionObject(); break;
                case 2: r.ReadDiagnosticInfo(); break;
                case 3: return OpcReader.TryRead<DataChangeNotification>(bytes, out _, out _);
                default: OpcTypes.Decode(known[turn / 5 % known.Length], ref r); break;
            }
            Must(!r.Failed || r.Remaining == 0, "After a failure nothing is read any more.");
            return !r.Failed;
        });
    }

    private static FuzzTarget OpcUaStructures()
    {
        TypeBook[] books = [VendorRecipe.Book(), VendorRecipe.Book(StructureType.StructureWithOptionalFields)];
        return new("opcua-structures", [VendorRecipe.Body(), VendorRecipe.Body(optional: true)], bytes =>
        {
            var accepted = false;
            foreach (var book in books)
                if (StructureReader.TryRead(ExtensionObject.Of(VendorRecipe.Encoding, bytes), book, out _, out var error)) accepted = true;
                else Must(error.Length > 0, "A refusal needs a reason.");
            return accepted;
        });
    }

    private static FuzzTarget OpcUaChunks()
    {
        var none = new Conversation(SecurityPolicy.None, MessageSecurityMode.None, null, WireLimits.Default, 1 << 20, 100) { ChannelId = 3 };
        none.AddToken(1, [], [], sendNow: true);
        byte[] Chunk(MessageKind kind, int size)
        {
            using var w = new OpcWriter();
            none.Encode(kind, 7, new byte[size], w);
            return w.ToArray();
        }
        Conversation? receiver = null;
        var turn = 0;
        return new("opcua-chunks", [Uacp.Hello(WireLimits.Default, "opc.tcp://m:4840"), Uacp.Acknowledge(WireLimits.Default), Uacp.Error(StatusCodes.BadNodeIdUnknown, "no"), Chunk(MessageKind.Open, 60), Chunk(MessageKind.Message, 200)], bytes =>
        {
            if (receiver is null || ++turn % 1_000 == 0)
            {
                receiver?.Dispose();
                receiver = new(SecurityPolicy.None, MessageSecurityMode.None, null, WireLimits.Default, 1 << 20, 100) { ChannelId = 3 };
                receiver.AddToken(1, [], [], sendNow: true);
            }
            var accepted = MessageHeader.TryRead(bytes, out _);
            var body = bytes.AsSpan(Math.Min(bytes.Length, MessageHeader.Length));
            accepted |= Uacp.TryHello(body, out _, out _);
            accepted |= Uacp.TryAcknowledge(body, out _);
            Uacp.ReadError(body);
            Conversation.TryPeekOpen(bytes, out _, out _);
            try
            {
                return receiver.TryTake(bytes, out _) || accepted;
            }
            catch (OpcUaException)
            {
                // The peer broke a rule of the channel: the answer that the transport closes on.
                receiver.Dispose();
                receiver = null;
                return false;
            }
        });
    }
}
