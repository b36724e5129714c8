namespace Ieum.Node.Town;

/// <summary>The town's own folder. It is emptied at every start, so it must be one that a town made.</summary>
internal static class TownFolder
{
    private const string Marker = ".ieum-town";

    /// <summary>Makes the folder empty and marks it as a town's.</summary>
    /// <exception cref="TownScenarioException">The folder holds something that no town put there; nothing was deleted.</exception>
    /// <returns>Holds the folder until disposed, so that a second town cannot empty it meanwhile.</returns>
    public static IDisposable Empty(string folder)
    {
        var full = Path.GetFullPath(folder).TrimEnd(Path.DirectorySeparatorChar);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        FileStream hold;
        try
        {
            hold = new FileStream(full + ".lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose);
        }
        catch (IOException)
        {
            throw new TownScenarioException("town-folder-in-use", $"Another town lives in '{folder}'. End it first, or name another folder with --data.");
        }
        try
        {
            Clear(folder);
            return hold;
        }
        catch
        {
            hold.Dispose();
            throw;
        }
    }

    private static void Clear(string folder)
    {
        if (Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any())
        {
            if (!File.Exists(Path.Combine(folder, Marker)))
                throw new TownScenarioException("town-foreign-folder",
                    $"The folder '{folder}' holds files that no town made, and a town empties its folder at the start. Name an empty or new folder with --data.");
            Directory.Delete(folder, recursive: true);
        }
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, Marker), "Made by 'ieum town'; emptied at its next start.\n");
    }
}
