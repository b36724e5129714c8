using System.Net.Sockets;

namespace Ieum.Connect.OpcUa.Transport;

/// <summary>Chunks from a socket, one after the other, in a buffer that is used again.</summary>
internal sealed class ChunkStream(Socket socket, int mostChunk) : IDisposable
{
    private byte[] _buffer = new byte[WireLimits.LeastBuffer];
    private int _from, _to;

    public Socket Socket => socket;

    /// <summary>The next chunk, header included; valid until the next call. Empty at the end of the stream.</summary>
    /// <exception cref="OpcUaException">Not OPC UA, or a chunk longer than agreed.</exception>
    /// <exception cref="SocketException">The connection broke.</exception>
    public async ValueTask<Memory<byte>> NextAsync(CancellationToken cancel)
    {
        if (!await FillAsync(MessageHeader.Length, cancel).ConfigureAwait(false)) return default;
        if (!MessageHeader.TryRead(_buffer.AsSpan(_from), out var header)) throw new OpcUaException(StatusCodes.BadTcpMessageTypeInvalid, "Bytes arrived that are not OPC UA.");
        if (header.Size > mostChunk) throw new OpcUaException(StatusCodes.BadTcpMessageTooLarge, $"A chunk of {header.Size} bytes arrived; {mostChunk} were agreed.");
        if (!await FillAsync(header.Size, cancel).ConfigureAwait(false)) return default;
        var chunk = _buffer.AsMemory(_from, header.Size);
        _from += header.Size;
        return chunk;
    }

    public async ValueTask SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancel)
    {
        while (bytes.Length > 0) bytes = bytes[await socket.SendAsync(bytes, SocketFlags.None, cancel).ConfigureAwait(false)..];
    }

    public void Dispose() => socket.Dispose();

    private async ValueTask<bool> FillAsync(int wanted, CancellationToken cancel)
    {
        while (_to - _from < wanted)
        {
            if (_from > 0 && (_from == _to || _buffer.Length - _from < wanted))
            {
                _buffer.AsSpan(_from, _to - _from).CopyTo(_buffer);
                (_from, _to) = (0, _to - _from);
            }
            // Grows with what really comes, so that a header alone cannot make it large.
            if (_to == _buffer.Length) Array.Resize(ref _buffer, Math.Min(Math.Max(_buffer.Length * 2, 1024), Math.Max(mostChunk, _buffer.Length + 1)));
            var count = await socket.ReceiveAsync(_buffer.AsMemory(_to), SocketFlags.None, cancel).ConfigureAwait(false);
            if (count == 0) return false;
            _to += count;
        }
        return true;
    }
}
