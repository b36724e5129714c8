#pragma warning disable RS0030 // the terminal is this file's job

namespace Ieum.Node.Cli;

/// <summary>The only place that writes to the terminal: answers on standard output, everything else on standard error.</summary>
internal static class Terminal
{
    public static void Answer(string line) => Console.Out.WriteLine(line);
    /// <summary>Something a person waits to read; not part of the answer, so on standard error.</summary>
    public static void Note(string line) => Console.Error.WriteLine(line);
    public static void Error(string line) => Console.Error.WriteLine($"ieum: {line}");

    /// <summary>Completes when standard input is closed; a child process ends with its parent that way.</summary>
    public static async Task InputClosedAsync(CancellationToken cancel)
    {
        var buffer = new byte[256];
        await using var input = Console.OpenStandardInput();
        while (await input.ReadAsync(buffer, cancel) > 0)
        {
            // what is typed is of no interest, only the end is
        }
    }

    /// <summary>Gives standard input and output to a process that talks in bytes with its parent.</summary>
    public static int Serve(Action<Stream, Stream> talk)
    {
        using var input = Console.OpenStandardInput();
        using var output = Console.OpenStandardOutput();
        talk(input, output);
        return 0;
    }
}
