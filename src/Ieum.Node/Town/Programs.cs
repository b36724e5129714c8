namespace Ieum.Node.Town;

/// <summary>Where the product's two executables lie: in the build output, or in a published folder.</summary>
internal static class Programs
{
    private static string Ending => OperatingSystem.IsWindows() ? ".exe" : "";

    public static string Node() => First("the node", Path.Combine(AppContext.BaseDirectory, "ieum.dll"), Path.Combine(AppContext.BaseDirectory, "ieum" + Ending));

    public static string Sim() => First("the simulated machines",
        Path.Combine(AppContext.BaseDirectory, "sim", "ieum-sim" + Ending),
        // Build output: .build/bin/<project>/release, so the neighbour lies two folders up.
        Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", "..", "Ieum.Sim", Path.GetFileName(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar)), "ieum-sim.dll")),
        Path.Combine(AppContext.BaseDirectory, "sim", "ieum-sim.dll"));

    private static string First(string what, params string[] places) =>
        places.FirstOrDefault(File.Exists) ?? throw new InvalidOperationException(
            $"The program of {what} is not there. Looked at: {string.Join(", ", places)}. Build it with './ieum build'.");
}
