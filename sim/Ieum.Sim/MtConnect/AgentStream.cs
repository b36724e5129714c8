using System.Globalization;
using System.Text;
using Ieum.Sim.Play;
using Microsoft.AspNetCore.Http;

namespace Ieum.Sim.MtConnect;

/// <summary>A multipart/x-mixed-replace answer: one XML document per part, an empty one as heartbeat.</summary>
internal sealed class AgentStream(HttpContext context, TimeProvider wire, CancellationToken cut)
{
    private readonly string _boundary = Guid.NewGuid().ToString("N", CultureInfo.InvariantCulture);

    public async Task SamplesAsync(AgentOutlet agent, ObservationBuffer buffer, AgentQuery query, long from,
        FaultWindow faults, AgentTally tally, Func<BufferSlice, byte[]> document)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, cut);
        await HeadAsync(stop.Token).ConfigureAwait(false);
        var lastPart = wire.GetTimestamp();
        try
        {
            while (agent.IsCurrent(buffer))
            {
                await faults.WaitOverAsync(stop.Token, FaultKind.Silence).ConfigureAwait(false);
                var arrival = buffer.Arrival;
                if (!buffer.TrySample(from, query.Count, query.Items, out var slice))
                {
                    // The client fell behind the buffer: it is told so and the stream ends.
                    var refusal = AgentOutlet.OutOfRange("from", from, slice);
                    await PartAsync(agent.Documents.Error(refusal.Code, refusal.Message, slice.InstanceId, wire.GetUtcNow().UtcTicks), context.RequestAborted).ConfigureAwait(false);
                    break;
                }
                var since = wire.GetElapsedTime(lastPart);
                if (faults.IsOn(FaultKind.Garbage))
                {
                    tally.Garbage();
                    await PartAsync("<MTConnectStreams><Header \u0001<<&;"u8.ToArray(), context.RequestAborted).ConfigureAwait(false);
                    break;
                }
                if (slice.Observations.Count > 0 || since >= query.Heartbeat)
                {
                    await PartAsync(document(slice), context.RequestAborted).ConfigureAwait(false);
                    lastPart = wire.GetTimestamp();
                    tally.DeliveredUpTo(buffer, slice.Next - 1);
                    var more = slice.Next <= slice.Last;
                    from = slice.Next;
                    if (query.Interval > TimeSpan.Zero && !more) await Task.Delay(query.Interval.Value, wire, stop.Token).ConfigureAwait(false);
                    continue;
                }
                from = slice.Next;
                await Task.WhenAny(arrival, Task.Delay(query.Heartbeat - since, wire, stop.Token)).ConfigureAwait(false);
                stop.Token.ThrowIfCancellationRequested();
            }
        }
        catch (OperationCanceledException) when (!context.RequestAborted.IsCancellationRequested) { }
        await TailAsync().ConfigureAwait(false);
    }

    public async Task CurrentsAsync(Func<byte[]> document, TimeSpan interval, FaultWindow faults)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, cut);
        await HeadAsync(stop.Token).ConfigureAwait(false);
        try
        {
            while (true)
            {
                await faults.WaitOverAsync(stop.Token, FaultKind.Silence).ConfigureAwait(false);
                await PartAsync(document(), context.RequestAborted).ConfigureAwait(false);
                // Zero would flood the client; ten milliseconds is the shortest an agent promises.
                await Task.Delay(interval > TimeSpan.Zero ? interval : TimeSpan.FromMilliseconds(10), wire, stop.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (!context.RequestAborted.IsCancellationRequested) { }
        await TailAsync().ConfigureAwait(false);
    }

    private async Task HeadAsync(CancellationToken cancel)
    {
        context.Response.ContentType = $"multipart/x-mixed-replace;boundary={_boundary}";
        await context.Response.StartAsync(cancel).ConfigureAwait(false);
    }

    /// <param name="cancel">Only the client's going: a part that is written goes out and counts as delivered, also when a fault begins meanwhile.</param>
    private async Task PartAsync(byte[] document, CancellationToken cancel)
    {
        var head = Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture,
            $"--{_boundary}\r\nContent-type: text/xml\r\nContent-length: {document.Length}\r\n\r\n"));
        // Head, document and line end leave as one write, so a part is never cut by a fault between two of them.
        var part = new byte[head.Length + document.Length + 2];
        head.CopyTo(part, 0);
        document.CopyTo(part, head.Length);
        part[^2] = (byte)'\r';
        part[^1] = (byte)'\n';
        await context.Response.Body.WriteAsync(part, CancellationToken.None).ConfigureAwait(false);
        await context.Response.Body.FlushAsync(cancel).ConfigureAwait(false);
    }

    private async Task TailAsync()
    {
        if (context.RequestAborted.IsCancellationRequested) return;
        await context.Response.Body.WriteAsync(Encoding.ASCII.GetBytes($"--{_boundary}--\r\n"), CancellationToken.None).ConfigureAwait(false);
    }
}
