using Ieum.Model;

namespace Ieum.Connect.MtConnect;

/// <summary>One sample stream from its request to its end; polls where the source does not stream.</summary>
internal sealed class MtStream(MtConnectOptions options, Clocks clocks, MtClient client, MtIntake intake, SampleBatcher batch)
{
    private static readonly TimeSpan ShortestPoll = TimeSpan.FromMilliseconds(200);

    /// <summary>Decodes a document or throws <see cref="MtConnectFault"/>.</summary>
    public required Func<ReadOnlyMemory<byte>, MtDocument> Decode { get; init; }

    /// <summary>A document was taken: the connection is good.</summary>
    public required Action Alive { get; init; }

    /// <returns>Why the stream ended; null when the next round shall begin at once.</returns>
    public async Task<string?> ReadAsync(CancellationToken cancel)
    {
        if (options.Poll) return await PollAsync(cancel).ConfigureAwait(false);
        using var response = await client.StreamAsync(intake.Session.ResumeAt, cancel).ConfigureAwait(false);
        var type = response.Content.Headers.TryGetValues("Content-Type", out var values) ? string.Join(';', values) : null;
        if (MultipartParser.BoundaryOf(type) is not { } boundary)
        {
            var body = await client.BodyAsync(response, cancel).ConfigureAwait(false);
            if (!response.IsSuccessStatusCode && !type.AsSpan().Contains("xml", StringComparison.OrdinalIgnoreCase))
                throw new MtConnectFault(MtConnectRules.HttpStatus, $"'{options.Root}sample' answered HTTP {(int)response.StatusCode} {response.ReasonPhrase}.");
            if (!Take(body)) return null;
            intake.Tell(MtConnectRules.Polling, $"'{options.Root}' answered a streaming request with one document. It is asked every {PollWait.TotalSeconds:0.##} s instead.");
            return await PollAsync(cancel).ConfigureAwait(false);
        }
        await using var stream = await response.Content.ReadAsStreamAsync(cancel).ConfigureAwait(false);
        return await PartsAsync(stream, new(boundary), cancel).ConfigureAwait(false);
    }

    private TimeSpan PollWait => TimeSpan.FromMilliseconds(options.IntervalMs) is var wait && wait > ShortestPoll ? wait : ShortestPoll;

    private async Task<string?> PartsAsync(Stream stream, MultipartParser parser, CancellationToken cancel)
    {
        using var silence = new SilenceTimer(clocks.Wire, options.SilenceLimit, cancel);
        while (true)
        {
            int count;
            try
            {
                count = await stream.ReadAsync(parser.Free, silence.Arm()).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
            {
                throw new MtConnectFault(MtConnectRules.Silent, $"'{options.Root}' has been silent for {options.SilenceLimit.TotalSeconds:0.#} s; its heartbeat is {options.Heartbeat.TotalSeconds:0.#} s. Check cable and switch.");
            }
            silence.Disarm();
            if (count == 0) return "The source ended the stream.";
            parser.Filled(count);
            while (parser.TryTake(out var part))
            {
                if (!Take(part)) return null;
                if (batch.IsDue) await batch.FlushAsync(cancel).ConfigureAwait(false);
            }
            await batch.FlushAsync(cancel).ConfigureAwait(false);
            if (parser.Broken is { } rule) throw new MtConnectFault(rule, $"'{options.Root}': {MtConnectRules.All[rule]}");
            if (parser.Ended) return "The source closed the stream.";
        }
    }

    private async Task<string?> PollAsync(CancellationToken cancel)
    {
        while (true)
        {
            var before = intake.Session.Next;
            if (!Take(await client.SampleAsync(intake.Session.ResumeAt, cancel).ConfigureAwait(false))) return null;
            await batch.FlushAsync(cancel).ConfigureAwait(false);
            // A full answer means that there is more: ask again at once.
            if (intake.Session.Next - before < options.Count) await Task.Delay(PollWait, clocks.Wire, cancel).ConfigureAwait(false);
        }
    }

    private bool Take(ReadOnlyMemory<byte> bytes)
    {
        if (!intake.Part(Decode(bytes))) return false;
        Alive();
        return true;
    }
}

/// <summary>A token that fires when it stays armed for too long; one timer for all reads of a stream.</summary>
internal sealed class SilenceTimer(TimeProvider wire, TimeSpan limit, CancellationToken outer) : IDisposable
{
    private readonly CancellationTokenSource _timer = new(Timeout.InfiniteTimeSpan, wire);
    private CancellationTokenSource? _both;

    public CancellationToken Arm()
    {
        _both ??= CancellationTokenSource.CreateLinkedTokenSource(_timer.Token, outer);
        _timer.CancelAfter(limit);
        return _both.Token;
    }

    public void Disarm() => _timer.CancelAfter(Timeout.InfiniteTimeSpan);

    public void Dispose()
    {
        _both?.Dispose();
        _timer.Dispose();
    }
}
