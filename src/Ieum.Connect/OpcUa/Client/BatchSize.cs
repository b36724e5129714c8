namespace Ieum.Connect.OpcUa.Client;

/// <summary>How many operations go into one request of a kind: what the server says, less once it refused that many.</summary>
internal sealed class BatchSize(int usual)
{
    /// <summary>At least 1.</summary>
    public int Most { get; private set; } = usual;

    /// <param name="limit">OperationLimits of the server (Part 5, 6.3.11); 0: no limit, the usual size stays.</param>
    public void Told(uint limit)
    {
        if (limit > 0) Most = (int)Math.Min(limit, (uint)Most);
    }

    /// <summary>The server refused a request of <paramref name="tried"/> operations.</summary>
    /// <returns>False when one operation was too much: asking again is useless.</returns>
    public bool Refused(int tried)
    {
        if (tried <= 1) return false;
        Most = Math.Max(1, Math.Min(Most, tried) / 2);
        return true;
    }
}

/// <summary>Sends many operations in requests that the server takes.</summary>
internal static class Batches
{
    /// <summary>Runs <paramref name="call"/> over all items in order; halves the requests when the server finds them too large.</summary>
    /// <returns>One result per item, in the order of the items.</returns>
    /// <exception cref="OpcUaException">The server refused for another reason, or even a single operation.</exception>
    public static async Task<TResult[]> RunAsync<TItem, TResult>(IReadOnlyList<TItem> items, BatchSize size, Func<TItem[], Task<TResult[]>> call)
    {
        var results = new TResult[items.Count];
        for (var at = 0; at < items.Count;)
        {
            var part = new TItem[Math.Min(size.Most, items.Count - at)];
            for (var i = 0; i < part.Length; i++) part[i] = items[at + i];
            TResult[] answers;
            try
            {
                answers = await call(part).ConfigureAwait(false);
            }
            catch (OpcUaException refused) when (IsTooLarge(refused.Status) && size.Refused(part.Length))
            {
                continue;
            }
            if (answers.Length != part.Length)
                throw new OpcUaException(StatusCodes.BadUnknownResponse, $"The server answered {answers.Length} results to {part.Length} operations.");
            answers.CopyTo(results, at);
            at += part.Length;
        }
        return results;
    }

    /// <summary>Answers that mean "fewer at once": too many operations, or a message beyond a limit of the transport.</summary>
    internal static bool IsTooLarge(StatusCode status) =>
        status == StatusCodes.BadTooManyOperations || status == StatusCodes.BadRequestTooLarge || status == StatusCodes.BadResponseTooLarge ||
        status == StatusCodes.BadEncodingLimitsExceeded || status == StatusCodes.BadTcpMessageTooLarge;
}
