using Ieum.Model;

namespace Ieum.Analyze;

/// <summary>One item of a recording and what it means.</summary>
internal sealed class RecordingItem(string name)
{
    public string Name { get; } = name;
    public SignalRole Role { get; } = RoleOf(name);

    /// <summary>All values so far were execution words; with at least one that only execution uses, the item may stand in for it.</summary>
    public bool OnlyExecutionWords { get; private set; } = true;
    public bool SaidActive { get; private set; }

    /// <summary>Values must be kept: by name they matter, or they may turn out to.</summary>
    public bool IsKept => Role != SignalRole.None || OnlyExecutionWords;

    public void See(ReadOnlySpan<char> value)
    {
        if (Role != SignalRole.None || !OnlyExecutionWords) return;
        if (value.Equals("ACTIVE", StringComparison.OrdinalIgnoreCase)) SaidActive = true;
        else OnlyExecutionWords = IsExecutionWord(value);
    }

    private static bool IsExecutionWord(ReadOnlySpan<char> value) =>
        value.Length is >= 4 and <= 24 && MachineStates.OfExecution(value.ToString().ToUpperInvariant()) != MachineState.Unknown;

    /// <summary>
    /// The role behind a name, whatever the adapter writes: <c>execution</c>, <c>Program_Status</c>, <c>pexecution</c>,
    /// <c>path2_execution</c> …; underscores, dashes, blanks and case do not matter.
    /// </summary>
    internal static SignalRole RoleOf(string name)
    {
        Span<char> plain = stackalloc char[Math.Min(name.Length, 64)];
        var length = 0;
        foreach (var c in name)
            if (c is not ('_' or '-' or ' ' or '.') && length < plain.Length) plain[length++] = char.ToLowerInvariant(c);
        var word = WithoutPath(plain[..length]);
        return word switch
        {
            "execution" or "exec" or "executionstate" or "programstatus" => SignalRole.Execution,
            "avail" or "availability" => SignalRole.Availability,
            "partcount" or "partcountact" or "partcountall" or "partscount" => SignalRole.PartCount,
            _ => SignalRole.None,
        };
    }

    // Okuma writes 'p' before what belongs to a path; machines with several paths number them before or behind.
    private static ReadOnlySpan<char> WithoutPath(ReadOnlySpan<char> word)
    {
        word = word.TrimEnd("0123456789");
        if (word.StartsWith("path") && word.Length > 4 && char.IsAsciiDigit(word[4])) return word[4..].TrimStart("0123456789");
        if (word.StartsWith("p") && word.Length > 1 && char.IsAsciiDigit(word[1])) return word[1..].TrimStart("0123456789");
        return word.StartsWith("pexec") || word.StartsWith("ppart") ? word[1..] : word;
    }
}
