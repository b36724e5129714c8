using System.Buffers.Binary;
using System.Security.Cryptography;
using Ieum.Connect.OpcUa.Security;
using Ieum.Connect.OpcUa.Transport;

namespace Ieum.Connect.OpcUa.Secure;

/// <summary>A whole message, taken out of its chunks.</summary>
/// <param name="Body">Encoding id and structure; for an abort null.</param>
/// <param name="Token">Which keys protected it; 0 for an opening.</param>
internal readonly record struct Incoming(MessageKind Kind, uint RequestId, byte[]? Body, uint Token, StatusCode Aborted);

/// <summary>
/// One side of a secure conversation (OPC 10000-6, 6.7): cuts messages into chunks, signs, encrypts, numbers them; and the
/// way back with every check. The same class serves client and server. Sending is guarded by its caller, receiving is one loop.
/// </summary>
internal sealed class Conversation(SecurityPolicy policy, MessageSecurityMode mode, ApplicationCertificate? own, WireLimits limits, int mostMessage, int mostChunks) : IDisposable
{
    private const int SymmetricHead = MessageHeader.Length + 8, SequenceHead = 8;

    /// <summary>Sequence numbers wrap before the largest 1,024 of them and go on below 1,024 (OPC 10000-6, 6.7.2.4).</summary>
    private const uint LastSequence = uint.MaxValue - 1024;

    private sealed record Token(uint Id, ChannelKeys? Sending, ChannelKeys? Receiving);

    private readonly List<Token> _tokens = [];
    private readonly Lock _gate = new();
    private readonly MemoryStream _message = new();
    private bool _isSecured = mode is MessageSecurityMode.Sign or MessageSecurityMode.SignAndEncrypt;
    private bool _isEncrypted = mode == MessageSecurityMode.SignAndEncrypt;
    private Token? _current;
    private uint _sendSequence, _receiveSequence;
    private bool _hasReceived;
    private uint _openRequest;
    private int _chunks;
    private RSA? _peerKey;

    public uint ChannelId { get; set; }
    public byte[] PeerCertificate { get; private set; } = [];
    public SecurityPolicy Policy => policy;
    public byte[] OwnCertificate => own?.Der ?? [];
    public RSA? OwnKey => own?.Key;

    public void SetPeer(byte[] certificate)
    {
        PeerCertificate = SecurityPolicy.FirstOf(certificate);
        _peerKey?.Dispose();
        _peerKey = policy.IsNone || certificate.Length == 0 ? null : SecurityPolicy.PublicKey(PeerCertificate);
    }

    /// <summary>A server learns the mode from inside the opening, which itself is always signed and encrypted; then nothing was sent yet.</summary>
    public void SetMode(MessageSecurityMode told) =>
        (_isSecured, _isEncrypted) = (told is MessageSecurityMode.Sign or MessageSecurityMode.SignAndEncrypt, told == MessageSecurityMode.SignAndEncrypt);

    /// <summary>Makes the keys of a token; what is sent from now on uses it. Older tokens still open what the peer sends until <see cref="Forget"/>.</summary>
    /// <param name="sendNow">False on a server: it goes on with the old token until the client uses the new one.</param>
    public void AddToken(uint id, byte[] ownNonce, byte[] peerNonce, bool sendNow)
    {
        var token = _isSecured
            ? new Token(id, ChannelKeys.Derive(policy, peerNonce, ownNonce), ChannelKeys.Derive(policy, ownNonce, peerNonce))
            : new Token(id, null, null);
        lock (_gate)
        {
            _tokens.Add(token);
            if (sendNow || _current is null) _current = token;
            // Two are enough: the present one and the one before (or the one to come).
            if (_tokens.Count > 3) Drop(_tokens[0]);
        }
    }

    /// <summary>The peer used a token: from now on everything to it goes under that one.</summary>
    public void Use(uint id)
    {
        lock (_gate)
            if (_current?.Id != id && _tokens.Find(t => t.Id == id) is { } token && _tokens.IndexOf(token) > (_current is null ? -1 : _tokens.IndexOf(_current))) _current = token;
    }

