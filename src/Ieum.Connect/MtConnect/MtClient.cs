using System.Globalization;

namespace Ieum.Connect.MtConnect;

/// <summary>The HTTP requests of MTConnect: probe, current, sample. Documents are bounded in size, waits in time.</summary>
internal sealed class MtClient(MtConnectOptions options, TimeProvider wire) : IDisposable
{
    /// <summary>No byte for so long ends a request.</summary>
    public static TimeSpan StallLimit { get; } = TimeSpan.FromSeconds(3);

#pragma warning disable RS0030 // The room's own factory: one handler per connection, so that a hanging machine holds up no other.
    private readonly HttpClient _http = new(new SocketsHttpHandler
    {
        ConnectTimeout = ReconnectPolicy.ConnectLimit,
        PooledConnectionIdleTimeout = TimeSpan.FromSeconds(10),
        UseCookies = false,
        MaxConnectionsPerServer = 4,
        MaxResponseDrainSize = 0,   // an endless stream that we leave must not be read to its end
    })
    { Timeout = Timeout.InfiniteTimeSpan };
#pragma warning restore RS0030

    public void Dispose() => _http.Dispose();

    public Task<byte[]> ProbeAsync(CancellationToken cancel) => DocumentAsync("probe", cancel);
    public Task<byte[]> CurrentAsync(CancellationToken cancel) => DocumentAsync("current", cancel);
    public Task<byte[]> SampleAsync(long from, CancellationToken cancel) =>
        DocumentAsync(string.Create(CultureInfo.InvariantCulture, $"sample?from={from}&count={options.Count}"), cancel);

    /// <summary>Opens the stream; the answer may be a plain document when the source does not stream or refuses.</summary>
    public Task<HttpResponseMessage> StreamAsync(long from, CancellationToken cancel) => AskAsync(string.Create(CultureInfo.InvariantCulture,
        $"sample?from={from}&count={options.Count}&interval={options.IntervalMs}&heartbeat={(int)options.Heartbeat.TotalMilliseconds}"),
        // An idle source may answer with its first heartbeat only.
        options.SilenceLimit, cancel);

    /// <summary>Reads a body to its end.</summary>
    /// <exception cref="MtConnectFault">Too large, or silent for too long.</exception>
    public async Task<byte[]> BodyAsync(HttpResponseMessage response, CancellationToken cancel)
    {
        await using var stream = await response.Content.ReadAsStreamAsync(cancel).ConfigureAwait(false);
        using var all = new MemoryStream();
        var buffer = new byte[64 * 1024];
        while (true)
        {
            using var timer = new CancellationTokenSource(StallLimit, wire);
            using var both = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancel);
            int count;
            try
            {
                count = await stream.ReadAsync(buffer, both.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
            {
                throw Stalled();
            }
            if (count == 0) return all.ToArray();
            if (all.Length + count > MultipartParser.LargestPart)
                throw new MtConnectFault(MtConnectRules.PartTooLarge, $"'{options.Root}' sent a document of more than {MultipartParser.LargestPart >> 20} MB.");
            all.Write(buffer, 0, count);
        }
    }

    private async Task<byte[]> DocumentAsync(string request, CancellationToken cancel)
    {
        using var response = await AskAsync(request, StallLimit, cancel).ConfigureAwait(false);
        var body = await BodyAsync(response, cancel).ConfigureAwait(false);
        // Errors come as documents, with 200 from old sources and with 4xx from new ones; the document tells more than the number.
        if (!response.IsSuccessStatusCode && !LooksLikeXml(body))
            throw new MtConnectFault(MtConnectRules.HttpStatus, $"'{options.Root}{request}' answered HTTP {(int)response.StatusCode} {response.ReasonPhrase}. Check address, port and path.");
        return body;
    }

    private async Task<HttpResponseMessage> AskAsync(string request, TimeSpan limit, CancellationToken cancel)
    {
        using var timer = new CancellationTokenSource(limit, wire);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancel);
        try
        {
            return await _http.GetAsync(new Uri(options.Root, request), HttpCompletionOption.ResponseHeadersRead, both.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            throw Stalled();
        }
    }

    private MtConnectFault Stalled() => new(MtConnectRules.Silent, $"'{options.Root}' took the request but sent nothing for {StallLimit.TotalSeconds:0} s.");

    private static bool LooksLikeXml(byte[] body) => body.AsSpan().TrimStart(" \r\n\t\uFEFF"u8).StartsWith("<"u8);
}
