namespace Ieum.Connect;

/// <summary>How long to wait before the next try: 0.2 s doubling to 5 s, each wait shortened at random by up to a fifth.</summary>
/// <remarks>
/// 5 s at most, so that with <see cref="ConnectLimit"/> a peer that comes back is found again in less than 10 s of wire time
/// even when it returns just after a try has begun: 3 s for that try, 5 s of waiting, and the new connection.
/// The random part keeps fifty machines that lost the same switch from calling at the same moment.
/// </remarks>
internal sealed class ReconnectPolicy(TimeProvider wire)
{
    /// <summary>How long one try to connect may take.</summary>
    public static TimeSpan ConnectLimit { get; } = TimeSpan.FromSeconds(3);
    public static TimeSpan FirstWait { get; } = TimeSpan.FromMilliseconds(200);
    public static TimeSpan LongestWait { get; } = TimeSpan.FromSeconds(5);

    /// <summary>Tries since the last success.</summary>
    public int Failures { get; private set; }

    /// <summary>The connection stands and has delivered something: the next loss starts again at the shortest wait.</summary>
    public void Succeeded() => Failures = 0;

    /// <summary>The wait after one more failure.</summary>
    public TimeSpan Next()
    {
        var doubled = FirstWait * Math.Pow(2, Math.Min(Failures, 10));
        Failures++;
        return (doubled < LongestWait ? doubled : LongestWait) * (1 - 0.2 * Random.Shared.NextDouble());
    }

    /// <summary>Waits as long as <see cref="Next"/> says, by the wire clock.</summary>
    public Task WaitAsync(CancellationToken cancel) => Task.Delay(Next(), wire, cancel);
}
