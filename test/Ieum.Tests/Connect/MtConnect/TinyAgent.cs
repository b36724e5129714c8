using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Ieum.Tests.Connect.MtConnect;

/// <summary>A few lines of MTConnect agent over a plain socket: numbered values, a buffer, multipart streams, and faults on request.</summary>
internal sealed class TinyAgent : IAsyncDisposable
{
    public static readonly DateTimeOffset Start = new(2026, 3, 2, 9, 0, 0, TimeSpan.Zero);

    private readonly Lock _gate = new();
    private readonly List<(long Sequence, string Value)> _values = [];
    private readonly List<TcpClient> _clients = [];
    private readonly CancellationTokenSource _stop = new();
    private TcpListener _listener;
    private SemaphoreSlim _news = new(0);

    public TinyAgent(int bufferSize = 1 << 20)
    {
        BufferSize = bufferSize;
        _listener = new(IPAddress.Loopback, 0);
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _ = AcceptAsync(_listener);
    }

    public int Port { get; }
    public string Endpoint => $"http://127.0.0.1:{Port}";
    public int BufferSize { get; }
    public long InstanceId { get; private set; } = 100;
    public bool Streams { get; set; } = true;
    public bool WithContentLength { get; set; } = true;
    public string? GarbageOnce { get; set; }
    public List<string> Requests { get; } = [];

    /// <summary>From now on nothing is written, though the sockets stay open.</summary>
    public bool IsSilent { get; set; }

    public void Add(params string[] values)
    {
        lock (_gate)
        {
            foreach (var value in values) _values.Add((_values.Count == 0 ? Next0 : _values[^1].Sequence + 1, value));
            if (_values.Count > BufferSize) _values.RemoveRange(0, _values.Count - BufferSize);
        }
        _news.Release(8);
    }

    /// <summary>Leaves numbers out, as an agent does that lost values inside.</summary>
    public void SkipNumbers(int count)
    {
        lock (_gate) _values.Add((_values[^1].Sequence + 1 + count, "after"));
        _news.Release(8);
    }

    private long Next0 { get; set; } = 1;

    /// <summary>Closes every connection and the port.</summary>
    public void Down()
    {
        _listener.Stop();
        lock (_gate)
        {
            foreach (var client in _clients) client.Dispose();
            _clients.Clear();
        }
    }

    public void Up(bool asNewInstance = false)
    {
        lock (_gate)
        {
            IsSilent = false;
            if (asNewInstance)
            {
                InstanceId++;
                _values.Clear();
            }
        }
        _listener = new(IPAddress.Loopback, Port);
        _listener.Start();
        _ = AcceptAsync(_listener);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        Down();
        _stop.Dispose();
        _news.Dispose();
    }

    private async Task AcceptAsync(TcpListener listener)
    {
        try
        {
            while (true)
            {
                var client = await listener.AcceptTcpClientAsync(_stop.Token);
                lock (_gate) _clients.Add(client);
                _ = ServeAsync(client);
            }
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException or ObjectDisposedException) { }
    }

