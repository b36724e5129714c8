using System.Collections.Immutable;
using Ieum.Model;
using Ieum.Node.Views;

namespace Ieum.Node.Loop;

/// <summary>Who ran which machine, as the reports from the shop floor tell it: for a company that names no people for planning.</summary>
internal sealed record Crew(ImmutableDictionary<(string Person, MachineId Machine), DateTimeOffset> Seen)
{
    /// <summary>Whoever was not at a machine for so long is not counted as one of its people.</summary>
    private static readonly TimeSpan Memory = TimeSpan.FromDays(14);

    public static Crew None { get; } = new(ImmutableDictionary<(string, MachineId), DateTimeOffset>.Empty);

    public Crew After(ShopEvent e) => Seen.TryGetValue((e.By, e.Machine), out var last) && last >= e.At ? this : new(Seen.SetItem((e.By, e.Machine), e.At));

    /// <summary>People without whom at least one machine stands, by name.</summary>
    public ImmutableArray<CrewMember> Needed(DateTimeOffset now)
    {
        var lately = Seen.Where(s => now - s.Value < Memory).Select(s => s.Key).ToLookup(k => k.Machine, k => k.Person);
        return [.. lately.Where(m => m.Count() == 1).GroupBy(m => m.First()).OrderBy(g => g.Key, StringComparer.Ordinal).Select(g => new CrewMember(g.Key, [.. g.Select(m => m.Key).Order()]))];
    }
}
