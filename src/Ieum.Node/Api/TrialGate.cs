namespace Ieum.Node.Api;

/// <summary>Requests that plan for seconds: two at a time and four that wait, so that nobody keeps a small machine from its own plan by asking.</summary>
internal sealed class TrialGate : IEndpointFilter, IDisposable
{
    private const int AtOnce = 2, Waiting = 4;
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(20);
    private readonly SemaphoreSlim _slots = new(AtOnce, AtOnce);
    private int _inside;

    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        try
        {
            if (Interlocked.Increment(ref _inside) > AtOnce + Waiting || !await _slots.WaitAsync(Longest, context.HttpContext.RequestAborted)) return Busy(context.HttpContext);
            try { return await next(context); }
            finally { _slots.Release(); }
        }
        finally
        {
            Interlocked.Decrement(ref _inside);
        }
    }

    private static IResult Busy(HttpContext http)
    {
        http.Response.Headers.RetryAfter = "10";
        return Problems.Of(429, ApiRules.Busy, ApiRules.All[ApiRules.Busy]);
    }

    public void Dispose() => _slots.Dispose();
}

internal static class TrialGateSetup
{
    /// <summary>The endpoint plans for seconds and takes its turn.</summary>
    public static RouteHandlerBuilder TakesItsTurn(this RouteHandlerBuilder route) =>
        route.AddEndpointFilter((context, next) => context.HttpContext.RequestServices.GetRequiredService<TrialGate>().InvokeAsync(context, next)).ProducesProblem(429);
}
