using Microsoft.Extensions.Time.Testing;

namespace Ieum.Tests.Connect.Files;

/// <summary>Moves a watched folder's clock second by second; between two moves the source has the real time it needs for its files.</summary>
internal static class TurnedClock
{
    public static async Task TurnAsync(this FakeTimeProvider wire, int seconds)
    {
        using var pause = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        for (var i = 0; i < seconds; i++)
        {
            wire.Advance(TimeSpan.FromSeconds(1));
            await pause.WaitForNextTickAsync(TestContext.Current.CancellationToken);
        }
    }

    /// <param name="folder">Its files are named when the condition does not come true in 20,000 s of the clock.</param>
    public static async Task TurnUntilAsync(this FakeTimeProvider wire, Func<bool> condition, string folder)
    {
        for (var i = 0; !condition(); i++)
        {
            Assert.True(i < 20_000, string.Join(", ", Directory.GetFiles(folder, "*", SearchOption.AllDirectories)));
            await wire.TurnAsync(1);
        }
    }
}