    private async Task ServeAsync(TcpClient client)
    {
        try
        {
            using var _ = client;
            var stream = client.GetStream();
            using var reader = new StreamReader(stream, Encoding.ASCII, false, 1024, leaveOpen: true);
            while (await reader.ReadLineAsync(_stop.Token) is { } request)
            {
                while (await reader.ReadLineAsync(_stop.Token) is { Length: > 0 }) { }
                var path = request.Split(' ')[1];
                lock (_gate) Requests.Add(path);
                if (IsSilent) await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, _stop.Token);
                var query = path.Contains('?', StringComparison.Ordinal)
                    ? path[(path.IndexOf('?', StringComparison.Ordinal) + 1)..].Split('&').Select(p => p.Split('=')).ToDictionary(p => p[0], p => long.Parse(p[1], CultureInfo.InvariantCulture)) : [];
                if (path.StartsWith("/probe", StringComparison.Ordinal)) await SendAsync(stream, Probe());
                else if (path.StartsWith("/current", StringComparison.Ordinal)) await SendAsync(stream, Current());
                else if (Streams && query.ContainsKey("interval") && !IsOut(query["from"])) await StreamAsync(stream, query["from"], query["heartbeat"], query["count"]);
                else await SendAsync(stream, Sample(query["from"], query["count"], out var __));
            }
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException or ObjectDisposedException) { }
    }

    private async Task StreamAsync(NetworkStream stream, long from, long heartbeatMs, long count)
    {
        await stream.WriteAsync(Encoding.ASCII.GetBytes("HTTP/1.1 200 OK\r\nContent-Type: multipart/x-mixed-replace;boundary=cut42\r\nConnection: close\r\n\r\n"), _stop.Token);
        while (true)
        {
            if (IsSilent) await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, _stop.Token);
            if (IsOut(from)) return;
            var body = Encoding.UTF8.GetBytes(GarbageOnce ?? Sample(from, count, out from));
            GarbageOnce = null;
            var length = WithContentLength ? $"Content-length: {body.Length}\r\n" : "";
            await stream.WriteAsync(Encoding.ASCII.GetBytes($"--cut42\r\nContent-type: text/xml\r\n{length}\r\n"), _stop.Token);
            await stream.WriteAsync(body, _stop.Token);
            await stream.WriteAsync("\r\n"u8.ToArray(), _stop.Token);
            bool more;
            lock (_gate) more = _values.Count > 0 && _values[^1].Sequence >= from;
            if (!more) await _news.WaitAsync(TimeSpan.FromMilliseconds(heartbeatMs), _stop.Token);
        }
    }

    private async Task SendAsync(NetworkStream stream, string body)
    {
        var bytes = Encoding.UTF8.GetBytes(body);
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 {(body.Contains("MTConnectError", StringComparison.Ordinal) ? "404 Not Found" : "200 OK")}\r\nContent-Type: text/xml\r\nContent-Length: {bytes.Length}\r\n\r\n"), _stop.Token);
        await stream.WriteAsync(bytes, _stop.Token);
    }

    private bool IsOut(long from)
    {
        lock (_gate) return from < First || from > Last + 1;
    }

    private long First => _values.Count == 0 ? 1 : _values[0].Sequence;
    private long Last => _values.Count == 0 ? 0 : _values[^1].Sequence;

    private string Header(long next) => string.Create(CultureInfo.InvariantCulture,
        $"""<Header creationTime="2026-03-02T09:00:00Z" sender="tiny" instanceId="{InstanceId}" version="2.0" bufferSize="{BufferSize}" firstSequence="{First}" lastSequence="{Last}" nextSequence="{next}"/>""");

    private string Probe() => $"""
        <MTConnectDevices xmlns="urn:mtconnect.org:MTConnectDevices:2.0">{Header(0)}<Devices><Device id="d" name="MC1" uuid="u1"><DataItems>
        <DataItem category="SAMPLE" id="x1" name="Xabs" type="POSITION" subType="ACTUAL" units="MILLIMETER"/></DataItems></Device></Devices></MTConnectDevices>
        """;

    private string Current()
    {
        lock (_gate) return Document(_values.Count == 0 ? [] : [_values[^1]], Last + 1);
    }

    private string Sample(long from, long count, out long next)
    {
        lock (_gate)
        {
            next = from;
            if (IsOut(from)) return $"""<MTConnectError xmlns="urn:mtconnect.org:MTConnectError:2.0">{Header(0)}<Errors><Error errorCode="OUT_OF_RANGE">'from' must be in range</Error></Errors></MTConnectError>""";
            var start = from;
            var some = _values.Where(v => v.Sequence >= start).Take((int)count).ToList();
            if (some.Count > 0) next = some[^1].Sequence + 1;
            return Document(some, next);
        }
    }

    private string Document(List<(long Sequence, string Value)> values, long next) =>
        $"""<MTConnectStreams xmlns="urn:mtconnect.org:MTConnectStreams:2.0">{Header(next)}<Streams><DeviceStream name="MC1" uuid="u1"><ComponentStream component="Linear" componentId="x"><Samples>{string.Concat(values.Select(v =>
            string.Create(CultureInfo.InvariantCulture, $"""<Position dataItemId="x1" sequence="{v.Sequence}" timestamp="{Start.AddMilliseconds(v.Sequence):yyyy-MM-ddTHH:mm:ss.fffZ}">{v.Value}</Position>""")))}</Samples></ComponentStream></DeviceStream></Streams></MTConnectStreams>""";
}