    /// <summary>Messages under this token are taken no more.</summary>
    public void Forget(uint id)
    {
        lock (_gate)
            if (_current?.Id != id && _tokens.Find(t => t.Id == id) is { } token) Drop(token);
    }

    /// <summary>Cuts a message into protected chunks, one after the other in <paramref name="into"/>.</summary>
    /// <exception cref="OpcUaException">The message is longer than the peer takes.</exception>
    public void Encode(MessageKind kind, uint requestId, ReadOnlySpan<byte> body, OpcWriter into)
    {
        if (limits.MaxMessage > 0 && body.Length > limits.MaxMessage)
            throw new OpcUaException(StatusCodes.BadEncodingLimitsExceeded, $"A message of {body.Length} bytes is longer than the peer takes ({limits.MaxMessage}).");
        if (kind == MessageKind.Open)
        {
            EncodeOpen(requestId, body, into);
            return;
        }
        Token token;
        lock (_gate) token = _current ?? throw new OpcUaException(StatusCodes.BadSecureChannelClosed, "The channel is not open.");
        var signature = _isSecured ? policy.SymmetricSignatureBytes : 0;
        var room = (int)limits.SendBuffer - SymmetricHead;
        // Encrypted chunks end on a whole block: sequence head, body, one byte that tells the padding, padding, signature.
        if (_isEncrypted) room = room / 16 * 16 - 1;
        var most = room - SequenceHead - signature;
        var count = Math.Max(1, (body.Length + most - 1) / most);
        if (limits.MaxChunks > 0 && count > limits.MaxChunks)
            throw new OpcUaException(StatusCodes.BadEncodingLimitsExceeded, $"A message of {body.Length} bytes needs {count} chunks; the peer takes {limits.MaxChunks}.");
        for (var i = 0; i < count; i++)
        {
            var part = body.Slice(i * most, Math.Min(most, body.Length - i * most));
            var start = into.Skip(SymmetricHead);
            into.WriteUInt32(NextSequence());
            into.WriteUInt32(requestId);
            into.WriteRaw(part);
            if (_isEncrypted)
            {
                var padding = (16 - (SequenceHead + part.Length + 1 + signature) % 16) % 16;
                into.Room(padding + 1).Fill((byte)padding);
            }
            var size = into.Length - start + signature;
            var head = into.At(start, SymmetricHead);
            new MessageHeader(kind, (byte)(i == count - 1 ? 'F' : 'C'), size).Write(head);
            BinaryPrimitives.WriteUInt32LittleEndian(head[8..], ChannelId);
            BinaryPrimitives.WriteUInt32LittleEndian(head[12..], token.Id);
            if (!_isSecured) continue;
            into.Skip(signature);
            var chunk = into.At(start, size);
            token.Sending!.Sign(chunk[..^signature], chunk[^signature..]);
            if (_isEncrypted) token.Sending.Encrypt(chunk[SymmetricHead..]);
        }
    }

    /// <summary>Takes one chunk, changed in place by decryption.</summary>
    /// <returns>True when a message is whole.</returns>
    /// <exception cref="OpcUaException">The chunk broke a rule; the channel must be closed.</exception>
    public bool TryTake(Memory<byte> chunk, out Incoming message)
    {
        message = default;
        var span = chunk.Span;
        if (!MessageHeader.TryRead(span, out var header) || header.Size != span.Length) throw Broken(StatusCodes.BadTcpMessageTypeInvalid, "a chunk that is none");
        uint token = 0;
        Span<byte> inside;
        if (header.Kind == MessageKind.Open) inside = OpenAsymmetric(span);
        else if (header.Kind is MessageKind.Message or MessageKind.Close) inside = OpenSymmetric(span, out token);
        else throw Broken(StatusCodes.BadTcpMessageTypeInvalid, $"a {header.Kind} in the middle of a conversation");
        if (inside.Length < SequenceHead) throw Broken(StatusCodes.BadSecurityChecksFailed, "a chunk without a sequence number");
        CheckSequence(BinaryPrimitives.ReadUInt32LittleEndian(inside));
        var request = BinaryPrimitives.ReadUInt32LittleEndian(inside[4..]);
        var body = inside[SequenceHead..];
        if (_message.Length > 0 && request != _openRequest) throw Broken(StatusCodes.BadSecurityChecksFailed, "chunks of two messages mixed");
        _openRequest = request;
        if (header.Chunk == 'A')
        {
            var (status, _) = Uacp.ReadError(body);
            Clear();
            message = new(header.Kind, request, null, token, status);
            return true;
        }
        _chunks++;
        if (_message.Length + body.Length > mostMessage || _chunks > mostChunks)
        {
            Clear();
            throw Broken(StatusCodes.BadTcpMessageTooLarge, $"a message longer than {mostMessage} bytes or {mostChunks} chunks");
        }
        _message.Write(body);
        if (header.Chunk == 'C') return false;
        message = new(header.Kind, request, _message.ToArray(), token, default);
        Clear();
        return true;
    }

