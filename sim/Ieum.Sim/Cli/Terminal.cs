#pragma warning disable RS0030 // the terminal is this file's job
namespace Ieum.Sim.Cli;

/// <summary>Answers on standard output, everything else on standard error.</summary>
internal static class Terminal
{
    public static void Answer(string line)
    {
        Console.Out.WriteLine(line);
        Console.Out.Flush();
    }

    public static void Error(string message) => Console.Error.WriteLine("ieum-sim: " + message);

    /// <summary>A line for the program that started this one, while the answer is not there yet.</summary>
    public static void Note(string line) => Console.Error.WriteLine(line);

    /// <summary>Completes when standard input closes, which is how a child notices that its parent is gone.</summary>
    public static async Task InputClosedAsync()
    {
        await using var input = Console.OpenStandardInput();
        var buffer = new byte[256];
        while (await input.ReadAsync(buffer).ConfigureAwait(false) > 0) { }
    }
}
