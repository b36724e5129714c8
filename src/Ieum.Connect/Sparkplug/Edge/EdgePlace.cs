using System.Text.Json;
using Ieum.Model;

namespace Ieum.Connect.Sparkplug.Edge;

/// <summary>What must outlive the process: the number of the next session, and how far values were told.</summary>
/// <param name="Next">bdSeq of the next session, 0 to 255; the first ever is 0.</param>
/// <param name="Through">UTC ticks of the newest value told; null: none yet.</param>
/// <param name="Owed">Signals of which older values wait to be told as history, with the UTC ticks of the oldest; null: none.</param>
internal sealed record EdgePlace(byte Next, long? Through, SortedDictionary<string, long>? Owed = null)
{
    /// <summary>From when on values of a signal may be untold: what waited, and what may have been lost on its way.</summary>
    public long Since(SignalId signal)
    {
        var doubtful = (Through ?? 0) - EdgeBacklog.Doubt.Ticks;
        return Owed?.TryGetValue(signal.ToString(), out var oldest) == true ? Math.Min(oldest, doubtful) : doubtful;
    }

    /// <summary>A file that is not there, or damaged, begins anew: hosts take any first number.</summary>
    public static EdgePlace Load(string file)
    {
        try
        {
            return File.Exists(file) && JsonSerializer.Deserialize<EdgePlace>(File.ReadAllBytes(file)) is { } place ? place : new(0, null);
        }
        catch (JsonException)
        {
            return new(0, null);
        }
    }

    /// <summary>Written beside and moved over, so that a power cut leaves the old or the new one.</summary>
    public void Save(string file)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllBytes(file + ".new", JsonSerializer.SerializeToUtf8Bytes(this));
        File.Move(file + ".new", file, overwrite: true);
    }
}
