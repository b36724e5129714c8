using System.Buffers.Binary;
using System.Text;

namespace Ieum.Connect.Sparkplug.Monitor;

/// <summary>Reads the packets of a client that a monitor needs (MQTT 3.1.1 and 5.0, chapter 3). Pure; foreign bytes never throw.</summary>
internal static class MqttPackets
{
    private const int Most = 16 << 20;

    /// <summary>Length of the first packet: 0 more bytes are needed, −1 it is none.</summary>
    public static int Cut(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < 2) return 0;
        if (!TryNumber(bytes[1..], out var length, out var used)) return bytes.Length < 5 ? 0 : -1;
        var whole = 1 + used + length;
        return length > Most ? -1 : bytes.Length >= whole ? whole : 0;
    }

    /// <summary>What one packet tells; nothing for packets that a monitor does not need, or cannot read.</summary>
    /// <param name="client">Client id and version of the connection; filled in by its CONNECT.</param>
    public static IReadOnlyList<Observed> Read(ReadOnlySpan<byte> packet, ref (string Id, int Version) client, long at)
    {
        if (Cut(packet) != packet.Length || packet.IsEmpty || !TryNumber(packet[1..], out _, out var used)) return [];
        var r = new Reader(packet[(1 + used)..]);
        switch (packet[0] >> 4)
        {
            case 1: return Connect(ref r, ref client, at);
            case 3:
                var qos = (packet[0] >> 1) & 3;
                var topic = r.Text();
                if (qos > 0) r.Skip(2);
                if (client.Version == 5) r.SkipProperties();
                return r.Failed ? [] : [new(ObservedKind.Publish, client.Id, at, topic, r.Rest(), qos, (packet[0] & 1) != 0)];
            case 8:
                r.Skip(2);
                if (client.Version == 5) r.SkipProperties();
                var filters = new List<Observed>();
                while (!r.AtEnd && !r.Failed)
                {
                    var filter = r.Text();
                    var wanted = r.Byte() & 3;
                    if (!r.Failed) filters.Add(new(ObservedKind.Subscribe, client.Id, at, filter, null, wanted));
                }
                return filters;
            case 14: return [new(ObservedKind.Disconnect, client.Id, at)];
            default: return [];
        }
    }

    private static IReadOnlyList<Observed> Connect(ref Reader r, ref (string Id, int Version) client, long at)
    {
        r.Text();
        var version = r.Byte();
        var flags = r.Byte();
        r.Skip(2);
        var expiry = version == 5 ? r.SkipProperties() : 0;
        var id = r.Text();
        if (r.Failed) return [];
        client = (id.Length > 0 ? id : $"nameless-{at}", version);
        var clean = (flags & 2) != 0 && expiry == 0;
        if ((flags & 4) == 0) return [new(ObservedKind.Connect, client.Id, at) { IsClean = clean, Version = version }];
        if (version == 5) r.SkipProperties();
        var topic = r.Text();
        var will = r.Bytes();
        return r.Failed ? [] : [new(ObservedKind.Connect, client.Id, at, topic, will, (flags >> 3) & 3, (flags & 32) != 0) { IsClean = clean, Version = version }];
    }

    private static bool TryNumber(ReadOnlySpan<byte> bytes, out int value, out int used)
    {
        (value, used) = (0, 0);
        for (; used < 4 && used < bytes.Length; used++)
        {
            value |= (bytes[used] & 0x7F) << (7 * used);
            if (bytes[used] < 0x80)
            {
                used++;
                return true;
            }
        }
        return false;
    }

    private ref struct Reader(ReadOnlySpan<byte> bytes)
    {
        private ReadOnlySpan<byte> _left = bytes;
        public bool Failed { get; private set; }
        public readonly bool AtEnd => _left.IsEmpty;
        public readonly byte[] Rest() => _left.ToArray();

        public byte Byte() => Take(1) is [var b] ? b : (byte)0;
        public void Skip(int count) => Take(count);
        public string Text() => Encoding.UTF8.GetString(Take(Length()));
        public byte[] Bytes() => Take(Length()).ToArray();

        /// <returns>Session expiry interval, seconds; 0 when there is none (5.0, 3.1.2.11.2).</returns>
        public uint SkipProperties()
        {
            if (!TryNumber(_left, out var length, out var used)) { Failed = true; return 0; }
            Take(used);
            var properties = Take(length);
            return properties is [0x11, _, _, _, _, ..] ? BinaryPrimitives.ReadUInt32BigEndian(properties[1..]) : 0;
        }

        private int Length()
        {
            var two = Take(2);
            return two.Length == 2 ? BinaryPrimitives.ReadUInt16BigEndian(two) : 0;
        }

        private ReadOnlySpan<byte> Take(int count)
        {
            if (Failed || count > _left.Length)
            {
                Failed = true;
                _left = default;
                return default;
            }
            var taken = _left[..count];
            _left = _left[count..];
            return taken;
        }
    }
}
