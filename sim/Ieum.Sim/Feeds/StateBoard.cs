using Ieum.Model;

namespace Ieum.Sim.Feeds;

/// <summary>The present state of every item; several conditions of one item may be active at once.</summary>
/// <remarks>
/// Conditions follow MTConnect part 2: Normal without a code clears all of the item's conditions, Normal with a code
/// clears that one, Unavailable replaces everything. Not safe for several threads; owners lock.
/// </remarks>
internal sealed class StateBoard<T>(Func<T, string> value)
{
    private readonly Dictionary<string, List<T>> _items = new(StringComparer.Ordinal);
    private readonly List<string> _order = [];

    /// <summary>Everything that holds now, items in order of first appearance.</summary>
    public IEnumerable<T> All => _order.SelectMany(i => _items[i]);

    public IReadOnlyList<T> Of(string item) => _items.TryGetValue(item, out var list) ? list : [];

    /// <summary>True when applying the value would change nothing: same value, or the same condition already active.</summary>
    public bool Holds(string item, string text) => Of(item).Any(t => value(t) == text);

    public void Apply(string item, T entry)
    {
        if (!_items.TryGetValue(item, out var list))
        {
            _items[item] = list = new(1);
            _order.Add(item);
        }
        var text = value(entry);
        if (!text.Contains('|', StringComparison.Ordinal)) { Only(); return; }
        var report = Conditions.Read(text);
        switch (report.Level)
        {
            case ConditionLevel.Warning or ConditionLevel.Fault:
                list.RemoveAll(t => Conditions.Read(value(t)) is var r &&
                    (r.Level is ConditionLevel.Normal or ConditionLevel.Unavailable || r.Code == report.Code));
                list.Add(entry);
                break;
            case ConditionLevel.Normal when report.Code.Length > 0:
                list.RemoveAll(t => Conditions.Read(value(t)).Code == report.Code);
                if (list.Count == 0) list.Add(entry);
                break;
            default:
                Only();
                break;
        }

        void Only()
        {
            list.Clear();
            list.Add(entry);
        }
    }
}
