using Ieum.Node.Api;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Ieum.House.Tests.Node;

/// <summary>Requests that plan for seconds: two at a time, four wait, the seventh is told to come back.</summary>
public sealed class TrialGateTests
{
    [Fact]
    public async Task The_seventh_is_answered_at_once_and_the_others_in_turn()
    {
        using var gate = new TrialGate();
        var (running, most, go) = (0, 0, new TaskCompletionSource());
        var context = new DefaultHttpContext();
        async ValueTask<object?> Work(EndpointFilterInvocationContext _)
        {
            most = Math.Max(most, Interlocked.Increment(ref running));
            await go.Task;
            Interlocked.Decrement(ref running);
            return "done";
        }
        var six = Enumerable.Range(0, 6).Select(_ => gate.InvokeAsync(new DefaultEndpointFilterInvocationContext(new DefaultHttpContext()), Work).AsTask()).ToArray();
        var seventh = Assert.IsType<ProblemHttpResult>(await gate.InvokeAsync(new DefaultEndpointFilterInvocationContext(context), Work));
        Assert.Equal((429, "10"), (seventh.StatusCode, context.Response.Headers.RetryAfter.ToString()));
        go.SetResult();
        Assert.All(await Task.WhenAll(six), r => Assert.Equal("done", r));
        Assert.Equal(2, most);
        // Room again.
        Assert.Equal("done", await gate.InvokeAsync(new DefaultEndpointFilterInvocationContext(context), _ => ValueTask.FromResult<object?>("done")));
    }
}
