using System.Collections.Immutable;

namespace Ieum.Analyze;

/// <summary>A measured value with the window of machine data in which its part was made.</summary>
public sealed record LinkedPart(GaugeValue Value, PartWindow Window);

/// <summary>Finds the window in which a measured part was made.</summary>
public static class PartLinks
{
    /// <summary>Longest way from the machine to the gauge; a part that was measured later is not linked.</summary>
    public static readonly TimeSpan LongestWay = TimeSpan.FromHours(12);

    /// <summary>
    /// A part is measured after it was made, and parts come to the gauge in the order in which they were made: every measured part gets the newest window that
    /// ended before it was measured and that no earlier one has. Values without a time are left out.
    /// </summary>
    /// <param name="windows">By time, as the machine made the parts.</param>
    public static ImmutableArray<LinkedPart> Of(IEnumerable<GaugeValue> values, ImmutableArray<PartWindow> windows)
    {
        var links = ImmutableArray.CreateBuilder<LinkedPart>();
        var next = 0;   // the first window that is still free
        // A stable order: of two values of one instant the one that was read first.
        foreach (var value in values.Where(v => v.At is not null).OrderBy(v => v.At))
        {
            var newest = -1;
            for (var i = next; i < windows.Length && windows[i].Range.To <= value.At; i++) newest = i;
            if (newest < 0 || value.At - windows[newest].Range.To > LongestWay) continue;
            links.Add(new(value, windows[newest]));
            next = newest + 1;
        }
        return links.ToImmutable();
    }
}