    /// <summary>Policy, certificate and thumbprint in the head of an opening; nothing is checked.</summary>
    public static bool TryPeekOpen(ReadOnlySpan<byte> chunk, out string policyUri, out byte[] senderCertificate)
    {
        (policyUri, senderCertificate) = ("", []);
        if (chunk.Length < MessageHeader.Length) return false;
        var r = new OpcReader(chunk[MessageHeader.Length..]);
        r.ReadUInt32();
        policyUri = r.ReadString() ?? "";
        senderCertificate = r.ReadByteString() ?? [];
        return !r.Failed;
    }

    public void Dispose()
    {
        lock (_gate)
            foreach (var t in _tokens.ToArray()) Drop(t);
        _peerKey?.Dispose();
        _message.Dispose();
    }

    private void EncodeOpen(uint requestId, ReadOnlySpan<byte> body, OpcWriter into)
    {
        var start = into.Skip(MessageHeader.Length);
        into.WriteUInt32(ChannelId);
        into.WriteString(policy.Uri);
        into.WriteByteString(policy.IsNone ? null : own!.Der);
        into.WriteByteString(policy.IsNone ? null : Convert.FromHexString(CertificateFacts.ThumbprintOf(PeerCertificate)));
        var plainFrom = into.Length - start;
        into.WriteUInt32(NextSequence());
        into.WriteUInt32(requestId);
        into.WriteRaw(body);
        if (policy.IsNone)
        {
            new MessageHeader(MessageKind.Open, (byte)'F', into.Length - start).Write(into.At(start, MessageHeader.Length));
            return;
        }
        var (signature, block, cipher) = (own!.Key.KeySize / 8, policy.PlainBlock(_peerKey!), _peerKey!.KeySize / 8);
        // A key above 2,048 bits has blocks above 256 bytes, whose padding needs a second byte (OPC 10000-6, 6.7.2.5).
        var extra = cipher > 256 ? 1 : 0;
        var length = into.Length - start - plainFrom;
        var padding = (block - (length + 1 + extra + signature) % block) % block;
        into.Room(padding + 1).Fill((byte)padding);
        if (extra > 0) into.WriteByte((byte)(padding >> 8));
        var plain = into.Length - start - plainFrom + signature;
        new MessageHeader(MessageKind.Open, (byte)'F', plainFrom + plain / block * cipher).Write(into.At(start, MessageHeader.Length));
        into.WriteRaw(policy.Sign(own.Key, into.At(start, into.Length - start).ToArray()));
        var secret = policy.Encrypt(_peerKey, into.At(start + plainFrom, plain).ToArray());
        var room = into.Room(secret.Length - plain);   // may move the buffer, so it comes before the copy
        _ = room;
        secret.CopyTo(into.At(start + plainFrom, secret.Length));
    }

