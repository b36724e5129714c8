namespace Ieum.Plan;

/// <summary>Until which step the order "a before b" on one machine is forbidden.</summary>
/// <remarks>Exact up to 1,500 operations; beyond, two pairs may share a cell, which forbids a move too many now and then but needs 16 MB at most.</remarks>
internal sealed class TabuPairs
{
    private readonly int _count, _mask;
    private readonly long[] _until;

    public TabuPairs(int operations)
    {
        var exact = operations <= 1_500;
        (_count, _mask) = (operations, exact ? 0 : (1 << 21) - 1);
        _until = new long[exact ? operations * operations : 1 << 21];
    }

    public long Until(int a, int b) => _until[Cell(a, b)];
    public void Forbid(int a, int b, long until) => _until[Cell(a, b)] = until;
    public void Clear() => Array.Clear(_until);

    private int Cell(int a, int b) => _mask == 0 ? a * _count + b : unchecked((int)((uint)a * 2654435761u ^ (uint)b * 2246822519u) & _mask);
}
