namespace Ieum.Tests.Connect.Fins;

/// <summary>Random bytes, and good frames with random damage, into every decoder of both sides.</summary>
public static class FinsFuzz
{
    public static void Run(long count, int seed)
    {
        var random = new Random(seed);
        var (good, trial) = (FinsTrial.Good, new FinsTrial());
        for (long i = 0; i < count; i++)
        {
            var some = i % 3 == 0 ? new byte[random.Next(0, 80)] : (byte[])good[random.Next(good.Length)].Clone();
            if (i % 3 == 0) random.NextBytes(some);
            else for (var hits = random.Next(1, 5); hits > 0; hits--) some[random.Next(some.Length)] = (byte)random.Next(256);
            trial.Take(some);
        }
    }
}

public sealed class FinsFuzzTests
{
    [Fact]
    public void Random_bytes_are_refused_with_a_reason_and_never_throw() => FinsFuzz.Run(50_000, seed: 15);

    /// <summary>For the night: some seconds.</summary>
    [Fact(Explicit = true)]
    public void Ten_million_inputs_never_throw() => FinsFuzz.Run(10_000_000, seed: 16);
}