    private Span<byte> OpenAsymmetric(Span<byte> chunk)
    {
        var r = new OpcReader(chunk[MessageHeader.Length..]);
        r.ReadUInt32();
        var uri = r.ReadString();
        r.ReadByteString();
        var thumbprint = r.ReadByteString() ?? [];
        if (r.Failed || uri != policy.Uri) throw Broken(StatusCodes.BadSecurityPolicyRejected, "an opening with another policy");
        var plainFrom = chunk.Length - r.Remaining;
        if (policy.IsNone) return chunk[plainFrom..];
        if (!thumbprint.AsSpan().SequenceEqual(own!.Thumbprint)) throw Broken(StatusCodes.BadCertificateInvalid, "an opening that is encrypted for another certificate");
        if (policy.Decrypt(own.Key, chunk[plainFrom..]) is not { } plain) throw Broken(StatusCodes.BadSecurityChecksFailed, "an opening that cannot be decrypted");
        var signature = _peerKey!.KeySize / 8;
        if (plain.Length < signature + 1 + SequenceHead) throw Broken(StatusCodes.BadSecurityChecksFailed, "an opening that is too short");
        byte[] signed = [.. chunk[..plainFrom], .. plain.AsSpan(0, plain.Length - signature)];
        if (!policy.Verify(_peerKey, signed, plain.AsSpan(plain.Length - signature))) throw Broken(StatusCodes.BadSecurityChecksFailed, "an opening whose signature is wrong");
        var end = plain.Length - signature;
        var extra = own.Key.KeySize > 2048 ? 1 : 0;
        var padding = plain[end - 1 - extra] | (extra > 0 ? plain[end - 1] << 8 : 0);
        end -= padding + 1 + extra;
        if (end < SequenceHead) throw Broken(StatusCodes.BadSecurityChecksFailed, "an opening with too much padding");
        return plain.AsSpan(0, end);
    }

    private Span<byte> OpenSymmetric(Span<byte> chunk, out uint tokenId)
    {
        if (chunk.Length < SymmetricHead + SequenceHead) throw Broken(StatusCodes.BadSecurityChecksFailed, "a chunk that is too short");
        if (BinaryPrimitives.ReadUInt32LittleEndian(chunk[8..]) != ChannelId) throw Broken(StatusCodes.BadTcpSecureChannelUnknown, "a chunk of another channel");
        var id = tokenId = BinaryPrimitives.ReadUInt32LittleEndian(chunk[12..]);
        Token? token;
        lock (_gate) token = _tokens.Find(t => t.Id == id);
        if (token is null) throw Broken(StatusCodes.BadSecureChannelTokenUnknown, $"a chunk under token {id}, which is over or never was");
        if (!_isSecured) return chunk[SymmetricHead..];
        var signature = policy.SymmetricSignatureBytes;
        if (_isEncrypted)
        {
            if ((chunk.Length - SymmetricHead) % 16 != 0) throw Broken(StatusCodes.BadSecurityChecksFailed, "an encrypted chunk of a length that cannot be");
            token.Receiving!.Decrypt(chunk[SymmetricHead..]);
        }
        if (chunk.Length < SymmetricHead + SequenceHead + signature || !token.Receiving!.Verify(chunk[..^signature], chunk[^signature..]))
            throw Broken(StatusCodes.BadSecurityChecksFailed, "a chunk whose signature is wrong");
        var inside = chunk[SymmetricHead..^signature];
        if (!_isEncrypted) return inside;
        var padding = inside[^1];
        if (inside.Length < SequenceHead + padding + 1) throw Broken(StatusCodes.BadSecurityChecksFailed, "a chunk with too much padding");
        return inside[..^(padding + 1)];
    }

    private uint NextSequence()
    {
        _sendSequence = _sendSequence >= LastSequence ? 1 : _sendSequence + 1;
        return _sendSequence;
    }

    private void CheckSequence(uint number)
    {
        var follows = !_hasReceived || number == _receiveSequence + 1 || (_receiveSequence >= LastSequence && number < 1024);
        if (!follows) throw Broken(StatusCodes.BadSequenceNumberInvalid, $"sequence number {number} after {_receiveSequence}");
        (_receiveSequence, _hasReceived) = (number, true);
    }

    private void Drop(Token token)
    {
        _tokens.Remove(token);
        token.Sending?.Dispose();
        token.Receiving?.Dispose();
    }

    private void Clear()
    {
        _message.SetLength(0);
        _chunks = 0;
        // One large answer must not hold its memory for ever.
        if (_message.Capacity > 1 << 20) _message.Capacity = 0;
    }

    private static OpcUaException Broken(StatusCode status, string what) => new(status, $"The peer sent {what}.");
}
